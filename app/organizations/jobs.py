"""What a timer does about organisations."""

import structlog

from app.database import in_transaction
from app.jobs import Jobs
from app.organizations.errors import NoRoot
from app.organizations.recount import recount

log = structlog.get_logger()


def register(jobs: Jobs) -> None:
    jobs.add("organizations.recount", look_over, nightly=True)


def look_over() -> int:
    """Tell the operator when what is kept of the tree is not what would be counted; returns how much differs."""
    try:
        found = in_transaction(lambda: recount(mends=False))
    except NoRoot:
        return 0
    if found:
        names = sorted({one.what for one in found})
        log.warning("organizations_miscounted", differences=len(found), of=names, see="flask organizations recount")
    return len(found)
