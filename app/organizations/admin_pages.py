"""管理员: who acts for the organisation, invited, changed, removed; and the hand-over to another owner."""

from collections.abc import Callable
from typing import Any

import flask
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import services as accounts
from app.accounts.fresh_proof import fresh_proof, fresh_proof_of
from app.accounts.guards import the_account
from app.accounts.phone_step import prove_code, send_code
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.organizations import admins, invitations, permissions, queries
from app.organizations.errors import AlreadyOwner
from app.organizations.guards import admins_only, is_allowed, organization_below, own_row, the_organization
from app.organizations.models import OrganizationAdmin
from app.organizations.tree_forms import AppointForm, HandOverForm, InviteForm, RoleForm, SelfForm, WhyForm
from app.sms.provider import HAND_OVER
from app.web.forms import Form
from app.web.urls import absolute

bp = Blueprint("admins", __name__, url_prefix="/organization")

#: The entry of the cookie with a link that was made a moment ago, to be shown once.
LINK = "invitation_link"


@bp.get("/admins")
@admins_only(permissions.VIEW_ADMINS)
def index() -> ResponseReturnValue:
    organization, mine, manages = the_organization(), own_row(), is_allowed(permissions.MANAGE_ADMINS)
    rows = queries.admins_of(organization)
    facts = {
        "mine": mine,
        "rows": rows,
        "changeable": {row.id for row in rows if admins.may_change(mine, row)},
        "invited": invitations.open_of(organization, here.clock.now()) if manages else [],
        "manages": manages,
        "hands_over": is_allowed(permissions.HAND_OVER),
        "most": admins.most_admins(organization, here.config.limits),
        "link": flask.session.pop(LINK, ""),
        "hours": here.config.limits.invitation_hours,
    }
    return render_template("admins/index.html", form=Form(), **facts)


def _show_link(token: str) -> None:
    """The next page shows the link, once: only its hash is kept."""
    flask.session[LINK] = absolute(here.config.site, url_for("invitations.open_link", key=token))


@bp.route("/admins/invite", methods=["GET", "POST"])
@admins_only(permissions.MANAGE_ADMINS)
@fresh_proof
def invite() -> ResponseReturnValue:
    """邀请: by phone, or by a link"""
    form = InviteForm()
    form.offer(own_row().role)
    if form.validate_on_submit():
        role, phone = form.role.data, form.phone.data or ""
        limits, now = here.config.limits, here.clock.now()
        try:
            _, token = in_transaction(
                lambda: invitations.invite(the_organization().id, own_row(), role, phone, limits=limits, now=now)
            )
        except AppError as error:
            form.refuse(error)
        else:
            _show_link(token)
            return redirect(url_for(".index"), 303)
    return render_template("admins/invite.html", form=form, hours=here.config.limits.invitation_hours), form.status


@bp.post("/admins/invitations/<uid:uid>/revoke")
@admins_only(permissions.MANAGE_ADMINS)
def revoke(uid: str) -> ResponseReturnValue:
    """撤回邀请"""
    now = here.clock.now()
    in_transaction(lambda: invitations.revoke(the_organization(), uid, actor=the_account(), now=now))
    flash("邀请已撤回")
    return redirect(url_for(".index"), 303)


def _changeable_or_404(admin_id: int) -> OrganizationAdmin:
    """Somebody of the own organisation; whether the person may change them is asked when they do."""
    row = admins.find(the_organization().id, admin_id)
    if row is None:
        raise NotFound
    return row


def _change(form: Form, admin_id: int, act: Callable[[int, int], None], words: str) -> ResponseReturnValue:
    """Do it, or show the page again with the refusal."""
    if form.validate_on_submit():
        try:
            in_transaction(lambda: act(the_organization().id, own_row().id))
        except AppError as error:
            if error.status in (403, 404):
                raise
            form.refuse(error)
        else:
            flash(words)
            return redirect(url_for(".index"), 303)
    row = _changeable_or_404(admin_id)
    roles = form if isinstance(form, RoleForm) else RoleForm(formdata=None, role=row.role)
    roles.offer(own_row().role)
    why = form if isinstance(form, WhyForm) else WhyForm(formdata=None)
    facts = {"row": row, "roles": roles, "why": why, "is_changeable": admins.may_change(own_row(), row)}
    return render_template("admins/show.html", form=form, **facts), form.status


@bp.route("/admins/<id:admin_id>", methods=["GET", "POST"])
@admins_only(permissions.MANAGE_ADMINS)
@fresh_proof
def change(admin_id: int) -> ResponseReturnValue:
    """更换角色"""
    form = RoleForm(role=_changeable_or_404(admin_id).role)
    form.offer(own_row().role)
    limits, now = here.config.limits, here.clock.now()

    def act(organization_id: int, actor_id: int) -> None:
        admins.change_role(organization_id, actor_id, admin_id, form.role.data, limits=limits, now=now)

    return _change(form, admin_id, act, "角色已更换，对方会收到通知")


@bp.post("/admins/<id:admin_id>/remove")
@admins_only(permissions.MANAGE_ADMINS)
@fresh_proof
def remove(admin_id: int) -> ResponseReturnValue:
    """移除"""
    _changeable_or_404(admin_id)
    form, now = WhyForm(), here.clock.now()

    def act(organization_id: int, actor_id: int) -> None:
        admins.remove(organization_id, actor_id, admin_id, form.reason.data, now=now)

    return _change(form, admin_id, act, "已移除，对方会收到通知")


@bp.route("/admins/me", methods=["GET", "POST"])
@admins_only(permissions.VIEW_ADMINS)
def me() -> ResponseReturnValue:
    """我的资料: name, 职务 and, if one likes, the ID number; nobody else writes it."""
    row, now = own_row(), here.clock.now()
    form = SelfForm(name=row.name, position=row.position)
    if form.is_to_be_judged() and form.is_consistent(now):
        kept = "" if form.drops_id_number.data else row.id_number
        facts = (form.name.data, form.position.data, form.id_number.data or kept)
        in_transaction(lambda: admins.describe_self(own_row(), *facts, now=now))
        flash("已保存")
        return redirect(url_for(".index"), 303)
    return render_template("admins/me.html", form=form, row=row), form.status


@bp.route("/admins/leave", methods=["GET", "POST"])
@admins_only(permissions.VIEW_ADMINS)
def leave() -> ResponseReturnValue:
    """不再担任"""
    form = Form()
    if form.validate_on_submit():
        now, name = here.clock.now(), the_organization().name
        try:
            in_transaction(lambda: admins.leave(the_organization().id, own_row().id, now=now))
        except AppError as error:
            form.refuse(error)
        else:
            flash(f"您不再是“{name}”的管理人员")
            return redirect("/", 303)
    return render_template("admins/leave.html", form=form, organization=the_organization()), form.status


@bp.route("/admins/hand-over", methods=["GET", "POST"])
@admins_only(permissions.HAND_OVER)
@fresh_proof_of(lambda: f"移交“{the_organization().name}”")
def hand_over() -> ResponseReturnValue:
    """移交: a code to the owner's phone came first (fresh_proof), now one to the new owner's, who reads it out."""
    form, sent = HandOverForm(), ""
    try:
        if form.is_submitted() and request.form.get("action") == "send":
            sent = _send_to_new_owner(form)
        elif form.validate_on_submit():
            prove_code(form.phone.data, HAND_OVER, form.code.data, the_organization().name)
            in_transaction(lambda: _hand_over(form))
            flash("组织已移交，双方都会收到通知")
            # Who goes may act for nobody else: the pages of organisations would ask them to register one.
            return redirect(url_for("organizations.show") if form.stays.data == "admin" else "/", 303)
    except AppError as error:
        if error.status in (403, 404):
            raise
        form.refuse(error)
    page = {"organization": the_organization(), "sent": sent}
    return render_template("admins/hand_over.html", form=form, **page), form.status


def _send_to_new_owner(form: HandOverForm) -> str:
    """Returns what to tell; "" when the phone is not one. Raises AlreadyOwner, and what sending raises."""
    form.code.data = ""
    if not form.phone.validate(form):
        return ""
    if form.phone.data == the_account().phone:
        raise AlreadyOwner
    return send_code(form.phone.data, HAND_OVER, the_organization().name)


def _hand_over(form: HandOverForm) -> None:
    now = here.clock.now()
    account = accounts.get_or_create_account(form.phone.data, now)
    organization_id, stays = the_organization().id, form.stays.data == "admin"
    admins.hand_over(organization_id, own_row().id, account, form.name.data, stays=stays, now=now)


@bp.route("/below/<uid:uid>/owner", methods=["GET", "POST"])
@admins_only(permissions.APPOINT_BELOW)
@fresh_proof
def appoint(uid: str) -> ResponseReturnValue:
    """指定所有者 of an organisation below, when its owner cannot hand it over"""
    organization = organization_below(uid, permissions.APPOINT_BELOW)
    form = AppointForm()
    rows = [row for row in queries.admins_of(organization) if row.account_id != the_account().id]
    choices = [(str(row.id), row.name) for row in rows if row.role != "owner"]
    form.admin.offers = [("", "请选择"), *choices]
    if form.is_to_be_judged() and form.is_consistent():
        try:
            token = in_transaction(lambda: _appoint(uid, form))
        except AppError as error:
            form.refuse(error)
        else:
            if token:
                _show_link(token)
            flash("已发出邀请" if token else "所有者已变更，有关的人会收到通知")
            return redirect(url_for(".appointed", uid=uid), 303)
    organization = organization_below(uid, permissions.APPOINT_BELOW)
    page: dict[str, Any] = {"form": form, "organization": organization}
    page["invited"] = invitations.owners_invited(organization, here.clock.now())
    page["is_revocable"] = invitations.is_revocable(organization, above=the_organization(), actor=the_account())
    return render_template("admins/appoint.html", **page), form.status


@bp.post("/below/<uid:uid>/owner/revoke")
@admins_only(permissions.APPOINT_BELOW)
def revoke_owner(uid: str) -> ResponseReturnValue:
    """撤回 what invites somebody to own an organisation below"""
    now = here.clock.now()

    def act() -> None:
        organization = organization_below(uid, permissions.APPOINT_BELOW)
        invitations.revoke_owner(organization, above=the_organization(), actor=the_account(), now=now)

    in_transaction(act)
    flash("邀请已撤回")
    return redirect(url_for(".appoint", uid=uid), 303)


def _appoint(uid: str, form: AppointForm) -> str:
    """Returns the token of an invitation, or "" when somebody is the owner at once."""
    now, reason, actor = here.clock.now(), form.reason.data, the_account()
    organization = organization_below(uid, permissions.APPOINT_BELOW)
    if form.admin.data:
        admins.appoint(the_organization(), uid, int(form.admin.data), reason, actor=actor, now=now)
        return ""
    how: dict[str, Any] = {"actor": actor, "limits": here.config.limits, "now": now}
    return invitations.invite_owner(organization, form.phone.data, reason, above=the_organization(), **how)[1]


@bp.get("/below/<uid:uid>/owner/done")
@admins_only(permissions.APPOINT_BELOW)
def appointed(uid: str) -> ResponseReturnValue:
    organization = organization_below(uid, permissions.APPOINT_BELOW)
    page = {"link": flask.session.pop(LINK, ""), "hours": here.config.limits.invitation_hours}
    return render_template("admins/appointed.html", organization=organization, **page)
