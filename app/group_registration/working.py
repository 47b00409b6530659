"""团体注册, what the worker does, some rows a transaction: the dry run, the import, the undo.

Each step finds out from the rows themselves what is left to do, so that it can be killed anywhere and done again.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update

from app import crypto
from app.accounts.models import Account
from app.accounts.services import note_audit
from app.config import Limits
from app.database import rows_hit, session
from app.group_registration.judging import Judged
from app.group_registration.known import UNDONE, Known
from app.group_registration.models import TO_APPLY, WORKING, BatchState, ImportBatch, ImportRow, RowState
from app.group_registration.services import KEPT, TO_CONFIRM
from app.notices import services as notices
from app.organizations import chronicle, membership, tree
from app.organizations.models import Membership, MembershipState, Organization
from app.volunteers.models import Volunteer

#: Rows of one transaction: short enough that nobody waits for it.
CHUNK = 100
#: How long a worker may hold a sheet without a word.
CLAIM = timedelta(minutes=3)


def claim(now: datetime) -> tuple[int, BatchState] | None:
    """Take the oldest sheet with something to do, so that no other worker does."""
    free = or_(ImportBatch.claimed_until.is_(None), ImportBatch.claimed_until <= now)
    query = select(ImportBatch.id, ImportBatch.state).where(ImportBatch.state.in_(WORKING), free)
    for batch_id, state in session.execute(query.order_by(ImportBatch.id).limit(20)).all():
        mine = update(ImportBatch).where(ImportBatch.id == batch_id, ImportBatch.state == state, free)
        if rows_hit(mine.values(claimed_until=now + CLAIM)):
            return batch_id, BatchState(state)
    return None


def _locked(batch_id: int, state: BatchState, now: datetime) -> ImportBatch | None:
    """The sheet, held for a little longer; None when somebody else has finished it."""
    query = select(ImportBatch).where(ImportBatch.id == batch_id, ImportBatch.state == state)
    batch = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if batch:
        batch.claimed_until = now + CLAIM
    return batch


def forget_rows(batch_id: int, now: datetime) -> None:
    """Begin the dry run anew: another worker may have died in the middle of it."""
    if _locked(batch_id, BatchState.CHECKING, now):
        session.execute(delete(ImportRow).where(ImportRow.batch_id == batch_id))


def write_checked(batch_id: int, judged: Sequence[Judged], limits: Limits, now: datetime) -> None:
    """Keep some rows of the dry run, with what the register has to say to the good ones."""
    batch = _locked(batch_id, BatchState.CHECKING, now)
    if batch is None:
        return
    rows = [_row(batch, one, now) for one in judged]
    fresh = [row for row in rows if row.state == RowState.FRESH]
    known = Known(batch.organization, fresh, most_homes=limits.home_organizations, now=now)
    for row in fresh:
        verdict = known.verdict(row)
        row.state, row.problem = verdict.state, verdict.problem
    session.add_all(rows)


def _row(batch: ImportBatch, judged: Judged, now: datetime) -> ImportRow:
    row = ImportRow(
        batch_id=batch.id,
        organization_id=batch.organization_id,
        number=judged.number,
        state=judged.state,
        problem=judged.problem,
        expires_at=now + TO_CONFIRM,
    )
    row.content = json.dumps(judged.as_content(), ensure_ascii=False)
    if judged.facts:
        ring = crypto.ring()
        row.phone_index = ring.index("phone", judged.facts.phone)
        row.id_type, row.id_number_index = judged.facts.id_type, ring.index("id_number", judged.facts.id_number)
    return row


def end_check(batch_id: int, now: datetime) -> None:
    batch = _locked(batch_id, BatchState.CHECKING, now)
    if batch is None:
        return
    count = _counts(batch_id)
    batch.fresh_count, batch.merged_count = count[RowState.FRESH], count[RowState.MERGED]
    batch.double_count, batch.bad_count = count[RowState.DOUBLE], count[RowState.BAD]
    _finish(batch, BatchState.CHECKED)
    words = (
        f"新增 {batch.fresh_count}，已是志愿者 {batch.merged_count}，重复 {batch.double_count}，有误 {batch.bad_count}"
    )
    _note(batch, "import.checked", words, now)


def refuse(batch_id: int, words: str, now: datetime) -> None:
    """The sheet cannot be read."""
    batch = _locked(batch_id, BatchState.CHECKING, now)
    if batch:
        batch.refusal = words[:200]
        _finish(batch, BatchState.UNREADABLE)
        _note(batch, "import.refused", words, now)


def apply_some(batch_id: int, limits: Limits, invited_days: int, now: datetime) -> bool:
    """Import the next rows; False when none is left."""
    tree.lock_tree()
    batch = _locked(batch_id, BatchState.APPLYING, now)
    query = select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.state.in_(TO_APPLY))
    rows = session.scalars(query.order_by(ImportRow.number).limit(CHUNK)).all()
    if batch is None or not rows:
        return False
    organization = tree.fresh(Organization.id == batch.organization_id)
    assert organization is not None
    known = Known(organization, rows, most_homes=limits.home_organizations, now=now)
    for row in rows:
        # Once more: since the dry run somebody may have registered, joined or left.
        verdict = known.verdict(row)
        if not organization.may_publish:
            row.state, row.problem = RowState.LEFT_OUT, "组织已暂停"
        elif verdict.state == RowState.FRESH:
            row.state, row.problem = RowState.INVITED, ""
            row.expires_at = now + timedelta(days=invited_days)
        elif verdict.volunteer:
            _join(batch, organization, row, verdict.volunteer, now)
        else:
            row.state, row.problem = RowState.LEFT_OUT, verdict.problem
    session.flush()
    return True


def _join(batch: ImportBatch, organization: Organization, row: ImportRow, person: Volunteer, now: datetime) -> None:
    entered = membership.enter(organization, person.id, MembershipState.ACTIVE, now=now)
    row.state, row.membership_id, row.account_id = RowState.JOINED, entered.id, person.account_id
    _tell(batch, entered, person.account_id, "membership_imported", now)


def _tell(batch: ImportBatch, row: Membership, account_id: int, kind: str, now: datetime) -> None:
    name = session.get_one(Organization, row.organization_id).name
    topic = f"organization:{row.organization_id}"
    note_audit(account_id, kind.replace("_", ".", 1), name, actor_id=batch.account_id, topic=topic, now=now)
    notices.add(account_id, kind, f"{kind}:{batch.id}.{row.id}", {"title": name, "path": "/volunteer"}, now=now)


def end_import(batch_id: int, now: datetime) -> None:
    batch = _locked(batch_id, BatchState.APPLYING, now)
    if batch is None:
        return
    count = _counts(batch_id)
    batch.invited_count = count[RowState.INVITED] + count[RowState.ACTIVATED]
    batch.joined_count, batch.left_out_count = count[RowState.JOINED], count[RowState.LEFT_OUT]
    batch.applied_at = now
    _finish(batch, BatchState.APPLIED)
    rest = update(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.state != RowState.INVITED)
    rows_hit(rest.values(expires_at=now + KEPT))
    words = f"待确认 {batch.invited_count}，加入 {batch.joined_count}，没有导入 {batch.left_out_count}"
    _note(batch, "import.applied", words, now)


def undo_some(batch_id: int, now: datetime) -> bool:
    """Take back the next rows; False when none is left."""
    tree.lock_tree()
    batch = _locked(batch_id, BatchState.UNDOING, now)
    query = select(ImportRow).where(ImportRow.batch_id == batch_id)
    query = query.where(ImportRow.state.in_((RowState.INVITED, RowState.JOINED))).order_by(ImportRow.number)
    # Whoever refuses at this moment has taken themselves away.
    rows = session.scalars(query.limit(CHUNK).with_for_update()).all()
    if batch is None or not rows:
        return False
    for row in rows:
        _take_back(batch, row, now)
        session.delete(row)
    session.flush()
    return True


def _take_back(batch: ImportBatch, row: ImportRow, now: datetime) -> None:
    entered = row.membership_id and session.get(Membership, row.membership_id, populate_existing=True)
    if row.state == RowState.INVITED:
        batch.undone_count += 1
    elif entered and entered.state == MembershipState.ACTIVE:
        assert row.account_id is not None
        assert batch.applied_at is not None
        if entered.asked_at > batch.applied_at:
            # Who left and came back is there by their own wish.
            batch.confirmed_count += 1
            return
        membership.move(entered, MembershipState.LEFT, now=now)
        entered.reason = UNDONE
        batch.undone_count += 1
        _tell(batch, entered, row.account_id, "membership_undone", now)


def end_undo(batch_id: int, now: datetime) -> None:
    batch = _locked(batch_id, BatchState.UNDOING, now)
    if batch is None:
        return
    _finish(batch, BatchState.UNDONE)
    rest = delete(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.state != RowState.ACTIVATED)
    session.execute(rest)
    _note(batch, "import.undone", f"撤销 {batch.undone_count}，保留 {batch.confirmed_count}", now)


def _counts(batch_id: int) -> dict[RowState, int]:
    query = select(ImportRow.state, func.count()).where(ImportRow.batch_id == batch_id).group_by(ImportRow.state)
    found = {row[0]: row[1] for row in session.execute(query)}
    return {state: found.get(state, 0) for state in RowState}


def _finish(batch: ImportBatch, state: BatchState) -> None:
    batch.move_to(state)
    batch.claimed_until = None
    session.flush()


def _note(batch: ImportBatch, action: str, detail: str, now: datetime) -> None:
    actor = session.get_one(Account, batch.account_id)
    chronicle.note(session.get_one(Organization, batch.organization_id), action, detail, actor=actor, now=now)
