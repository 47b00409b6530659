"""取消活动 and 报名时间: what an organiser does to a published activity as a whole."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.guards import the_account
from app.activities import ending
from app.activities.models import Activity
from app.activities.publishing import back_if_over, bp, own_published_or_404
from app.activities.roster_forms import CancelForm, DeadlineForm
from app.activities.roster_views import act_page
from app.context import here
from app.database import in_transaction
from app.organizations import permissions
from app.organizations.guards import admins_only
from app.web import readers
from app.web.acts import attempt
from app.web.forms import Moment
from app.web.templating import time_text

__all__ = ["bp"]


def _page_of(activity: Activity) -> str:
    return url_for(".show", activity_id=activity.id)


@bp.route("/organization/activities/<id:activity_id>/cancel", methods=["GET", "POST"])
@admins_only(permissions.CANCEL)
def cancel(activity_id: int) -> ResponseReturnValue:
    """取消活动: with a reason that all who signed up receive"""
    activity, form = own_published_or_404(activity_id), CancelForm()
    if away := back_if_over(activity):
        return away

    def act() -> None:
        mine, reason = own_published_or_404(activity_id), form.reason.data
        ending.cancel(mine, reason, actor_id=the_account().id, now=here.clock.now())

    if attempt(form, act):
        flash("活动已取消，报名的人会收到通知")
        return redirect(_page_of(activity), 303)
    intro = "取消后不能恢复。报名和候补的人都会收到通知和原因。"
    return act_page(form, "取消活动", activity, intro=intro, to=_page_of(activity))


def _times_of(activity: Activity) -> DeadlineForm:
    times = {"signup_start_at": activity.signup_start_at, "signup_end_at": activity.signup_end_at}
    return DeadlineForm(revision=str(activity.revision), **{name: Moment.text(one) for name, one in times.items()})


@bp.route("/organization/activities/<id:activity_id>/deadline", methods=["GET", "POST"])
@admins_only(permissions.PUBLISH)
def deadline(activity_id: int) -> ResponseReturnValue:
    """报名时间: begin sign-up at another time, while it has not; end it later, earlier, or now"""
    activity = own_published_or_404(activity_id)
    if away := back_if_over(activity):
        return away
    begun = activity.signup_start_at <= here.clock.now()
    form = _times_of(activity)
    form.closes_now = begun
    if begun:
        del form.signup_start_at
    if request.form.get("action") == "now":
        # Pressed instead of filled in.
        moment = here.clock.now()
        in_transaction(lambda: ending.move_deadline(own_published_or_404(activity_id), moment, now=moment))
        flash("报名已截止")
        return redirect(_page_of(activity), 303)

    def act() -> None:
        mine, now, ends_at = own_published_or_404(activity_id), here.clock.now(), form.signup_end_at.instant
        seen = readers.number(form.revision.data)
        assert ends_at is not None
        if begun:
            ending.move_deadline(mine, ends_at, seen=seen, now=now)
        else:
            ending.move_sign_up(mine, form.signup_start_at.instant, ends_at, seen=seen, now=now)

    if attempt(form, act):
        flash("报名截止时间已修改" if begun else "报名时间已修改")
        return redirect(_page_of(activity), 303)
    activity = own_published_or_404(activity_id)
    form.revision.data = str(activity.revision)
    intro = f"现在的报名截止时间：{time_text(activity.signup_end_at)}。"
    intro += "" if begun else "开始时间空着，就是马上可以报名。"
    return act_page(form, "报名时间", activity, intro=intro, to=_page_of(activity))
