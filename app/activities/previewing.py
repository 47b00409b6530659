"""预览: a draft as volunteers will see it, and 确认发布 below it."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.activities import apart, drafts, queries, services
from app.activities.drafting import is_reviewed, publish
from app.activities.errors import PreviewOld
from app.activities.forms import ActivityForm
from app.activities.models import Activity, ActivityState
from app.activities.publishing import bp, own_activity_or_404
from app.activities.views import sketch_page
from app.context import here
from app.errors import AppError
from app.organizations import permissions
from app.organizations.guards import admins_only, the_organization

__all__ = ["bp"]


@bp.get("/organization/activities/<id:activity_id>/preview")
@admins_only(permissions.PUBLISH)
def preview(activity_id: int) -> ResponseReturnValue:
    """预览: the page of a draft as volunteers will see it"""
    activity = own_activity_or_404(activity_id)
    if activity.state not in drafts.UNPUBLISHED:
        return redirect(url_for(".show", activity_id=activity_id), 303)
    if activity.state == ActivityState.PENDING_REVIEW:
        return sketch_page(activity, draft=activity)
    form, now = _form_of(activity), here.clock.now()
    facts = form.facts(here.config.limits, now)
    if facts is None:
        flash("草稿还没有填完，或时间已经过了，填好再预览")
        return redirect(url_for(".new", draft=activity_id), 303)
    # Of several that are published apart, the first one is shown, and all are named.
    parts = apart.parts_of(facts, now) if apart.is_several(form, facts) else []
    try:
        sketch = services.sketch(parts[0] if parts else facts, the_organization(), now=now)
    except AppError as error:
        flash(error.message)
        return redirect(url_for(".new", draft=activity_id), 303)
    seen = drafts.digest(drafts.typed_of(activity))
    return sketch_page(sketch, draft=activity, review=is_reviewed(), parts=parts, seen=seen)


@bp.post("/organization/activities/<id:activity_id>/publish")
@admins_only(permissions.PUBLISH)
def publish_draft(activity_id: int) -> ResponseReturnValue:
    """确认发布, on the page of the preview: of the words that it showed"""
    activity = own_activity_or_404(activity_id)
    form, typed = _form_of(activity), drafts.typed_of(activity)
    again = redirect(url_for(".preview", activity_id=activity_id), 303)
    if activity.state not in drafts.UNPUBLISHED:
        return again
    if request.form.get("seen") not in (None, drafts.digest(typed)):
        flash(PreviewOld.message)
        return again
    if request.form.get("declaration") != "y":
        flash("请确认这是一项志愿服务活动")
        return again
    facts = form.facts(here.config.limits, here.clock.now())
    made = publish(form, facts, previewed=typed) if facts else None
    if not made:
        for refusal in _refusals(form):
            flash(refusal)
        if form.there == activity_id:
            return redirect(url_for(".show", activity_id=activity_id), 303)
        if queries.find(activity_id) is None:
            return redirect(url_for(".index", phase="draft"), 303)
        if PreviewOld.message in form.form_errors:
            return again
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
