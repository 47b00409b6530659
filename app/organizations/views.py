"""组织 on the phone: 注册, 组织信息, and judging those that register below."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.accounts import agreements, sessions
from app.accounts import services as accounts
from app.accounts.guards import the_account
from app.accounts.phone_step import Wording, phone_step
from app.accounts.visitor import logged_in
from app.context import here
from app.database import in_transaction
from app.errors import AppError
from app.organizations import permissions, queries, services
from app.organizations.errors import NameTaken
from app.organizations.forms import AdminForm, OrganizationForm, ReviewForm
from app.organizations.guards import admin_row, admins_only, organization_below, the_organization
from app.organizations.models import Organization
from app.privacy import new_uid
from app.web import readers
from app.web.guards import public

bp = Blueprint("organizations", __name__)

DRAFT = "organization"
WORDING = Wording("组织注册", "请先验证组织管理员的手机号")


@bp.route("/organization/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    """手机号 → 组织信息 → 管理员信息 → 完成; each step shows itself when the one before is done."""
    if logged_in() is None:
        return phone_step(WORDING, url_for(".register", step=request.args.get("step")))
    if services.find_root() is None:
        return render_template("organizations/no_root.html"), 409
    if request.args.get("step") == "admin":
        return _admin_step()
    return _organization_step()


def _organization_step() -> ResponseReturnValue:
    account = the_account()
    draft = accounts.load_draft(account, DRAFT)
    form = OrganizationForm()
    if draft and request.method == "GET" and not form.is_refilled:
        form = OrganizationForm(MultiDict(draft))
    form.parent.offers = queries.choices_for_parent(here.config.limits.organization_depth)
    if form.validate_on_submit() and form.is_consistent(here.clock.now()):
        in_transaction(lambda: accounts.save_draft(the_account(), DRAFT, form.draft(), here.clock.now()))
        return redirect(url_for(".register", step="admin"), 303)
    form.region.offer(here.config.site.region)
    return render_template("organizations/register.html", form=form), form.status


def _admin_step() -> ResponseReturnValue:
    form = AdminForm(form_key=new_uid())
    form.form_key.data = readers.form_key(form.form_key.data) or new_uid()
    facts = _drafted()
    # Looked for after the draft: whoever took the draft away by this very form has made the organisation.
    made = services.find_by_form_key(form.form_key.data, the_account()) if request.method == "POST" else None
    if made:
        return redirect(url_for(".registered", uid=made.uid), 303)
    if facts is None:
        return redirect(url_for(".register"), 303)
    if form.validate_on_submit():
        try:
            organization = in_transaction(lambda: _register(facts, form))
        except AppError as error:
            if error.field and error.field in facts:
                return _back_to_organization(error)
            form.refuse(error)
        else:
            return redirect(url_for(".registered", uid=organization.uid), 303)
    documents = agreements.current(agreements.ORGANIZATION_AGREEMENT, agreements.PRIVACY_NOTICE)
    page = render_template("organizations/register_admin.html", form=form, facts=facts, documents=documents)
    return page, form.status


def _drafted() -> OrganizationForm | None:
    """The organisation's facts as they were sent in the step before, if they still hold."""
    form = OrganizationForm(MultiDict(accounts.load_draft(the_account(), DRAFT)), meta={"csrf": False})
    form.parent.offers = queries.choices_for_parent(here.config.limits.organization_depth)
    return form if form.validate() and form.is_consistent(here.clock.now()) else None


def _back_to_organization(error: AppError) -> ResponseReturnValue:
    """What was refused stands on the page before: show it there, beside its field."""
    form = OrganizationForm(MultiDict(accounts.load_draft(the_account(), DRAFT)))
    form.parent.offers = queries.choices_for_parent(here.config.limits.organization_depth)
    form.refuse(error)
    form.region.offer(here.config.site.region)
    return render_template("organizations/register.html", form=form), error.status


def _register(drafted: OrganizationForm, form: AdminForm) -> Organization:
    account, now = the_account(), here.clock.now()
    key = form.form_key.data
    try:
        organization = services.register(
            drafted.facts(),
            drafted.parent.data,
            account,
            form.facts(),
            form_key=key,
            review=here.config.organizations.review,
            deepest=here.config.limits.organization_depth,
            now=now,
        )
    except NameTaken:
        # By this very form, pressed twice, or by somebody else.
        same = services.find_by_form_key(key, account)
        if same is None:
            raise
        return same
    documents = agreements.current(agreements.ORGANIZATION_AGREEMENT, agreements.PRIVACY_NOTICE)
    accounts.record_consents(account, documents, now)
    accounts.drop_draft(account, DRAFT)
    return organization


@bp.get("/organization/registered/<uid:uid>")
@admins_only(permissions.VIEW)
def registered(uid: str) -> ResponseReturnValue:
    organization = next((row.organization for row in _my_rows() if row.organization.uid == uid), the_organization())
    return render_template("organizations/registered.html", organization=organization)


def _my_rows() -> Any:
    return queries.admin_rows(the_account().id)


@bp.get("/organization")
@admins_only(permissions.VIEW)
def show() -> ResponseReturnValue:
    """组织信息"""
    organization, row = the_organization(), admin_row()
    judges = row is not None and permissions.may(row.role, permissions.REVIEW_BELOW)
    waiting = queries.waiting_below(organization) if judges else []
    facts = {"waiting": waiting, "members": organization.members_count, "admin": row, "rows": _my_rows()}
    return render_template("organizations/show.html", organization=organization, form=ReviewForm(), **facts)


@bp.post("/organization/below/<uid:uid>/review")
@admins_only(permissions.REVIEW_BELOW)
def review(uid: str) -> ResponseReturnValue:
    """Accept or refuse an organisation that registered below."""
    organization = organization_below(uid, permissions.REVIEW_BELOW)
    form = ReviewForm()
    accept = request.form.get("action") == "accept"
    if form.validate_on_submit() and (accept or form.reason.data):
        in_transaction(lambda: services.review(uid, accept=accept, reason=form.reason.data))
        return redirect(url_for(".show"), 303)
    message = "" if form.errors else "退回时请写明理由，对方会看到"
    page = {"organization": organization, "form": form, "message": message}
    return render_template("organizations/review.html", **page), 422


@bp.post("/organization/act-for/<uid:uid>")
@admins_only(permissions.VIEW)
def act_for(uid: str) -> ResponseReturnValue:
    """Act for another of one's organisations from now on."""
    login = logged_in()
    chosen = next((row for row in _my_rows() if row.organization.uid == uid), None)
    if login and chosen:
        organization_id = chosen.organization_id
        in_transaction(lambda: sessions.act_for(login, organization_id))
    return redirect(url_for(".show"), 303)
