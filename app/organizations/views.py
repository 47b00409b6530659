"""组织 on the phone: 注册, 组织信息, and judging those that register below."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.accounts import agreements, sessions
from app.accounts import services as accounts
from app.accounts.guards import the_account
from app.accounts.phone_step import Wording, phone_step
from app.accounts.visitor import logged_in
from app.clock import today
from app.context import here
from app.database import in_transaction
from app.errors import AppError
from app.organizations import begun, changes, expected, parents, permissions, queries, services, withdrawing
from app.organizations.acting import admin_row
from app.organizations.errors import DraftChanged, NameTaken, NotWithdrawable, ParentNotFound
from app.organizations.forms import AdminForm, OrganizationForm
from app.organizations.guards import admins_only, is_allowed, the_organization
from app.organizations.models import Organization, OrganizationState
from app.organizations.papers import MOST_PAGES
from app.organizations.states import ON_THE_WAY
from app.organizations.wishes import ChangeState
from app.web.acts import attempt
from app.web.forms import Form
from app.web.guards import public
from app.web.pictures import takes_pictures

bp = Blueprint("organizations", __name__)

#: Wishes to change something that the organisation's own page tells of.
SHOWN_WISHES = (ChangeState.PENDING, ChangeState.REFUSED)
#: How many that wait are named on the page of the one that judges them.
WAITING_SHOWN = 3
WORDING = Wording("组织注册", "请先验证组织管理员的手机号")


@bp.route("/organization/register", methods=["GET", "POST"])
@public
@takes_pictures(MOST_PAGES + 1)
def register() -> ResponseReturnValue:
    """手机号 → 组织信息 → 管理员信息 → 完成; each step shows itself when the one before is done."""
    if logged_in() is None:
        step, link = request.args.get("step"), request.args.get("link")
        return phone_step(WORDING, url_for(".register", step=step, link=link))
    if services.find_root() is None:
        return render_template("organizations/no_root.html"), 409
    if request.args.get("step") == "admin":
        return _admin_step()
    return _organization_step()


def _organization_step() -> ResponseReturnValue:
    form = begun.opened() if request.method == "GET" else OrganizationForm()
    begun.prepare(form)
    near: Sequence[Organization] = []
    if request.method == "POST" and request.form.get("action") == "keep":
        begun.keep(form)
        return "", 204
    if form.is_to_be_judged():
        holds = form.is_consistent(here.clock.now())
        if holds or form.lacks_papers_alone:
            begun.keep(form)
        if not holds:
            return _show_organization_step(form)
        if services.is_name_taken(form.name.data):
            form.refuse(NameTaken())
        else:
            near = _near(form)
        if not form.errors and not near:
            return redirect(url_for(".register", step="admin"), 303)
    return _show_organization_step(form, near)


def _show_organization_step(form: OrganizationForm, near: Sequence[Organization] = ()) -> ResponseReturnValue:
    form.region.offer(here.config.site.region)
    handed = expected.find_link(form.link.data)
    facts: dict[str, Any] = {"handed": handed, "is_stale": not handed and bool(request.args.get("link"))}
    facts["today"] = today(here.clock.now())
    page = render_template("organizations/register.html", form=form, near=near, **facts)
    return page, 422 if near else form.status


def _admin_step() -> ResponseReturnValue:
    form, words = begun.admin(), begun.typed()
    facts, is_sent, action = begun.facts(words), request.method == "POST", request.form.get("action")
    # Looked for after the draft: whoever took the draft away by this very form has made the organisation.
    made = services.find_by_form_key(form.form_key.data, the_account()) if is_sent else None
    if made:
        return redirect(url_for(".registered", uid=made.uid), 303)
    if is_sent:
        begun.keep_admin(form)
    if action == "keep":
        return "", 204
    if action == "back":
        return redirect(url_for(".register"), 303)
    if facts is None:
        return _without_facts(form, words)
    if "parent" in request.form:
        return _under_another(facts)
    if near := _near(facts):
        return _back_to_organization(near=near)
    if begun.is_another(form, words):
        form.refuse(DraftChanged())
    elif form.validate_on_submit():
        try:
            organization = in_transaction(lambda: _register(facts, form))
        except AppError as error:
            if error.field and error.field in facts:
                return _back_to_organization(error)
            form.refuse(error)
        else:
            return redirect(url_for(".registered", uid=organization.uid), 303)
    form.seen.data = begun.edition_of(words)
    return _show_admin_step(form, facts)


def _near(form: OrganizationForm) -> Sequence[Organization]:
    """Others that may be the same, of which the person has not said that they are others."""
    return () if form.is_confirmed else queries.nearly_called(form.name.data, form.region.data)


def _show_admin_step(form: AdminForm, facts: OrganizationForm) -> ResponseReturnValue:
    documents = agreements.current(agreements.ORGANIZATION_AGREEMENT, agreements.PRIVACY_NOTICE)
    above = dict(facts.parent.offers)[facts.parent.data]
    better = [one for one in facts.near_parents if one.uid != facts.parent.data] if facts.is_under_the_root else []
    page = {"form": form, "facts": facts, "documents": documents, "above": above, "better": better}
    return render_template("organizations/register_admin.html", **page), form.status


def _under_another(facts: OrganizationForm) -> ResponseReturnValue:
    """One press takes the organisation above that line and region suggest."""
    asked = request.form.get("parent", "")
    if asked in [one.uid for one in facts.near_parents]:
        facts.parent.data = asked
        begun.keep(facts)
    return redirect(url_for(".register", step="admin"), 303)


def _without_facts(form: AdminForm, words: begun.Typed) -> ResponseReturnValue:
    """The organisation's facts are not there, or hold no more: say what happened, where it is known."""
    if gone := _parent_gone(words):
        return _back_to_organization(gone)
    if words and begun.is_another(form, words):
        return _back_to_organization(DraftChanged())
    if request.method == "POST" and not words:
        flash("没有填到一半的注册了：可能刚刚在别的页面提交过，请先看“组织信息”")
    return redirect(url_for(".register"), 303)


def _parent_gone(words: begun.Typed) -> AppError | None:
    """Whether the organisation above that was chosen takes nobody any more, in words."""
    form = OrganizationForm(MultiDict(words), meta={"csrf": False})
    above = queries.find_by_uid(form.parent.data or "")
    if above is None or parents.chosen(above.uid, here.config.limits.organization_depth):
        return None
    return ParentNotFound(f"“{above.name}”现在不能接收新的组织（刚刚暂停、停用或合并了），请另选一个上级组织")


def _back_to_organization(error: AppError | None = None, near: Sequence[Organization] = ()) -> ResponseReturnValue:
    """What was refused, or is asked, stands on the page before: show it there, beside its field."""
    form = OrganizationForm(MultiDict(begun.typed()))
    begun.prepare(form)
    if error:
        form.refuse(error)
    return _show_organization_step(form, near)


def _register(drafted: OrganizationForm, form: AdminForm) -> Organization:
    account, now = the_account(), here.clock.now()
    key = form.form_key.data
    services.check_day(account, key, here.config.limits.organizations_per_person_day, now=now)
    try:
        organization = services.register(
            drafted.facts(),
            drafted.parent.data,
            account,
            form.facts(),
            form_key=key,
            review=here.config.organizations.review,
            deepest=here.config.limits.organization_depth,
            link=drafted.link.data or "",
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
    begun.drop()
    login = logged_in()
    if login:
        # Whoever has others already goes on with the new one.
        sessions.act_for(login, organization.id)
    return organization


@bp.get("/organization/registered/<uid:uid>")
@admins_only(permissions.VIEW)
def registered(uid: str) -> ResponseReturnValue:
    organization = next((row.organization for row in _my_rows() if row.organization.uid == uid), the_organization())
    return render_template("organizations/registered.html", organization=organization)


@bp.route("/organization/withdraw", methods=["GET", "POST"])
@admins_only(permissions.PAUSE)
def withdraw() -> ResponseReturnValue:
    """撤回注册: before it was accepted"""
    form, state = Form(), the_organization().state
    if state == OrganizationState.WITHDRAWN:
        return redirect(url_for(".show"), 303)
    if state not in ON_THE_WAY:
        raise NotWithdrawable
    if attempt(form, lambda: withdrawing.withdraw(the_organization().id, actor=the_account(), now=here.clock.now())):
        flash("注册已撤回")
        return redirect(url_for(".show"), 303)
    facts = {"words": "撤回注册", "about": the_organization().name, "back": url_for(".show")}
    facts["intro"] = "撤回后这次注册到此为止，名称可以由别人使用；需要时可以重新注册。"
    return render_template("layouts/act.html", form=form, **facts), form.status


def _my_rows() -> Any:
    return queries.admin_rows(the_account().id)


@bp.get("/organization")
@admins_only(permissions.VIEW)
def show() -> ResponseReturnValue:
    """组织信息"""
    organization, row = the_organization(), admin_row()
    facts: dict[str, Any] = {
        "admin": row,
        "now": here.clock.now(),
        "edits": is_allowed(permissions.EDIT),
    }
    facts |= {"waiting": [], "count": 0, "changes": [], "wish": None, "wishes": []}
    wish = changes.newest_of(organization)
    if wish and wish.state in SHOWN_WISHES:
        facts |= {"wish": wish, "wishes": changes.in_rows(wish)}
    facts["judges"] = is_allowed(permissions.REVIEW_BELOW)
    if facts["judges"]:
        facts["waiting"] = queries.waiting_below(organization).rows[:WAITING_SHOWN]
        facts["count"] = queries.count_waiting_below(organization) + changes.count_waiting_below(organization)
        facts["changes"] = changes.waiting_below(organization)[:WAITING_SHOWN]
    return render_template("organizations/show.html", organization=organization, form=Form(), **facts)
