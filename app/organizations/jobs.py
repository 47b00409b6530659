"""What a timer does about organisations."""

import structlog

from app.context import here
from app.database import in_transaction, session
from app.jobs import Jobs
from app.organizations import chasing, member_names
from app.organizations.errors import NoRoot
from app.organizations.recount import recount

log = structlog.get_logger()


def register(jobs: Jobs) -> None:
    jobs.add("organizations.recount", look_over, nightly=True)
    jobs.add("organizations.remind", remind, every_minutes=10)


def remind() -> int:
    """Tell of expected registrations whose day comes or is past; returns how many people are told."""
    now, told = here.clock.now(), 0
    found = chasing.due(now, days=here.config.limits.expected_reminder_days)
    session.rollback()
    for call_id in found:
        told += in_transaction(lambda call_id=call_id: chasing.remind(call_id, now=now))  # type: ignore[misc]
    return told


def look_over() -> int:
    """Tell the operator when what is kept of tree and names is not what would be counted; returns how much differs."""
    try:
        found = in_transaction(lambda: recount(mends=False))
    except NoRoot:
        return 0
    if found:
        names = sorted({one.what for one in found})
        log.warning("organizations_miscounted", differences=len(found), of=names, see="flask organizations recount")
    wrong = member_names.KEPT.recount(mends=False)
    if wrong:
        log.warning("names_kept_wrong", differences=len(wrong), of=wrong[:20], see="flask organizations recount")
    return len(found) + len(wrong)
