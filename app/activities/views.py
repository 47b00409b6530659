"""活动报名: the list and the page of an activity, for everybody."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import regions
from app.activities import queries
from app.activities.models import Activity, ActivityState, Phase, SignUpState
from app.context import here
from app.errors import NotFound
from app.volunteers.guards import current_volunteer
from app.web import readers
from app.web.forms import Form
from app.web.guards import public
from app.web.urls import local_path

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
    return detail(published_or_404(activity_id))


def detail(activity: Activity, message: str = "") -> str:
    volunteer = current_volunteer()
    mine = queries.sign_ups_of(activity, volunteer.id) if volunteer else {}
    queued = {
        row.shift_id: queries.before_in_queue(row) for row in mine.values() if row.state == SignUpState.WAITLISTED
    }
    facts = {"mine": mine, "queued": queued, "now": here.clock.now(), "message": message, "back": way_back()}
    return render_template("activities/show.html", activity=activity, form=Form(), **facts)


def way_back() -> str:
    """Where the person came from: the list, with its filters and its place."""
    return local_path(request.args.get("back"), "")
