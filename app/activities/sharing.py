"""Presses on 立即报名 that come while another one is done share the next transaction.

Whoever takes a place holds the shift's row until the commit is flushed. Apart, the people who want one activity are
therefore served one after the other: no more of them in a second than flushes, each with its statements. Those who came
meanwhile and go through together wait for one flush, and for one set of statements.

Only what is plain is shared: somebody new who meets all that is asked, and a place for them; somebody who is in
already; or no place at all. All else goes through app/activities/sign_up.py by itself: whoever gave the place back
before, has something at that time or lacks something; a password, a circle, a waiting list. So do all of them when the
shared transaction does not stand.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import structlog
from flask import Flask
from sqlalchemy import Engine, insert
from sqlalchemy.exc import SQLAlchemyError

from app.accounts import sessions
from app.activities import conditions
from app.activities.doors import MOST, Door
from app.activities.errors import ActivityFull
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
from app.activities.sign_up import (
    TOLD,
    accepted,
    agreed_to_another,
    first_state,
    lock_shift_where_needed,
    new_facts,
    reason_of,
    take_places,
)
from app.activities.sign_up_statements import (
    FULL_FOR,
    KNOWN_OR_BUSY,
    LOCK_PEOPLE,
    MADE,
    SHIFT_AND_ACTIVITY,
    SIGNED_UP,
)
from app.activities.texts import tell_new
from app.context import here
from app.database import in_transaction, session
from app.errors import AppError
from app.volunteers.models import Volunteer

log = structlog.get_logger()

#: Presses for different shifts rarely wait at one door, and never share more than that.
DOORS = 64


class NotPlain(Exception):
    """Each has to go through by itself."""


class In(NamedTuple):
    """What somebody is in the shift, and whether this press made it so."""

    state: SignUpState
    is_new: bool


@dataclass(eq=False)
class Press:
    activity_id: int
    shift_id: int
    #: Whose it is; None until their log-in is looked for, by `token`.
    account_id: int | None = None
    token: str = ""
    accepts_risk: bool = False
    has_training: bool = False
    read_edition: int | None = None
    #: What came of it; None when it has to go through by itself.
    outcome: In | AppError | None = None
    is_done: bool = False


Outcomes = dict[Press, In | AppError]
_doors: WeakKeyDictionary[Engine, list[Door[Press]]] = WeakKeyDictionary()
_making = threading.Lock()


def _door_of(engine: Engine, shift_id: int) -> Door[Press]:
    with _making:
        if engine not in _doors:
            _doors[engine] = [Door() for _ in range(DOORS)]
        return _doors[engine][shift_id % DOORS]


def sign_up_together(app: Flask, press: Press, *, now: datetime) -> In | None:
    """Sign up, in a transaction shared with those who press at this moment; None when it has to be done by itself.

    Needs no context: who only waits has none, and holds no connection. Raises what sign_up() raises for a shift that
    has no place.
    """
    door = _door_of(app.extensions["database"], press.shift_id)

    def act(group: Sequence[Press]) -> None:
        with app.app_context():
            share(group, now, was_full=press.shift_id in door.seen_full)

    door.go_through(press, act)
    if isinstance(press.outcome, ActivityFull):
        door.seen_full = {press.shift_id, *list(door.seen_full)[-MOST:]}
    else:
        door.seen_full.discard(press.shift_id)
    if isinstance(press.outcome, AppError):
        raise press.outcome
    return press.outcome


def share(group: Sequence[Press], now: datetime, *, was_full: bool = False) -> None:
    """Do what is plain of these presses for one shift in one transaction, and say of each what came of it.

    Where it was full a moment ago it is looked first who finds it so: that locks nothing.
    """
    try:
        found = _find_full(group, now) if was_full else {}
        rest = [press for press in group if press not in found]
        if rest:
            found |= in_transaction(lambda: _sign_up(rest, now))
    except (AppError, NotPlain, SQLAlchemyError) as error:
        # hide_parameters keeps people's data out of what SQLAlchemy says.
        log.info("presses_not_shared", presses=len(group), reason=type(error).__name__, detail=str(error)[:200])
        return
    for press, outcome in found.items():
        press.outcome = outcome


def _known(group: Sequence[Press], now: datetime) -> list[Press]:
    """Those of whom it is known who they are: by a log-in that counts, and was written down as used not long ago."""
    tokens = [press.token for press in group if press.account_id is None]
    logins = sessions.find_many(tokens, limits=here.config.limits, now=now) if tokens else {}
    for press in group:
        login = logins.get(press.token)
        # Whoever acts for several organisations reads that on each page.
        if login and not (login.is_paused or login.must_be_noted(now) or login.acts_for_several):
            press.account_id = login.account_id
    return [press for press in group if press.account_id is not None]


def _find_full(group: Sequence[Press], now: datetime) -> Outcomes:
    """What comes of those who find the shift full."""
    known = _known(group, now)
    seen = {"shift": group[0].shift_id, "now": now, "accounts": [press.account_id for press in known]}
    found: Outcomes = {}
    for activity_id in {press.activity_id for press in known}:
        theirs = [press for press in known if press.activity_id == activity_id]
        found |= _in_or(ActivityFull(), theirs, session.execute(FULL_FOR, seen | {"activity": activity_id}))
    return found


def _in_or(reason: AppError, known: Sequence[Press], rows: Iterable[Any]) -> Outcomes:
    """Whoever is in is told so, and whoever never signed up is told the reason; the others go by themselves."""
    came = {
        account_id: In(SignUpState(state), False) if state else reason
        for account_id, state in rows
        if state in (None, *LIVE)
    }
    return {press: came[press.account_id] for press in known if press.account_id in came}


def _sign_up(group: Sequence[Press], now: datetime) -> Outcomes:
    """What came of those that are plain. Raises NotPlain."""
    row = session.execute(SHIFT_AND_ACTIVITY, {"shift": group[0].shift_id}).first()
    if row is None or not _is_plain(*row, now):
        return {}
    shift, activity = row
    known = [press for press in _known(group, now) if press.activity_id == activity.id]
    # Whoever pressed twice goes in once, and hears by the other press that they are in.
    first = {press.account_id: press for press in reversed(known)}
    if not first:
        return {}
    if shift.places_left == 0:
        # Read a moment ago, and only to refuse.
        reason = reason_of(activity, shift, now)
        return _in_or(reason, known, session.execute(SIGNED_UP, {"shift": shift.id, "accounts": list(first)}))
    return _admit(shift, activity, known, first, now)


def _is_plain(shift: Shift, activity: Activity, now: datetime) -> bool:
    asks_more = activity.skills_any or activity.members_only or activity.exclusive_with or activity.waitlist_limit
    return (
        activity.state == ActivityState.PUBLISHED
        and activity.recruit_scope == RecruitScope.OPEN
        and activity.approval_mode != ApprovalMode.LOTTERY
        and activity.signup_start_at <= now < activity.signup_end_at
        and not (asks_more or shift.waiting or shift.removed_at)
    )


def _admit(
    shift: Shift, activity: Activity, known: Sequence[Press], first: dict[int | None, Press], now: datetime
) -> Outcomes:
    """Those who are in, and as many of the new ones as there are places. Raises NotPlain."""
    # Locked, so that no other press of theirs slips by.
    people = session.scalars(LOCK_PEOPLE, {"accounts": list(first)}).all()
    seen = {"shift": shift.id, "start": shift.starts_at, "end": shift.ends_at, "people": [one.id for one in people]}
    rows = session.execute(KNOWN_OR_BUSY, seen).all()
    busy = {row.volunteer_id for row in rows}
    states = {row.volunteer_id: row.state for row in rows if row.shift_id == shift.id and row.state in LIVE}

    def meets_all(person: Volunteer) -> bool:
        press = first[person.account_id]
        if agreed_to_another(activity, shift, press.read_edition):
            return False
        if conditions.lacking(activity, person, shift.starts_at, now=now):
            return False
        lacks_risk = activity.risk_text and not press.accepts_risk
        return not (lacks_risk or (activity.training_required and not press.has_training))

    # Of more people than places those get one who came first.
    came_as = {press.account_id: number for number, press in enumerate(known)}
    new = sorted(
        (person for person in people if person.id not in busy and meets_all(person)),
        key=lambda person: came_as[person.account_id],
    )[: shift.places_left]
    state = _enter(shift, activity, new, now) if new else None
    came = {one.account_id: In(states[one.id], False) for one in people if one.id in states}
    came |= {one.account_id: In(state, True) for one in new if state}

    def outcome(press: Press) -> In:
        mine = came[press.account_id or 0]
        return mine if press is first[press.account_id] else mine._replace(is_new=False)

    return {press: outcome(press) for press in known if press.account_id in came}


def _enter(shift: Shift, activity: Activity, people: Sequence[Volunteer], now: datetime) -> SignUpState:
    """Their sign-ups, what they are told, and last the places: all, or none. Raises NotPlain."""
    lock_shift_where_needed(shift.id)
    state = first_state(activity)
    more = accepted(activity, now)
    session.execute(insert(SignUp), [new_facts(shift, one.id, state, now) | more for one in people])
    # Asked for afterwards: told row by row as they are inserted they cost more than all else here.
    whose = {one.id: one.account_id for one in people}
    made = session.execute(MADE, {"shift": shift.id, "people": list(whose)})
    tell_new(activity, shift, TOLD[state], {row.id: whose[row.volunteer_id] for row in made}, now=now)
    if not take_places(shift, now, count=len(people)):
        raise NotPlain
    return state
