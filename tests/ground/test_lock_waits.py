import threading

from sqlalchemy import select, text, update

from app.database import in_transaction, session
from app.organizations.models import Organization

PATIENCE = 10
#: What makes a connection give up soon. SQLite waits before anything is done, and says that it is locked.
IMPATIENT = {"postgresql": "SET lock_timeout = 200", "mariadb": "SET SESSION innodb_lock_wait_timeout = 1"}
PATIENT = {"postgresql": "SET lock_timeout = 3000", "mariadb": "SET SESSION innodb_lock_wait_timeout = 3"}


def test_whoever_waited_too_long_for_a_lock_tries_again(world, root, backend):
    if backend not in IMPATIENT:
        return
    held, lost, tries = threading.Event(), threading.Event(), []
    mine = update(Organization).where(Organization.id == root.id)

    def hold():
        session.execute(mine.values(members_count=5))
        held.set()
        assert lost.wait(PATIENCE)

    def wait():
        tries.append(1)
        if len(tries) > 1:
            lost.set()
        else:
            assert held.wait(PATIENCE)
        session.execute(text((PATIENT if lost.is_set() else IMPATIENT)[backend]))
        session.execute(mine.values(members_count=Organization.members_count + 1))

    outcomes = world.at_once([lambda: in_transaction(hold), lambda: in_transaction(wait)])
    assert outcomes == [None, None]
    assert len(tries) == 2
    assert world.one(select(Organization.members_count).where(Organization.id == root.id)) == 6
