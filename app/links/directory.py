"""组织名录: the organisations for everybody, each with what one can sign up for."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import codes, regions
from app.activities import hosting
from app.context import here
from app.errors import NotFound
from app.organizations import directory
from app.organizations.directory import Sought
from app.web import readers
from app.web.guards import public

bp = Blueprint("directory", __name__)


def _sought() -> Sought:
    """The filters of the address; nonsense asks for nothing."""
    region, line = request.args.get("region", ""), request.args.get("line", "")
    text = readers.search_text(request.args.get("q"))
    known = regions.exists(region)
    return Sought(region=region if known else "", st_line=line if line in codes.ST_LINES else "", text=text)


@bp.get("/organizations")
@public
def index() -> ResponseReturnValue:
    """组织名录"""
    sought, home = _sought(), here.config.site.region
    rows, next_key = directory.page(sought, after=readers.row_id(request.args.get("after")) or 0)
    groups = regions.districts_by_city(regions.province_of(sought.region or home), regions.city_of(home))
    facts = {"sought": sought, "groups": groups, "home": home, "provinces": regions.provinces()}
    counts = hosting.count_open([row.id for row in rows], here.clock.now())
    return render_template("organizations/directory.html", rows=rows, next_key=next_key, counts=counts, **facts)


@bp.get("/organizations/<uid:uid>")
@public
def show(uid: str) -> ResponseReturnValue:
    organization = directory.find(uid)
    if organization is None:
        raise NotFound
    if organization.uid != uid:
        return redirect(url_for(".show", uid=organization.uid), 303)
    now = here.clock.now()
    part = hosting.open_of(organization.id, now, after=readers.page_key(request.args.get("after")))
    page = {"organization": organization, "part": part, "now": now}
    return render_template("organizations/directory_show.html", **page)
