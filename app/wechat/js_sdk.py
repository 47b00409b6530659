"""Signatures for WeChat's script, for pages of ours only (WeChat contract, section 6)."""

import hashlib
import secrets
from datetime import datetime

from app.config import Site
from app.errors import AppError
from app.web.urls import local_path


class NotOurPage(AppError):
    message, status = "只能为本站页面签名", 400


def page_of(site: Site, address: str) -> str:
    """The full address to sign: what the page sent, without fragment. Raises NotOurPage."""
    address = address.partition("#")[0]
    path = address.removeprefix(site.public_url) or "/"
    if local_path(path, "") != path:
        raise NotOurPage
    return site.public_url + path


def sign(ticket: str, url: str, now: datetime) -> dict[str, str | int]:
    """What wx.config takes, but for the app id. The field is nonceStr, in the signed string it is noncestr."""
    nonce, timestamp = secrets.token_hex(8), int(now.timestamp())
    signed = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    digest = hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
    return {"timestamp": timestamp, "nonceStr": nonce, "signature": digest}
