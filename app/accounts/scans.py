"""Log-in on a computer by scanning with WeChat.

The computer's browser asks, and keeps a secret in its cookie. A scan only sends the person a link; they confirm on a
page that says who asks. Then the browser that has the secret, and no other, is logged in, once. All of it lives for two
minutes in Redis.
"""

import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime

from app import crypto
from app.accounts.errors import ScanGone, ScanUnavailable, TooManyScans
from app.redis import Redis, RedisError

#: Seconds that a code counts (security 2), and how many one address may ask for in an hour.
LIFE, HOUR, MOST = 120, 3600, 60


@dataclass(frozen=True)
class Scan:
    """A log-in that somebody asked for."""

    name: str
    secret_mac: str
    browser: str
    address: str
    asked_at: float
    account_id: int | None = None


def begin(*, browser: str, address: str, redis: Redis, now: datetime) -> tuple[Scan, str]:
    """A new log-in and the secret of the browser that asks. Raises TooManyScans, ScanUnavailable."""
    secret, name = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    scan = Scan(name, _mac(secret), browser, address, now.timestamp())
    count = f"scans:{crypto.ring().index('address', address)}"
    try:
        with redis.pipeline() as pipe:
            pipe.set(count, 0, nx=True, ex=HOUR)
            pipe.incr(count)
            if int(pipe.execute()[1]) > MOST:
                raise TooManyScans
        _keep(scan, redis)
    except RedisError as error:
        raise ScanUnavailable from error
    return scan, secret


def find(name: str, *, redis: Redis) -> Scan:
    """Raises ScanGone, ScanUnavailable."""
    try:
        entry: bytes | None = redis.get(_key(name))  # type: ignore[assignment]
    except RedisError as error:
        raise ScanUnavailable from error
    if entry is None:
        raise ScanGone
    return Scan(**json.loads(entry))


def confirm(name: str, account_id: int, *, redis: Redis) -> None:
    """The person says yes, once. Raises ScanGone, ScanUnavailable."""
    scan = find(name, redis=redis)
    if scan.account_id is not None:
        raise ScanGone
    try:
        # Whoever confirms at the same moment: the first one counts.
        if not redis.set(f"{_key(name)}:confirmed", account_id, nx=True, ex=LIFE):
            raise ScanGone
        left = redis.ttl(_key(name))
        redis.set(_key(name), json.dumps(asdict(scan) | {"account_id": account_id}), xx=True, ex=max(int(left), 1))
    except RedisError as error:
        raise ScanUnavailable from error


def finish(name: str, secret: str, *, redis: Redis) -> int:
    """The account to log the browser in to, once; only for the browser that asked. Raises ScanGone, ScanUnavailable."""
    scan = find(name, redis=redis)
    if scan.account_id is None or not hmac.compare_digest(scan.secret_mac, _mac(secret)):
        raise ScanGone
    try:
        if not redis.delete(_key(name)):
            raise ScanGone
    except RedisError as error:
        raise ScanUnavailable from error
    return scan.account_id


def _keep(scan: Scan, redis: Redis) -> None:
    redis.set(_key(scan.name), json.dumps(asdict(scan)), ex=LIFE)


def _key(name: str) -> str:
    return f"scan:{crypto.ring().index('scan', name)}"


def _mac(secret: str) -> str:
    return crypto.ring().index("scan secret", secret)
