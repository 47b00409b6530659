"""Pages for people who are logged in."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from app.accounts.models import Account
from app.accounts.visitor import current_account, logged_in
from app.errors import Forbidden
from app.web import typed
from app.web.guards import audience
from app.web.urls import page_left


def to_log_in() -> ResponseReturnValue:
    """Send the visitor to prove their phone, and back here afterwards, with what they typed."""
    return redirect(url_for("accounts.log_in", next=typed.keep() or page_left()), 303)


def _needs_account() -> ResponseReturnValue | None:
    return to_log_in() if logged_in() is None else None


#: Pages for everybody who is logged in.
accounts_only = audience("account", _needs_account)


def the_account() -> Account:
    """The account behind a guarded page."""
    account = current_account()
    if account is None:
        raise Forbidden
    return account
