"""What a timer does about data that is not kept for ever."""

import structlog

from app.context import here
from app.database import empty_log
from app.jobs import Jobs
from app.own_data import retention

log = structlog.get_logger()


def register(jobs: Jobs) -> None:
    jobs.add("privacy.expire", expire, every_minutes=30)


def expire() -> int:
    """Take out what is older than the settings say, and what was erased since; returns how many rows."""
    total = 0
    for rule in retention.rules(here.config.retention, here.config.limits, here.clock.now()):
        done = retention.apply(rule)
        if done:
            log.info("expired", what=rule.what, rows=done)
        total += done
    empty_log()
    return total
