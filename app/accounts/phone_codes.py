"""Codes that prove a phone number.

A code is bound to phone, purpose, what it confirms and browser, lives 5 minutes in Redis as a keyed hash, and allows 5
tries. What caps the sends is in code_caps.py. The answer never tells whether the phone is known.
"""

import contextlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import crypto
from app.accounts import code_caps
from app.accounts.errors import CodeExpired, CodesUnavailable, CodeTooSoon, WrongCode
from app.config import Limits
from app.redis import Redis, RedisError
from app.sms.provider import SmsFailed

LIFE = timedelta(minutes=5)
TRIES = 5
#: What a wrong code's counters in Redis count over, in seconds.
HOUR = 3600


@dataclass(frozen=True)
class Asker:
    """Whose code it is: it works only for this phone, this purpose, this browser, and what its words name."""

    phone: str
    purpose: str
    browser: str
    address: str
    about: str = ""

    @property
    def key(self) -> str:
        return "code:" + crypto.ring().index("code key", self._bound_to)

    @property
    def _bound_to(self) -> str:
        return f"{self.phone}:{self.purpose}:{self.browser}:{self.about}"

    @property
    def tries_key(self) -> str:
        return f"{self.key}:tries"

    @property
    def sending_key(self) -> str:
        """Of the phone alone: two browsers may ask for one phone."""
        return "code-sending:" + crypto.ring().index("code key", self.phone)

    @property
    def address_index(self) -> str:
        return address_index(self.address)

    @property
    def sender(self) -> code_caps.Sender:
        return code_caps.Sender(crypto.ring().index("phone", self.phone), self.address_index)

    def mac(self, code: str) -> str:
        return crypto.ring().index("code", f"{self._bound_to}:{code}")


def address_index(address: str) -> str:
    """The keyed hash under which what comes from an address is counted."""
    return crypto.ring().index("address", _network(address))


def _network(address: str) -> str:
    """One subscriber: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6 and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)  # how a server that listens on both sees IPv4
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address


def send(
    asker: Asker, deliver: Callable[[str, str, str], None], *, redis: Redis, limits: Limits, now: datetime
) -> None:
    """Send a code; `deliver(phone, purpose, code)` does the sending.

    Raises CodeTooSoon, TooManyCodes, CodesUnavailable, and what `deliver` raises. Only what was surely not sent
    (SmsFailed) does not count: a message that may have gone out has cost money and may be read.
    """
    try:
        # Two presses at once: the second finds the first one's mark.
        if not redis.set(asker.sending_key, 1, nx=True, ex=10):
            raise CodeTooSoon
    except RedisError as error:
        raise CodesUnavailable from error
    try:
        _send(asker, deliver, redis=redis, limits=limits, now=now)
    finally:
        _forget(redis, asker.sending_key)


def _send(
    asker: Asker, deliver: Callable[[str, str, str], None], *, redis: Redis, limits: Limits, now: datetime
) -> None:
    counted = code_caps.count_send(asker.sender, limits, now)
    code = f"{secrets.randbelow(1_000_000):06d}"
    try:
        expires = int((now + LIFE).timestamp())
        with redis.pipeline() as pipe:
            pipe.delete(asker.tries_key)
            pipe.set(asker.key, f"{expires}:{asker.mac(code)}", ex=LIFE)
            pipe.execute()
    except RedisError as error:
        code_caps.take_back(counted)
        raise CodesUnavailable from error
    try:
        deliver(asker.phone, asker.purpose, code)
    except SmsFailed:
        code_caps.take_back(counted)
        raise


def verify(asker: Asker, code: str, *, redis: Redis, limits: Limits, now: datetime) -> None:
    """Accept the code, once. Raises WrongCode, CodeExpired, CodesUnavailable."""
    try:
        _check_wrong_codes(asker, redis, limits)
        entry: bytes | None = redis.get(asker.key)  # type: ignore[assignment]
        expires, _, mac = (entry or b"0:").partition(b":")
        if now.timestamp() >= int(expires):
            raise CodeExpired
        # Counted before it is compared: 100 guesses at once are still 5.
        if _count_try(asker, redis) > TRIES:
            _forget(redis, asker.key)
            raise CodeExpired("输错次数太多，请重新获取验证码")
        if not hmac.compare_digest(mac, asker.mac(code).encode()):
            _note_wrong_code(asker, redis)
            raise WrongCode
        if not redis.delete(asker.key):
            raise CodeExpired  # the same code, used a moment ago in another request
    except RedisError as error:
        raise CodesUnavailable from error


def _count_try(asker: Asker, redis: Redis) -> int:
    """Kept apart from the code: a count that came late must not bring a used code back to life."""
    with redis.pipeline() as pipe:
        pipe.incr(asker.tries_key)
        pipe.expire(asker.tries_key, LIFE)
        return int(pipe.execute()[0])


def _wrong_code_keys(asker: Asker) -> dict[str, str]:
    return {"address": f"wrong-codes:{asker.address_index}", "site": "wrong-codes"}


def _check_wrong_codes(asker: Asker, redis: Redis, limits: Limits) -> None:
    keys = _wrong_code_keys(asker)
    caps = {"address": limits.wrong_codes_per_address_hour, "site": limits.wrong_codes_per_site_hour}
    for scope, key in keys.items():
        if int(redis.get(key) or 0) >= caps[scope]:
            raise WrongCode("验证码输错的次数太多，请一小时后再试")


def _note_wrong_code(asker: Asker, redis: Redis) -> None:
    for key in _wrong_code_keys(asker).values():
        with redis.pipeline() as pipe:
            pipe.set(key, 0, nx=True, ex=HOUR)
            pipe.incr(key)
            pipe.execute()


def _forget(redis: Redis, key: str) -> None:
    with contextlib.suppress(RedisError):  # it expires by itself
        redis.delete(key)
