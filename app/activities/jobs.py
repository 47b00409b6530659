"""What a timer does about activities."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

import structlog

from app.activities import awaiting, drawing, titles, waiting
from app.activities.errors import CannotDraw, OrganizerPaused
from app.activities.recount import recount
from app.context import here
from app.database import in_transaction, session
from app.jobs import Jobs
from app.organizations import suspending

log = structlog.get_logger()


def register(jobs: Jobs) -> None:
    jobs.add("activities.end_offers", end_offers, every_minutes=1)
    jobs.add("activities.draw", draw_due, every_minutes=1)
    jobs.add("activities.tell_of_waiting", tell_of_waiting, every_minutes=10)
    jobs.add("activities.recount", look_over, nightly=True)
    jobs.add(suspending.GOES_ON, offer_what_is_free, nightly=True)


def end_offers() -> int:
    """Pass on the places that nobody confirmed in time, or whose people were removed; returns how many ended."""
    return _each(waiting.ended_offers, waiting.end_offer) + _each(waiting.offers_of_removed, waiting.end_offer)


def offer_what_is_free() -> int:
    """An organisation goes on: offer the places that came free meanwhile; returns of how many shifts."""
    return _each(waiting.left_free, waiting.offer_what_is_free)


def draw_due() -> int:
    """Draw the lots of what has ended its sign-up; returns of how many shifts."""

    def draw(shift_id: int, *, now: datetime) -> None:
        # Refused when the organiser has moved the end of sign-up, or was suspended, meanwhile.
        with suppress(CannotDraw, OrganizerPaused):
            drawing.draw(shift_id, now=now)

    return _each(drawing.due, draw)


def tell_of_waiting() -> int:
    """Tell organisers of sign-ups that wait for a yes; returns of how many activities."""
    return _each(awaiting.to_tell, awaiting.tell)


def _each(find: Callable[[datetime], Sequence[int]], act: Callable[..., object]) -> int:
    """Do it to each that is found, in a transaction of its own; returns how many were found."""
    now = here.clock.now()
    found = find(now)
    session.rollback()
    for row_id in found:
        in_transaction(lambda row_id=row_id: act(row_id, now=now))  # type: ignore[misc]
    return len(found)


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
