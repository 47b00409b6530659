"""活动发布 and 我发布的活动: what an organisation does with its activities."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.activities import drafts, gallery, listed, queries, rosters, services, shifts, twins
from app.activities.errors import CannotEdit, EditedMeanwhile
from app.activities.facts import ActivityFacts
from app.activities.forms import MOST_PICTURES, ActivityForm
from app.activities.models import Activity, ActivityState
from app.activities.opened import opened_from
from app.activities.views import list_filter
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.organizations import permissions
from app.organizations.acting import check_whose
from app.organizations.guards import admins_only, is_allowed, the_organization
from app.web import readers
from app.web.forms import Form
from app.web.pictures import takes_pictures

bp = Blueprint("publishing", __name__)


def own_activity_or_404(activity_id: int) -> Activity:
    """An activity of the organisation that the person acts for."""
    activity = queries.find(activity_id)
    if activity is None:
        raise NotFound
    check_whose(activity.organization_id)
    if activity.organization_id != the_organization().id:
        raise NotFound
    return activity


def own_published_or_404(activity_id: int) -> Activity:
    """One of them that was published, even if cancelled since: what has no shifts yet has no list, no end, no edit."""
    activity = own_activity_or_404(activity_id)
    if activity.state in drafts.UNPUBLISHED:
        raise NotFound
    return activity


def back_if_over(activity: Activity) -> ResponseReturnValue | None:
    """Whoever opens a page that changes an activity which is over or called off reads so, where it stands."""
    is_over = activity.state != ActivityState.PUBLISHED or here.clock.now() >= activity.ends_at
    if request.method != "GET" or not is_over:
        return None
    flash(CannotEdit.message)
    return redirect(url_for(".show", activity_id=activity.id), 303)


@bp.get("/organization/activities")
@admins_only(permissions.VIEW_ACTIVITIES)
def index() -> ResponseReturnValue:
    """我发布的活动"""
    phase = request.args.get("phase", queries.ALL)
    phase = phase if phase in (*queries.PHASES, *queries.UNPUBLISHED) else queries.ALL
    now = here.clock.now()
    # What is not yet for everybody is for those who write it: to the others its page is closed.
    only_public = not is_allowed(permissions.PUBLISH)
    page = queries.of_organization(the_organization(), phase, now, only_public=only_public, **list_filter())
    facts = {"phase": phase, "now": now, "organization": the_organization(), "rights": rights()}
    facts["activity_review"] = here.config.activities.review
    return render_template("activities/published.html", page=page, **facts)


@bp.get("/organization/activities/<id:activity_id>")
@admins_only(permissions.VIEW_ROSTER)
def show(activity_id: int) -> ResponseReturnValue:
    """One of them, with the first of those who signed up."""
    activity = own_activity_or_404(activity_id)
    if activity.state in drafts.UNPUBLISHED:
        return redirect(url_for(".preview", activity_id=activity_id), 303)
    page = rosters.part(activity, rosters.FIRST)
    facts = {"page": page, "counts": rosters.counts(activity), "rights": rights()}
    facts["strangers"] = listed.strangers(activity, page.rows)
    facts["notes"] = rosters.notes(activity, page.rows, here.clock.now())
    return render_template(
        "activities/published_show.html", activity=activity, now=here.clock.now(), form=Form(), **facts
    )


def rights() -> dict[str, bool]:
    """What the person may do with a list, for the buttons; the pages behind them ask again."""
    asked = {
        "judge": permissions.JUDGE_SIGN_UPS,
        "contact": permissions.CONTACT,
        "export": permissions.EXPORT_ROSTER,
        "publish": permissions.PUBLISH,
        "cancel": permissions.CANCEL,
        "judge_below": permissions.REVIEW_BELOW,
        "reveal": permissions.REVEAL,
    }
    return {name: is_allowed(permission) for name, permission in asked.items()}


def _is_reviewed(activity: Activity) -> bool:
    return here.config.activities.review == "parent" and activity.organization.parent_id is not None


def _edit(activity: Activity, facts: ActivityFacts, form: ActivityForm) -> services.Edited:
    seen = readers.number(form.revision.data)
    reviewed = here.config.activities.review == "parent"
    return services.edit(activity, facts, review=reviewed, seen=seen, now=here.clock.now())


def _refuse_stale(form: ActivityForm, activity: Activity, facts: ActivityFacts, error: EditedMeanwhile) -> None:
    """Name what is otherwise by now. Sent once more, the form is of the present edition."""
    form.refuse(error)
    labels = [form[name].label.text for name in twins.differing(activity, facts) if name in form]
    if labels:
        form.form_errors.append(f"现在与您填的不同的有：{'、'.join(labels)}")
    form.revision.data = str(activity.revision)


@bp.route("/organization/activities/<id:activity_id>/edit", methods=["GET", "POST"])
@admins_only(permissions.PUBLISH)
@takes_pictures(MOST_PICTURES)
def edit(activity_id: int) -> ResponseReturnValue:
    """编辑"""
    activity = own_published_or_404(activity_id)
    if away := back_if_over(activity):
        return away
    form = ActivityForm.of(activity, **opened_from(activity))
    del form.declaration  # ticked when it was published
    form.offer(the_organization(), here.config.site.region, activity, now=here.clock.now())
    form.refresh()
    gallery.keep(form.pictures, activity)
    if form.is_to_be_judged():
        facts = form.facts(here.config.limits, here.clock.now(), editing=activity)
        if facts:
            try:
                told = in_transaction(lambda: _edit(own_published_or_404(activity_id), facts, form))
            except EditedMeanwhile as error:
                _refuse_stale(form, own_published_or_404(activity_id), facts, error)
            except AppError as error:
                form.refuse(error)
            else:
                flash(f"已保存，{told.told} 位报名的人会收到变动通知" if told.told else "已保存，没有要通知的人")
                if told.unfit:
                    flash(f"有 {told.unfit} 位报名的人不再符合条件，已通知本人；名额仍保留，名单里有标注")
                return redirect(url_for(".show", activity_id=activity_id), 303)
    fixed = [*shifts.REVIEWED.values(), shifts.POINT, shifts.TIMES, shifts.SHOWN] if _is_reviewed(activity) else []
    return render_template("activities/edit.html", form=form, activity=activity, fixed=fixed), form.status
