"""Redis: what may be lost (codes, tokens, limits, claimed pushes). Only this module opens it."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from app import late
from app.config import RedisServer

__all__ = ["Behind", "Kept", "Redis", "RedisError", "connect"]

#: Pages must go on when Redis hangs, so nobody waits longer for it than this, in seconds.
PATIENCE = 0.3
#: How long nobody asks a Redis that failed, in seconds.
PAUSE = 1.0
#: How long commands that nobody waits for gather, in seconds, and how many may: of more the oldest are dropped.
GATHER, MOST_BEHIND = 0.005, 10_000


def connect(settings: RedisServer) -> Redis:
    """A client for the server that the settings name; `memory://` is one inside this process."""
    if settings.url == "memory://":
        return late.fakeredis.FakeRedis(server=late.fakeredis.FakeServer())
    # By itself the client repeats for seconds. Once more, at once, is for a connection that was cut meanwhile.
    retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    return Redis.from_url(settings.url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=retry)


class Kept:
    """Commands over a connection that each thread keeps: the client's way to one costs more than a short command.

    When Redis fails nobody asks it for a moment, and then one thread finds out whether it is back: whoever can go on
    without it does so at once.
    """

    def __init__(self, client: Redis) -> None:
        self._pool, self._mine = client.connection_pool, threading.local()
        self._is_failing, self._rests_until = False, 0.0

    def ask_all(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """The answers to all commands, sent at once. Raises RedisError."""
        now = time.monotonic()
        if now < self._rests_until:
            raise RedisConnectionError("it failed a moment ago")
        if self._is_failing:
            self._rests_until = now + PAUSE
        try:
            answers = self._exchange(commands)
        except RedisError:
            self._is_failing, self._rests_until = True, time.monotonic() + PAUSE
            raise
        self._is_failing, self._rests_until = False, 0.0
        return answers

    def _exchange(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        is_new = not hasattr(self._mine, "line")
        line = self._line()
        try:
            return line.ask(commands)
        except RedisConnectionError:
            # A connection that was kept may have been cut meanwhile: once more, at once.
            if is_new:
                raise
            return line.ask(commands)

    def _line(self) -> "_Line":
        if not hasattr(self._mine, "line"):
            self._mine.line = _Line(self._pool.get_connection())
        line: _Line = self._mine.line
        return line


class _Line:
    """One thread's connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def ask(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        try:
            self._connection.send_packed_command(self._connection.pack_commands(commands))
            return [self._connection.read_response() for _ in commands]
        except BaseException:
            self._connection.disconnect()  # what may still come answers nobody's question
            raise


class Behind:
    """Commands whose outcome nobody waits for, sent in batches behind the answers. What Redis does not take is lost."""

    def __init__(self, kept: Kept, gather: float = GATHER) -> None:
        self._kept, self._gather = kept, gather
        self._waiting: deque[tuple[Any, ...]] = deque(maxlen=MOST_BEHIND)
        self._is_coming, self._sending = False, threading.Lock()
        # Its thread begins with the first command, so a fork before that is harmless.
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="redis-behind")

    def put(self, *command: Any) -> None:
        self._waiting.append(command)
        if not self._is_coming:
            self._is_coming = True
            self._sender.submit(self._send_soon)

    def ask_after(self, *commands: Sequence[Any]) -> list[Any]:
        """Send what waits and then these commands, at once; the answers to these. Raises RedisError."""
        with self._sending:
            batch = self.take()
            if batch:
                return self._kept.ask_all([*batch, *commands])[len(batch) :]
        return self._kept.ask_all(commands)

    def take(self) -> list[tuple[Any, ...]]:
        """What waits, to be sent by the caller along with something else."""
        batch = []
        with suppress(IndexError):  # another thread may take the last
            while self._waiting:
                batch.append(self._waiting.popleft())
        return batch

    def _send_soon(self) -> None:
        time.sleep(self._gather)
        self._is_coming = False
        with self._sending, suppress(RedisError):
            batch = self.take()
            if batch:
                self._kept.ask_all(batch)
