"""On the way to WeChat and back: what a browser is remembered by while WeChat looks who it is.

Each state has a signed cookie of its own. Tabs that are opened at the same moment would overwrite one that they share.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from flask import after_this_request, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from app.context import here
from app.redis import RedisError
from app.web.urls import local_path

LIFE_SECONDS = 600
#: Tabs that may be on their way at once.
MOST = 5


@dataclass(frozen=True)
class Pending:
    """Where the browser was going, and what for."""

    path: str
    #: It is asked a second time.
    again: bool = False
    #: The person asked to be logged in.
    is_wanted: bool = False
    #: Somebody came back with the state before: it leads to the page and proves nothing.
    is_used: bool = False


def begin(pending: Pending, answer: Response) -> str:
    """A new state, remembered by the browser that gets the answer; the oldest ones are forgotten."""
    state = secrets.token_hex(16)
    older = sorted((entry[4], name) for name in request.cookies if _is_ours(name) and (entry := _read(name)))
    for _, name in older[: -(MOST - 1)]:
        _forget(answer, name)
    value = _signer().dumps([state, pending.path, pending.again, pending.is_wanted, _seconds()])
    answer.set_cookie(_cookie(state), str(value), max_age=LIFE_SECONDS, **_flags())
    return state


def take(state: str) -> Pending | None:
    """What the state stands for; None when this browser does not know it, or not any more."""
    name = _cookie(state)
    entry = _read(name)
    if name in request.cookies:

        @after_this_request
        def _used(answer: Response) -> Response:
            _forget(answer, name)
            return answer

    if entry is None or entry[0] != state or not 0 <= _seconds() - entry[4] <= LIFE_SECONDS:
        return None
    return Pending(local_path(entry[1]), bool(entry[2]), bool(entry[3]), is_used=not _use(state))


def _use(state: str) -> bool:
    """Whether nobody used the state before: a cookie that was copied outlives its deletion.

    While Redis is gone the cookie alone tells.
    """
    try:
        return bool(here.redis.set(f"oauth-state:{state}", 1, nx=True, ex=LIFE_SECONDS))
    except RedisError:
        return True


def _read(name: str) -> list[Any] | None:
    try:
        return list(_signer().loads(request.cookies.get(name, "")))
    except BadSignature:
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(here.config.site.secret_key, salt="oauth-state")


def _prefix() -> str:
    return "__Host-stvs-oauth-" if here.config.site.is_https else "stvs-oauth-"


def _is_ours(name: str) -> bool:
    return name.startswith(_prefix())


def _cookie(state: str) -> str:
    return _prefix() + state[:16]


def _flags() -> dict[str, Any]:
    return {"secure": here.config.site.is_https, "httponly": True, "samesite": "Lax"}


def _forget(answer: Response, name: str) -> None:
    answer.delete_cookie(name, **_flags())


def _seconds() -> int:
    return int(here.clock.now().timestamp())
