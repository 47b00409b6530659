"""Pages for volunteers."""

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue

from app.accounts.guards import to_log_in
from app.accounts.visitor import logged_in
from app.errors import Forbidden
from app.volunteers.models import Volunteer
from app.volunteers.services import find_volunteer
from app.web.guards import audience
from app.web.urls import page_left


def current_volunteer() -> Volunteer | None:
    """The volunteer who is logged in, if the person is one."""
    if "volunteer" not in g:
        login = logged_in()
        g.volunteer = login and find_volunteer(login.account_id)
    volunteer: Volunteer | None = g.volunteer
    return volunteer


def _needs_volunteer() -> ResponseReturnValue | None:
    if logged_in() is None:
        return to_log_in()
    if current_volunteer() is None:
        return redirect(url_for("volunteers.register", next=page_left()), 303)
    return None


volunteers_only = audience("volunteer", _needs_volunteer)


def the_volunteer() -> Volunteer:
    """The volunteer behind a guarded page."""
    volunteer = current_volunteer()
    if volunteer is None:
        raise Forbidden
    return volunteer
