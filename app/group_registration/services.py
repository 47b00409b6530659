"""团体注册, what its admin does: send a sheet, confirm it, give it up, take it back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, select

from app.accounts.models import Account
from app.config import Limits
from app.context import here
from app.database import after_commit, session
from app.errors import Forbidden
from app.group_registration import waiting
from app.group_registration.errors import NothingToAdd, SheetGone, SheetWaits, TooLateToUndo, TooManySheets
from app.group_registration.models import WORKING, BatchState, ImportBatch, ImportRow, RowState
from app.organizations import chronicle, suspending
from app.organizations.models import Organization, OrganizationState
from app.privacy import new_uid
from app.volunteers.revealing import times_today

#: How long a checked sheet waits for 确认导入, what is left of it stays afterwards, and how long it can be taken back.
TO_CONFIRM, KEPT, TO_UNDO = timedelta(hours=24), timedelta(days=7), timedelta(hours=24)
JOB = "group_registration.work"
SENT = "import.sent"
LATEST = 10


def is_open(batch: ImportBatch, now: datetime) -> bool:
    """Whether it can still be confirmed."""
    return batch.state == BatchState.CHECKED and now < batch.uploaded_at + TO_CONFIRM


def may_undo(batch: ImportBatch, now: datetime) -> bool:
    return batch.state == BatchState.APPLIED and batch.applied_at is not None and now < batch.applied_at + TO_UNDO


def find(organization: Organization, uid: str, *, lock: bool = False) -> ImportBatch | None:
    """A sheet of the organisation, as it is now; with `lock` it stays so until the commit."""
    query = select(ImportBatch).where(ImportBatch.organization_id == organization.id, ImportBatch.uid == uid)
    query = query.with_for_update() if lock else query
    return session.scalar(query.execution_options(populate_existing=True))


def latest(organization: Organization) -> Sequence[ImportBatch]:
    query = select(ImportBatch).where(ImportBatch.organization_id == organization.id)
    return session.scalars(query.order_by(ImportBatch.id.desc()).limit(LATEST)).all()


def unanswered(batches: Sequence[ImportBatch], now: datetime) -> dict[int, int]:
    """How many people of each sheet have not answered yet, by the sheet's id."""
    theirs = ImportRow.batch_id.in_([batch.id for batch in batches if batch.state == BatchState.APPLIED])
    query = select(ImportRow.batch_id, func.count()).where(theirs, ImportRow.state == RowState.INVITED)
    found = session.execute(query.where(ImportRow.expires_at > now).group_by(ImportRow.batch_id))
    return {row[0]: row[1] for row in found}


def send(
    organization: Organization, actor: Account, data: bytes, *, folder: Path, limits: Limits, now: datetime
) -> ImportBatch:
    """Take a sheet, to be checked by the worker; one that waited to be confirmed is given up for it.

    Raises Forbidden, SheetWaits, TooManySheets, CannotKeepSheet.
    """
    _hold_alone(organization)
    _check_standing(organization)
    if times_today([SENT], actor.id, now) >= limits.sheets_per_day:
        raise TooManySheets
    for other in latest(organization):
        _make_way(organization, other)
    batch = ImportBatch(uid=new_uid(), organization_id=organization.id, account_id=actor.id, uploaded_at=now)
    waiting.put(folder, batch.uid, data)
    session.add(batch)
    session.flush()
    chronicle.note(organization, SENT, f"{len(data)} 字节", actor=actor, now=now)
    _wake()
    return batch


def confirm(batch: ImportBatch, actor: Account, *, now: datetime) -> None:
    """确认导入; again is harmless. Raises Forbidden, SheetGone, NothingToAdd."""
    _check_standing(batch.organization)
    if batch.state in (BatchState.APPLYING, BatchState.APPLIED):
        return
    if not is_open(batch, now):
        raise SheetGone
    if not batch.fresh_count + batch.merged_count:
        raise NothingToAdd
    _hand_to_worker(batch, BatchState.APPLYING, actor)


def discard(batch: ImportBatch) -> None:
    """放弃: nothing of it stays but that it was sent. Again is harmless."""
    if batch.state == BatchState.CHECKED:
        _give_up(batch)


def undo(batch: ImportBatch, actor: Account, *, now: datetime) -> None:
    """撤销: take back what is not confirmed by the people themselves; again is harmless. Raises TooLateToUndo."""
    if batch.state in (BatchState.UNDOING, BatchState.UNDONE):
        return
    if not may_undo(batch, now):
        raise TooLateToUndo
    _hand_to_worker(batch, BatchState.UNDOING, actor)


def rows(batch: ImportBatch) -> Sequence[ImportRow]:
    return session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)).all()


def has_rows(batch: ImportBatch) -> bool:
    """Whether the sheet with its problems can still be had."""
    query = select(ImportRow.id).where(ImportRow.batch_id == batch.id, ImportRow.content_sealed.is_not(None))
    return session.scalar(query.limit(1)) is not None


def _check_standing(organization: Organization) -> None:
    if organization.state == OrganizationState.MERGED:
        raise Forbidden(suspending.why_it_rests(organization))
    if not organization.may_publish:
        raise Forbidden("组织通过审核后才能上传和导入名单，暂停时也不能；可以先下载模板填好")


def _hold_alone(organization: Organization) -> None:
    """As `tree.hold`, and so that of two who send a sheet for it one waits for the other."""
    query = select(Organization).where(Organization.id == organization.id).with_for_update(key_share=True)
    session.scalar(query.execution_options(populate_existing=True))


def _make_way(organization: Organization, seen: ImportBatch) -> None:
    """Give up a sheet that waits to be confirmed. Raises SheetWaits for one that is in work."""
    # A colleague may press 确认导入 at this moment: it is looked at again once nobody else holds it.
    other = find(organization, seen.uid, lock=True) if seen.state == BatchState.CHECKED else seen
    if other and other.state in WORKING:
        raise SheetWaits
    if other and other.state == BatchState.CHECKED:
        _give_up(other)


def _give_up(batch: ImportBatch) -> None:
    batch.move_to(BatchState.DISCARDED)
    session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))


def _hand_to_worker(batch: ImportBatch, state: BatchState, actor: Account) -> None:
    batch.move_to(state)
    batch.account_id, batch.claimed_until = actor.id, None
    _wake()


def _wake() -> None:
    after_commit(JOB, lambda: here.jobs.wake(JOB))
