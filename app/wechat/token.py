"""The access token: one cache for all processes, one refresh at a time.

The token and its end stand in one record of Redis. Whoever finds none takes a lock and asks WeChat for the stable
token; the others wait for the record. Without Redis each process keeps its own: the stable token is the same for all.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from redis import Redis
from redis.exceptions import RedisError

from app.clock import Clock
from app.wechat.gateway import RetryLater

#: A token is renewed so long before its end, in seconds; the old one stays valid meanwhile.
MARGIN = 300
LOCK_SECONDS = 10
#: How long others wait for the one that fetches, and how often they look, in seconds.
PATIENCE, INTERVAL = 6.0, 0.05
#: After so many failed fetches in a row nobody asks for so many seconds.
FAULTS, REST = 5, 60


@dataclass(frozen=True)
class Lease:
    """Something with an end: a token or a ticket."""

    value: str
    ends_at: float

    def counts(self, now: datetime) -> bool:
        return now.timestamp() < self.ends_at - MARGIN


Fetch = Callable[[bool], tuple[str, int]]


class SharedLease:
    """A lease that all processes share. `fetch(force)` asks WeChat for (value, seconds)."""

    def __init__(self, name: str, redis: Redis, clock: Clock, fetch: Fetch) -> None:
        self._key, self._redis, self._clock, self._fetch = f"wechat:{name}", redis, clock, fetch
        self._own: Lease | None = None
        self._own_lock = threading.Lock()

    def get(self, refused: str | None = None) -> str:
        """The value; `refused` is one that WeChat did not accept, so another is wanted. Raises WeChatError."""
        try:
            lease = self._read()
            if lease and lease.counts(self._clock.now()) and lease.value != refused:
                return lease.value
            return self._fetch_together(refused)
        except RedisError:
            return self._alone(refused)

    def _read(self) -> Lease | None:
        record = self._redis.get(self._key)
        return Lease(**json.loads(record)) if record else None

    def _fetch_together(self, refused: str | None) -> str:
        self._rest_if_tired()
        mark = secrets.token_hex(8)
        ends = time.monotonic() + PATIENCE
        while True:
            if self._redis.set(f"{self._key}:lock", mark, nx=True, ex=LOCK_SECONDS):
                try:
                    # Somebody may have fetched between our look and our lock.
                    lease = self._read()
                    if lease and lease.counts(self._clock.now()) and lease.value != refused:
                        return lease.value
                    return self._store(self._ask(force=refused is not None)).value
                finally:
                    if self._redis.get(f"{self._key}:lock") == mark.encode():
                        self._redis.delete(f"{self._key}:lock")
            time.sleep(INTERVAL)
            lease = self._read()
            if lease and lease.counts(self._clock.now()) and lease.value != refused:
                return lease.value
            if time.monotonic() > ends:
                raise RetryLater("another process is still asking WeChat for a token")

    def _ask(self, *, force: bool) -> Lease:
        try:
            value, seconds = self._fetch(force)
        except Exception:
            self._note_fault()
            raise
        self._redis.delete(f"{self._key}:faults")
        return Lease(value, self._clock.now().timestamp() + seconds)

    def _store(self, lease: Lease) -> Lease:
        seconds = max(int(lease.ends_at - self._clock.now().timestamp()), 1)
        self._redis.set(self._key, json.dumps({"value": lease.value, "ends_at": lease.ends_at}), ex=seconds)
        return lease

    def _note_fault(self) -> None:
        faults = self._redis.incr(f"{self._key}:faults")
        self._redis.expire(f"{self._key}:faults", REST if int(faults) >= FAULTS else LOCK_SECONDS * 6)

    def _rest_if_tired(self) -> None:
        if int(self._redis.get(f"{self._key}:faults") or 0) >= FAULTS:
            raise RetryLater(f"WeChat failed {FAULTS} times in a row; asking again within {REST} s")

    def _alone(self, refused: str | None) -> str:
        """Without Redis: one fetch at a time in this process."""
        with self._own_lock:
            own = self._own
            if own is None or not own.counts(self._clock.now()) or own.value == refused:
                value, seconds = self._fetch(refused is not None)
                own = self._own = Lease(value, self._clock.now().timestamp() + seconds)
            return own.value
