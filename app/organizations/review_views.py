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
    top, after = the_organization(), readers.page_key(request.args.get("after"))
    part = queries.waiting_below(top, after=after)
    wishes = [] if after else changes.waiting_below(top)
    facts: dict[str, Any] = {"next_key": part.next_key, "now": here.clock.now(), "changes": wishes}
    facts["more_changes"] = changes.count_waiting_below(top) - len(wishes) if wishes else 0
    return render_template("organizations/reviews.html", rows=part.rows, **facts)


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
