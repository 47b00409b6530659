"""活动发布 and 我发布的活动: what an organisation does with its activities."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.activities import gallery, queries, rosters, services
from app.activities.errors import FormUsed, OtherOrganization
from app.activities.facts import ActivityFacts
from app.activities.forms import MOST_PICTURES, ActivityForm
from app.activities.models import Activity
from app.activities.views import list_filter
from app.clock import today
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.organizations import permissions
from app.organizations.errors import MayNotPublish
from app.organizations.guards import admin_row, admins_only, the_organization
from app.privacy import new_uid
from app.web import readers
from app.web.forms import Form
from app.web.pictures import takes_pictures

bp = Blueprint("publishing", __name__)


def own_activity_or_404(activity_id: int) -> Activity:
    """An activity of the organisation that the person acts for."""
    activity = queries.find(activity_id)
    if activity is None or activity.organization_id != the_organization().id:
        raise NotFound
    return activity


@bp.route("/organization/activities/new", methods=["GET", "POST"])
@admins_only(permissions.PUBLISH)
@takes_pictures(MOST_PICTURES)
def new() -> ResponseReturnValue:
    """活动发布"""
    organization, row = the_organization(), admin_row()
    if not organization.may_publish:
        raise MayNotPublish
    form = ActivityForm(
        form_key=new_uid(),
        shift_uid=new_uid(),
        organization=organization.uid,
        **usual_times(here.clock.now()),
        region=organization.region,
        address=organization.address,
        leader_name=row.name if row else "",
        leader_phone=row.account.phone if row else "",
    )
    form.refresh()
    gallery.keep(form.pictures)
    if form.validate_on_submit():
        facts = form.facts(here.config.limits, here.clock.now())
        if facts:
            try:
                activity_id = in_transaction(lambda: _publish(form, facts))
            except (FormUsed, OtherOrganization) as error:
                form.refuse(error)
            else:
                flash("活动已发布")
                return redirect(url_for(".show", activity_id=activity_id), 303)
    form.region.offer(here.config.site.region)
    return render_template("activities/new.html", form=form, organization=organization), form.status


def usual_times(now: datetime) -> dict[str, str]:
    """Next Saturday from 9 to 11: when most of them are."""
    day = today(now) + timedelta(days=(5 - today(now).weekday()) % 7 or 7)
    return {"starts_at": f"{day:%Y-%m-%d}T09:00", "ends_at": f"{day:%Y-%m-%d}T11:00"}


def _publish(form: ActivityForm, facts: ActivityFacts) -> int:
    key = readers.form_key(form.form_key.data) or new_uid()
    organization, now = the_organization(), here.clock.now()
    if form.organization.data not in ("", None, organization.uid):
        raise OtherOrganization(f"您现在代表的是“{organization.name}”，与打开这一页时不同；请切换回去或重新打开本页")
    same = services.find_by_form_key(key, organization)
    return (same or services.publish(facts, organization, form_key=key, now=now)).id


@bp.get("/organization/activities")
@admins_only(permissions.VIEW_ACTIVITIES)
def index() -> ResponseReturnValue:
    """我发布的活动"""
    phase = request.args.get("phase", queries.ALL)
    phase = phase if phase in (*queries.PHASES, *queries.UNPUBLISHED) else queries.ALL
    now = here.clock.now()
    page = queries.of_organization(the_organization(), phase, now, **list_filter())
    facts = {"phase": phase, "now": now, "organization": the_organization()}
    return render_template("activities/published.html", page=page, **facts)


@bp.get("/organization/activities/<id:activity_id>")
@admins_only(permissions.VIEW_ROSTER)
def show(activity_id: int) -> ResponseReturnValue:
    """One of them, with the first of those who signed up."""
    activity = own_activity_or_404(activity_id)
    facts = {"page": rosters.part(activity, rosters.FIRST), "counts": rosters.counts(activity), "rights": rights()}
    return render_template(
        "activities/published_show.html", activity=activity, now=here.clock.now(), form=Form(), **facts
    )


def rights() -> dict[str, bool]:
    """What the person may do with a list, for the buttons; the pages behind them ask again."""
    row = admin_row()
    asked = {
        "judge": permissions.JUDGE_SIGN_UPS,
        "contact": permissions.CONTACT,
        "export": permissions.EXPORT_ROSTER,
        "publish": permissions.PUBLISH,
    }
    return {name: row is not None and permissions.may(row.role, permission) for name, permission in asked.items()}


@bp.route("/organization/activities/<id:activity_id>/edit", methods=["GET", "POST"])
@admins_only(permissions.PUBLISH)
@takes_pictures(MOST_PICTURES)
def edit(activity_id: int) -> ResponseReturnValue:
    """编辑"""
    activity = own_activity_or_404(activity_id)
    form = ActivityForm.of(activity)
    del form.declaration  # ticked when it was published
    form.refresh()
    gallery.keep(form.pictures, activity)
    if form.validate_on_submit():
        facts = form.facts(here.config.limits, here.clock.now(), editing=activity)
        if facts:
            try:
                in_transaction(lambda: services.edit(own_activity_or_404(activity_id), facts, now=here.clock.now()))
            except AppError as error:
                form.refuse(error)
            else:
                flash("已保存，报名的人会收到变动通知")
                return redirect(url_for(".show", activity_id=activity_id), 303)
    form.region.offer(here.config.site.region)
    return render_template("activities/edit.html", form=form, activity=activity), form.status
