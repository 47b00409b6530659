"""The access token: one cache for all processes, one refresh at a time.

The token and its end stand in one record of Redis. Whoever finds none takes a lock and asks WeChat for the stable
token; the others wait for the record. Without Redis each process keeps its own: the stable token is the same for all.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from app.clock import Clock
from app.redis import Redis, RedisError
from app.wechat.gateway import OperatorMustAct, OutcomeUnknown, RetryLater, WeChatError

#: A token is renewed so long before its end, in seconds; the old one stays valid meanwhile.
MARGIN = 300
#: Longer than a fetch may take, so that a second one does not begin beside it.
LOCK_SECONDS = 20
#: How long others wait for the one that fetches, and how often they look, in seconds.
PATIENCE, INTERVAL = 6.0, 0.05
#: After so many failed fetches in a row nobody asks for so many seconds.
FAULTS, REST = 5, 60
#: WeChat takes 20 forced refreshes a day, so many seconds apart (WeChat contract, section 4).
FORCED_APART = 30


@dataclass(frozen=True)
class Lease:
    """Something with an end: a token or a ticket. Moments are Unix seconds."""

    value: str
    renew_at: float
    ends_at: float

    @classmethod
    def of(cls, value: str, seconds: int, now: datetime) -> "Lease":
        # WeChat may hand out the last minutes of a running token; it must not be asked for again at every call.
        return cls(value, now.timestamp() + max(seconds - MARGIN, seconds / 2), now.timestamp() + seconds)

    def counts(self, now: datetime) -> bool:
        return now.timestamp() < self.renew_at


Fetch = Callable[[bool], tuple[str, int]]


class SharedLease:
    """A lease that all processes share. `fetch(force)` asks WeChat for (value, seconds)."""

    def __init__(self, name: str, redis: Redis, clock: Clock, fetch: Fetch) -> None:
        self._key, self._redis, self._clock, self._fetch = f"wechat:{name}", redis, clock, _for_a_call(fetch)
        self._alone = _Alone(clock, self._fetch)

    def get(self, refused: str | None = None) -> str:
        """The value; `refused` is one that WeChat did not accept, so another is wanted. Raises WeChatError."""
        try:
            return self._shared(refused) or self._fetch_together(refused)
        except RedisError:
            return self._alone.get(refused)

    def _shared(self, refused: str | None) -> str | None:
        """What Redis holds, if it is still good for anything."""
        record = self._redis.get(self._key)
        try:
            lease = Lease(**json.loads(record)) if record else None
        except (ValueError, TypeError):
            return None  # of another version of ours
        return lease.value if lease and lease.counts(self._clock.now()) and lease.value != refused else None

    def _fetch_together(self, refused: str | None) -> str:
        self._rest_if_tired()
        mark = secrets.token_hex(8)
        ends = time.monotonic() + PATIENCE
        while True:
            if self._redis.set(f"{self._key}:lock", mark, nx=True, ex=LOCK_SECONDS):
                try:
                    # Somebody may have fetched, or failed, between our look and our lock.
                    if found := self._shared(refused):
                        return found
                    self._rest_if_tired()
                    return self._ask(refused)
                finally:
                    self._unlock(mark)
            time.sleep(INTERVAL)
            if found := self._shared(refused):
                return found
            if time.monotonic() > ends:
                raise RetryLater("another process is still asking WeChat for a token")

    def _unlock(self, mark: str) -> None:
        with suppress(RedisError):
            if self._redis.get(f"{self._key}:lock") == mark.encode():
                self._redis.delete(f"{self._key}:lock")

    def _ask(self, refused: str | None) -> str:
        """Ask WeChat, once: what Redis does meanwhile changes nothing about the answer."""
        may_force = refused is not None and self._redis.set(f"{self._key}:forced", 1, nx=True, ex=FORCED_APART)
        try:
            value, seconds = self._fetch(bool(may_force))
        except WeChatError as error:
            with suppress(RedisError):
                self._note_fault(error)
            raise
        lease = Lease.of(value, seconds, self._clock.now())
        self._alone.remember(lease)
        with suppress(RedisError):
            self._redis.set(self._key, json.dumps(asdict(lease)), ex=max(seconds, 1))
            self._redis.delete(f"{self._key}:faults")
        return value

    def _note_fault(self, error: WeChatError) -> None:
        for_operator = isinstance(error, OperatorMustAct)
        why = json.dumps([error.reason, error.errcode] if for_operator else None)
        self._redis.set(f"{self._key}:why", why, ex=2 * REST)
        faults = self._redis.incr(f"{self._key}:faults")
        # The first faults are forgotten in time too: five spread over a day are not five in a row.
        if int(faults) in (1, FAULTS):
            self._redis.expire(f"{self._key}:faults", REST)

    def _rest_if_tired(self) -> None:
        if int(self._redis.get(f"{self._key}:faults") or 0) >= FAULTS:
            why = json.loads(self._redis.get(f"{self._key}:why") or "null")
            raise _tired(OperatorMustAct(why[0], errcode=why[1]) if why else None)


class _Alone:
    """The same for this process only, while Redis is gone: one fetch at a time, and the same rests."""

    def __init__(self, clock: Clock, fetch: Fetch) -> None:
        self._clock, self._fetch = clock, fetch
        self._lock = threading.Lock()
        self._lease: Lease | None = None
        self._faults, self._rests_until, self._forced_at = 0, 0.0, 0.0
        self._why: WeChatError | None = None

    def remember(self, lease: Lease) -> None:
        self._lease = lease

    def get(self, refused: str | None) -> str:
        if not self._lock.acquire(timeout=PATIENCE):
            raise RetryLater("another thread is still asking WeChat for a token")
        try:
            lease, now = self._lease, self._clock.now()
            if lease and lease.counts(now) and lease.value != refused:
                return lease.value
            if now.timestamp() < self._rests_until:
                raise _tired(self._why)
            return self._ask(refused, now)
        finally:
            self._lock.release()

    def _ask(self, refused: str | None, now: datetime) -> str:
        force = refused is not None and now.timestamp() >= self._forced_at + FORCED_APART
        if force:
            self._forced_at = now.timestamp()
        try:
            value, seconds = self._fetch(force)
        except WeChatError as error:
            self._faults, self._why = self._faults + 1, error
            if self._faults >= FAULTS:
                self._faults, self._rests_until = 0, now.timestamp() + REST
            raise
        self._faults = 0
        self._lease = Lease.of(value, seconds, now)
        return value


def _for_a_call(fetch: Fetch) -> Fetch:
    """The fetch without an open question: when no token came, the call that wanted it was certainly not made."""

    def fetched(force: bool) -> tuple[str, int]:
        try:
            return fetch(force)
        except OutcomeUnknown as error:
            raise RetryLater(error.reason) from None

    return fetched


def _tired(why: WeChatError | None) -> WeChatError:
    """What to raise instead of asking again: what only the operator can mend does not pass by waiting."""
    if isinstance(why, OperatorMustAct):
        return OperatorMustAct(f"{why.reason}; asked again within {REST} s", errcode=why.errcode)
    return RetryLater(f"WeChat failed {FAULTS} times in a row; asking again within {REST} s")
