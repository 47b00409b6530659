"""Web authorization: who WeChat says is here, silently, before the first page inside WeChat is shown.

The state is random, bound to the browser with the page to go back to, good once and for 10 minutes.
"""

from datetime import datetime

import flask
import structlog
from flask import Flask, make_response, redirect, request
from flask.typing import ResponseReturnValue

from app.accounts import oauth_states, services, sessions, visitor
from app.accounts.errors import OAuthFailed, SnapshotPage
from app.accounts.oauth_states import LIFE_SECONDS, Pending
from app.context import here
from app.database import in_transaction
from app.web.guards import audience_of
from app.web.urls import local_path
from app.wechat.gateway import UserMustAct, WeChatError, authorize_url

log = structlog.get_logger()

TRIED = "oauth_tried"


def init_app(app: Flask) -> None:
    @app.before_request
    def _meet() -> ResponseReturnValue | None:
        page = audience_of(app, request.endpoint)
        if request.method != "GET" or page in ("", "machine") or not visitor.is_in_wechat():
            return None
        if visitor.logged_in() or visitor.paused() or _tried_just_now() or (visitor.openid() and not _comes_back()):
            return None
        return to_wechat(Pending(local_path(request.full_path.rstrip("?"))))


def _comes_back() -> bool:
    """Whether a browser that we know may be logged in again without a word: its session ended by itself, by time.

    Who has pressed 退出, here or on another device, is not; nor is anybody sent whom WeChat's answer could not log in.
    """
    token = visitor.token()
    if visitor.has_left() or (token and sessions.was_ended(token)):
        return False
    return _is_tied()


def offers_wechat() -> bool:
    """Whether somebody who has pressed 退出 may come in again by WeChat alone, with one press."""
    return visitor.is_in_wechat() and visitor.has_left() and _is_tied()


def _is_tied() -> bool:
    openid = visitor.openid()
    return bool(openid and services.is_tied_to_active(here.config.wechat.app_id, openid))


def to_wechat(pending: Pending) -> ResponseReturnValue:
    """Send the browser to WeChat and remember where it was going."""
    answer = make_response("", 302)
    answer.location = authorize_url(here.config, oauth_states.begin(pending, answer))
    return answer


def come_back() -> ResponseReturnValue:
    """What WeChat's redirect is answered with: the code exchanged once, then a clean address."""
    pending = oauth_states.take(request.args.get("state", ""))
    if pending is None:
        # The back button, or a reload of an address that did its work: harmless for whom we know already.
        if visitor.openid() or _tried_just_now():
            return redirect("/", 302)
        raise OAuthFailed
    if pending.is_used:
        return redirect(pending.path, 302)  # loaded twice; WeChat is asked anew if nobody is known yet
    code = request.args.get("code", "")
    if not code or len(code) > 512:
        return _go_on_unknown(pending.path)
    try:
        found = here.wechat.identify(code)
    except UserMustAct:
        # A used or expired code. Ask WeChat for a new one, but only once: never in a circle.
        if visitor.logged_in() or (visitor.openid() and not pending.is_wanted):
            return redirect(pending.path, 302)
        if pending.again:
            raise OAuthFailed from None
        return to_wechat(Pending(pending.path, again=True, is_wanted=pending.is_wanted))
    except WeChatError as error:
        log.warning("oauth_failed", errcode=error.errcode, reason=error.reason)
        return _go_on_unknown(pending.path)
    if found.is_virtual:
        raise SnapshotPage
    _recognise(found.openid, here.clock.now(), is_wanted=pending.is_wanted)
    return redirect(pending.path, 302)


def _recognise(openid: str, now: datetime, *, is_wanted: bool) -> None:
    flask.session[visitor.OPENID] = openid
    flask.session.permanent = True
    if visitor.has_left() and not is_wanted:
        return  # pressed 退出 while another page was on its way here

    def log_in() -> None:
        account = services.log_in_by_openid(here.config.wechat.app_id, openid, now)
        if account:
            visitor.begin_session(account, now)

    in_transaction(log_in)


def _go_on_unknown(path: str) -> ResponseReturnValue:
    """WeChat is out of reach or the person said no: the page is shown all the same, to a stranger."""
    flask.session[TRIED] = _seconds()
    return redirect(path, 302)


def _tried_just_now() -> bool:
    return _seconds() - int(flask.session.get(TRIED, 0)) < LIFE_SECONDS


def _seconds() -> int:
    return int(here.clock.now().timestamp())
