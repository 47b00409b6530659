"""Pages for people who are logged in."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from app.accounts.models import Account
from app.accounts.visitor import current_account, logged_in, paused
from app.errors import Forbidden
from app.web import typed
from app.web.guards import audience
from app.web.urls import page_left


def to_owner_check(next_page: str | None) -> ResponseReturnValue:
    """Ask whether the phone is still the account's own; the page stands where ID numbers are known."""
    return redirect(url_for("volunteers.confirm_owner", next=next_page), 303)


def to_log_in() -> ResponseReturnValue:
    """Send the visitor to prove their phone, and back here afterwards, with what they typed."""
    page = typed.keep() or page_left()
    return to_owner_check(page) if paused() else redirect(url_for("accounts.log_in", next=page), 303)


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
