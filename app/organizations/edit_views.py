"""编辑信息, and what the organisation above says to it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.guards import the_account
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.organizations import changes, editing, paper_pages, parent_choice, permissions, queries, recording, services
from app.organizations.editing import Outcome
from app.organizations.errors import ChangedMeanwhile, NotEditable, ReasonNeeded
from app.organizations.facts import LABELS, in_words
from app.organizations.forms import EditForm, ReviewForm
from app.organizations.guards import admins_only, judged_organization, the_organization
from app.organizations.models import Organization
from app.organizations.papers import MOST_PAGES
from app.organizations.wishes import ChangeState, OrganizationChange
from app.web import readers
from app.web.pictures import takes_pictures

bp = Blueprint("organization_edits", __name__)

DONE = {
    Outcome.SAVED: "已保存",
    Outcome.ASKED: "已保存；名称、类型、登记、负责人的更改要等上级审核",
    Outcome.SENT_AGAIN: "已重新提交，等上级审核",
}


@bp.route("/organization/edit", methods=["GET", "POST"])
@admins_only(permissions.EDIT)
@takes_pictures(MOST_PAGES + 1)
def edit() -> ResponseReturnValue:
    """编辑信息"""
    organization = the_organization()
    if organization.state not in editing.EDITABLE:
        raise NotEditable
    form, changed = EditForm.of(organization), []
    if editing.is_handed_in(organization, form.org_class.data, here.config.organizations.review):
        form.ask_for_all()
    paper_pages.keep(form, organization)
    if form.parent:
        parent_choice.offer(form, organization.parent)
    is_sound = form.is_to_be_judged() and form.is_consistent(here.clock.now())
    near = _nearly_called(organization, form) if is_sound else ()
    if is_sound and not near:
        try:
            outcome = _edit(organization, form)
        except ChangedMeanwhile as error:
            form.refuse(error)
            changed = _changed(form)
        except AppError as error:
            form.refuse(error)
        else:
            flash(DONE[outcome])
            return redirect(url_for("organizations.show"), 303)
    form.region.offer(here.config.site.region)
    facts = {
        "changed": changed,
        "near": near,
        "is_judged": editing.is_judged(organization, here.config.organizations.review),
    }
    page = render_template("organizations/edit.html", form=form, organization=organization, **facts)
    return page, 409 if changed else 422 if near else form.status


def _nearly_called(organization: Organization, form: EditForm) -> Sequence[Organization]:
    """Others that a new name would be like, unless the person said that they are others, or the name is taken."""
    name = form.name.data
    if name == organization.name or form.is_confirmed or services.is_name_taken(name):
        return ()
    return queries.nearly_called(name, form.region.data, but=organization.id)


def _edit(organization: Organization, form: EditForm) -> Outcome:
    """Raises NotEditable, ChangedMeanwhile, NameTaken, ParentNotFound, WouldLoop, MovedTooDeep."""
    organization_id, facts = organization.id, form.facts_for(organization)
    seen, by = readers.row_id(form.revision.data) or 0, the_account().id
    how: dict[str, Any] = {"review": here.config.organizations.review, "now": here.clock.now()}
    if form.parent:
        how["parent"] = editing.Above(form.parent.data, here.config.limits.organization_depth)
    return in_transaction(lambda: editing.edit(organization_id, facts, by=by, seen=seen, **how))


def _changed(form: EditForm) -> list[tuple[str, str, str, str]]:
    """What somebody else changed meanwhile: label, what it was, what it is, and what stands in this form.

    Sent once more, the form is of the present edition.
    """
    organization = the_organization()
    mine = form.facts_for(organization)
    names = {label: name for name, label in LABELS.items()}
    rows = recording.changed_since(organization, readers.row_id(form.revision.data) or 0)
    form.revision.data = str(organization.revision)
    return [(label, was, is_now, in_words(names[label], getattr(mine, names[label]))) for label, was, is_now in rows]


@bp.post("/organization/changes/withdraw")
@admins_only(permissions.EDIT)
def withdraw() -> ResponseReturnValue:
    """撤回更改申请"""
    by, now = the_account().id, here.clock.now()
    in_transaction(lambda: changes.withdraw(the_organization(), by=by, now=now))
    flash("已撤回更改申请")
    return redirect(url_for("organizations.show"), 303)


@bp.route("/organization/changes/<uid:uid>/review", methods=["GET", "POST"])
@admins_only(permissions.REVIEW_BELOW)
def review_change(uid: str) -> ResponseReturnValue:
    """A wish of an organisation below, both values beside each other: 同意, 不同意"""
    change, form = _judged_change(uid), ReviewForm()
    if form.validate_on_submit():
        accept, reason, by = request.form.get("action") == "accept", form.reason.data, the_account().id
        now = here.clock.now()
        if request.form.get("action") not in ("accept", "refuse"):
            form.refuse(ReasonNeeded("请按一个按钮：同意或不同意"))
            return _show_change(change, form, 422)
        try:
            in_transaction(lambda: changes.judge(uid, accept=accept, reason=reason, by=by, now=now))
        except AppError as error:
            form.refuse(error)
            return _show_change(_judged_change(uid), form, error.status)
        flash("已同意，更改已生效" if accept else "已不同意，对方会看到理由")
        return redirect(url_for("organization_reviews.index"), 303)
    return _show_change(change, form, form.status)


def _judged_change(uid: str) -> OrganizationChange:
    change = changes.find(uid)
    if change is None:
        raise NotFound
    judged_organization(change.organization.uid)
    return change


def _show_change(change: OrganizationChange, form: ReviewForm, status: int) -> ResponseReturnValue:
    is_waiting = change.state == ChangeState.PENDING
    near = changes.nearly_called(change) if is_waiting else ()
    facts = {"rows": changes.in_rows(change), "is_waiting": is_waiting, "near": near, "now": here.clock.now()}
    return render_template("organizations/review_change.html", change=change, form=form, **facts), status
