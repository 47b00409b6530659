"""申诉: written by whoever was removed, judged by the organisation above."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.guards import the_account
from app.context import here
from app.errors import NotFound
from app.governance import appeals
from app.governance.forms import AppealForm, DecisionForm
from app.organizations import permissions
from app.organizations.guards import admins_only, the_organization
from app.volunteers.guards import the_volunteer, volunteers_only
from app.web.acts import attempt

bp = Blueprint("governance", __name__)


@bp.get("/volunteer/removals")
@volunteers_only
def removals() -> ResponseReturnValue:
    """被清退的组织, and what became of an appeal"""
    volunteer = the_volunteer()
    rows, made = appeals.removals_of(volunteer), appeals.appeals_of(volunteer.account_id)
    by = appeals.removers(volunteer.account_id, rows)
    judges = {row.id: appeals.judged_by(row.organization) for row in rows}
    return render_template("governance/removals.html", rows=rows, made=made, by=by, judges=judges)


@bp.route("/volunteer/removals/<uid:uid>/appeal", methods=["GET", "POST"])
@volunteers_only
def appeal(uid: str) -> ResponseReturnValue:
    """申诉"""
    row = next((row for row in appeals.removals_of(the_volunteer()) if row.organization.uid == uid), None)
    if row is None:
        raise NotFound
    form = AppealForm()
    if attempt(form, lambda: appeals.appeal(the_volunteer(), uid, form.words.data, now=here.clock.now())):
        flash(f"申诉已提交，由{appeals.judged_by(row.organization)}处理，有结果会通知您")
        return redirect(url_for(".removals"), 303)
    by = appeals.removers(the_volunteer().account_id, [row])[row.id]
    judge = appeals.judged_by(row.organization)
    return render_template("governance/appeal.html", form=form, row=row, by=by, judge=judge), form.status


@bp.get("/organization/appeals")
@admins_only(permissions.JUDGE_APPEALS)
def index() -> ResponseReturnValue:
    """申诉处理"""
    rows = appeals.to_judge(the_organization())
    return render_template("governance/index.html", rows=rows, organization=the_organization())


@bp.route("/organization/appeals/<uid:uid>", methods=["GET", "POST"])
@admins_only(permissions.JUDGE_APPEALS)
def decide(uid: str) -> ResponseReturnValue:
    row = next((row for row in appeals.to_judge(the_organization()) if row.uid == uid), None)
    if row is None:
        raise NotFound
    form = DecisionForm()

    def act() -> None:
        facts = {"upheld": form.outcome.data == "upheld", "decision": form.decision.data}
        appeals.decide(the_organization(), uid, **facts, actor_id=the_account().id, now=here.clock.now())

    if attempt(form, act):
        flash("已处理，对方会收到通知")
        return redirect(url_for(".index"), 303)
    facts = {
        "organization": the_organization(),
        "by": appeals.removers(row.account_id, [row.membership])[row.membership_id],
    }
    return render_template("governance/decide.html", form=form, row=row, **facts), form.status
