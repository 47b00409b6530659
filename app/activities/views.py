"""活动报名 and 我参加的活动: what volunteers see of activities."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import regions
from app.activities import queries
from app.activities.models import Activity, ActivityState, Phase, SignUp
from app.activities.sign_up import sign_up, withdraw
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.volunteers.guards import current_volunteer, the_volunteer, volunteers_only
from app.web import readers
from app.web.forms import Form
from app.web.guards import public

bp = Blueprint("activities", __name__)


def published_or_404(activity_id: int) -> Activity:
    """An activity that everybody may see: published once, even if cancelled since."""
    activity = queries.find(activity_id)
    if activity is None or activity.state not in (ActivityState.PUBLISHED, ActivityState.CANCELLED):
        raise NotFound
    return activity


def list_filter() -> dict[str, Any]:
    """What an address asks a list for; nonsense asks for nothing."""
    text = request.args.get("q", "")[:50]
    try:
        text = readers.clean(text)
    except ValueError:
        text = ""
    return {"text": text, "after": readers.page_key(request.args.get("after"))}


@bp.get("/activities")
@public
def index() -> ResponseReturnValue:
    """活动报名"""
    phase = request.args.get("phase", Phase.SIGNUP_OPEN)
    if phase not in queries.PHASES:
        phase = queries.ALL
    region = request.args.get("region", "")
    if not regions.exists(region):
        region = ""
    page = queries.published(phase, here.clock.now(), region=region, **list_filter())
    home = here.config.site.region
    groups = regions.districts_by_city(regions.province_of(region or home), regions.city_of(home))
    facts = {"phase": phase, "region": region, "groups": groups, "home": home, "now": here.clock.now()}
    return render_template("activities/index.html", page=page, **facts)


@bp.get("/activities/<id:activity_id>")
@public
def show(activity_id: int) -> ResponseReturnValue:
    return _page(published_or_404(activity_id))


def _page(activity: Activity, message: str = "") -> str:
    volunteer = current_volunteer()
    mine = queries.live_sign_ups(activity, volunteer.id) if volunteer else {}
    now = here.clock.now()
    return render_template("activities/show.html", activity=activity, mine=mine, form=Form(), now=now, message=message)


@bp.post("/activities/<id:activity_id>/shifts/<id:shift_id>/sign-up")
@volunteers_only
def sign_up_to(activity_id: int, shift_id: int) -> ResponseReturnValue:
    """立即报名"""
    return _change(activity_id, shift_id, lambda volunteer_id: _signed_up(shift_id, volunteer_id))


@bp.post("/activities/<id:activity_id>/shifts/<id:shift_id>/withdraw")
@volunteers_only
def withdraw_from(activity_id: int, shift_id: int) -> ResponseReturnValue:
    """取消报名"""
    return _change(activity_id, shift_id, lambda volunteer_id: _withdrawn(shift_id, volunteer_id))


def _signed_up(shift_id: int, volunteer_id: int) -> str:
    _, is_new = sign_up(shift_id, volunteer_id, now=here.clock.now())
    return "报名成功" if is_new else "您已经报过名了"


def _withdrawn(shift_id: int, volunteer_id: int) -> str:
    withdraw(shift_id, volunteer_id, now=here.clock.now())
    return "已取消报名"


def _change(activity_id: int, shift_id: int, act: Any) -> ResponseReturnValue:
    activity = published_or_404(activity_id)
    if shift_id not in [shift.id for shift in activity.shifts]:
        raise NotFound
    volunteer_id = the_volunteer().id
    try:
        flash(in_transaction(lambda: act(volunteer_id)))
    except AppError as error:
        return _page(published_or_404(activity_id), error.message), error.status
    return redirect(url_for(".show", activity_id=activity_id), 303)


TABS = {queries.ALL: "全部", queries.WAITING: "待参加", queries.DONE: "已结束"}


@bp.get("/volunteer/activities")
@volunteers_only
def mine() -> ResponseReturnValue:
    """我参加的活动"""
    tab = request.args.get("tab", queries.ALL)
    tab = tab if tab in TABS else queries.ALL
    now = here.clock.now()
    page = queries.mine(the_volunteer().id, tab, now, **list_filter())
    rows: list[SignUp] = list(page.rows)
    return render_template("activities/mine.html", page=page, rows=rows, tab=tab, tabs_by_key=TABS, now=now)
