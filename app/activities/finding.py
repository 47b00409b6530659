"""活动报名: the list, with its filters, its orders and the way back to a place in it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import codes, regions
from app.activities import distance, position, queries, ranking
from app.activities.models import Phase
from app.activities.views import bp, list_filter
from app.clock import from_local, today
from app.context import here
from app.keyset import Page, Place
from app.volunteers.guards import current_volunteer
from app.web import readers
from app.web.forms import Form
from app.web.guards import public

__all__ = ["bp"]

#: When: what a person can choose, and which days it means, counted from today; the weekend is computed.
DAYS = {"today": "今天", "weekend": "本周末", "week": "7 天内", "month": "30 天内"}
SOON, NEAR, PLACES = "soon", "near", "places"
#: The region that was chosen last in this browser, or that all are wanted.
REGION, ALL_REGIONS, YEAR_SECONDS = "region", "all", 365 * 24 * 3600
NO_POSITION = "没有得到您的位置，请允许定位后再试，或按地区找"
POSITION_GONE = "您的位置只记 30 分钟，现在已经忘掉了。要按远近看，请再按一次“离我近”"


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


def place_in(source: Mapping[str, str]) -> Place:
    """Where in a list an address leads."""
    return Place(readers.page_key(source.get("after")), readers.page_key(source.get("upto")))


def _asked(source: Mapping[str, str]) -> dict[str, str]:
    """The filters of the list as an address or a form has them; nonsense asks for nothing."""
    category, when, sort = source.get("category", ""), source.get("when", ""), source.get("sort", "")
    region = source.get("region", "") if "region" in source else _usual_region()
    return {
        "phase": phase if (phase := source.get("phase", Phase.SIGNUP_OPEN)) in queries.PHASES else queries.ALL,
        "sort": sort if sort in (NEAR, PLACES) else SOON,
        "region": region if regions.exists(region) else "",
        "category": category if category in codes.SERVICE_SCOPES else "",
        "when": when if when in DAYS else "",
        "room": "1" if source.get("room") == "1" else "",
        "q": list_filter(source)["text"],
    }


def _usual_region() -> str:
    """What this browser looked at last, or where the volunteer would serve: nobody chooses their district each time."""
    chosen = request.cookies.get(REGION, "")
    if chosen == ALL_REGIONS or regions.exists(chosen):
        return chosen
    volunteer = current_volunteer()
    if volunteer is None:
        return ""
    return volunteer.service_region or regions.city_of(volunteer.residence_region)


def _wanted(asked: Mapping[str, str], now: datetime) -> queries.Wanted:
    volunteer = current_volunteer()
    return queries.Wanted(
        volunteer_id=volunteer.id if volunteer else None,
        phase=asked["phase"],
        region=asked["region"],
        category=asked["category"],
        between=days_between(asked["when"], now),
        with_room=bool(asked["room"]),
        text=asked["q"],
    )


def _address(asked: Mapping[str, str], **more: str | None) -> str:
    """The list with these filters. The region always stands in it: without one the usual one would count."""
    kept: dict[str, Any] = {**asked, **more}
    if kept["sort"] == SOON:
        kept["sort"] = ""
    return url_for(".index", **{name: value for name, value in kept.items() if value or name == "region"})


@bp.get("/activities")
@public
def index() -> ResponseReturnValue:
    """活动报名"""
    asked = _asked(request.args)
    if request.args.get("keep") == "1":
        # Chosen in the form, and not by an address that somebody sent.
        return _remember_region(redirect(_address(asked)), asked["region"])
    return _list(asked, place_in(request.args))


def _remember_region(answer: Any, region: str) -> Response:
    response: Response = answer
    secure = here.config.site.is_https
    options: dict[str, Any] = {"max_age": YEAR_SECONDS, "secure": secure, "httponly": True, "samesite": "Lax"}
    response.set_cookie(REGION, region or ALL_REGIONS, **options)
    return response


def _list(asked: dict[str, str], place: Place, message: str = "") -> str:
    now, point = here.clock.now(), position.kept(here.clock.now())
    if asked["sort"] == NEAR and point is None:
        asked, place, message = asked | {"sort": SOON}, Place(), message or POSITION_GONE
    page = _page(asked, point, place, now)
    home = here.config.site.region
    groups = regions.districts_by_city(regions.province_of(asked["region"] or home), regions.city_of(home))
    facts: dict[str, Any] = {"asked": asked, "page": page, "message": message, "now": now, "form": Form()}
    facts |= {"groups": groups, "provinces": regions.provinces(), "home": home, "days": DAYS, "point": point}
    facts["distances"] = _distances(page, point)
    facts["is_filtered"] = any(asked[name] for name in ("category", "when", "room"))
    # Back from an activity: all of the list down to the part that it was in.
    facts["back"] = _address(asked, upto=place.whole)
    facts["address"] = lambda **changes: _address(asked, **changes)
    facts["is_soonest_first"] = queries.is_soonest_first(asked["phase"])
    return render_template("activities/index.html", **facts)


def _distances(page: Page, point: tuple[float, float] | None) -> dict[int, str]:
    """How far each activity is, in whatever order they stand, while the person shares a position."""
    if point is None:
        return {}
    # The stored points are those of Chinese maps; a browser's are not.
    stands_at = distance.gcj02(*point)
    found = ((row.id, row.lng, row.lat) for row in page.rows)
    return {
        row_id: distance.words(distance.metres(*stands_at, lng, lat))
        for row_id, lng, lat in found
        if lng is not None and lat is not None
    }


def _page(asked: dict[str, str], point: tuple[float, float] | None, place: Place, now: datetime) -> Page:
    wanted = _wanted(asked, now)
    if asked["sort"] == NEAR and point:
        return ranking.near(wanted, distance.gcj02(*point), now, place)
    if asked["sort"] == PLACES:
        return ranking.most_places(wanted, now, place)
    return queries.published(wanted, now, place)


@bp.post("/activities/near")
@public
def near() -> ResponseReturnValue:
    """离我近: the position comes in the body, so that it stands in no address, and stays in this browser."""
    asked, now = _asked(request.form), here.clock.now()
    point = position.read(request.form.get("lng", ""), request.form.get("lat", ""))
    if point is None:
        return _list(asked | {"sort": SOON}, Place(), NO_POSITION), 422
    answer = make_response(redirect(_address(asked, sort=NEAR), 303))
    position.keep(answer, point, now)
    return answer


@bp.post("/activities/near/forget")
@public
def forget_position() -> ResponseReturnValue:
    """忘掉我的位置"""
    answer = make_response(redirect(_address(_asked(request.form), sort=SOON), 303))
    position.forget(answer)
    return answer
