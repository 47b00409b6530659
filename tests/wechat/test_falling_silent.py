"""A database that answered a moment ago and now says nothing holds no push for long, and loses none."""

import selectors
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, Executable, create_engine, make_url, select, text, update
from sqlalchemy.exc import DBAPIError

from app import config
from app.accounts.models import WeChatUser
from app.cutoff import Cutoff, WaitedTooLong
from app.database import open_engine
from app.wechat.callback import PATH
from tests.wechat.account import OPENID, TOKEN, event_push, eventually, in_a_minute, seconds, sign

#: What a test lets somebody wait, in seconds, and what is still soon: less than any other limit there is.
LIMIT, SOON = 0.3, 2.5
ONE = text("SELECT 1")
SLEEP = {"postgresql": text("SELECT pg_sleep(20)"), "mysql": text("SELECT SLEEP(20)")}
servers_only = pytest.mark.only_on("postgresql", "mariadb")


class Relay:
    """Passes on what is said between the product and the server, until it is told to keep it back."""

    def __init__(self, host: str, port: int) -> None:
        self._server, self._to = socket.create_server(("127.0.0.1", 0)), (host, port)
        self.port = int(self._server.getsockname()[1])
        self.may_pass = threading.Event()
        self.may_pass.set()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(near, socket.create_connection(self._to)), daemon=True).start()

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        with near, far, selectors.DefaultSelector() as ready:
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while True:
                for key, _ in ready.select():
                    said = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    self.may_pass.wait()
                    if not said:
                        return
                    key.data.sendall(said)

    def close(self) -> None:
        self.may_pass.set()
        self._server.close()


@pytest.fixture
def relay(databases) -> Iterator[tuple[Relay, Engine]]:
    """A new database, and an engine that reaches it through a relay."""
    url = databases.create()
    parsed = make_url(url)
    relay = Relay(parsed.host or "", parsed.port or 0)
    through = parsed.set(host="127.0.0.1", port=relay.port).render_as_string(False)
    engine = open_engine(config.Database(url=through))
    yield relay, engine
    relay.close()
    engine.dispose()
    databases.drop(url)


def ask(engine: Engine, statement: Executable = ONE) -> object:
    with engine.connect() as connection:
        return connection.scalar(statement)


@servers_only
def test_a_question_that_takes_too_long_ends_and_the_next_one_is_answered(empty_database):
    cutoff = Cutoff(empty_database)
    began = time.monotonic()
    with pytest.raises(DBAPIError), cutoff.limit(LIMIT):
        ask(empty_database, SLEEP[empty_database.dialect.name])
    assert LIMIT <= time.monotonic() - began < SOON
    assert ask(empty_database) == 1


@servers_only
def test_who_has_no_limit_waits(empty_database):
    cutoff, sleep = Cutoff(empty_database), {"postgresql": "SELECT 1, pg_sleep(1)", "mysql": "SELECT SLEEP(1) + 1"}
    with cutoff.limit(LIMIT):
        assert ask(empty_database) == 1
    assert ask(empty_database, text(sleep[empty_database.dialect.name])) == 1


@servers_only
def test_a_connection_that_fell_silent_in_the_pool_holds_nobody_and_none_is_made_in_its_place(relay):
    line, engine = relay
    cutoff = Cutoff(engine)
    with cutoff.limit(LIMIT):
        assert ask(engine) == 1
    line.may_pass.clear()
    began = time.monotonic()
    with pytest.raises(WaitedTooLong), cutoff.limit(LIMIT):
        ask(engine)
    assert time.monotonic() - began < SOON
    line.may_pass.set()
    with cutoff.limit(SOON):
        assert ask(engine) == 1


def push_to(app, event: str, when: int) -> float:
    """Send it; how many seconds its answer took."""
    stamp = {"timestamp": "1795400000", "nonce": str(when)}
    query = {**stamp, "signature": sign(TOKEN, *stamp.values())}
    began = time.monotonic()
    answer = app.test_client().post(PATH, query_string=query, data=event_push(event, CreateTime=when).encode())
    assert answer.status_code == 200
    return time.monotonic() - began


def is_following(world) -> list[bool]:
    return [value for (value,) in world.rows(select(WeChatUser.is_following))]


def test_a_push_whose_row_is_held_is_answered_soon_and_noted_later(app, world):
    parts, when = app.extensions["stvs"], next(seconds)
    for number in range(2):
        push_to(app, "subscribe", when + number)
    assert is_following(world) == [True]
    other = create_engine(parts.engine.url)
    with other.connect() as connection:
        connection.execute(update(WeChatUser).where(WeChatUser.openid == OPENID).values(openid=OPENID))
        assert push_to(app, "unsubscribe", when + 2) < SOON
        connection.rollback()
    other.dispose()
    for task in parts.jobs.huey.pending():
        parts.jobs.huey.execute(task, in_a_minute())
    # On SQLite the thread that it was handed over to still waits.
    eventually(lambda: is_following(world) == [False])
