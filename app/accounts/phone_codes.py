"""Codes that prove a phone number.

A code is bound to phone, purpose and browser, lives 5 minutes in Redis as a keyed hash, and allows 5 tries. What caps
the sends is counted in the database, which outlives Redis. The answer never tells whether the phone is known.
"""

import contextlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from app import crypto
from app.accounts.errors import CodeExpired, CodesUnavailable, CodeTooSoon, TooManyCodes, WrongCode
from app.accounts.models import PhoneCodeSend
from app.clock import from_local, local
from app.config import Limits
from app.database import in_transaction, session
from app.redis import Redis, RedisError

LIFE = timedelta(minutes=5)
TRIES = 5
#: What a wrong code's counters in Redis count over, in seconds.
HOUR = 3600


@dataclass(frozen=True)
class Asker:
    """Whose code it is: it works only for this phone, this purpose and this browser."""

    phone: str
    purpose: str
    browser: str
    address: str

    @property
    def key(self) -> str:
        return "code:" + crypto.ring().index("code key", f"{self.phone}:{self.purpose}:{self.browser}")

    @property
    def tries_key(self) -> str:
        return f"{self.key}:tries"

    @property
    def sending_key(self) -> str:
        """Of the phone alone: two browsers may ask for one phone."""
        return "code-sending:" + crypto.ring().index("code key", self.phone)

    @property
    def address_index(self) -> str:
        return crypto.ring().index("address", _network(self.address))

    def mac(self, code: str) -> str:
        return crypto.ring().index("code", f"{self.phone}:{self.purpose}:{self.browser}:{code}")


def _network(address: str) -> str:
    """One subscriber: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address


def send(
    asker: Asker, deliver: Callable[[str, str, str], None], *, redis: Redis, limits: Limits, now: datetime
) -> None:
    """Send a code; `deliver(phone, purpose, code)` does the sending.

    Raises CodeTooSoon, TooManyCodes, CodesUnavailable, and what `deliver` raises; a failed send does not count.
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
    row_id = in_transaction(lambda: _count_send(asker, limits, now))
    code = f"{secrets.randbelow(1_000_000):06d}"
    try:
        expires = int((now + LIFE).timestamp())
        with redis.pipeline() as pipe:
            pipe.delete(asker.tries_key)
            pipe.set(asker.key, f"{expires}:{asker.mac(code)}", ex=LIFE)
            pipe.execute()
        deliver(asker.phone, asker.purpose, code)
    except RedisError as error:
        _uncount(row_id)
        raise CodesUnavailable from error
    except Exception:
        _uncount(row_id)
        raise


def _count_send(asker: Asker, limits: Limits, now: datetime) -> int:
    phone_index = crypto.ring().index("phone", asker.phone)
    by_phone = PhoneCodeSend.phone_index == phone_index
    last = session.scalar(select(func.max(PhoneCodeSend.sent_at)).where(by_phone))
    wait = timedelta(seconds=limits.code_interval_seconds)
    if last and now - last < wait:
        seconds = int((last + wait - now).total_seconds()) + 1
        raise CodeTooSoon(f"验证码刚刚发过，请 {seconds} 秒后再获取")
    midnight = from_local(local(now).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None))
    if _sends_since(midnight, by_phone) >= limits.codes_per_phone_day:
        raise TooManyCodes
    by_address = PhoneCodeSend.address_index == asker.address_index
    if _sends_since(now - timedelta(hours=1), by_address) >= limits.codes_per_address_hour:
        raise TooManyCodes("您所在的网络获取验证码太频繁，请一小时后再试")
    if _sends_since(midnight) >= limits.codes_per_site_day:
        raise TooManyCodes("今天获取验证码的人太多，请明天再试")
    row = PhoneCodeSend(phone_index=phone_index, address_index=asker.address_index, sent_at=now)
    session.add(row)
    session.flush()
    return row.id


def _sends_since(since: datetime, *where: object) -> int:
    query = select(func.count()).select_from(PhoneCodeSend).where(PhoneCodeSend.sent_at >= since, *where)  # type: ignore[arg-type]
    return session.scalar(query) or 0


def _uncount(row_id: int) -> None:
    in_transaction(lambda: session.execute(delete(PhoneCodeSend).where(PhoneCodeSend.id == row_id)))


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
