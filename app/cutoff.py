"""Whoever must not wait long for a database that hangs, and does, has its connection cut.

A driver waits in the kernel and hears nobody; only the end of its socket wakes it. Another thread that does the
waiting would do without this, but handing over to it costs as much as all the rest of a short piece of work.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import TimeoutError as WaitedTooLong

__all__ = ["Cutoff", "WaitedTooLong"]

#: How often it is looked who waits for too long, in seconds.
INTERVAL = 0.1


class _Limit:
    """One thread's: when its patience ends, and copies of the sockets it may be waiting at.

    Copies, because a number may mean another socket by the time it is cut.
    """

    def __init__(self, ends: float) -> None:
        self.ends = ends
        self._sockets: dict[int, socket.socket] = {}
        self._changes = threading.Lock()

    def check(self) -> None:
        if time.monotonic() > self.ends:
            raise WaitedTooLong("the database did not answer in time")

    def hold(self, connection: Any) -> None:
        self.check()
        copy = socket.socket(fileno=os.dup(_number(connection)))
        with self._changes:
            known, self._sockets[id(connection)] = self._sockets.get(id(connection)), copy
        if known:
            known.close()

    def let_go(self, connection: Any) -> None:
        with self._changes:
            copy = self._sockets.pop(id(connection), None)
        if copy:
            copy.close()

    def cut(self) -> None:
        with self._changes:
            for copy in self._sockets.values():
                with suppress(OSError):  # it has ended by itself
                    copy.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with self._changes:
            for copy in self._sockets.values():
                copy.close()
            self._sockets.clear()


class Cutoff:
    """Limits to waiting for one database."""

    def __init__(self, engine: Engine) -> None:
        #: SQLite has no connection that could be cut.
        self.reaches = engine.dialect.name != "sqlite"
        self._mine = threading.local()
        #: Limits of threads that are under one.
        self._open: set[_Limit] = set()
        self._begins, self._has_begun = threading.Lock(), False
        if self.reaches:
            self._listen(engine)

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Whatever this thread asks the database meanwhile fails once they have passed.

        It fails as with a connection that was lost, or raises WaitedTooLong. Only for an engine that is reached.
        """
        if not self._has_begun:
            self._begin()
        limit = self._mine.limit = _Limit(time.monotonic() + seconds)
        self._open.add(limit)
        try:
            yield
        finally:
            self._mine.limit = None
            self._open.discard(limit)
            limit.close()

    def _begin(self) -> None:
        # The thread begins with the first limit, so a fork before that is harmless.
        with self._begins:
            if not self._has_begun:
                threading.Thread(target=self._watch, name="cutoff", daemon=True).start()
                self._has_begun = True

    def _watch(self) -> None:
        while True:
            time.sleep(INTERVAL)
            now = time.monotonic()
            for limit in list(self._open):
                if now > limit.ends:
                    limit.cut()

    def _listen(self, engine: Engine) -> None:
        ping = engine.dialect.do_ping

        def ping_held(connection: Any) -> bool:
            # A connection is tried before it is lent, and may hang in that already.
            self._hold(connection)
            return ping(connection)

        engine.dialect.do_ping = ping_held  # type: ignore[assignment, method-assign]

        @event.listens_for(engine, "do_connect")
        def _check(*details: Any) -> None:
            if limit := self._limit:
                limit.check()

        @event.listens_for(engine, "checkout")
        def _hold(connection: Any, *details: Any) -> None:
            self._hold(connection)

        @event.listens_for(engine, "checkin")
        def _let_go(connection: Any, *details: Any) -> None:
            if (limit := self._limit) and connection is not None:
                limit.let_go(connection)

    @property
    def _limit(self) -> _Limit | None:
        return getattr(self._mine, "limit", None)

    def _hold(self, connection: Any) -> None:
        if limit := self._limit:
            limit.hold(connection)


def _number(connection: Any) -> int:
    """The file number of a driver's connection: psycopg says it, PyMySQL has a socket."""
    number: int = connection.fileno() if hasattr(connection, "fileno") else connection._sock.fileno()
    return number
