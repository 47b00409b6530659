"""What somebody sees who was invited to act for an organisation."""

import flask
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import sessions
from app.accounts.guards import accounts_only, the_account
from app.accounts.visitor import logged_in
from app.context import here
from app.database import in_transaction
from app.errors import AppError
from app.organizations import invitations
from app.organizations.errors import InvitationGone
from app.organizations.guards import INVITED
from app.organizations.tree_forms import AcceptForm
from app.organizations.wishes import Invitation
from app.web.guards import public

bp = Blueprint("invitations", __name__, url_prefix="/organization")


@bp.get("/invitation")
@public
def open_link() -> ResponseReturnValue:
    """The link that somebody was given: remembered in this browser, and out of the address at once."""
    key = request.args.get("key", "")
    if 20 <= len(key) <= 64 and key.isascii():
        flask.session[INVITED] = key
    return redirect(url_for(".index"), 303)


def _mine() -> list[Invitation]:
    return invitations.for_visitor(the_account(), flask.session.get(INVITED, ""), here.clock.now())


@bp.get("/invitations")
@accounts_only
def index() -> ResponseReturnValue:
    rows = _mine()
    if len(rows) == 1:
        return redirect(url_for(".show", uid=rows[0].uid), 303)
    return render_template("admins/invitations.html", rows=rows)


@bp.route("/invitations/<uid:uid>", methods=["GET", "POST"])
@accounts_only
def show(uid: str) -> ResponseReturnValue:
    """接受邀请: for which organisation and as what, and then by a press."""
    invitation = next((one for one in _mine() if one.uid == uid), None)
    if invitation is None:
        raise InvitationGone
    form = AcceptForm()
    if form.validate_on_submit():
        try:
            in_transaction(lambda: _accept(uid, form))
        except AppError as error:
            if isinstance(error, InvitationGone):
                raise
            form.refuse(error)
        else:
            flask.session.pop(INVITED, None)
            flash("已接受，欢迎加入")
            return redirect(url_for("organizations.show"), 303)
    page = {"invitation": next((one for one in _mine() if one.uid == uid), invitation)}
    return render_template("admins/invitation.html", form=form, **page), form.status


def _accept(uid: str, form: AcceptForm) -> None:
    token, login = flask.session.get(INVITED, ""), logged_in()
    facts = (uid, the_account(), token, form.name.data, form.position.data)
    row = invitations.accept(*facts, limits=here.config.limits, now=here.clock.now())
    if login:
        sessions.act_for(login, row.organization_id)
