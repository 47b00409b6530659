"""Two transactions in each other's way, always in the same manner: no chance decides which of them is seen."""

import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from app.database import in_transaction, session
from tests.cast import World

PATIENCE = 10
#: So often it is looked who waits: what MariaDB says of it is made anew only after a tenth of a second unasked.
PAUSE = 0.15
#: How many connections to this database wait for a lock.
WAITERS = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'",
    "mysql": "SELECT count(*) FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = "
    "trx_mysql_thread_id WHERE trx_state = 'LOCK WAIT' AND db = database()",
}


def in_each_others_way(
    world: World, first: Callable[[], Any], second: Callable[[], Any], *, by_page: bool = False
) -> tuple[Any, Any]:
    """What both give, or the error they meet: the first commits only when the second is done or waits for it.

    On SQLite, which has one writer, they come one after the other. The second has a transaction of its own `by_page`.
    """
    done, may_commit = threading.Event(), threading.Event()

    def work() -> Any:
        outcome = first()
        session.flush()
        if session.get_bind().dialect.name in WAITERS:
            done.set()
            assert may_commit.wait(PATIENCE)
        return outcome

    def do_first() -> Any:
        try:
            return in_transaction(work)
        finally:
            done.set()

    def do_second() -> Any:
        assert done.wait(PATIENCE)
        try:
            return second() if by_page else in_transaction(second)
        finally:
            may_commit.set()

    def watch() -> None:
        waiters = WAITERS.get(session.get_bind().dialect.name)
        until = time.monotonic() + PATIENCE
        while waiters and not may_commit.wait(PAUSE) and time.monotonic() < until:
            if done.is_set() and session.scalar(text(waiters)):
                may_commit.set()
            session.rollback()

    outcomes = world.at_once([do_first, do_second, watch])
    assert outcomes[2] is None
    return outcomes[0], outcomes[1]
