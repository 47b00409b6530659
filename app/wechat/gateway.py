"""WeChat in our words: what we ask of it, and how it can refuse. `client.py` does it; nobody else knows how."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from app import crypto
from app.config import Config
from app.errors import AppError


class WeChatError(AppError):
    """WeChat did not do what we asked. `errcode` is WeChat's own number, None when there was no answer."""

    message, status = "微信暂时没有响应，请稍后再试", 503

    def __init__(self, reason: str = "", *, errcode: int | None = None) -> None:
        super().__init__()
        self.reason = reason
        self.errcode = errcode

    def __str__(self) -> str:
        return f"{self.reason} ({self.errcode})" if self.errcode is not None else self.reason


class RetryLater(WeChatError):
    """Busy, or a limit that passes: nothing was done, the same call may be made again later."""


class OperatorMustAct(WeChatError):
    """Wrong secret, IP not on the white list, API not granted: the reason says in one line what to do."""


class UserMustAct(WeChatError):
    """Not following, window closed, authorization expired: only the person can change it."""


class Refused(WeChatError):
    """The call itself is wrong, and will be wrong again."""


class OutcomeUnknown(WeChatError):
    """No answer arrived after the call was sent: it may have happened, so a send is never repeated blindly."""


@dataclass(frozen=True)
class Visitor:
    """Who WeChat says is in front of the page."""

    openid: str
    #: The snapshot page's made-up user: nothing may be tied to it.
    is_virtual: bool = False


Menu = Mapping[str, Any]


class OfficialAccount(Protocol):
    """What we ask of WeChat. Every method may raise a WeChatError."""

    def identify(self, code: str) -> Visitor:
        """Exchange the code of a web authorization, once."""

    def send_text(self, openid: str, text: str) -> None:
        """A customer-service message; only inside the person's window."""

    def send_template(self, openid: str, template: str, values: Mapping[str, str], *, url: str, key: str) -> None:
        """A template message. WeChat sends the same key to the same person once within 10 minutes."""

    def scene_code(self, scene: str, seconds: int) -> str:
        """What a QR code must hold so that a scan with WeChat reports the scene to us, for so many seconds."""

    def jsapi_ticket(self, now: datetime) -> str:
        """The ticket that JS-SDK signatures are made with, from the shared cache."""

    def check_token(self) -> datetime | None:
        """Ask for a token, past the cache: does WeChat accept our secret and our address? Returns WeChat's time."""

    def live_menu(self) -> tuple[Menu | None, list[Menu]]:
        """The default menu as it is live, if there is one, and the conditional menus."""

    def create_menu(self, menu: Menu) -> None:
        """Replace the default menu."""

    def create_conditional_menu(self, menu: Menu) -> str:
        """Add a conditional menu; returns its menuid."""

    def delete_conditional_menu(self, menuid: str) -> None: ...


def outside_links(folder: Path) -> list[tuple[str, str]]:
    """Name and address of the menu's buttons that lead elsewhere: the file is the one place where they are kept.

    Empty when the file cannot be read: `flask menu check` tells why.
    """
    try:
        menu = tomllib.loads((folder / "default.toml").read_text(encoding="utf-8-sig"))
        buttons = [one for top in menu["button"] for one in top.get("sub_button", [top])]
        found = [(str(one["name"]), str(one["url"])) for one in buttons if "url" in one and "type" not in one]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return []
    return [(name, url) for name, url in found if url.startswith(("https://", "http://"))]


def scan_proof(name: str, openid: str) -> str:
    """Binds the link of a log-in to the person who scanned: nobody else can confirm by it, and it names nobody."""
    return crypto.ring().index("scan proof", f"{name}:{openid}")


def authorize_url(config: Config, state: str) -> str:
    """Where silent web authorization begins (WeChat contract 5.1).

    WeChat matches this address by pattern: the order and the fragment are part of it.
    """
    redirect = quote(f"{config.site.public_url}/wechat/oauth", safe="")
    return (
        f"{config.wechat.oauth_url}/connect/oauth2/authorize?appid={quote(config.wechat.app_id, safe='')}"
        f"&redirect_uri={redirect}&response_type=code&scope=snsapi_base&state={quote(state, safe='')}#wechat_redirect"
    )
