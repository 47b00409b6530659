"""取消报名 and 请假: until the deadline one cancels by oneself, after it one asks for leave."""

from datetime import datetime

from sqlalchemy import select

from app.activities.errors import CannotWithdraw, MustAskForLeave, NotSignedUp
from app.activities.models import LIVE, Activity, EndedBy, SignUp, SignUpState
from app.activities.sign_up import find_sign_up, lock_volunteer
from app.activities.texts import tell
from app.activities.waiting import free_place, lock_shift
from app.database import session


def must_ask(mine: SignUp, activity: Activity, now: datetime) -> bool:
    """Whether the person has a sure place and the deadline is over."""
    return mine.state == SignUpState.CONFIRMED and now >= activity.cancel_deadline_of(mine.shift_starts_at)


def withdraw(shift_id: int, volunteer_id: int, reason: str, *, now: datetime) -> SignUp:
    """Take the sign-up back and pass the place on. Again is harmless.

    Raises NotSignedUp, CannotWithdraw, MustAskForLeave.
    """
    mine, account_id = _mine(shift_id, volunteer_id)
    if mine.state == SignUpState.WITHDRAWN:
        return mine
    if not mine.may_become(SignUpState.WITHDRAWN) or now >= mine.shift_starts_at:
        raise CannotWithdraw
    if must_ask(mine, session.get_one(Activity, mine.activity_id), now):
        raise MustAskForLeave
    was = mine.state
    mine.end(SignUpState.WITHDRAWN, EndedBy.VOLUNTEER, reason, now)
    session.flush()
    tell(mine, "sign_up_withdrawn", account_id, now=now)
    free_place(mine, was=was, now=now)
    return mine


def shifts_to_come(volunteer_id: int, now: datetime) -> list[int]:
    """The shifts that the volunteer holds a place of, or waits for, and that have not begun."""
    live = SignUp.state.in_(LIVE) & (SignUp.shift_starts_at > now)
    return list(session.scalars(select(SignUp.shift_id).where(SignUp.volunteer_id == volunteer_id, live)))


def give_back(shift_id: int, volunteer_id: int, *, now: datetime) -> None:
    """Take back the sign-up of somebody who leaves altogether, whatever the deadline; nobody is told."""
    mine, _ = _mine(shift_id, volunteer_id)
    if mine.is_live:
        was = mine.state
        mine.end(SignUpState.WITHDRAWN, EndedBy.VOLUNTEER, "", now)
        session.flush()
        free_place(mine, was=was, now=now)


def ask_for_leave(shift_id: int, volunteer_id: int, reason: str, *, now: datetime) -> SignUp:
    """Ask the organiser to be let go; the place stays taken until they say yes. Again changes the reason.

    Raises NotSignedUp, CannotWithdraw.
    """
    mine, _ = _mine(shift_id, volunteer_id)
    if mine.state != SignUpState.CONFIRMED or now >= mine.shift_starts_at:
        raise CannotWithdraw
    mine.leave_asked_at, mine.leave_reason = now, reason
    session.flush()
    return mine


def _mine(shift_id: int, volunteer_id: int) -> tuple[SignUp, int]:
    """The sign-up as it is now, with shift and volunteer locked, and the account to tell."""
    volunteer = lock_volunteer(volunteer_id)
    if volunteer is None or find_sign_up(shift_id, volunteer_id) is None:
        raise NotSignedUp
    lock_shift(shift_id)
    mine = find_sign_up(shift_id, volunteer_id)
    if mine is None:
        raise NotSignedUp
    return mine, volunteer.account_id
