"""What matters asks who is there once more: the phone was proved in this session within the last ten minutes."""

import functools
from datetime import timedelta
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from app.accounts import sessions
from app.accounts.visitor import logged_in
from app.context import here
from app.database import in_transaction
from app.web import typed
from app.web.guards import View
from app.web.urls import page_left

LIFE = timedelta(minutes=10)
#: What the code is asked for.
PURPOSE = "account.fresh-proof"


def is_fresh() -> bool:
    login = logged_in()
    return bool(login and login.proved_at and timedelta() <= here.clock.now() - login.proved_at < LIFE)


def fresh_proof(view: View) -> View:
    """For pages of what matters, below the audience; others come back here after a code, with what they typed."""

    @functools.wraps(view)
    def proved(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if is_fresh():
            answer: ResponseReturnValue = view(*args, **kwargs)
            return answer
        return redirect(url_for("accounts.prove", next=typed.keep() or page_left()), 303)

    return proved  # type: ignore[return-value]


def note_proof() -> None:
    """The person proved the phone just now."""
    login = logged_in()
    if login:
        in_transaction(lambda: sessions.note_proof(login, here.clock.now()))
