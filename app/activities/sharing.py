"""Presses on 立即报名 that come while another one is done share the next transaction.

Whoever takes a place holds the shift's row until the commit is flushed. Apart, the people who want one activity are
therefore served one after the other: no more of them in a second than flushes, each with its statements. Those who came
meanwhile and go through together wait for one flush, and for one set of statements.

Only what is plain is shared: somebody new who meets all that is asked, and a place for each; or no place at all.
All else goes through app/activities/sign_up.py by itself: whoever is in already, gave the place back before, has
something at that time or lacks something; a password, a circle, a waiting list, fewer places than people. So do all of
them when the shared transaction does not stand.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import BigInteger, Engine, and_, bindparam, or_, select
from sqlalchemy.exc import SQLAlchemyError

from app.activities import conditions
from app.activities.errors import ActivityFull
from app.activities.models import (
    TAKEN,
    Activity,
    ActivityState,
    ApprovalMode,
    RecruitScope,
    Shift,
    SignUp,
    SignUpState,
)
from app.activities.sign_up import (
    TOLD,
    first_state,
    lock_shift_where_needed,
    new_sign_up,
    note_accepted,
    reason_of,
    take_places,
)
from app.activities.sign_up_statements import END, FRESH, NOW, OPEN_ACTIVITIES, SHIFT, START
from app.activities.texts import tell
from app.database import in_transaction, session
from app.errors import AppError
from app.volunteers.models import Volunteer

log = structlog.get_logger()

#: Presses that go through together.
MOST = 50
#: How long one waits for others in a rush: less than a commit takes.
GATHER_SECONDS = 0.002
#: Presses for different shifts rarely wait at one door, and never share more than that.
DOORS = 64


PLAIN = (Activity.recruit_scope == RecruitScope.OPEN, Activity.approval_mode != ApprovalMode.LOTTERY)
SHIFT_AND_ACTIVITY = (
    select(Shift, Activity)
    .join(Activity, Activity.id == Shift.activity_id)
    .where(Shift.id == SHIFT)
    .execution_options(**FRESH)
)
PEOPLE = Volunteer.account_id.in_(bindparam("accounts", expanding=True))
#: Locked by number, so that of two groups none has whom the other waits for.
LOCK_PEOPLE = select(Volunteer).where(PEOPLE).order_by(Volunteer.id).with_for_update().execution_options(**FRESH)
#: The accounts of volunteers who have no sign-up to the shift, whatever came of it.
NEVER_SIGNED_UP = (
    select(Volunteer.account_id)
    .outerjoin(SignUp, and_(SignUp.shift_id == SHIFT, SignUp.volunteer_id == Volunteer.id))
    .where(PEOPLE, SignUp.id.is_(None))
)
#: A volunteer's number, if the shift is open and has no place, and they have no sign-up to it.
FULL_FOR = (
    select(Volunteer.id)
    .join(Shift, Shift.id == SHIFT)
    .outerjoin(SignUp, and_(SignUp.shift_id == Shift.id, SignUp.volunteer_id == Volunteer.id))
    .where(
        Volunteer.account_id == bindparam("account", type_=BigInteger),
        SignUp.id.is_(None),
        Shift.activity_id == bindparam("activity", type_=BigInteger),
        Shift.activity_id.in_(OPEN_ACTIVITIES.where(Activity.waitlist_limit == 0, *PLAIN)),
        Shift.quota > 0,
        Shift.places_taken >= Shift.quota,
        Shift.waiting == 0,
        Shift.ends_at > NOW,
        Shift.removed_at.is_(None),
    )
)
#: Those who have signed up to the shift, whatever came of it, or to something else at that time.
KNOWN_OR_BUSY = (
    select(SignUp.volunteer_id)
    .join(Activity, Activity.id == SignUp.activity_id)
    .where(
        SignUp.volunteer_id.in_(bindparam("people", expanding=True)),
        or_(
            SignUp.shift_id == SHIFT,
            and_(
                SignUp.state.in_(TAKEN),
                SignUp.shift_starts_at < END,
                SignUp.shift_ends_at > START,
                Activity.state == ActivityState.PUBLISHED,
            ),
        ),
    )
)


class NotPlain(Exception):
    """Each has to go through by itself."""


@dataclass(eq=False)
class Press:
    activity_id: int
    shift_id: int
    account_id: int
    accepts_risk: bool = False
    has_training: bool = False
    #: What came of it; None when it has to go through by itself.
    outcome: SignUpState | AppError | None = None
    is_done: bool = False


class Door:
    """Through it goes one at a time, and takes along those who wait for the same shift."""

    def __init__(self) -> None:
        self._moved = threading.Condition()
        #: Shifts that were full when somebody looked last: no answer, but a reason to look once more before waiting.
        self.seen_full: set[int] = set()
        self.waiting: list[Press] = []
        self._is_busy = self._was_shared = False

    def go_through(self, press: Press, act: Callable[[Sequence[Press]], None]) -> None:
        """Wait until somebody took the press along, or go oneself: then `act` is given all who go."""
        with self._moved:
            self.waiting.append(press)
            self._moved.wait_for(lambda: press.is_done or not self._is_busy)
            if press.is_done:
                return
            self._is_busy = True
            if self._was_shared:
                # In a rush those who were done a moment ago are about to be followed by the next ones.
                self._moved.wait(GATHER_SECONDS)
            others = [one for one in self.waiting if one is not press and one.shift_id == press.shift_id]
            group = [press, *others][:MOST]
            self.waiting = [one for one in self.waiting if one not in group]
            self._was_shared = len(group) > 1
        try:
            act(group)
        finally:
            with self._moved:
                self._is_busy = False
                for one in group:
                    one.is_done = True
                self._moved.notify_all()


_doors: WeakKeyDictionary[Engine, list[Door]] = WeakKeyDictionary()
_making = threading.Lock()


def _door_of(shift_id: int) -> Door:
    engine = session.get_bind()
    with _making:
        if engine not in _doors:
            _doors[engine] = [Door() for _ in range(DOORS)]  # type: ignore[index]
        return _doors[engine][shift_id % DOORS]  # type: ignore[index]


def sign_up_together(press: Press, *, now: datetime) -> SignUpState | None:
    """Sign up, in a transaction shared with those who press at this moment; None when it has to be done by itself.

    Raises what sign_up() raises for a shift that has no place.
    """
    door = _door_of(press.shift_id)
    if press.shift_id in door.seen_full and _is_full_for(press, now):
        raise ActivityFull
    session.rollback()  # who waits holds no connection meanwhile
    door.go_through(press, lambda group: share(group, now))
    if isinstance(press.outcome, ActivityFull):
        door.seen_full = {press.shift_id, *list(door.seen_full)[-MOST:]}
    else:
        door.seen_full.discard(press.shift_id)
    if isinstance(press.outcome, AppError):
        raise press.outcome
    return press.outcome


def _is_full_for(press: Press, now: datetime) -> bool:
    """Whether the shift has no place for this person, who is a volunteer and never signed up to it."""
    seen = {"shift": press.shift_id, "activity": press.activity_id, "account": press.account_id, "now": now}
    return session.execute(FULL_FOR, seen).first() is not None


def share(group: Sequence[Press], now: datetime) -> None:
    """Do what is plain of these presses for one shift in one transaction, and say of each what came of it."""
    try:
        found = in_transaction(lambda: _sign_up(group, now))
    except (AppError, NotPlain, SQLAlchemyError) as error:
        log.info("presses_not_shared", presses=len(group), reason=type(error).__name__)
        return
    for press, outcome in found.items():
        press.outcome = outcome


def _sign_up(group: Sequence[Press], now: datetime) -> dict[Press, SignUpState | AppError]:
    """What came of those that are plain. Raises NotPlain."""
    row = session.execute(SHIFT_AND_ACTIVITY, {"shift": group[0].shift_id}).first()
    if row is None or not _is_plain(*row, now):
        return {}
    shift, activity = row
    # Whoever pressed twice goes in once, and then hears by the other press that they are in.
    first = {press.account_id: press for press in reversed(group) if press.activity_id == activity.id}
    if shift.places_left == 0:
        # Read a moment ago, and only to refuse.
        reason = reason_of(activity, shift, now)
        strangers = set(session.scalars(NEVER_SIGNED_UP, {"shift": shift.id, "accounts": list(first)}))
        return {press: reason for press in group if press.account_id in strangers}
    people = _new_people(shift, activity, first, now)
    if shift.places_left is not None and shift.places_left < len(people):
        raise NotPlain
    state = _enter(shift, activity, people, now) if people else SignUpState.CONFIRMED
    return dict.fromkeys((first[one.account_id] for one in people), state)


def _is_plain(shift: Shift, activity: Activity, now: datetime) -> bool:
    asks_more = activity.skills_any or activity.members_only or activity.exclusive_with or activity.waitlist_limit
    return (
        activity.state == ActivityState.PUBLISHED
        and activity.recruit_scope == RecruitScope.OPEN
        and activity.approval_mode != ApprovalMode.LOTTERY
        and activity.signup_start_at <= now < activity.signup_end_at
        and not (asks_more or shift.waiting or shift.removed_at)
    )


def _new_people(shift: Shift, activity: Activity, first: dict[int, Press], now: datetime) -> list[Volunteer]:
    """Those who are new and meet all that is asked; locked, so that no other press of theirs slips by."""
    people = session.scalars(LOCK_PEOPLE, {"accounts": list(first)}).all()
    seen = {"shift": shift.id, "start": shift.starts_at, "end": shift.ends_at, "people": [one.id for one in people]}
    busy = set(session.scalars(KNOWN_OR_BUSY, seen))

    def meets_all(person: Volunteer) -> bool:
        press = first[person.account_id]
        if conditions.lacking(activity, person, shift.starts_at, now=now):
            return False
        lacks_risk = activity.risk_text and not press.accepts_risk
        return not (lacks_risk or (activity.training_required and not press.has_training))

    return [person for person in people if person.id not in busy and meets_all(person)]


def _enter(shift: Shift, activity: Activity, people: Sequence[Volunteer], now: datetime) -> SignUpState:
    """Their sign-ups, what they are told, and last the places: all, or none. Raises NotPlain."""
    lock_shift_where_needed(shift.id)
    state = first_state(activity)
    made = [new_sign_up(shift, person.id, state, now) for person in people]
    for mine in made:
        note_accepted(mine, activity, now)
    session.add_all(made)
    session.flush()
    for mine, person in zip(made, people, strict=True):
        tell(mine, TOLD[state], person.account_id, now=now, is_new=True)
    session.flush()
    if not take_places(shift, now, count=len(made)):
        raise NotPlain
    return state
