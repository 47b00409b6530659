"""Writing an organisation's facts into its row, with a note of what was changed from what; and reading those notes."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.models import AuditEntry
from app.database import session
from app.organizations import papers
from app.organizations.facts import LABELS, TOLD, OrganizationFacts, in_words
from app.organizations.models import Organization
from app.organizations.services import describe

ACTION = "organization.edit"
#: How far back one is told what others changed.
MOST_TOLD = 10


def facts_now(organization: Organization) -> OrganizationFacts:
    return OrganizationFacts(**{name: getattr(organization, name) for name in TOLD})


def differing(before: OrganizationFacts, after: OrganizationFacts) -> list[str]:
    """The names of the facts that are not the same."""
    return [name for name in TOLD if getattr(before, name) != getattr(after, name)]


def write(organization: Organization, facts: OrganizationFacts, *, by: int, now: datetime) -> None:
    """Put the facts into the row, whose edition the caller has counted, and note what changed: one note an edition."""
    before = facts_now(organization)
    told = {
        LABELS[name]: [in_words(name, getattr(before, name)), in_words(name, getattr(facts, name))]
        for name in differing(before, facts)
    }
    describe(organization, facts)
    papers.take(organization, facts.application, facts.logo, by=by)
    words, topic = json.dumps(told, ensure_ascii=False), f"organization:{organization.id}"
    accounts.note_audit(by, ACTION, words, actor_id=by, topic=topic, now=now)


def changed_since(organization: Organization, seen: int) -> Sequence[tuple[str, str, str]]:
    """What others changed after the edition that somebody saw: label, what it was, what it is now."""
    count = min(max(organization.revision - seen, 0), MOST_TOLD)
    query = select(AuditEntry).where(AuditEntry.topic == f"organization:{organization.id}", AuditEntry.action == ACTION)
    rows = session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(count)).all()
    told: dict[str, tuple[str, str]] = {}
    for row in reversed(rows):
        for label, (was, became) in json.loads(row.detail or "{}").items():
            told[label] = (told[label][0] if label in told else was, became)
    return [(label, was, became) for label, (was, became) in told.items() if was != became]
