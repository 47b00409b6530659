import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from app import database
from app.database import ATTEMPTS, TABLE, BigId, UtcDateTime, after_commit, in_transaction, session
from app.errors import Busy

metadata = MetaData()
moments = Table(
    "moments", metadata, Column("id", BigId, primary_key=True), Column("at", UtcDateTime), **TABLE
)  # fmt: skip
things = Table(
    "things",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("name", String(50), unique=True),
    Column("number", Integer, default=0),
    **TABLE,
)
ON_ONE_DATABASE = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PATIENCE = 30


@pytest.fixture
def small(empty_database):
    """An application of nothing but a database with two tables."""
    metadata.create_all(empty_database)
    app = Flask(__name__)
    database.init_app(app, empty_database)
    return app


def names(app):
    with app.app_context():
        return session.scalars(select(things.c.name).order_by(things.c.name)).all()


def add(name, number=0):
    session.execute(insert(things).values(name=name, number=number))


def at_once(app, *works):
    """Do each work in a thread and a context of its own; returns what they returned, or raises what they raised."""
    results = [None] * len(works)

    def run(place, work):
        try:
            with app.app_context():
                results[place] = work()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@ON_ONE_DATABASE
@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES))  # noqa: DTZ001
@example(datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
@example(datetime(2028, 2, 29, 0, 0, tzinfo=timezone(timedelta(hours=8))))
def test_a_moment_comes_back_as_the_same_moment_in_utc(small, moment):
    with small.app_context():
        key = session.execute(insert(moments).values(at=moment)).inserted_primary_key[0]
        back = session.scalar(select(moments.c.at).where(moments.c.id == key))
        assert session.scalar(select(moments.c.id).where(moments.c.id == key, moments.c.at == moment)) == key
    assert back == moment
    assert back.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(small):
    with small.app_context(), pytest.raises(Exception, match="time zone"):
        session.execute(insert(moments).values(at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_no_moment_stays_none(small):
    with small.app_context():
        session.execute(insert(moments).values(at=None))
        assert session.scalars(select(moments.c.at)).all() == [None]


def test_moments_sort_by_time_down_to_the_microsecond(small):
    start = datetime(2026, 11, 23, tzinfo=UTC)
    wanted = [start + timedelta(microseconds=step) for step in (0, 1, 10, 999_999, 1_000_000)]
    with small.app_context():
        session.execute(insert(moments), [{"at": moment} for moment in reversed(wanted)])
        assert session.scalars(select(moments.c.at).order_by(moments.c.at)).all() == wanted


@pytest.mark.parametrize(("one", "other"), [("e", "é"), ("a", "A"), ("𠮷", "🙂"), ("志愿", "志願"), ("ß", "ss")])
def test_texts_that_differ_in_a_byte_are_different(small, one, other):
    with small.app_context():
        in_transaction(lambda: (add(one), add(other)))
        assert session.scalars(select(things.c.name).where(things.c.name == one)).all() == [one]


def test_all_of_a_transaction_stands(small):
    with small.app_context():
        assert in_transaction(lambda: (add("a"), add("b")) and "done") == "done"
    assert names(small) == ["a", "b"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_nothing_of_a_broken_transaction_stands(small, error):
    def work():
        add("a")
        raise error

    with small.app_context(), pytest.raises(error):
        in_transaction(work)
    assert names(small) == []


def test_a_broken_rule_is_not_tried_again(small):
    tries = []

    def work():
        tries.append(1)
        add("a")
        add("a")

    with small.app_context(), pytest.raises(IntegrityError):
        in_transaction(work)
    assert len(tries) == 1
    assert names(small) == []


def test_what_follows_runs_after_the_commit_and_once_a_name(small):
    seen = []

    def work():
        add("a")
        after_commit("look", lambda: seen.append(names(small)))
        after_commit("look", lambda: seen.append(names(small)))
        assert seen == []

    with small.app_context():
        in_transaction(work)
    assert seen == [["a"]]


def test_what_follows_does_not_run_without_a_commit(small):
    seen = []

    def work():
        after_commit("look", lambda: seen.append(1))
        raise ValueError

    with small.app_context():
        with pytest.raises(ValueError):  # noqa: PT011
            in_transaction(work)
        in_transaction(lambda: add("a"))
    assert seen == []


def test_what_follows_and_fails_does_not_undo_the_change(small):
    def fail():
        raise OSError("no queue")

    with small.app_context():
        in_transaction(lambda: (add("a"), after_commit("fail", fail)))
    assert names(small) == ["a"]


def test_a_transaction_sees_the_present_though_the_page_read_before(small):
    with small.app_context():
        in_transaction(lambda: add("a", 1))
        session.scalars(select(things.c.number)).all()
        at_once(small, lambda: in_transaction(lambda: session.execute(update(things).values(number=2))))
        seen = in_transaction(lambda: session.scalar(select(things.c.number)))
    assert seen == 2


def test_writers_that_read_first_do_not_fail_or_lose(small, backend):
    """On SQLite a transaction that reads and then writes beside another would fail at once, were it not immediate."""
    rounds, writers = 15, 4
    with small.app_context():
        in_transaction(lambda: add("counter"))

    def count():
        # Elsewhere two may read the same number; the row is taken by locking it.
        session.scalar(select(things.c.number).with_for_update())
        if backend == "sqlite":
            number = session.scalar(select(things.c.number))
            session.execute(update(things).values(number=number + 1))
        else:
            session.execute(update(things).values(number=things.c.number + 1))

    def write():
        for _ in range(rounds):
            in_transaction(count)

    at_once(small, *[write] * writers)
    with small.app_context():
        assert session.scalar(select(things.c.number)) == rounds * writers


def test_two_transactions_in_each_others_way_both_finish(small, backend):
    with small.app_context():
        in_transaction(lambda: (add("a"), add("b")))
    meet = threading.Barrier(2)
    tries, told = [], []

    def crossing(first, second):
        def work():
            tries.append(first)
            session.execute(update(things).where(things.c.name == first).values(number=things.c.number + 1))
            # SQLite lets in one writer at a time, so that they never meet there.
            if backend != "sqlite" and tries.count(first) == 1:
                meet.wait(PATIENCE)
            session.execute(update(things).where(things.c.name == second).values(number=things.c.number + 1))
            after_commit("tell", lambda: told.append(first))

        return lambda: in_transaction(work)

    at_once(small, crossing("a", "b"), crossing("b", "a"))
    with small.app_context():
        assert session.scalars(select(things.c.number)).all() == [2, 2]
    assert sorted(told) == ["a", "b"]
    assert len(tries) == (2 if backend == "sqlite" else 3)


def test_a_transaction_that_always_loses_ends_with_busy(small):
    tries = []

    def work():
        tries.append(1)
        raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))

    with small.app_context(), pytest.raises(Busy):
        in_transaction(work)
    assert len(tries) == ATTEMPTS


def test_a_connection_that_was_cut_is_replaced(small, empty_database, backend):
    kill = {
        "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "mariadb": "KILL {id}",
    }
    with small.app_context():
        in_transaction(lambda: add("a"))
        number = session.scalar(text("SELECT CONNECTION_ID()")) if backend == "mariadb" else 0
        session.rollback()
        session.close()
        if backend in kill:
            with empty_database.connect() as used, database.create_engine(empty_database.url).connect() as other:
                used.rollback()
                other.execute(text(kill[backend].format(id=number)))
        in_transaction(lambda: add("b"))
    assert names(small) == ["a", "b"]


def test_sqlite_is_set_as_promised(small, backend):
    if backend != "sqlite":
        return
    wanted = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "secure_delete": 1}
    with small.app_context():
        assert {name: session.scalar(text(f"PRAGMA {name}")) for name in wanted} == wanted
        assert session.scalar(text("PRAGMA busy_timeout")) >= 5000
