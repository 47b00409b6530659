"""What a timer does about activities."""

from contextlib import suppress

import structlog

from app.activities import drawing, titles, waiting
from app.activities.errors import CannotDraw
from app.activities.recount import recount
from app.context import here
from app.database import in_transaction, session
from app.jobs import Jobs
from app.organizations import suspending

log = structlog.get_logger()


def register(jobs: Jobs) -> None:
    jobs.add("activities.end_offers", end_offers, every_minutes=1)
    jobs.add("activities.draw", draw_due, every_minutes=1)
    jobs.add("activities.recount", look_over, nightly=True)
    jobs.add(suspending.GOES_ON, offer_what_is_free, nightly=True)


def end_offers() -> int:
    """Pass on the places that nobody confirmed in time, each in a transaction of its own; returns how many ended."""
    now = here.clock.now()
    ended = waiting.ended_offers(now)
    session.rollback()
    for sign_up_id in ended:
        in_transaction(lambda sign_up_id=sign_up_id: waiting.end_offer(sign_up_id, now=now))  # type: ignore[misc]
    return len(ended)


def offer_what_is_free() -> int:
    """An organisation goes on: offer the places that came free meanwhile; returns of how many shifts."""
    now = here.clock.now()
    shifts = waiting.left_free(now)
    session.rollback()
    for shift_id in shifts:
        in_transaction(lambda shift_id=shift_id: waiting.offer_what_is_free(shift_id, now=now))  # type: ignore[misc]
    return len(shifts)


def draw_due() -> int:
    """Draw the lots of what has ended its sign-up, each shift in a transaction of its own; returns how many shifts."""
    now = here.clock.now()
    shifts = drawing.due(now)
    session.rollback()
    for shift_id in shifts:
        # Refused when the organiser has moved the end of sign-up meanwhile.
        with suppress(CannotDraw):
            in_transaction(lambda shift_id=shift_id: drawing.draw(shift_id, now=now))  # type: ignore[misc]
    return len(shifts)


def look_over() -> int:
    """Tell the operator when what is kept of shifts and titles is not what it should be; returns how much differs."""
    found = in_transaction(lambda: recount(mends=False))
    if found:
        shifts = sorted({one.shift_id for one in found})[:20]
        log.warning("shifts_miscounted", differences=len(found), shifts=shifts, see="flask activities recount")
    wrong = titles.KEPT.recount(mends=False)
    if wrong:
        log.warning("titles_kept_wrong", differences=len(wrong), activities=wrong[:20], see="flask activities recount")
    return len(found) + len(wrong)
