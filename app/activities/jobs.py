"""What a timer does about activities."""

from app.activities import waiting
from app.context import here
from app.database import in_transaction, session
from app.jobs import Jobs


def register(jobs: Jobs) -> None:
    jobs.add("activities.end_offers", end_offers, every_minutes=1)


def end_offers() -> int:
    """Pass on the places that nobody confirmed in time, each in a transaction of its own; returns how many ended."""
    now = here.clock.now()
    ended = waiting.ended_offers(now)
    session.rollback()
    for sign_up_id in ended:
        in_transaction(lambda sign_up_id=sign_up_id: waiting.end_offer(sign_up_id, now=now))  # type: ignore[misc]
    return len(ended)
