"""What matters asks who is there once more: the phone was proved in this session within the last ten minutes."""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import flask
from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from app.accounts import sessions
from app.accounts.visitor import logged_in
from app.context import here
from app.database import in_transaction
from app.sms.provider import FRESH_PROOF
from app.web import typed
from app.web.guards import View
from app.web.urls import page_left

LIFE = timedelta(minutes=10)
#: What the code is asked for.
PURPOSE = FRESH_PROOF
#: The entry of the cookie that says for what the person is asked, in the words of the message.
ABOUT = "proof_about"


def is_fresh() -> bool:
    login = logged_in()
    return bool(login and login.proved_at and timedelta() <= here.clock.now() - login.proved_at < LIFE)


def fresh_proof(view: View) -> View:
    """For pages of what matters, below the audience; others come back here after a code, with what they typed."""
    return fresh_proof_of(lambda: "")(view)


def fresh_proof_of(about: Callable[[], str]) -> Callable[[View], View]:
    """The same; the message with the code says what it confirms."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def proved(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if is_fresh():
                answer: ResponseReturnValue = view(*args, **kwargs)
                return answer
            flask.session[ABOUT] = about()
            return redirect(url_for("accounts.prove", next=typed.keep() or page_left()), 303)

        return proved  # type: ignore[return-value]

    return decorate


def note_proof() -> None:
    """The person proved the phone just now."""
    login = logged_in()
    if login:
        in_transaction(lambda: sessions.note_proof(login, here.clock.now()))
