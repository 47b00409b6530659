"""立即报名, 取消报名 and 我参加的活动: what volunteers do with activities."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.activities import leaving, misfits, overlaps, passwords, queries, risks, waiting
from app.activities.crowd import IN_ALREADY, OUTCOMES
from app.activities.finding import bp, place_in
from app.activities.leaving_form import LeavingForm
from app.activities.models import Activity, Shift, SignUpState
from app.activities.sign_up import find_sign_up, sign_up
from app.activities.states import SIGN_UP_LABELS
from app.activities.views import detail, list_filter, published_or_404, way_back
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.volunteers.guards import the_volunteer, volunteers_only
from app.web import readers

__all__ = ["bp"]


@bp.post("/activities/<id:activity_id>/shifts/<id:shift_id>/sign-up")
@volunteers_only
def sign_up_to(activity_id: int, shift_id: int) -> ResponseReturnValue:
    """立即报名, where it is not plain: the others were answered before Flask (app/activities/crowd.py)."""
    activity, _ = _of(activity_id, shift_id)
    try:
        # Slow on purpose, so that it is asked outside the transaction.
        knows = passwords.tried(activity, the_volunteer().id, request.form.get("password", ""), here.redis)
    except AppError as error:
        return detail(published_or_404(activity_id), error.message), error.status

    def act(volunteer_id: int) -> str:
        yes = {"accepts_risk": request.form.get("risk") == "y", "knows_password": knows}
        yes["has_training"] = request.form.get("training") == "y"
        mine, is_new = sign_up(shift_id, volunteer_id, **yes, read_edition=_read_edition(), now=here.clock.now())
        return OUTCOMES[SignUpState(mine.state)] if is_new else IN_ALREADY

    return _change(activity_id, act)


def _read_edition() -> int | None:
    """Of which edition the page was that the person has read, if it says so."""
    return readers.number(request.form.get("edition"))


@bp.post("/activities/<id:activity_id>/shifts/<id:shift_id>/accept")
@volunteers_only
def accept_offer(activity_id: int, shift_id: int) -> ResponseReturnValue:
    """确认参加"""
    _of(activity_id, shift_id)
    return _change(
        activity_id,
        lambda volunteer_id: OUTCOMES[SignUpState(waiting.accept(shift_id, volunteer_id, now=here.clock.now()).state)],
    )


@bp.route("/activities/<id:activity_id>/shifts/<id:shift_id>/withdraw", methods=["GET", "POST"])
@volunteers_only
def withdraw_from(activity_id: int, shift_id: int) -> ResponseReturnValue:
    """取消报名, or 请假 once the deadline is over: the reason first."""
    activity, shift = _of(activity_id, shift_id)
    mine = find_sign_up(shift_id, the_volunteer().id)
    if mine is None:
        raise NotFound
    if not mine.is_live:
        flash(SIGN_UP_LABELS[SignUpState(mine.state)])
        return _back_to(activity_id)
    asks = leaving.must_ask(mine, activity, here.clock.now())
    form = LeavingForm()
    if form.validate_on_submit():
        words = form.words
        return _change(activity_id, lambda volunteer_id: _leave(shift_id, volunteer_id, words, asks=asks))
    facts = {"activity": activity, "shift": shift, "mine": mine, "asks": asks, "back": way_back()}
    return render_template("activities/withdraw.html", form=form, **facts), form.status


@bp.post("/activities/<id:activity_id>/shifts/<id:shift_id>/accept-risk")
@volunteers_only
def accept_risk(activity_id: int, shift_id: int) -> ResponseReturnValue:
    """我已看过活动风险: which became another one after signing up"""
    _of(activity_id, shift_id)

    def act(volunteer_id: int) -> str:
        risks.accept(shift_id, volunteer_id, read_edition=_read_edition(), now=here.clock.now())
        return "已记下您看过活动风险"

    return _change(activity_id, act)


@bp.post("/activities/<id:activity_id>/shifts/<id:shift_id>/confirm-training")
@volunteers_only
def confirm_training(activity_id: int, shift_id: int) -> ResponseReturnValue:
    """我已具备: what was asked for after signing up"""
    _of(activity_id, shift_id)

    def act(volunteer_id: int) -> str:
        misfits.confirm_training(shift_id, volunteer_id, read_edition=_read_edition(), now=here.clock.now())
        return "已记下您的确认"

    return _change(activity_id, act)


def _leave(shift_id: int, volunteer_id: int, reason: str, *, asks: bool) -> str:
    if asks:
        leaving.ask_for_leave(shift_id, volunteer_id, reason, now=here.clock.now())
        return "请假已提交，等主办组织同意"
    leaving.withdraw(shift_id, volunteer_id, reason, now=here.clock.now())
    return "已取消报名"


def _change(activity_id: int, act: Callable[[int], str]) -> ResponseReturnValue:
    """Do it, to a shift that was found to be one of the activity."""
    volunteer_id = the_volunteer().id
    try:
        flash(in_transaction(lambda: act(volunteer_id)))
    except AppError as error:
        return detail(published_or_404(activity_id), error.message), error.status
    return _back_to(activity_id)


def _of(activity_id: int, shift_id: int) -> tuple[Activity, Shift]:
    activity = published_or_404(activity_id)
    for shift in activity.shifts:
        if shift.id == shift_id:
            return activity, shift
    raise NotFound


def _back_to(activity_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", activity_id=activity_id, back=way_back() or None), 303)


TABS = {queries.ALL: "全部", queries.WAITING: "待参加", queries.DONE: "已结束"}


@bp.get("/volunteer/activities")
@volunteers_only
def mine() -> ResponseReturnValue:
    """我参加的活动"""
    tab = request.args.get("tab", queries.ALL)
    tab = tab if tab in TABS else queries.ALL
    phase = request.args.get("phase", queries.ALL)
    phase = phase if phase in queries.PHASES else queries.ALL
    now = here.clock.now()
    text, place = list_filter()["text"], place_in(request.args)
    page = queries.mine(the_volunteer().id, tab, now, phase=phase, text=text, place=place)
    kept: dict[str, Any] = {"tab": tab, "phase": phase if phase != queries.ALL else None, "q": text or None}
    facts: dict[str, Any] = {"tab": tab, "phase": phase, "tabs_by_key": TABS, "now": now, "text": text}
    # Back from an activity: all of the list down to the part that it was in.
    facts["back"] = url_for(".mine", **kept, upto=place.whole)
    facts["overlaps"] = overlaps.of_sign_ups(page.rows, now)
    facts["address"] = lambda **changes: url_for(".mine", **(kept | changes))
    return render_template("activities/mine.html", page=page, **facts)
