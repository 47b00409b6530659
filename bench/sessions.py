"""People who are logged in without having pressed anything: the row and the cookie, as the product makes them."""

import hashlib
from collections.abc import Sequence

from flask import Flask
from sqlalchemy import insert, select

from app.accounts import visitor
from app.accounts.models import LoginSession
from app.context import here
from app.database import session
from app.organizations.acting import ORGANIZATIONS
from app.organizations.models import OrganizationAdmin

CSRF = "0" * 40


def log_in(app: Flask, accounts: Sequence[int]) -> dict[int, str]:
    """The cookie of each account. Belongs inside a transaction of the application."""
    now = here.clock.now()
    rows = [
        {
            "token_hash": hashlib.sha256(_token(account_id).encode()).hexdigest(),
            "account_id": account_id,
            "created_at": now,
            "last_seen_at": now,
        }
        for account_id in accounts
    ]
    session.execute(insert(LoginSession), rows)
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    name = app.config["SESSION_COOKIE_NAME"]
    admins = set(session.scalars(select(OrganizationAdmin.account_id)))
    contents = {account_id: _content(account_id, int(account_id in admins)) for account_id in accounts}
    return {account_id: f"{name}={signer.dumps(content)}" for account_id, content in contents.items()}


def _content(account_id: int, organizations: int) -> dict[str, object]:
    # As it is after the first page of a log-in: nobody of the benchmarks acts for several organisations.
    return {visitor.TOKEN: _token(account_id), "csrf_token": CSRF, ORGANIZATIONS: organizations, "_permanent": True}


def _token(account_id: int) -> str:
    return f"made-up-token-of-{account_id}"
