"""What an organiser does to a published activity as a whole: 取消活动, another end of sign-up."""

from datetime import datetime

from sqlalchemy import update

from app.accounts.services import note_audit
from app.activities import shifts
from app.activities.errors import CancelledAlready, CannotCancel, CannotMoveDeadline, EditedMeanwhile, SignUpBegan
from app.activities.messages import by_shift
from app.activities.models import LIVE, Activity, ActivityState, ApprovalMode, SignUp, SignUpState
from app.activities.texts import text_times, told_of
from app.database import rows_hit, session
from app.notices import services as notices

MOVED_MEANWHILE = "您打开本页以后，活动被别人改过，报名时间还没有改；请看清现在的时间再按一次"
CANCELLED = "activity.cancelled"


def cancel(activity: Activity, reason: str, *, actor_id: int, now: datetime) -> None:
    """取消活动: nobody signs up any more, and all who would come or wait are told why. The same again is harmless.

    Raises CannotCancel once it has ended, CancelledAlready where they have been told another reason.
    """
    shifts.hold(activity)
    session.refresh(activity)
    if activity.state == ActivityState.CANCELLED:
        if activity.state_reason != reason:
            raise CancelledAlready(activity.state_reason)
        return
    if not activity.may_become(ActivityState.CANCELLED) or now >= activity.ends_at:
        raise CannotCancel
    # Conditional, because two admins may press at the same moment.
    mine = update(Activity).where(Activity.id == activity.id, Activity.state == ActivityState.PUBLISHED)
    off = {"state": ActivityState.CANCELLED, "state_reason": reason, "cancelled_at": now}
    if not rows_hit(mine.values(**off, revision=Activity.revision + 1)):
        return
    session.refresh(activity)
    offers = update(SignUp).where(SignUp.activity_id == activity.id, SignUp.state == SignUpState.OFFERED)
    rows_hit(offers.values(offer_ends_at=None))
    detail = f"{activity.title}：{reason}"
    note_audit(actor_id, CANCELLED, detail, actor_id=actor_id, topic=f"activity:{activity.id}", now=now)
    to_come = (SignUp.activity_id == activity.id, SignUp.state.in_(LIVE), SignUp.shift_ends_at > now)
    for shift, who in by_shift(now, *to_come):
        values = told_of(activity, shift) | {"reason": reason}
        times = text_times(shift.starts_at, shift.ends_at, now)
        notices.add_many("activity_cancelled", f"activity-cancelled:{activity.id}", who, values, now=now, **times)


def move_sign_up(
    activity: Activity, begins_at: datetime | None, ends_at: datetime, *, seen: int | None = None, now: datetime
) -> None:
    """Let sign-up that has not begun do so at another time, at once if none is said, and end at another.

    Raises CannotMoveDeadline, EditedMeanwhile, SignUpBegan.
    """
    if activity.signup_start_at <= now:
        raise SignUpBegan("报名刚刚已经开始，开始时间不能再改")
    activity.signup_start_at = max(begins_at or now, now)
    move_deadline(activity, ends_at, seen=seen, now=now)


def move_deadline(activity: Activity, ends_at: datetime, *, seen: int | None = None, now: datetime) -> None:
    """Let sign-up end at another time: now, to end it early, or later. `seen` is the edition of the page, if known.

    It makes another edition, so that no older 编辑 undoes it without a word.
    Raises CannotMoveDeadline, EditedMeanwhile.
    """
    if activity.state != ActivityState.PUBLISHED or now >= activity.ends_at:
        raise CannotMoveDeadline
    if activity.approval_mode == ApprovalMode.LOTTERY:
        if any(shift.drawn_at for shift in activity.shifts):
            raise CannotMoveDeadline("已经抽签，不能再改报名时间")
        if ends_at > activity.starts_at:
            raise CannotMoveDeadline("抽签的报名截止时间不能晚于活动开始")
    if not activity.signup_start_at < ends_at <= activity.ends_at:
        raise CannotMoveDeadline("报名截止时间要晚于报名开始时间，也不能晚于活动结束时间")
    # As an edit does: the row is taken before it is looked at, and two who move it at once do so one after the other.
    rows_hit(update(Activity).where(Activity.id == activity.id).values(revision=Activity.revision + 1))
    session.refresh(activity, ["revision"])
    if seen is not None and seen + 1 != activity.revision:
        raise EditedMeanwhile(MOVED_MEANWHILE)
    activity.signup_end_at = ends_at
    session.flush()
