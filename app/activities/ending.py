"""What an organiser does to a published activity as a whole: 取消活动, another end of sign-up, a message to all."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from app.accounts.models import AuditEntry
from app.accounts.services import note_audit
from app.activities import rosters, shifts
from app.activities.errors import CannotCancel, CannotMoveDeadline, EditedMeanwhile, SignUpBegan, TooManyMessages
from app.activities.models import LIVE, Activity, ActivityState, ApprovalMode, Shift, SignUp, SignUpState
from app.activities.texts import text_times, told_of
from app.clock import from_local, today
from app.context import here
from app.database import rows_hit, session
from app.notices import services as notices
from app.volunteers.models import Volunteer

MOVED_MEANWHILE = "您打开本页以后，活动被别人改过，报名时间还没有改；请看清现在的时间再按一次"
CANCELLED, MESSAGE, MESSAGE_ONE = "activity.cancelled", "activity.message", "activity.message_one"


def cancel(activity: Activity, reason: str, *, actor_id: int, now: datetime) -> None:
    """取消活动: nobody signs up any more, and all who would come or wait are told why. Again is harmless.

    Raises CannotCancel once it has ended.
    """
    shifts.hold(activity)
    session.refresh(activity)
    if activity.state == ActivityState.CANCELLED:
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
    note_audit(actor_id, CANCELLED, detail, actor_id=actor_id, topic=_topic(activity), now=now)
    to_come = (SignUp.activity_id == activity.id, SignUp.state.in_(LIVE), SignUp.shift_ends_at > now)
    for shift, who in _by_shift(now, *to_come):
        values = told_of(activity, shift) | {"reason": reason}
        times = text_times(shift.starts_at, shift.ends_at, now)
        notices.add_many("activity_cancelled", f"activity-cancelled:{activity.id}", who, values, now=now, **times)


def _by_shift(now: datetime, *mine: ColumnElement[bool]) -> Iterator[tuple[Shift, list[int]]]:
    """The accounts of these sign-ups by shift, each once: with their next one, or the last one when all are over."""
    query = select(SignUp.shift_id, SignUp.shift_starts_at, SignUp.shift_ends_at, Volunteer.account_id)
    rows = session.execute(query.join(Volunteer, Volunteer.id == SignUp.volunteer_id).where(*mine)).all()
    own: dict[int, int] = {}
    for row in sorted(rows, key=lambda row: (row.shift_starts_at, row.shift_id), reverse=True):
        if row.shift_ends_at > now or row.account_id not in own:
            own[row.account_id] = row.shift_id
    found = select(Shift).where(Shift.id.in_(set(own.values()))).order_by(Shift.starts_at, Shift.id)
    for shift in session.scalars(found).all():
        yield shift, sorted(account_id for account_id, shift_id in own.items() if shift_id == shift.id)


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


def message(activity: Activity, group: str, words: str, form_key: str, *, actor_id: int, now: datetime) -> int:
    """Send a message to everybody of the group; returns to how many. The same form again sends nothing more.

    Raises TooManyMessages.
    """
    if not _may_write(activity, now):
        raise TooManyMessages
    mine = rosters.conditions(activity, group)
    return _send(activity, mine, words, form_key, action=MESSAGE, actor_id=actor_id, now=now)


def message_one(activity: Activity, sign_up: SignUp, words: str, form_key: str, *, actor_id: int, now: datetime) -> int:
    """Send a message to one person on the list."""
    return _send(activity, (SignUp.id == sign_up.id,), words, form_key, action=MESSAGE_ONE, actor_id=actor_id, now=now)


def _send(
    activity: Activity,
    mine: Iterable[ColumnElement[bool]],
    words: str,
    form_key: str,
    *,
    action: str,
    actor_id: int,
    now: datetime,
) -> int:
    sent = 0
    for shift, who in _by_shift(now, *mine):
        values = told_of(activity, shift) | {"reason": words}
        sent += notices.add_many("organizer_message", f"message:{form_key}", who, values, now=now)
    if sent:
        detail = f"{activity.title}，{sent} 人：{words}"
        note_audit(actor_id, action, detail, actor_id=actor_id, topic=_topic(activity), now=now)
    return sent


def _may_write(activity: Activity, now: datetime) -> bool:
    """Whether the organisation's people have written to a whole list less often today than the limit says."""
    midnight = from_local(datetime.combine(today(now), datetime.min.time()))
    about = (AuditEntry.topic == _topic(activity), AuditEntry.action == MESSAGE, AuditEntry.at >= midnight)
    sent = session.scalar(select(func.count()).select_from(AuditEntry).where(*about)) or 0
    return sent < here.config.limits.messages_per_activity_day


def _topic(activity: Activity) -> str:
    return f"activity:{activity.id}"
