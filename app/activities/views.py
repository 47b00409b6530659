"""The page of an activity, for everybody."""

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import files, late
from app.activities import calendar_file, conditions, drawing, exclusions, misfits, queries, risks
from app.activities.facts import ActivityFacts
from app.activities.models import PICTURES, Activity, ActivityState, RecruitScope, SignUpState
from app.context import here
from app.errors import NotFound
from app.organizations.acting import admin_row
from app.volunteers.guards import current_volunteer
from app.volunteers.services import lacks_guardian
from app.web import places, readers
from app.web.forms import Form
from app.web.guards import public
from app.web.urls import absolute, local_path

bp = Blueprint("activities", __name__)


def published_or_404(activity_id: int) -> Activity:
    """An activity that everybody may see: published once, even if cancelled since."""
    activity = queries.find(activity_id)
    if activity is None or activity.state not in (ActivityState.PUBLISHED, ActivityState.CANCELLED):
        raise NotFound
    if activity.recruit_scope == RecruitScope.CLOSED and not _may_see(activity):
        raise NotFound
    return activity


def _may_see(activity: Activity) -> bool:
    """One that is not public is there for those on its list, and for its organisation."""
    row, volunteer = admin_row(), current_volunteer()
    own = row is not None and row.organization_id == activity.organization_id
    return own or (volunteer is not None and bool(queries.sign_ups_of(activity, volunteer.id)))


def list_filter(source: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What an address asks a list for; nonsense asks for nothing."""
    source = request.args if source is None else source
    return {"text": readers.search_text(source.get("q")), "after": readers.page_key(source.get("after"))}


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
    now = here.clock.now()
    facts = {"mine": mine, "queued": queued, "now": now, "message": message, "back": way_back()}
    facts |= {"pictures": files.of(PICTURES, activity.id), "draft": None}
    facts["conditions"] = conditions.words(activity)
    facts["exclusive"] = exclusions.of(activity)
    clash = exclusions.clash(activity, volunteer.id) if volunteer else ""
    facts["lacking"] = {
        shift.id: [*conditions.lacking(activity, volunteer, shift.starts_at, now=now), *filter(None, [clash])]
        for shift in activity.shifts
        if volunteer
    }
    facts["volunteer"] = volunteer
    unfit = misfits.of(activity, mine.values())
    # What one press puts right stands by itself.
    lasting = {row_id: [key for key in keys if key != "training"] for row_id, keys in unfit.items()}
    facts["unfit"] = {row_id: misfits.words(activity, keys) for row_id, keys in lasting.items() if keys}
    facts["must_accept"] = risks.first_unread(activity, mine.values(), now)
    facts["lacks_guardian"] = volunteer is not None and lacks_guardian(volunteer, now)
    return render_template("activities/show.html", activity=activity, form=Form(), map_url=map_url, **facts)


def sketch_page(
    activity: Activity,
    *,
    draft: Activity,
    review: bool = False,
    judge: Form | None = None,
    parts: Sequence[ActivityFacts] = (),
    seen: str = "",
) -> str:
    """The page of an activity that is not published yet, as volunteers will see it; nothing on it can be pressed.

    `parts`: the activities that it will be, if several; `seen`: which words of the draft it shows.
    """
    facts = {"mine": {}, "queued": {}, "lacking": {}, "now": here.clock.now(), "message": "", "back": ""}
    facts |= {"unfit": {}, "must_accept": None, "exclusive": exclusions.of(activity)}
    facts |= {
        "conditions": conditions.words(activity),
        "draft": draft,
        "form": Form(),
        "map_url": map_url,
        "review": review,
        "judge": judge,
        "parts": parts,
        "seen": seen,
    }
    facts["pictures"] = files.of(PICTURES, draft.id)
    return render_template("activities/show.html", activity=activity, **facts)


def map_url(activity: Activity) -> str:
    return places.map_url((activity.lng, activity.lat), activity.title, activity.region, activity.address)


@bp.get("/activities/<id:activity_id>/calendar.ics")
@public
def calendar(activity_id: int) -> ResponseReturnValue:
    """加到日历"""
    activity = published_or_404(activity_id)
    page = absolute(here.config.site, url_for(".show", activity_id=activity.id))
    volunteer = current_volunteer()
    mine = queries.sign_ups_of(activity, volunteer.id) if volunteer else {}
    body = calendar_file.of(activity, page, mine=mine, host=here.config.site.host, now=here.clock.now())
    name = f"activity-{activity.id}.ics"
    return Response(body, mimetype="text/calendar", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@bp.get("/activities/<id:activity_id>/draw.txt")
@public
def draw_proof(activity_id: int) -> ResponseReturnValue:
    """抽签记录: all that is needed to compute the draw again"""
    return Response(drawing.proof(published_or_404(activity_id)), mimetype="text/plain")


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
    late.segno.make(page, error="m").save(picture, kind="png", scale=10, border=4)
    return Response(picture.getvalue(), mimetype="image/png", headers={"Cache-Control": "public, max-age=86400"})


#: The row of a list that the person pressed: of an activity, or of a sign-up.
ROW = re.compile(r"[as][0-9]{1,15}")
#: Of a list that was searched for a long name: each of its letters takes nine characters.
LONGEST_BACK = 1000


def way_back() -> str:
    """Where the person came from: the list, with its filters and its place."""
    return way_back_to(request.args.get("back", ""))


def way_back_to(asked: str) -> str:
    """A list of ours, as an address says; nothing for any other."""
    address, _, row = asked[:LONGEST_BACK].partition("#")
    # A name that was searched for comes decoded; in an address it is not.
    path = local_path(quote(address, safe="/?&=%,:+-._~"), "", longest=LONGEST_BACK)
    return f"{path}#{row}" if path and ROW.fullmatch(row) else path
