"""Signing up: one transaction, and never one person too many.

The order of locks is the same everywhere: volunteer, sign-up, shift. The sign-up is inserted first and the place is
taken last, by a conditional update, so that the shift's row - the one that everybody wants in a rush - is held for the
shortest time. What must be told goes into the outbox in the same transaction.
"""

from datetime import datetime

from sqlalchemy import insert, or_, select, update

from app.activities.errors import (
    ActivityFull,
    CannotSignUpAgain,
    CannotWithdraw,
    Changed,
    NotPublished,
    NotSignedUp,
    Overlapping,
    SignUpClosed,
    SignUpNotOpen,
)
from app.activities.models import (
    LIVE,
    SEATED,
    Activity,
    ActivityState,
    Shift,
    SignUp,
    SignUpState,
)
from app.activities.texts import told_of
from app.database import rows_hit, session
from app.errors import AppError, NotFound
from app.notices import services as notices
from app.volunteers.models import Volunteer


def sign_up(shift_id: int, volunteer_id: int, *, now: datetime) -> tuple[SignUp, bool]:
    """Sign the volunteer up for the shift; returns the sign-up and whether it is new. Again is harmless.

    Raises NotFound, NotPublished, SignUpNotOpen, SignUpClosed, ActivityFull, Overlapping, CannotSignUpAgain.
    """
    # Locked first, so that two presses of one person come one after the other (SQLite has one writer anyway).
    volunteer = session.scalar(select(Volunteer).where(Volunteer.id == volunteer_id).with_for_update())
    shift = session.get(Shift, shift_id)
    if volunteer is None or shift is None:
        raise NotFound
    mine = find_sign_up(shift_id, volunteer_id)
    if mine and mine.state in LIVE:
        # Asked first: whoever is in already must not be told that it is full.
        return mine, False
    _check_overlap(shift, volunteer_id)
    if session.get_bind().dialect.name == "mysql":
        # InnoDB checks the foreign key of the insert by a shared lock on the shift. Of two who hold it, each waits for
        # the other's update: in a rush that is a deadlock a time.
        session.execute(select(Shift.id).where(Shift.id == shift_id).with_for_update())
    mine = _sign_up_again(mine, now) if mine else _insert(shift, volunteer_id, now)
    if not _take_place(shift, now):
        raise why_not(shift.id, now)
    occasion = f"sign-up:{mine.id}:{mine.round}:confirmed"
    told = told_of(session.get_one(Activity, shift.activity_id), shift)
    notices.add(volunteer.account_id, "sign_up_confirmed", occasion, told, now=now)
    return mine, True


def find_sign_up(shift_id: int, volunteer_id: int) -> SignUp | None:
    query = select(SignUp).where(SignUp.shift_id == shift_id, SignUp.volunteer_id == volunteer_id)
    return session.scalar(query.execution_options(populate_existing=True))


def _insert(shift: Shift, volunteer_id: int, now: datetime) -> SignUp:
    values = {
        "shift_id": shift.id,
        "activity_id": shift.activity_id,
        "volunteer_id": volunteer_id,
        "state": SignUpState.CONFIRMED,
        "shift_starts_at": shift.starts_at,
        "shift_ends_at": shift.ends_at,
        "signed_up_at": now,
        "round": 1,
    }
    session.execute(insert(SignUp).values(values))
    mine = find_sign_up(shift.id, volunteer_id)
    assert mine is not None
    return mine


def _sign_up_again(mine: SignUp, now: datetime) -> SignUp:
    if not mine.may_become(SignUpState.CONFIRMED):
        raise CannotSignUpAgain
    mine.move_to(SignUpState.CONFIRMED)
    mine.signed_up_at, mine.withdrawn_at = now, None
    mine.round += 1
    session.flush()
    return mine


def _take_place(shift: Shift, now: datetime) -> bool:
    open_activity = select(Activity.id).where(
        Activity.state == ActivityState.PUBLISHED,
        Activity.signup_start_at <= now,
        Activity.signup_end_at > now,
        Activity.ends_at > now,
    )
    place = update(Shift).where(
        Shift.id == shift.id,
        or_(Shift.quota == 0, Shift.places_taken < Shift.quota),
        Shift.activity_id.in_(open_activity),
        # The sign-up has a copy of them: not if the organiser moved the shift while we looked.
        Shift.starts_at == shift.starts_at,
        Shift.ends_at == shift.ends_at,
    )
    return rows_hit(place.values(places_taken=Shift.places_taken + 1)) == 1


def why_not(shift_id: int, now: datetime) -> AppError:
    """Why the place could not be taken, in the order that helps the person most."""
    query = select(Activity, Shift).join(Shift).where(Shift.id == shift_id)
    row = session.execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        return NotFound()
    activity, shift = row
    if activity.state != ActivityState.PUBLISHED:
        return NotPublished()
    if now < activity.signup_start_at:
        return SignUpNotOpen()
    if now >= activity.signup_end_at or now >= activity.ends_at:
        return SignUpClosed()
    if shift.quota and shift.places_taken >= shift.quota:
        return ActivityFull()
    return Changed()  # a place came free, or the shift was moved, between our two looks


def _check_overlap(shift: Shift, volunteer_id: int) -> None:
    """Two shifts at one time cannot both be served. The volunteer's row is locked, so no other press slips by."""
    query = (
        select(Activity.title)
        .join(SignUp, SignUp.activity_id == Activity.id)
        .where(
            SignUp.volunteer_id == volunteer_id,
            SignUp.shift_id != shift.id,
            SignUp.state.in_(SEATED),
            SignUp.shift_starts_at < shift.ends_at,
            SignUp.shift_ends_at > shift.starts_at,
            Activity.state == ActivityState.PUBLISHED,
        )
    )
    title = session.scalar(query.limit(1))
    if title:
        raise Overlapping(f"您在这个时间已经报名了“{title}”，请先取消它再报名")


def withdraw(shift_id: int, volunteer_id: int, *, now: datetime) -> SignUp:
    """Take the sign-up back and give the place free. Again is harmless. Raises NotSignedUp, CannotWithdraw."""
    volunteer = session.scalar(select(Volunteer).where(Volunteer.id == volunteer_id).with_for_update())
    mine = find_sign_up(shift_id, volunteer_id)
    if volunteer is None or mine is None:
        raise NotSignedUp
    if mine.state == SignUpState.WITHDRAWN:
        return mine
    if not mine.may_become(SignUpState.WITHDRAWN) or now >= mine.shift_starts_at:
        raise CannotWithdraw
    held_seat = mine.state in SEATED
    mine.move_to(SignUpState.WITHDRAWN)
    mine.withdrawn_at = now
    session.flush()
    if held_seat:
        rows_hit(update(Shift).where(Shift.id == shift_id).values(places_taken=Shift.places_taken - 1))
    shift = session.get_one(Shift, shift_id)
    occasion = f"sign-up:{mine.id}:{mine.round}:withdrawn"
    told = told_of(session.get_one(Activity, mine.activity_id), shift)
    notices.add(volunteer.account_id, "sign_up_withdrawn", occasion, told, now=now)
    return mine
