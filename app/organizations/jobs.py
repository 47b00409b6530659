"""What a timer does about organisations."""

import structlog

from app.database import in_transaction
from app.jobs import Jobs
from app.organizations import member_names
from app.organizations.errors import NoRoot
from app.organizations.recount import recount

log = structlog.get_logger()


def register(jobs: Jobs) -> None:
    jobs.add("organizations.recount", look_over, nightly=True)


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
