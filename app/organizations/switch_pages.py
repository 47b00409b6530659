"""From one of one's organisations to another: the press, and the page that asks for it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import sessions
from app.accounts.guards import accounts_only
from app.accounts.visitor import logged_in
from app.database import in_transaction
from app.organizations.acting import admin_rows
from app.organizations.errors import OtherOrganization
from app.organizations.guards import list_left
from app.organizations.views import bp
from app.web import typed
from app.web.urls import local_path, page_left

__all__ = ["bp"]


@bp.post("/organization/act-for/<uid:uid>")
@accounts_only
def act_for(uid: str) -> ResponseReturnValue:
    """Act for another of one's organisations from now on."""
    login = logged_in()
    chosen = next((row for row in admin_rows() if row.organization.uid == uid), None)
    if login and chosen:
        organization_id = chosen.organization_id
        in_transaction(lambda: sessions.act_for(login, organization_id))
    return redirect(local_path(request.form.get("next"), "") or list_left() or url_for("organizations.show"), 303)


@bp.app_errorhandler(OtherOrganization)
def ask_to_switch(error: OtherOrganization) -> ResponseReturnValue:
    """Nothing was done; what was typed comes back after the press that changes the organisation."""
    if request.form.get("action") == "keep":
        return "", error.status  # by the page itself, while somebody writes
    kept = typed.keep()
    facts = {"error": error, "is_kept": kept is not None, "goal": kept or page_left() or url_for("organizations.show")}
    return render_template("organizations/other.html", **facts), error.status
