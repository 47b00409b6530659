"""What the worker does about sheets: some rows at a time, so that others get to write in between."""

from itertools import islice

import structlog

from app.config import from_root
from app.context import here
from app.database import in_transaction, session
from app.group_registration import judging, services, sheet, waiting, working
from app.group_registration.errors import SheetRefused
from app.group_registration.models import BatchState, ImportBatch
from app.jobs import Jobs

log = structlog.get_logger()


def register(jobs: Jobs) -> None:
    jobs.add(services.JOB, work, every_minutes=1)


def work() -> int:
    """Do what is to be done about every sheet; returns how many were dealt with."""
    done = 0
    while claimed := in_transaction(lambda: working.claim(here.clock.now())):
        batch_id, state = claimed
        DUTIES[state](batch_id)
        log.info("sheet_done", what=state.value)
        done += 1
    return done


def check(batch_id: int) -> None:
    """The dry run."""
    folder, limits, now = from_root(here.config.content.uploads), here.config.limits, here.clock.now()
    uid = session.get_one(ImportBatch, batch_id).uid
    session.rollback()  # nobody is kept waiting while the sheet is read
    try:
        lines = sheet.read(waiting.get(folder, uid), limits.sheet_rows)
    except SheetRefused as error:
        words = error.message
        in_transaction(lambda: working.refuse(batch_id, words, now))
    else:
        in_transaction(lambda: working.forget_rows(batch_id, now))
        judged = judging.judge(lines, here.config.site.region, now)
        while some := list(islice(judged, working.CHUNK)):
            in_transaction(lambda rows=some: working.write_checked(batch_id, rows, limits, here.clock.now()))  # type: ignore[misc]
        in_transaction(lambda: working.end_check(batch_id, here.clock.now()))
    waiting.drop(folder, uid)


def apply(batch_id: int) -> None:
    """确认导入 was pressed."""
    limits, days = here.config.limits, here.config.retention.invited_days
    while in_transaction(lambda: working.apply_some(batch_id, limits, days, here.clock.now())):
        pass
    in_transaction(lambda: working.end_import(batch_id, here.clock.now()))


def undo(batch_id: int) -> None:
    while in_transaction(lambda: working.undo_some(batch_id, here.clock.now())):
        pass
    in_transaction(lambda: working.end_undo(batch_id, here.clock.now()))


DUTIES = {BatchState.CHECKING: check, BatchState.APPLYING: apply, BatchState.UNDOING: undo}
