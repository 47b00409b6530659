"""What the organiser decides about sign-ups: yes or no to those that wait for it, and leave."""

from datetime import datetime

from app.accounts.services import note_audit
from app.activities.errors import NotSignedUp, ShiftEnded
from app.activities.models import Activity, ActivityState, EndedBy, SignUp, SignUpState
from app.activities.sign_up import check_overlap, lock_volunteer
from app.activities.texts import tell
from app.activities.waiting import free_place, lock_shift
from app.database import session
from app.life_cycle import WrongMove
from app.organizations.reviewing import refuse_oneself

#: What is written down of a sign-up that is ended, by what its person is told.
ACTIONS = {
    "sign_up_rejected": "sign_up.rejected",
    "sign_up_removed": "sign_up.removed",
    "leave_granted": "leave.granted",
}


def approve(activity: Activity, sign_up_id: int, *, actor_id: int, now: datetime) -> SignUp:
    """通过. Again is harmless. Raises NotSignedUp, OwnRequest, WrongMove, ShiftEnded, Overlapping."""
    sign_up, account_id = _asked(activity, sign_up_id, actor_id)
    if sign_up.state == SignUpState.CONFIRMED:
        return sign_up
    if sign_up.state != SignUpState.PENDING or activity.state != ActivityState.PUBLISHED:
        raise WrongMove
    if now >= sign_up.shift_ends_at:
        raise ShiftEnded("这一场已经结束，不能再通过报名")
    check_overlap(sign_up.shift, sign_up.volunteer_id, by_organizer=True)
    sign_up.move_to(SignUpState.CONFIRMED)
    session.flush()
    note(activity, account_id, "sign_up.confirmed", "", actor_id, now)
    tell(sign_up, "sign_up_confirmed", account_id, now=now)
    return sign_up


def reject(activity: Activity, sign_up_id: int, reason: str, *, actor_id: int, now: datetime) -> SignUp:
    """不通过, with the reason that the person is told. Again is harmless. Raises NotSignedUp, OwnRequest, WrongMove."""
    asked = _asked(activity, sign_up_id, actor_id)
    return _end(activity, *asked, SignUpState.REJECTED, reason, "sign_up_rejected", actor_id=actor_id, now=now)


def remove(activity: Activity, sign_up_id: int, reason: str, *, actor_id: int, now: datetime) -> SignUp:
    """移出名单, with the reason that the person is told: from what is to come. Again is harmless.

    Raises NotSignedUp, WrongMove, ShiftEnded.
    """
    sign_up, account_id = _locked(activity, sign_up_id)
    if sign_up.state != SignUpState.REMOVED:
        if activity.state != ActivityState.PUBLISHED:
            raise WrongMove
        if now >= sign_up.shift_ends_at:
            raise ShiftEnded("这一场已经结束，服务过的人留在名单里")
    return _end(
        activity, sign_up, account_id, SignUpState.REMOVED, reason, "sign_up_removed", actor_id=actor_id, now=now
    )


def grant_leave(activity: Activity, sign_up_id: int, *, actor_id: int, now: datetime) -> SignUp:
    """准假: the person is excused and the place passed on. Again is harmless.

    Raises NotSignedUp, OwnRequest, WrongMove.
    """
    sign_up, account_id = _asked(activity, sign_up_id, actor_id)
    if sign_up.state != SignUpState.EXCUSED and not sign_up.asks_leave:
        raise WrongMove
    reason, excused = sign_up.leave_reason, SignUpState.EXCUSED
    return _end(activity, sign_up, account_id, excused, reason, "leave_granted", actor_id=actor_id, now=now)


def refuse_leave(activity: Activity, sign_up_id: int, *, actor_id: int, now: datetime) -> SignUp:
    """不准假: the sign-up stands. Again is harmless. Raises NotSignedUp, OwnRequest, WrongMove."""
    sign_up, account_id = _asked(activity, sign_up_id, actor_id)
    if sign_up.state != SignUpState.CONFIRMED:
        raise WrongMove
    if sign_up.leave_asked_at is not None:
        tell(sign_up, "leave_refused", account_id, now=now, mark=f"{sign_up.leave_asked_at:%Y%m%d%H%M%S%f}")
        sign_up.leave_asked_at = None
        session.flush()
        note(activity, account_id, "leave.refused", sign_up.leave_reason, actor_id, now)
    return sign_up


def note(activity: Activity, account_id: int, action: str, reason: str, actor_id: int, now: datetime) -> None:
    """Write down what was done with somebody on the list, by whom and why."""
    detail = f"{activity.title}：{reason}" if reason else activity.title
    note_audit(account_id, action, detail, actor_id=actor_id, topic=f"activity:{activity.id}", now=now)


def _end(
    activity: Activity,
    sign_up: SignUp,
    account_id: int,
    state: SignUpState,
    reason: str,
    kind: str,
    *,
    actor_id: int,
    now: datetime,
) -> SignUp:
    if sign_up.state == state:
        return sign_up
    was = sign_up.state
    sign_up.end(state, EndedBy.ORGANIZER, reason, now)
    session.flush()
    note(activity, account_id, ACTIONS[kind], reason, actor_id, now)
    tell(sign_up, kind, account_id, now=now)
    free_place(sign_up, was=was, now=now)
    return sign_up


def _asked(activity: Activity, sign_up_id: int, actor_id: int) -> tuple[SignUp, int]:
    """The same, of a wish that somebody else answers. Raises NotSignedUp, OwnRequest."""
    sign_up, account_id = _locked(activity, sign_up_id)
    refuse_oneself(account_id, actor_id)
    return sign_up, account_id


def _locked(activity: Activity, sign_up_id: int) -> tuple[SignUp, int]:
    """The activity's sign-up as it is now, with volunteer and shift locked, and the account to tell."""
    sign_up = session.get(SignUp, sign_up_id)
    if sign_up is None or sign_up.activity_id != activity.id:
        raise NotSignedUp
    volunteer = lock_volunteer(sign_up.volunteer_id)
    assert volunteer is not None
    lock_shift(sign_up.shift_id)
    session.refresh(sign_up)
    # It may have been called off meanwhile: then nothing is passed on.
    session.refresh(activity)
    return sign_up, volunteer.account_id
