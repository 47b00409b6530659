"""What is not kept for ever, and for how long: each rule a condition and what is done to the rows that meet it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from app.accounts.models import Draft, LoginSession, PhoneCodeSend
from app.config import Limits, Retention
from app.database import in_transaction, rows_hit, session
from app.files import StoredFile
from app.group_registration.models import ImportRow
from app.notices.models import FINISHED, Notice, NoticeState
from app.notices.services import NO_PHONE
from app.organizations.models import APPLICATION, LOGO, Organization
from app.organizations.states import CAME_TO_NOTHING

#: Rows that go in one transaction: short enough that nobody waits for it.
BATCH = 500


@dataclass(frozen=True)
class Rule:
    """Rows of `table` that meet `where` go; with `change` they stay, without what it takes out."""

    what: str
    table: Any
    where: ColumnElement[bool]
    change: dict[str, Any] | None = None


def rules(kept: Retention, limits: Limits, now: datetime) -> Iterator[Rule]:
    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    yield Rule("half-filled forms", Draft, Draft.changed_at < before(kept.draft_days))
    ended = or_(
        LoginSession.ended_at < before(kept.session_days),
        LoginSession.created_at < before(limits.session_days + kept.session_days),
    )
    yield Rule("log-ins that ended", LoginSession, ended)
    yield Rule("codes sent", PhoneCodeSend, PhoneCodeSend.sent_at < before(kept.code_send_days))
    yield Rule("rows of sheets of people", ImportRow, ImportRow.expires_at < now)
    is_over = Organization.state_changed_at < before(kept.refused_days)
    refused = and_(Organization.state.in_(CAME_TO_NOTHING), is_over)
    theirs = StoredFile.kind.in_((APPLICATION, LOGO)) & StoredFile.owner_id.in_(select(Organization.id).where(refused))
    yield Rule("pictures of refused organisations", StoredFile, theirs)
    yield Rule("logos of refused organisations", Organization, refused & (Organization.logo != ""), {"logo": ""})
    told = Notice.state.in_(FINISHED) & (Notice.due_at < before(kept.notice_days))
    emptied = {"state": NoticeState.EMPTIED, "values": {}, "trouble": "", **NO_PHONE}
    yield Rule("words of messages", Notice, told, emptied)


def count(rule: Rule) -> int:
    return session.scalar(select(func.count()).select_from(rule.table).where(rule.where)) or 0


def apply(rule: Rule) -> int:
    """Do it, some rows at a time; returns how many. Safe to stop and to repeat."""
    total = 0
    while done := in_transaction(lambda: _some(rule)):
        total += done
    return total


def _some(rule: Rule) -> int:
    ids = list(session.scalars(select(rule.table.id).where(rule.where).limit(BATCH)))
    if not ids:
        return 0
    # The condition again: a row may have changed since we looked.
    these = rule.table.id.in_(ids), rule.where
    if rule.change is None:
        return rows_hit(delete(rule.table).where(*these))
    return rows_hit(update(rule.table).where(*these).values(rule.change))
