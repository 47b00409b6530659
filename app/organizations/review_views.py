"""待审核: what waits below to be judged, and judging it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.guards import the_account
from app.context import here
from app.database import in_transaction
from app.errors import AppError
from app.organizations import changes, permissions, queries, reviewing
from app.organizations.errors import ReasonNeeded
from app.organizations.forms import ReviewForm
from app.organizations.guards import admins_only, judged_organization, the_organization
from app.organizations.models import OrganizationState
from app.organizations.reviewing import Verdict
from app.web import readers

bp = Blueprint("organization_reviews", __name__)

DONE = {
    Verdict.ACCEPT: "已通过，对方会收到通知",
    Verdict.RETURN: "已退回，对方修改后会再提交",
    Verdict.REFUSE: "已按不通过处理，对方会收到通知",
}


@bp.get("/organization/reviews")
@admins_only(permissions.REVIEW_BELOW)
def index() -> ResponseReturnValue:
    """待审核"""
    after = readers.row_id(request.args.get("after")) or 0
    rows = queries.waiting_below(the_organization(), after=after)
    page, more = rows[: queries.PAGE], len(rows) > queries.PAGE
    next_key = page[-1].id if more else None
    facts: dict[str, Any] = {"next_key": next_key, "now": here.clock.now()}
    facts["changes"] = [] if after else changes.waiting_below(the_organization())
    return render_template("organizations/reviews.html", rows=page, **facts)


@bp.route("/organization/below/<uid:uid>/review", methods=["GET", "POST"])
@admins_only(permissions.REVIEW_BELOW)
def review(uid: str) -> ResponseReturnValue:
    """One registration with all its facts: 通过, 退回, 不通过"""
    organization = judged_organization(uid)
    form = ReviewForm(revision=str(organization.revision))
    if form.validate_on_submit():
        verdict = Verdict(action) if (action := request.form.get("action")) in list(Verdict) else None
        if verdict is None:
            form.refuse(ReasonNeeded("请按一个按钮：通过、退回或不通过"))
            return _show(uid, form, 422)
        reason, seen, by = form.reason.data, readers.row_id(form.revision.data), the_account().id
        now = here.clock.now()
        try:
            in_transaction(lambda: reviewing.judge(uid, verdict, reason, by=by, seen=seen, now=now))
        except AppError as error:
            form.refuse(error)
            return _show(uid, form, error.status)
        flash(DONE[verdict])
        return redirect(url_for(".index"), 303)
    return _show(uid, form, form.status)


def _show(uid: str, form: ReviewForm, status: int) -> ResponseReturnValue:
    organization = judged_organization(uid)
    form.revision.data = str(organization.revision)
    facts = {"near": queries.nearly_called(organization.name, organization.region), "now": here.clock.now()}
    facts["is_waiting"] = organization.state == OrganizationState.PENDING
    return render_template("organizations/review.html", organization=organization, form=form, **facts), status
