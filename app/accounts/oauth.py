"""Web authorization: who WeChat says is here, silently, before the first page inside WeChat is shown.

The state is random, kept in the browser's signed cookie with the page to go back to, good once and for 10 minutes.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

import flask
import structlog
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from app.accounts import services, visitor
from app.accounts.errors import OAuthFailed, SnapshotPage
from app.context import here
from app.database import in_transaction
from app.web.guards import audience_of
from app.web.urls import local_path
from app.wechat.gateway import UserMustAct, WeChatError, authorize_url

log = structlog.get_logger()

STATES = "oauth"
TRIED = "oauth_tried"
LIFE_SECONDS = 600
#: Tabs that may be on their way to WeChat at once.
PENDING = 5


@dataclass(frozen=True)
class Pending:
    path: str
    again: bool


def init_app(app: Flask) -> None:
    @app.before_request
    def _meet() -> ResponseReturnValue | None:
        page = audience_of(app, request.endpoint)
        if request.method != "GET" or page in ("", "machine") or not visitor.is_in_wechat():
            return None
        if visitor.openid() or visitor.logged_in() or _tried_just_now():
            return None
        return to_wechat(request.full_path.rstrip("?"))


def to_wechat(path: str, *, again: bool = False) -> ResponseReturnValue:
    """Send the browser to WeChat and remember where it was going."""
    state = secrets.token_hex(16)
    # A cookie keeps no order: the time tells which are the last.
    newest = sorted(flask.session.get(STATES, {}).items(), key=lambda entry: entry[1][2])
    pending = dict(newest[-(PENDING - 1) :])
    pending[state] = [local_path(path), again, _seconds()]
    flask.session[STATES] = pending
    flask.session.permanent = True
    return redirect(authorize_url(here.config, state), 302)


def come_back() -> ResponseReturnValue:
    """What WeChat's redirect is answered with: the code exchanged once, then a clean address."""
    pending = _take_state(request.args.get("state", ""))
    if pending is None:
        # The back button, or a reload of an address that did its work: harmless for whom we know already.
        if visitor.openid() or _tried_just_now():
            return redirect("/", 302)
        raise OAuthFailed
    code = request.args.get("code", "")
    if not code or len(code) > 512:
        return _go_on_unknown(pending.path)
    try:
        found = here.wechat.identify(code)
    except UserMustAct:
        # A used or expired code. Ask WeChat for a new one, but only once: never in a circle.
        if visitor.openid():
            return redirect(pending.path, 302)
        if pending.again:
            raise OAuthFailed from None
        return to_wechat(pending.path, again=True)
    except WeChatError as error:
        log.warning("oauth_failed", errcode=error.errcode, reason=error.reason)
        return _go_on_unknown(pending.path)
    if found.is_virtual:
        raise SnapshotPage
    _recognise(found.openid, here.clock.now())
    return redirect(pending.path, 302)


def _recognise(openid: str, now: datetime) -> None:
    flask.session[visitor.OPENID] = openid

    def log_in() -> None:
        account = services.log_in_by_openid(here.config.wechat.app_id, openid, now)
        if account:
            visitor.begin_session(account, now)

    in_transaction(log_in)


def _take_state(state: str) -> Pending | None:
    pending = dict(flask.session.get(STATES, {}))
    entry = pending.pop(state, None)
    flask.session[STATES] = pending
    if entry is None or _seconds() - entry[2] > LIFE_SECONDS:
        return None
    return Pending(local_path(entry[0]), bool(entry[1]))


def _go_on_unknown(path: str) -> ResponseReturnValue:
    """WeChat is out of reach or the person said no: the page is shown all the same, to a stranger."""
    flask.session[TRIED] = _seconds()
    return redirect(path, 302)


def _tried_just_now() -> bool:
    return _seconds() - int(flask.session.get(TRIED, 0)) < LIFE_SECONDS


def _seconds() -> int:
    return int(here.clock.now().timestamp())
