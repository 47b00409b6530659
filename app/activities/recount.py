"""Whether the places that a shift counts as taken and waited for are those of its sign-ups."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, or_, select

from app.activities.models import Shift, SignUp
from app.activities.states import SEATED, SignUpState
from app.activities.waiting import lock_shift
from app.database import session

#: What a shift keeps of its sign-ups.
COUNTERS = ("places_taken", "waiting", "entered")


@dataclass(frozen=True)
class Difference:
    """What is kept of a shift, and what it should be."""

    shift_id: int
    what: str
    kept: int
    true: int


def recount(*, mends: bool) -> list[Difference]:
    """Compare the counters of all shifts with their sign-ups; put right what is wrong if it `mends`."""
    found = _differences()
    if not mends:
        return found
    mended = []
    for shift_id in sorted({one.shift_id for one in found}):
        # Counted again under the lock: somebody may have signed up meanwhile.
        shift, wrong = lock_shift(shift_id), _differences(Shift.id == shift_id)
        for one in wrong:
            setattr(shift, one.what, one.true)
        mended += wrong
    session.flush()
    return mended


def _differences(*which: ColumnElement[bool]) -> list[Difference]:
    seated, waiting, lots = _count_in(SEATED), _count_in({SignUpState.WAITLISTED}), _count_in({SignUpState.ENTERED})
    query = select(Shift.id, Shift.places_taken, Shift.waiting, Shift.entered, seated, waiting, lots)
    query = query.outerjoin(SignUp, SignUp.shift_id == Shift.id).where(*which)
    query = query.group_by(Shift.id, Shift.places_taken, Shift.waiting, Shift.entered).order_by(Shift.id)
    wrong = query.having(or_(Shift.places_taken != seated, Shift.waiting != waiting, Shift.entered != lots))
    found = []
    for shift_id, *kept_and_true in session.execute(wrong):
        numbers = [int(number) for number in kept_and_true]
        pairs = dict(zip(COUNTERS, zip(numbers[:3], numbers[3:], strict=True), strict=True))
        found += [Difference(shift_id, what, kept, true) for what, (kept, true) in pairs.items() if kept != true]
    return found


def _count_in(states: Iterable[str]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((SignUp.state.in_(sorted(states)), 1), else_=0)), 0)
