"""Who is in front of this page: read from the cookie once a request, kept in `g`."""

import re
import secrets
from datetime import datetime

import flask
from flask import g, request

from app.accounts import services, sessions
from app.accounts.models import Account
from app.accounts.sessions import LoggedIn
from app.context import here
from app.database import in_transaction, session
from app.web import typed

TOKEN = "sid"  # noqa: S105 - the name of an entry, not a secret
OPENID = "openid"
BROWSER = "browser"
#: The person pressed 退出 here: WeChat does not log them in again until they ask for it.
LEFT = "left"


def is_in_wechat() -> bool:
    return "MicroMessenger/" in request.user_agent.string


def logged_in() -> LoggedIn | None:
    """Who is here; nobody while a log-in waits for the person to say that the phone is still theirs."""
    login = _session()
    return None if login is None or login.is_paused else login


def paused() -> LoggedIn | None:
    """A log-in of somebody who may be the phone's new owner."""
    login = _session()
    return login if login and login.is_paused else None


def _session() -> LoggedIn | None:
    if "logged_in" not in g:
        token = flask.session.get(TOKEN)
        now = here.clock.now()
        found = sessions.find(token, limits=here.config.limits, now=now) if token else None
        if found and found.must_be_noted(now):
            in_transaction(lambda: sessions.note_use(found, now))
        g.logged_in = found
    login: LoggedIn | None = g.logged_in
    return login


def seems_logged_in() -> bool:
    """For words on buttons only: the cookie has a token, valid or not. Asks no database, so that error pages can."""
    return TOKEN in flask.session


def token() -> str | None:
    """The token in the cookie, whether its session lives or not."""
    return flask.session.get(TOKEN)


def has_left() -> bool:
    """Whether the person logged out in this browser and has not come in again since."""
    return LEFT in flask.session


def current_account() -> Account | None:
    login = logged_in()
    return session.get(Account, login.account_id) if login else None


def browser_key() -> str:
    """What ties a code to the browser that asked for it."""
    key: str = flask.session.setdefault(BROWSER, secrets.token_urlsafe(16))
    flask.session.permanent = True
    return key


def openid() -> str | None:
    """The openid that WeChat told us of this browser, by the OAuth exchange."""
    return flask.session.get(OPENID)


def enter(account: Account, now: datetime) -> None:
    """Log in somebody who proved the phone, and tie the WeChat that they did it in. Raises AccountFrozen."""
    services.note_log_in(account, now)
    wechat = openid()
    if wechat:
        services.tie_openid(account, here.config.wechat.app_id, wechat, now)
    begin_session(account, now, by_code=True)


def begin_session(account: Account, now: datetime, *, is_paused: bool = False, by_code: bool = False) -> None:
    """Log the account in; the token and the form key are new, so what was planted in the cookie before is worthless.

    Belongs inside the transaction that found the account.
    """
    before = flask.session.get(TOKEN)
    if before:
        if sessions.owner_of(before) != account.id:
            typed.forget()  # another person typed it
        sessions.end_token(before, now)
    token = sessions.begin(account, browser=browser_label(), now=now, is_paused=is_paused, by_code=by_code)
    for old in (TOKEN, LEFT, "agreed", "organizations", "csrf_token"):
        flask.session.pop(old, None)
    flask.session[TOKEN] = token
    flask.session.permanent = True
    g.pop("logged_in", None)
    g.pop("csrf_token", None)


def end_session() -> None:
    """Log out here. WeChat is remembered, but it does not log the person in again by itself."""
    login = _session()
    if login:
        in_transaction(lambda: sessions.end(login, here.clock.now()))
    for entry in (TOKEN, "csrf_token"):
        flask.session.pop(entry, None)
    typed.forget()
    flask.session[LEFT] = True
    g.pop("logged_in", None)


def browser_label() -> str:
    """微信 on Android, say: enough to know one's own sessions by."""
    agent = request.user_agent.string
    system = next(
        (name for name in ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux") if name in agent), ""
    )
    browser = "微信" if is_in_wechat() else next(iter(re.findall(r"Edg|Firefox|Chrome|Safari", agent)), "浏览器")
    return f"{browser} {system}".strip()
