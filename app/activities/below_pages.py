"""The activities of an organisation below: what it published, to look at."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.activities import queries
from app.activities.views import list_filter
from app.context import here
from app.organizations import permissions
from app.organizations.guards import admins_only, organization_below

bp = Blueprint("activities_below", __name__)


@bp.get("/organization/below/<uid:uid>/activities")
@admins_only(permissions.VIEW_ACTIVITIES)
def index(uid: str) -> ResponseReturnValue:
    organization = organization_below(uid, permissions.VIEW_ACTIVITIES)
    phase = request.args.get("phase", queries.ALL)
    phase = phase if phase in queries.PHASES else queries.ALL
    now = here.clock.now()
    page = queries.of_organization(organization, phase, now, only_public=True, **list_filter())
    facts = {"phase": phase, "now": now, "figures": queries.figures(organization, now)}
    return render_template("activities/below.html", page=page, organization=organization, **facts)
