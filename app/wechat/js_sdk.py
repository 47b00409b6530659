"""Signatures for WeChat's script, for pages of ours only (WeChat contract, section 6)."""

import hashlib
import re
import secrets
from contextlib import suppress
from datetime import datetime

from app.config import Site
from app.errors import AppError
from app.redis import Redis, RedisError

#: Signatures in so many seconds: of one browser, and of one address, which many people may share.
WINDOW_SECONDS, MOST_OF_BROWSER, MOST_OF_ADDRESS = 60, 60, 600

#: What may follow our origin in an address of ours: nothing that could belong to the host. Browsers escape the rest.
BEHIND_ORIGIN = re.compile(r"(?:/(?![/\\])[!-~]{0,2000}|\?[!-~]{0,2000})?")


class NotOurPage(AppError):
    message, status = "只能为本站页面签名", 400


class TooManySignatures(AppError):
    message, status = "请求太频繁，请稍后再试", 429


def count(redis: Redis, browser: str, address: str) -> None:
    """Count a signature against its browser and its address; without Redis nothing counts. Raises TooManySignatures."""
    for whose, most in ((browser, MOST_OF_BROWSER), (address, MOST_OF_ADDRESS)):
        if not whose:
            continue
        key = f"signatures:{hashlib.sha256(whose.encode()).hexdigest()}"
        with suppress(RedisError):
            with redis.pipeline() as pipe:
                pipe.set(key, 0, nx=True, ex=WINDOW_SECONDS)
                pipe.incr(key)
                made = pipe.execute()[-1]
            if made > most:
                raise TooManySignatures


def page_of(site: Site, address: str) -> str:
    """The full address to sign: what the page sent, without fragment. Raises NotOurPage."""
    address = address.partition("#")[0]
    # What is signed must be what the browser shows, letter by letter, so nothing is taken apart and put together again.
    if address.startswith("/"):
        address = site.public_url + address
    rest = address.removeprefix(site.public_url)
    if rest == address or not BEHIND_ORIGIN.fullmatch(rest):
        raise NotOurPage
    return address if rest.startswith("/") else f"{site.public_url}/{rest}"


def sign(ticket: str, url: str, now: datetime) -> dict[str, str | int]:
    """What wx.config takes, but for the app id. The field is nonceStr, in the signed string it is noncestr."""
    nonce, timestamp = secrets.token_hex(8), int(now.timestamp())
    signed = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    digest = hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
    return {"timestamp": timestamp, "nonceStr": nonce, "signature": digest}
