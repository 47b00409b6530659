"""Wishes to change what the organisation above has a say in: asked, taken back, accepted or refused."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts import services as accounts
from app.database import rows_hit, session
from app.errors import NotFound
from app.organizations import expected, queries, telling, tree
from app.organizations.errors import ChangeJudged, NameTaken, ReasonNeeded
from app.organizations.facts import LABELS, OrganizationFacts, in_words
from app.organizations.models import Organization
from app.organizations.queries import PAGE
from app.organizations.recording import facts_now, write
from app.organizations.reviewing import OWN_WORDS, refuse_oneself, refuse_own
from app.organizations.services import is_name_taken
from app.organizations.wishes import ChangeState, OrganizationChange


def ask(
    organization: Organization,
    before: OrganizationFacts,
    after: OrganizationFacts,
    names: Sequence[str],
    *,
    by: int,
    now: datetime,
) -> None:
    """Ask those above to let these facts be changed; takes the place of an older wish. The caller has the row."""
    _end(OrganizationChange.open_for == organization.id, ChangeState.WITHDRAWN, by=by, now=now)
    values = {name: [getattr(before, name), getattr(after, name)] for name in names}
    change = OrganizationChange(
        organization_id=organization.id,
        open_for=organization.id,
        account_id=by,
        values=json.dumps(values, ensure_ascii=False),
        state=ChangeState.PENDING,
        asked_at=now,
    )
    session.add(change)
    session.flush()
    telling.change_asked(organization, change, now)


def _end(which: ColumnElement[bool], state: ChangeState, *, by: int, now: datetime, reason: str = "") -> bool:
    """End a wish that waits; False when none does any more."""
    ended = {"state": state, "open_for": None, "reason": reason, "judged_at": now, "judged_by_id": by}
    waits = OrganizationChange.state == ChangeState.PENDING
    return bool(rows_hit(update(OrganizationChange).where(which, waits).values(ended)))


def withdraw(organization: Organization, *, by: int, now: datetime) -> None:
    """Take the wish back. Again is harmless."""
    _end(OrganizationChange.open_for == organization.id, ChangeState.WITHDRAWN, by=by, now=now)


def judge(uid: str, *, accept: bool, reason: str, by: int, now: datetime) -> None:
    """Accept or refuse a wish; the caller has the right to, for an organisation above.

    Raises NotFound, ChangeJudged, OwnRequest, ReasonNeeded, NameTaken.
    """
    change = find(uid)
    if change is None:
        raise NotFound
    refuse_own(change.organization, by)
    refuse_oneself(change.account_id, by, OWN_WORDS)
    if not accept and not reason:
        raise ReasonNeeded
    state = ChangeState.ACCEPTED if accept else ChangeState.REFUSED
    # The organisation's row first, as when it is edited: one order of locks.
    counted = update(Organization).where(Organization.id == change.organization_id)
    rows_hit(counted.values(revision=Organization.revision + (1 if accept else 0)))
    if not _end(OrganizationChange.id == change.id, state, by=by, now=now, reason=reason):
        raise ChangeJudged
    organization = tree.fresh(Organization.id == change.organization_id)
    assert organization is not None
    if accept:
        _apply(organization, change, by=by, now=now)
    topic = f"organization:{organization.id}"
    accounts.note_audit(by, f"organization.change_{state}", reason, actor_id=by, topic=topic, now=now)
    telling.change_judged(organization, change, accept=accept, reason=reason, by=by, now=now)


def _apply(organization: Organization, change: OrganizationChange, *, by: int, now: datetime) -> None:
    wanted = {name: after for name, (_, after) in json.loads(change.values or "{}").items()}
    facts = replace(facts_now(organization), **wanted)
    if facts.name != organization.name and is_name_taken(facts.name):
        raise NameTaken
    try:
        with session.begin_nested():
            write(organization, facts, by=by, now=now)
    except IntegrityError:
        raise NameTaken from None  # taken at the same moment
    if "name" in wanted:
        expected.settle(organization)


def in_rows(change: OrganizationChange) -> list[tuple[str, str, str]]:
    """Label, what it is, what it is to be; phones and papers masked."""
    values = json.loads(change.values or "{}")
    return [(LABELS[name], in_words(name, was), in_words(name, wanted)) for name, (was, wanted) in values.items()]


def nearly_called(change: OrganizationChange) -> Sequence[Organization]:
    """Other organisations that the name asked for would be like."""
    _, name = json.loads(change.values or "{}").get("name", ("", ""))
    organization = change.organization
    return queries.nearly_called(name, organization.region, but=organization.id) if name else ()


def find(uid: str) -> OrganizationChange | None:
    query = select(OrganizationChange).where(OrganizationChange.uid == uid)
    return session.scalar(query.options(joinedload(OrganizationChange.organization).joinedload(Organization.parent)))


def newest_of(organization: Organization) -> OrganizationChange | None:
    """The last wish, whatever became of it."""
    query = select(OrganizationChange).where(OrganizationChange.organization_id == organization.id)
    return session.scalar(query.order_by(OrganizationChange.id.desc()).limit(1))


def waiting_below(organization: Organization) -> Sequence[OrganizationChange]:
    """Wishes of organisations anywhere below, the oldest first, no more than a page of them."""
    query = select(OrganizationChange).join(OrganizationChange.organization).where(*_waits_below(organization))
    query = query.options(contains_eager(OrganizationChange.organization).joinedload(Organization.parent))
    return session.scalars(query.order_by(OrganizationChange.id).limit(PAGE)).all()


def count_waiting_below(organization: Organization) -> int:
    query = select(func.count()).select_from(OrganizationChange).join(OrganizationChange.organization)
    return session.scalar(query.where(*_waits_below(organization))) or 0


def _waits_below(organization: Organization) -> tuple[ColumnElement[bool], ...]:
    inside = Organization.path.startswith(organization.path, autoescape=True)
    return OrganizationChange.open_for.is_not(None), inside, Organization.id != organization.id
