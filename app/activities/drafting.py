"""活动发布: the form, what it is begun from, drafts, and a look at what will be seen."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app import files
from app.accounts.guards import the_account
from app.activities import apart, drafts, gallery, queries, reviews, services
from app.activities.copying import moved_shifts, opened_as_copy, usual_times
from app.activities.facts import ActivityFacts
from app.activities.forms import MOST_PICTURES, ActivityForm
from app.activities.models import PICTURES, Activity, ActivityState
from app.activities.publishing import bp, own_activity_or_404
from app.activities.views import sketch_page
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.organizations import permissions
from app.organizations.acting import admin_row
from app.organizations.guards import admins_only, the_organization
from app.organizations.models import Organization
from app.organizations.suspending import check_may_prepare
from app.privacy import new_uid
from app.web import readers
from app.web.pictures import takes_pictures
from app.web.places import Position

__all__ = ["bp"]

#: What counts for one sending only; the declaration is made anew each time, a password is not kept in clear.
PASSING = {"csrf_token", "action", "declaration", "password", "audience_text"}


@bp.route("/organization/activities/new", methods=["GET", "POST"])
@admins_only(permissions.PUBLISH)
@takes_pictures(MOST_PICTURES)
def new() -> ResponseReturnValue:
    """活动发布"""
    organization = the_organization()
    check_may_prepare(organization)
    form, action = _begun(organization), request.form.get("action", "")
    form.offer(organization, here.config.site.region, now=here.clock.now())
    form.refresh()
    if request.method == "POST":
        key = readers.form_key(form.form_key.data)
        gallery.keep(form.pictures, drafts.find(key, organization), form_key=key or "")
        if action == "keep":
            # By the page itself, while somebody writes.
            return "", 204 if _save(form) else 409
        if action == "draft" and _save(form):
            flash("草稿已保存，在“我发布的活动”的“草稿”里")
            return redirect(url_for(".index", phase="draft"), 303)
    if action == "preview":
        form.declaration.validators = ()  # asked for when it is published
    if action != "draft" and form.is_to_be_judged():
        facts = form.facts(here.config.limits, here.clock.now())
        if facts and (made := _save(form) if action == "preview" else _publish(form, facts)):
            return redirect(url_for(".preview" if action == "preview" else ".show", activity_id=made), 303)
    is_new = request.method == "GET" and not request.args
    unfinished = drafts.newest(organization) if is_new else None
    page = {"organization": organization, "review": _is_reviewed(), "unfinished": unfinished}
    page["sent_back"] = _why_sent_back(form, organization)
    return render_template("activities/new.html", form=form, **page), form.status


def _is_reviewed() -> bool:
    return here.config.activities.review == "parent" and the_organization().parent_id is not None


def _why_sent_back(form: ActivityForm, organization: Organization) -> str:
    """Why the organisation above did not let the draft pass, while it is mended."""
    draft = drafts.find(readers.form_key(form.form_key.data), organization)
    return draft.state_reason if draft and draft.state in drafts.UNPUBLISHED else ""


def _begun(organization: Organization) -> ActivityForm:
    """The form as it is opened: empty but for what is known, a draft as it was left, or a copy of another activity."""
    row, now = admin_row(), here.clock.now()
    known: dict[str, Any] = {"form_key": new_uid(), "shift_uid": new_uid()}
    if request.method == "GET" and (draft := _asked("draft")):
        return ActivityForm(MultiDict(drafts.typed_of(draft)))
    if request.method == "GET" and (model := _asked("copy")):
        form = ActivityForm(**(opened_as_copy(model, now) | known))
        if not form.is_refilled:
            form.put_rows(moved_shifts(model, now))
            form.pictures.data = [file.uid for file in files.of(PICTURES, model.id)]
        return form
    known |= usual_times(now) | {"region": _district_of(organization), "address": organization.address}
    known["position"] = Position.text(organization.position or (None, None))
    known |= {"leader_name": row.name if row else "", "leader_phone": row.account.phone if row else ""}
    if len(organization.service_categories) == 1:
        known["scope_category"] = organization.service_categories[0]
    return ActivityForm(**known)


def _district_of(organization: Organization) -> str:
    """Empty for one that is at work in a whole city or province: an activity takes place in a district."""
    return "" if organization.region.endswith("00") else organization.region


def _asked(name: str) -> Activity | None:
    """The activity of the organisation that the address names. Strangers' ones are not found."""
    number = readers.page_key(f"0-{request.args.get(name, '')}")
    if number is None:
        return None
    activity = own_activity_or_404(number[1])
    if name == "copy" and not activity.shifts:
        raise NotFound
    return activity


def _key_of(form: ActivityForm) -> str:
    return readers.form_key(form.form_key.data) or new_uid()


def _typed(form: ActivityForm) -> drafts.Typed:
    """What was typed into the form's own fields."""
    names = [name for name in request.form if name.split("-")[0] in form._fields and name not in PASSING]
    return {name: request.form.getlist(name) for name in names} | {"pictures": form.pictures.data}


def _save(form: ActivityForm) -> int | None:
    """Keep the draft; a refusal is shown in the form."""

    def keep() -> int:
        times = (form.starts_at.moment(), form.ends_at.moment())
        known = (times[0], times[1]) if times[0] and times[1] else None
        facts: dict[str, Any] = {"times": known, "pictures": form.pictures.data, "now": here.clock.now()}
        return drafts.save(_typed(form), the_organization(), form_key=_key_of(form), **facts).id

    try:
        return in_transaction(keep)
    except AppError as error:
        form.refuse(error)
        return None


def _publish(form: ActivityForm, facts: ActivityFacts, typed: drafts.Typed | None = None) -> int | None:
    """Publish what the form says; a refusal is shown in the form."""

    def publish() -> int:
        key, organization, now = _key_of(form), the_organization(), here.clock.now()
        if _is_reviewed():
            drafts.save(typed or _typed(form), organization, form_key=key, pictures=form.pictures.data, now=now)
        is_one = not form.is_apart.data or len(facts.shifts) == 1
        parts = [(facts, key)] if is_one else apart.split(facts, key, organization, now=now)
        how: dict[str, Any] = {"review": _is_reviewed(), "by": the_account().id, "now": now}
        made = [services.publish(one, organization, form_key=name, **how) for one, name in parts]
        if len(made) > 1 and _is_reviewed():
            for activity, (one, name) in zip(made, parts, strict=True):
                drafts.keep(activity, apart.typed_of(typed or _typed(form), one, name, now=now))
        for activity in made:
            if activity.state == ActivityState.PENDING_REVIEW:
                reviews.ask(activity, now=now)
        return made[0].id

    try:
        made = in_transaction(publish)
    except AppError as error:
        form.refuse(error)
        return None
    flash("已提交，等上级组织审核" if _is_reviewed() else "活动已发布")
    return made


@bp.get("/organization/activities/<id:activity_id>/preview")
@admins_only(permissions.PUBLISH)
def preview(activity_id: int) -> ResponseReturnValue:
    """预览: the page of a draft as volunteers will see it"""
    activity = own_activity_or_404(activity_id)
    if activity.state not in drafts.UNPUBLISHED:
        return redirect(url_for(".show", activity_id=activity_id), 303)
    if activity.state == ActivityState.PENDING_REVIEW:
        return sketch_page(activity, draft=activity)
    form = _form_of(activity)
    facts = form.facts(here.config.limits, here.clock.now())
    if facts is None:
        flash("草稿还没有填完，或时间已经过了，填好再预览")
        return redirect(url_for(".new", draft=activity_id), 303)
    try:
        sketch = services.sketch(facts, the_organization(), now=here.clock.now())
    except AppError as error:
        flash(error.message)
        return redirect(url_for(".new", draft=activity_id), 303)
    return sketch_page(sketch, draft=activity, review=_is_reviewed())


@bp.post("/organization/activities/<id:activity_id>/publish")
@admins_only(permissions.PUBLISH)
def publish_draft(activity_id: int) -> ResponseReturnValue:
    """确认发布, on the page of the preview"""
    activity = own_activity_or_404(activity_id)
    form = _form_of(activity)
    again = redirect(url_for(".preview", activity_id=activity_id), 303)
    if activity.state not in drafts.UNPUBLISHED:
        return again
    if request.form.get("declaration") != "y":
        flash("请确认这是一项志愿服务活动")
        return again
    facts = form.facts(here.config.limits, here.clock.now())
    made = _publish(form, facts, typed=drafts.typed_of(activity)) if facts else None
    if not made:
        for refusal in _refusals(form):
            flash(refusal)
        if queries.find(activity_id) is None:
            return redirect(url_for(".index", phase="draft"), 303)
    return redirect(url_for(".show", activity_id=made) if made else url_for(".new", draft=activity_id), 303)


def _refusals(form: ActivityForm) -> list[str]:
    """Why it was not published, in words that stand alone: the form is opened anew, without its errors."""
    beside = [
        f"{field.label.text}：{error}" for field in form for error in field.errors or () if isinstance(error, str)
    ]
    return [*form.form_errors, *beside] or ["还有没填好的地方，请看过后再发布"]


def _form_of(activity: Activity) -> ActivityForm:
    """The draft as a form that can be judged."""
    form = ActivityForm(MultiDict(drafts.typed_of(activity)), meta={"csrf": False})
    form.offer(the_organization(), here.config.site.region, now=here.clock.now())
    del form.declaration
    return form
