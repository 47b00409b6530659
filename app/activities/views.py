"""活动报名: the list and the page of an activity, for everybody."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlencode

import segno
from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import codes, files, regions
from app.activities import calendar_file, conditions, distance, queries
from app.activities.fields import LAT, LNG
from app.activities.models import PICTURES, Activity, ActivityState, Phase, SignUpState
from app.clock import from_local, today
from app.context import here
from app.errors import NotFound
from app.volunteers.guards import current_volunteer
from app.web import readers
from app.web.forms import Form
from app.web.guards import public
from app.web.urls import absolute, local_path

bp = Blueprint("activities", __name__)


def published_or_404(activity_id: int) -> Activity:
    """An activity that everybody may see: published once, even if cancelled since."""
    activity = queries.find(activity_id)
    if activity is None or activity.state not in (ActivityState.PUBLISHED, ActivityState.CANCELLED):
        raise NotFound
    return activity


def list_filter(source: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What an address asks a list for; nonsense asks for nothing."""
    source = request.args if source is None else source
    text = source.get("q", "")[:50]
    try:
        text = readers.clean(text)
    except ValueError:
        text = ""
    return {"text": text, "after": readers.page_key(source.get("after"))}


#: When: what a person can choose, and which days it means, counted from today; the weekend is computed.
DAYS = {"today": "今天", "weekend": "本周末", "week": "7 天内", "month": "30 天内"}


def days_between(choice: str, now: datetime) -> tuple[datetime, datetime] | None:
    """From the first midnight in Shanghai to before the last; None when no days were chosen."""
    first = today(now)
    if choice == "weekend":
        # Of a Sunday what is left of it.
        saturday = first + timedelta(days=(5 - first.weekday()) % 7 if first.weekday() != 6 else -1)
        first, last = max(first, saturday), saturday + timedelta(days=2)
    elif choice in DAYS:
        last = first + timedelta(days={"today": 1, "week": 7, "month": 30}[choice])
    else:
        return None
    midnight = datetime.min.time()
    return from_local(datetime.combine(first, midnight)), from_local(datetime.combine(last, midnight))


def _asked(source: Mapping[str, str]) -> dict[str, str]:
    """The filters of the list as an address or a form has them; nonsense asks for nothing."""
    region, category, when = source.get("region", ""), source.get("category", ""), source.get("when", "")
    return {
        "phase": phase if (phase := source.get("phase", Phase.SIGNUP_OPEN)) in queries.PHASES else queries.ALL,
        "region": region if regions.exists(region) else "",
        "category": category if category in codes.SERVICE_SCOPES else "",
        "when": when if when in DAYS else "",
        "room": "1" if source.get("room") == "1" else "",
        "q": list_filter(source)["text"],
    }


def _wanted(asked: Mapping[str, str], now: datetime) -> queries.Wanted:
    return queries.Wanted(
        phase=asked["phase"],
        region=asked["region"],
        category=asked["category"],
        between=days_between(asked["when"], now),
        with_room=bool(asked["room"]),
        text=asked["q"],
    )


def _list(
    asked: dict[str, str], page: queries.Page, *, distances: Mapping[int, str] | None = None, message: str = ""
) -> str:
    home = here.config.site.region
    groups = regions.districts_by_city(regions.province_of(asked["region"] or home), regions.city_of(home))
    facts = {"asked": asked, "groups": groups, "home": home, "now": here.clock.now(), "days": DAYS, "form": Form()}
    folded = any(asked[name] for name in ("region", "category", "when", "room"))
    facts |= {"page": page, "distances": distances, "message": message, "provinces": regions.provinces()}
    return render_template("activities/index.html", is_filtered=folded, **facts)


@bp.get("/activities")
@public
def index() -> ResponseReturnValue:
    """活动报名"""
    asked, now = _asked(request.args), here.clock.now()
    page = queries.published(_wanted(asked, now), now, after=readers.page_key(request.args.get("after")))
    return _list(asked, page)


@bp.post("/activities/near")
@public
def near() -> ResponseReturnValue:
    """离我近的: the position comes in the body, so that it stands in no address, and it is kept nowhere."""
    asked, now = _asked(request.form), here.clock.now()
    try:
        lng, lat = (round(float(request.form.get(name, "")[:20]), 3) for name in ("lng", "lat"))
    except ValueError:
        lng, lat = 0.0, 0.0
    if not (LNG[0] <= lng <= LNG[1] and LAT[0] <= lat <= LAT[1]):
        return _list(asked, queries.Page([], None), message="没有得到您的位置，请允许定位后再试，或按地区找"), 422
    pairs = queries.near(_wanted(asked, now), lng, lat, now)
    page = queries.Page([row for row, _ in pairs], None)
    return _list(asked, page, distances={row.id: distance.words(far) for row, far in pairs})


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
    facts["pictures"] = files.of(PICTURES, activity.id)
    facts["conditions"] = conditions.words(activity)
    facts["lacking"] = {
        shift.id: conditions.lacking(activity, volunteer, shift.starts_at) for shift in activity.shifts if volunteer
    }
    return render_template("activities/show.html", activity=activity, form=Form(), map_url=map_url, **facts)


def map_url(activity: Activity) -> str:
    """A page of a map service, which needs no key: the place itself, or a search for its address."""
    if activity.lng is not None and activity.lat is not None:
        place = {"position": f"{activity.lng},{activity.lat}", "name": activity.title, "coordinate": "gaode"}
        return f"https://uri.amap.com/marker?{urlencode(place)}"
    return (
        f"https://uri.amap.com/search?{urlencode({'keyword': regions.full_name(activity.region) + activity.address})}"
    )


@bp.get("/activities/<id:activity_id>/calendar.ics")
@public
def calendar(activity_id: int) -> ResponseReturnValue:
    """加到日历"""
    activity = published_or_404(activity_id)
    page = absolute(here.config.site, url_for(".show", activity_id=activity.id))
    body = calendar_file.of(activity, page, host=here.config.site.host, now=here.clock.now())
    name = f"activity-{activity.id}.ics"
    return Response(body, mimetype="text/calendar", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@bp.get("/activities/<id:activity_id>/poster")
@public
def poster(activity_id: int) -> ResponseReturnValue:
    """海报: what hangs on a board, with a QR code that leads here."""
    activity = published_or_404(activity_id)
    return render_template("activities/poster.html", activity=activity, now=here.clock.now())


@bp.get("/activities/<id:activity_id>/qr.png")
@public
def qr_code(activity_id: int) -> ResponseReturnValue:
    """The page's address as a picture, to press long or to print."""
    page = absolute(here.config.site, url_for(".show", activity_id=published_or_404(activity_id).id))
    picture = BytesIO()
    segno.make(page, error="m").save(picture, kind="png", scale=10, border=4)
    return Response(picture.getvalue(), mimetype="image/png", headers={"Cache-Control": "public, max-age=86400"})


def way_back() -> str:
    """Where the person came from: the list, with its filters and its place."""
    # A name that was searched for comes decoded; in an address it is not.
    return local_path(quote(request.args.get("back", "")[:300], safe="/?&=%,:+-._~"), "")
