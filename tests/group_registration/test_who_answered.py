"""What the pages of a sheet say of its people once they answer, and what an undo leaves to them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import migrate
from app.accounts.models import Account, AuditEntry
from app.context import here
from app.database import session
from app.group_registration import inviting, working
from app.group_registration.models import ImportBatch
from app.organizations.models import Membership
from app.own_data.jobs import expire
from tests import factories
from tests.group_registration.answers import agree, filled, refuse, seen
from tests.group_registration.conftest import PAGE
from tests.group_registration.sheets import row
from tests.held import in_each_others_way


@pytest.fixture
def person(world):
    """The browser of somebody on the list who has just proved the phone."""
    return lambda listed: world.browser(world.account(listed[3]))


def words(page):
    return "".join(page.text.split())


def test_a_sheet_says_who_still_has_to_answer(world, boss, imported, person):
    yes, no, silent = (row() for _ in range(3))
    address = imported([yes, no, silent])
    assert "待本人确认3人" in words(boss.page(address))
    assert agree(person(yes), filled(yes)).status_code == 303
    assert refuse(person(no)).status_code == 303
    page = words(boss.page(address))
    for said in (
        "待本人确认1人",
        "已经本人确认1人",
        "不同意，或过期没有确认1人",
        "已导入：1人待本人确认，1人已确认，0人直接加入",
    ):
        assert said in page, said
    assert "已导入：1人待本人确认，1人已确认，0人直接加入" in words(boss.page(PAGE))


def test_who_never_answered_waits_no_more(world, team, imported, person, clock):
    yes, silent = row(), row()
    address = imported([yes, silent])
    assert agree(person(yes), filled(yes)).status_code == 303
    clock.advance(timedelta(days=31))
    for forget in (lambda: None, expire):
        world.do(forget)
        page = words(world.browser(team.admin, proved=True).page(address))
        for said in ("待本人确认0人", "已经本人确认1人", "不同意，或过期没有确认1人"):
            assert said in page, said


def test_an_undo_counts_who_refused_neither_as_taken_back_nor_as_confirmed(world, boss, imported, work, person):
    yes, no, silent = (row() for _ in range(3))
    address = imported([yes, no, silent])
    assert agree(person(yes), filled(yes)).status_code == 303
    assert refuse(person(no)).status_code == 303
    boss.post(f"{address}/undo")
    work()
    page = words(boss.page(address))
    assert "已撤销1人" in page
    assert "已经自己确认或加入，没有动1人" in page
    assert "待本人确认" not in page, "nobody waits any more"
    entry = select(AuditEntry).where(AuditEntry.action == "import.undone")
    assert world.do(lambda: session.scalars(entry).one().detail) == "撤销 1，保留 1"


def test_an_undo_leaves_who_went_and_came_back_by_themselves(world, team, boss, imported, work, clock):
    stays, returns = world.volunteer(), world.volunteer()
    address = imported([row(phone=one.phone, id_number=one.id_number) for one in (stays, returns)])
    clock.advance(timedelta(minutes=1))
    world.do(lambda: factories.leave(returns, team))
    assert world.do(lambda: factories.join(returns, team)) == "active"
    boss.post(f"{address}/undo")
    work()
    query = select(Membership.state).order_by(Membership.volunteer_id)
    assert [state for (state,) in world.rows(query)] == ["left", "active"]
    page = words(boss.page(address))
    assert "已撤销1人" in page
    assert "已经自己确认或加入，没有动1人" in page


def test_who_refuses_in_the_moment_of_an_undo_is_not_counted_as_taken_back(world, boss, imported, work):
    no, silent = row(), row()
    address = imported([no, silent])
    account = world.account(no[3])
    uid = seen(world.browser(account))["invitation"]
    assert boss.post(f"{address}/undo").status_code == 303
    batch_id = world.one(select(ImportBatch.id))

    def say_no():
        inviting.refuse(uid, session.get_one(Account, account.account_id), now=here.clock.now())

    assert in_each_others_way(world, say_no, lambda: working.undo_some(batch_id, here.clock.now())) == (None, True)
    assert world.one(select(ImportBatch.undone_count)) == 1


def test_who_had_said_yes_before_they_were_counted_is_counted_then(app, world, imported, person):
    yes, silent = row(), row()
    imported([yes, silent])
    assert agree(person(yes), filled(yes)).status_code == 303
    engine = app.extensions["database"]
    migrate.downgrade(engine, "0034")
    migrate.upgrade(engine)
    assert world.one(select(ImportBatch.confirmed_count)) == 1
