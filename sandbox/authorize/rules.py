"""What the authorize link must look like, and what comes of it."""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from sandbox.box import Box
from sandbox.people import Person

# WeChat matches the link by pattern: these names, in this order, and only these may follow.
ORDER = ("appid", "redirect_uri", "response_type", "scope", "state")
OPTIONAL = ("connect_redirect", "forcePopup", "forceSnapShot")
SCOPES = ("snsapi_base", "snsapi_userinfo")


class AuthorizeError(Exception):
    """What the error page says; `code` is WeChat's number."""

    def __init__(self, code: int, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(f"{code} {text}")


@dataclass(frozen=True)
class Link:
    """A link that was found in order."""

    redirect_uri: str
    scope: str
    state: str
    always_ask: bool
    snapshot: bool


def read_link(query: str, box: Box) -> Link:
    """The parts of the query string; AuthorizeError for the first fault."""
    pairs = parse_qsl(query, keep_blank_values=True)
    names = tuple(name for name, _ in pairs)
    values = dict(pairs)
    for name, code in (("scope", 10010), ("redirect_uri", 10011), ("appid", 10012), ("state", 10013)):
        if not values.get(name):
            raise AuthorizeError(code, f"{name} 参数为空")
    if values["appid"] != box.settings.app_id:
        raise AuthorizeError(10013, "appid 参数错误")
    if names[:5] != ORDER or not set(names[5:]) <= set(OPTIONAL):
        raise AuthorizeError(10005, "链接参数的顺序或名称错误")
    if values["response_type"] != "code" or values["scope"] not in SCOPES:
        raise AuthorizeError(10005, "scope 参数错误或没有 scope 权限")
    if not re.fullmatch(r"[a-zA-Z0-9]{1,128}", values["state"]):
        raise AuthorizeError(10013, "state 参数错误：只能是 128 个以内的字母和数字")
    target = urlsplit(values["redirect_uri"])
    if target.scheme not in ("http", "https") or target.hostname != box.settings.site_host:
        raise AuthorizeError(10003, "redirect_uri 域名与后台配置不一致")
    return Link(
        values["redirect_uri"],
        values["scope"],
        values["state"],
        values.get("forcePopup") == "true",
        values.get("forceSnapShot") == "true",
    )


def needs_consent(link: Link, person: Person) -> bool:
    return link.scope == "snsapi_userinfo" and (link.always_ask or not person.consented)


def granted(box: Box, person: Person, link: Link) -> str:
    """Make a code for this person; the address to go back to."""
    code = secrets.token_urlsafe(24).replace("-", "0").replace("_", "1")
    with box.world.change() as state:
        snapshot = state.snapshot_mode or link.snapshot
        if link.scope == "snsapi_userinfo" and not snapshot:
            person.consented = True
        now = box.clock.now()
        for old in [key for key, known in state.oauth_codes.items() if now > known["at"] + 86400]:
            del state.oauth_codes[old]
        state.oauth_codes[code] = {
            "openid": person.virtual_openid if snapshot else person.openid,
            "person": person.id,
            "scope": link.scope,
            "at": now,
            "used": False,
            "snapshot": snapshot,
        }
    return back_to(link, code)


def refused(link: Link) -> str:
    """Where a person who said no goes: the state comes back, a code does not."""
    return back_to(link, None)


def back_to(link: Link, code: str | None) -> str:
    address, hash_sign, fragment = link.redirect_uri.partition("#")
    query = (f"code={quote(code)}&" if code else "") + f"state={quote(link.state)}"
    return f"{address}{'&' if '?' in address else '?'}{query}{hash_sign}{fragment}"
