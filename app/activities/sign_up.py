"""Signing up: one transaction, and never one person too many.

The order of locks is the same everywhere: the volunteer who acts, their own new sign-up, the shift, then sign-ups of
others (app/activities/waiting.py). The sign-up is inserted first and the place is taken last, by a conditional update,
so that the shift's row - the one that everybody wants in a rush - is held for the shortest time. What must be told goes
into the outbox in the same transaction, before the place is taken.

Whoever calls the activity off or changes it locks all its shifts first, by number, and gives each another edition
(app/activities/shifts.py). So those who took a place before are seen by it and told; those who read the activity before
and take the place after it find another edition, and none of them is in under conditions that they never read.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Update, select, update

from app.activities import conditions, exclusions
from app.activities.errors import (
    ActivityFull,
    CannotSignUpAgain,
    Changed,
    NotPublished,
    NotQualified,
    OrganizerPaused,
    Overlapping,
    RiskNotAccepted,
    SignUpClosed,
    SignUpNotOpen,
    TrainingNotConfirmed,
    WaitingListFull,
    WrongPassword,
)
from app.activities.models import (
    LIVE,
    Activity,
    ActivityState,
    ApprovalMode,
    RecruitScope,
    Shift,
    SignUp,
    SignUpState,
)
from app.activities.sign_up_statements import (
    FIND_SIGN_UP,
    LOCK_SHIFT,
    LOCK_VOLUNTEER,
    OVERLAPPING,
    TAKE_LOT,
    TAKE_PLACE,
    WANTED,
)
from app.activities.texts import tell, told_of
from app.database import rows_hit, session
from app.errors import AppError, NotFound
from app.organizations.models import Organization
from app.volunteers.models import Volunteer

#: What somebody who got a place is told.
TOLD = {
    SignUpState.CONFIRMED: "sign_up_confirmed",
    SignUpState.PENDING: "sign_up_pending",
    SignUpState.ENTERED: "sign_up_entered",
}
#: What one is at first, where one has a seat not at once.
FIRST_STATES = {ApprovalMode.REVIEW: SignUpState.PENDING, ApprovalMode.LOTTERY: SignUpState.ENTERED}


def sign_up(
    shift_id: int,
    volunteer_id: int,
    *,
    accepts_risk: bool = False,
    knows_password: bool = False,
    has_training: bool = False,
    read_edition: int | None = None,
    now: datetime,
) -> tuple[SignUp, bool]:
    """Sign the volunteer up for the shift; returns the sign-up and whether it is new. Again is harmless.

    Where the organiser judges first it is pending; where it is full and a waiting list is kept it waits. The
    `read_edition` is that of the page where the person agreed to something.

    Raises Changed, NotFound, NotPublished, SignUpNotOpen, SignUpClosed, ActivityFull, WaitingListFull, Overlapping,
    CannotSignUpAgain, NotQualified, RiskNotAccepted, WrongPassword, TrainingNotConfirmed, Exclusive.
    """
    # Locked first, so that two presses of one person come one after the other (SQLite has one writer anyway).
    volunteer = lock_volunteer(volunteer_id)
    wanted = session.execute(WANTED, {"shift": shift_id, "volunteer": volunteer_id}).first()
    if volunteer is None or wanted is None:
        raise NotFound
    shift, activity, mine = wanted
    if mine and mine.state in LIVE:  # asked first: whoever is in already must not be told that it is full
        return mine, False
    if agreed_to_another(activity, shift, read_edition):
        raise Changed
    if activity.state == ActivityState.PUBLISHED:
        _check_person(activity, volunteer, shift, accepts_risk=accepts_risk, now=now)
        _check_more(activity, volunteer, knows_password=knows_password, has_training=has_training)
    check_overlap(shift, volunteer_id)
    if mine and not mine.may_come_back:
        raise CannotSignUpAgain
    state = first_state(activity)
    if shift.places_left == 0 and not activity.waitlist_limit and state != SignUpState.ENTERED:
        # Read a moment ago, and only to refuse: who gets a place is decided by the update below.
        raise reason_of(activity, shift, now)
    lock_shift_where_needed(shift_id)
    mine = enter(mine, shift, volunteer_id, state, now)
    for name, moment in accepted(activity, now).items():
        setattr(mine, name, moment)
    told = tell(mine, TOLD[state], volunteer.account_id, now=now, is_new=True)
    session.flush()
    edition, statement = shift.edition, TAKE_LOT if state == SignUpState.ENTERED else TAKE_PLACE
    if not take_places(shift, now, statement):
        _queue(mine, why_not(shift.id, now), edition)
        session.delete(told)
        tell(mine, "sign_up_waitlisted", volunteer.account_id, now=now, is_new=True)
    return mine, True


def _check_person(activity: Activity, volunteer: Volunteer, shift: Shift, *, accepts_risk: bool, now: datetime) -> None:
    lacking = conditions.lacking(activity, volunteer, shift.starts_at, now=now)
    if lacking:
        raise NotQualified("；".join(lacking))
    if activity.risk_text and not accepts_risk:
        raise RiskNotAccepted


def _check_more(activity: Activity, volunteer: Volunteer, *, knows_password: bool, has_training: bool) -> None:
    if activity.recruit_scope == RecruitScope.PASSWORD and not knows_password:
        raise WrongPassword
    if activity.training_required and not has_training:
        raise TrainingNotConfirmed
    exclusions.check(activity, volunteer.id)


def agreed_to_another(activity: Activity, shift: Shift, read_edition: int | None) -> bool:
    """Whether the person may have agreed to something else than what stands there now."""
    return bool(activity.risk_text or activity.training_required) and read_edition not in (None, shift.edition)


def first_state(activity: Activity) -> SignUpState:
    """What a sign-up to it is at first, given a place."""
    return FIRST_STATES.get(ApprovalMode(activity.approval_mode), SignUpState.CONFIRMED)


def accepted(activity: Activity, now: datetime) -> dict[str, datetime]:
    """What whoever signs up has agreed to, where the activity asks for it."""
    risk = {"risk_accepted_at": now} if activity.risk_text else {}
    return risk | ({"training_confirmed_at": now} if activity.training_required else {})


def lock_shift_where_needed(shift_id: int) -> None:
    """InnoDB checks the foreign key of an inserted sign-up by a shared lock on the shift.

    Of two who hold it, each waits for the other's update: in a rush that is a deadlock a time.
    """
    if session.get_bind().dialect.name == "mysql":
        session.execute(LOCK_SHIFT, {"shift": shift_id})


def lock_volunteer(volunteer_id: int) -> Volunteer | None:
    return session.scalar(LOCK_VOLUNTEER, {"volunteer": volunteer_id})


def find_sign_up(shift_id: int, volunteer_id: int) -> SignUp | None:
    return session.scalar(FIND_SIGN_UP, {"shift": shift_id, "volunteer": volunteer_id})


def enter(mine: SignUp | None, shift: Shift, volunteer_id: int, state: SignUpState, now: datetime) -> SignUp:
    """Make the sign-up, or begin it anew at the end of the queue. The place is another matter.

    Raises CannotSignUpAgain.
    """
    return _begin_anew(mine, state, now) if mine else _insert(shift, volunteer_id, state, now)


def _insert(shift: Shift, volunteer_id: int, state: SignUpState, now: datetime) -> SignUp:
    mine = SignUp(**new_facts(shift, volunteer_id, state, now))
    session.add(mine)
    session.flush()
    return mine


def new_facts(shift: Shift, volunteer_id: int, state: SignUpState, now: datetime) -> dict[str, Any]:
    """What a new sign-up begins with."""
    return {
        "shift_id": shift.id,
        "activity_id": shift.activity_id,
        "volunteer_id": volunteer_id,
        "state": state,
        "shift_starts_at": shift.starts_at,
        "shift_ends_at": shift.ends_at,
        "signed_up_at": now,
    }


def _begin_anew(mine: SignUp, state: SignUpState, now: datetime) -> SignUp:
    if not mine.may_become(state):
        raise CannotSignUpAgain
    mine.move_to(state)
    mine.signed_up_at, mine.ended_at = now, None
    mine.ended_by = mine.reason = mine.leave_reason = ""
    mine.by_hand = False
    mine.round += 1
    session.flush()
    return mine


def take_places(shift: Shift, now: datetime, statement: Update = TAKE_PLACE, count: int = 1) -> bool:
    """Take as many places of the shift, or none of them."""
    # The sign-up has a copy of the times, and the person was judged: not if the organiser changed it while we looked.
    seen = {"shift": shift.id, "read_edition": shift.edition, "now": now}
    return rows_hit(statement, seen | ({"count": count} if count > 1 else {})) == 1


def _queue(mine: SignUp, why: AppError, edition: int) -> None:
    """Wait for a place, when that is all that lacks and the organiser keeps a list.

    Raises `why`, Changed, WaitingListFull.
    """
    activity = session.get_one(Activity, mine.activity_id)
    if mine.state == SignUpState.ENTERED:
        # Whoever draws is done with this shift: sign-up is over.
        raise Changed() if isinstance(why, ActivityFull) else why
    if not isinstance(why, ActivityFull) or not activity.waitlist_limit or mine.shift_starts_at <= mine.signed_up_at:
        raise why
    room = update(Shift).where(
        Shift.id == mine.shift_id, Shift.waiting < activity.waitlist_limit, Shift.edition == edition
    )
    if not rows_hit(room.values(waiting=Shift.waiting + 1)):
        session.refresh(mine.shift)
        raise WaitingListFull if mine.shift.edition == edition else Changed
    # Made as one with a seat a moment ago, in this transaction: it never had one, so this is no move.
    mine.state = SignUpState.WAITLISTED
    session.flush()


def why_not(shift_id: int, now: datetime) -> AppError:
    """Why the place could not be taken, in the order that helps the person most."""
    query = select(Activity, Shift).join(Shift).where(Shift.id == shift_id)
    row = session.execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        return NotFound()
    return reason_of(*row, now)


def reason_of(activity: Activity, shift: Shift, now: datetime) -> AppError:
    """Why a place of this shift, as it was read, cannot be taken."""
    if activity.state != ActivityState.PUBLISHED or shift.removed_at:
        return NotPublished()
    if not session.get_one(Organization, activity.organization_id, populate_existing=True).may_publish:
        return OrganizerPaused()
    if now < activity.signup_start_at:
        return SignUpNotOpen()
    if now >= activity.signup_end_at or now >= shift.ends_at:
        return SignUpClosed()
    if shift.quota and (shift.places_taken >= shift.quota or shift.waiting):
        return ActivityFull()
    return Changed()  # a place came free, or the shift was moved, between our two looks


def check_overlap(shift: Shift, volunteer_id: int, *, by_organizer: bool = False) -> None:
    """Two shifts at one time cannot both be served. The volunteer's row is locked, so no other press slips by.

    An organiser is not told what else the person does, nor for whom. Raises Overlapping.
    """
    seen = {"volunteer": volunteer_id, "shift": shift.id, "start": shift.starts_at, "end": shift.ends_at}
    other = session.execute(OVERLAPPING, seen).first()
    if other is None:
        return
    if by_organizer:
        raise Overlapping("这位志愿者在这个时间已有别的活动")
    activity, taken = other
    what = f"“{activity.title}”"
    if activity.id == shift.activity_id:
        # Its title would name what the person is looking at.
        what = f"这个活动的{f'“{taken.title}”' if taken.title else '另一场'}（{told_of(activity, taken)['time']}）"
    raise Overlapping(f"您在这个时间已经报名了{what}，请先取消它再报名")
