"""The pages on which the organisation above judges activities."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.guards import the_account
from app.activities import queries, reviews
from app.activities.errors import HandedInAnew
from app.activities.models import Activity, ActivityState
from app.activities.publishing import bp
from app.activities.roster_forms import ReasonForm
from app.activities.views import sketch_page
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.organizations import permissions
from app.organizations.guards import admins_only, organization_below, the_organization
from app.web import readers

__all__ = ["bp"]

#: What the buttons send; anything else is no verdict.
ACTIONS = ("accept", "send-back")


def activity_below(activity_id: int) -> Activity:
    """An activity of an organisation below the person's own, if their role may judge it. Strangers get NotFound."""
    activity = queries.find(activity_id)
    if activity is None or (activity.state == ActivityState.DRAFT and not activity.handed_in_by_id):
        raise NotFound
    organization_below(activity.organization.uid, permissions.REVIEW_BELOW)
    return activity


@bp.get("/organization/below/activities")
@admins_only(permissions.REVIEW_BELOW)
def to_review() -> ResponseReturnValue:
    """等待您审核的活动"""
    facts = {"rows": reviews.waiting_below(the_organization()), "now": here.clock.now()}
    return render_template("activities/to_review.html", organization=the_organization(), **facts)


@bp.route("/organization/below/activities/<id:activity_id>/review", methods=["GET", "POST"])
@admins_only(permissions.REVIEW_BELOW)
def review(activity_id: int) -> ResponseReturnValue:
    """通过, 退回: on the page as volunteers will see it"""
    activity, form = activity_below(activity_id), ReasonForm()
    if activity.state != ActivityState.PENDING_REVIEW:
        flash("对方已经撤回，改好会重新提交" if activity.state == ActivityState.DRAFT else "这个活动已经审核过了")
        return redirect(url_for(".to_review"), 303)
    action = request.form.get("action", "")
    accepts = action == "accept"
    if accepts:
        form.reason.validators = ()
    if action in ACTIONS and form.validate_on_submit():
        try:
            in_transaction(lambda: _judge(activity_below(activity_id), "" if accepts else form.reason.data))
        except HandedInAnew as error:
            form.refuse(error)
            activity = activity_below(activity_id)
            return sketch_page(activity, draft=activity, judge=form), error.status
        except AppError as error:
            form.refuse(error)
        else:
            flash("已通过，活动已发布" if accepts else "已退回，对方会收到原因")
            return redirect(url_for(".to_review"), 303)
    return sketch_page(activity, draft=activity, judge=form), form.status


def _judge(activity: Activity, reason: str) -> None:
    """Send it back for the reason, or let it pass when there is none."""
    seen = readers.number(request.form.get("revision") or "")
    how: dict[str, Any] = {"actor_id": the_account().id, "seen": seen, "now": here.clock.now()}
    if reason:
        reviews.send_back(activity, reason, **how)
    else:
        reviews.accept(activity, **how)
