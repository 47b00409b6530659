"""What volunteers do with organisations: find one, join it, leave it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.organizations import queries, services
from app.organizations.models import MembershipState
from app.organizations.views import bp
from app.volunteers import tries
from app.volunteers.errors import TooManyPasswords
from app.volunteers.guards import the_volunteer, volunteers_only
from app.web import readers
from app.web.forms import Form

__all__ = ["bp"]


@bp.get("/volunteer/organizations")
@volunteers_only
def find() -> ResponseReturnValue:
    """找组织: those near and of one's own kind first."""
    volunteer = the_volunteer()
    text = readers.search_text(request.args.get("q"))
    region = volunteer.service_region or volunteer.residence_region
    aims = [row.code for row in volunteer.services] + [row.code for row in volunteer.skills]
    rows = queries.suggested(region, aims, text=text)
    mine = {row.organization_id: row.state for row in queries.memberships_of(volunteer.id)}
    return render_template("organizations/find.html", rows=rows, mine=mine, text=text, form=Form())


@bp.post("/volunteer/organizations/<uid:uid>/join")
@volunteers_only
def join(uid: str) -> ResponseReturnValue:
    """加入"""
    most, now = here.config.limits.home_organizations, here.clock.now()
    password = request.form.get("join_password", "").strip()[:30]
    try:
        with tries.counted_password(uid, password, TooManyPasswords):
            state = in_transaction(
                lambda: services.join(the_volunteer(), uid, password=password, most=most, now=now).state
            )
    except AppError as error:
        flash(error.message)
    else:
        flash("已加入" if state == MembershipState.ACTIVE else "已申请加入，等组织审核")
    return redirect(url_for("volunteers.show"), 303)


@bp.route("/volunteer/organizations/<uid:uid>/leave", methods=["GET", "POST"])
@volunteers_only
def leave(uid: str) -> ResponseReturnValue:
    """退出, asked once more"""
    membership = queries.membership_in(uid, the_volunteer().id)
    if membership is None:
        raise NotFound
    form = Form()
    if form.validate_on_submit():
        in_transaction(lambda: services.leave(the_volunteer(), uid, now=here.clock.now()))
        flash("已退出")
        return redirect(url_for("volunteers.show"), 303)
    return render_template("organizations/leave.html", organization=membership.organization, form=form)
