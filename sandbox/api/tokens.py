"""access_token of both kinds: life, overlap, forced refresh."""

import re
import secrets
from typing import Any

from sandbox.api.call import Answer, Call
from sandbox.box import Box
from sandbox.errors import ApiError
from sandbox.world import State

LIFE = 7200
OVERLAP = 300
FORCED_A_DAY, FORCED_APART = 20, 30
GONE_KEPT = 86400


def plain_token(call: Call) -> Answer:
    """GET /cgi-bin/token: each call makes a new one; the one before lives on for five minutes."""
    check_account(call, call.arg("grant_type"), call.arg("appid"), call.arg("secret"))
    for token in call.state.tokens.values():
        if token["kind"] == "plain":
            token["dead_at"] = min(token["dead_at"], call.now + OVERLAP)
    return _answer(_new_token(call, "plain"), LIFE)


def stable_token(call: Call) -> Answer:
    """POST /cgi-bin/stable_token: the same one for everybody until five minutes before its end."""
    body = call.body()
    check_account(call, body.get("grant_type"), body.get("appid"), body.get("secret"))
    current = _current_stable(call.state, call.now)
    if body.get("force_refresh") is True:
        _count_forced(call)
        for token in call.state.tokens.values():
            if token["kind"] == "stable":
                token["dead_at"] = call.now
        current = None
    if current is None:
        return _answer(_new_token(call, "stable"), LIFE)
    value, token = current
    return _answer(value, int(token["expires_at"] - call.now))


def check_account(call: Call, grant_type: object, app_id: object, secret: object) -> None:
    settings = call.box.settings
    if grant_type != "client_credential":
        raise ApiError(40002)
    if not app_id:
        raise ApiError(41002)
    if app_id != settings.app_id:
        raise ApiError(40013)
    if not secret:
        raise ApiError(41004)
    if secret != settings.app_secret:
        raise ApiError(40001 if len(str(secret)) == 32 else 40125)


def check_token(box: Box, state: State, value: str) -> None:
    """41001 missing, 40014 malformed, 42001 expired, 40001 unknown or replaced."""
    if not value:
        raise ApiError(41001)
    if not re.fullmatch(r"[A-Za-z0-9_-]{32,512}", value):
        raise ApiError(40014)
    token = state.tokens.get(value)
    if token is None:
        raise ApiError(40001)
    now = box.clock.now()
    if now >= token["expires_at"]:
        raise ApiError(42001)
    if now >= token["dead_at"]:
        raise ApiError(40001)


def _current_stable(state: State, now: float) -> tuple[str, dict[str, Any]] | None:
    for value, token in state.tokens.items():
        if token["kind"] == "stable" and now < token["dead_at"] and now < token["expires_at"] - OVERLAP:
            return value, token
    return None


def _count_forced(call: Call) -> None:
    # Only today's count; the list would grow for ever otherwise.
    recent = [at for at in call.state.forced_refreshes if call.now - 86400 < at <= call.now]
    if recent and call.now - recent[-1] < FORCED_APART:
        raise ApiError(45011)
    if len(recent) >= FORCED_A_DAY:
        raise ApiError(45009)
    call.state.forced_refreshes = [*recent, call.now]


def _new_token(call: Call, kind: str) -> str:
    tokens = call.state.tokens
    for old in [value for value, token in tokens.items() if call.now > token["expires_at"] + GONE_KEPT]:
        del tokens[old]
    value = f"{call.state.next('token', 50)}_{secrets.token_urlsafe(100)}"
    expires_at = call.now + LIFE
    tokens[value] = {"kind": kind, "expires_at": expires_at, "dead_at": expires_at}
    return value


def _answer(token: str, expires_in: int) -> dict[str, Any]:
    return {"access_token": token, "expires_in": expires_in}
