"""编辑信息: what applies at once, what the organisation above has a say in, and two who edit at the same time."""

import enum
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import update

from app import codes
from app.database import rows_hit, session
from app.organizations import changes, expected, moving, telling, tree
from app.organizations.errors import ChangedMeanwhile, NameTaken, NotEditable
from app.organizations.facts import KEY, OrganizationFacts
from app.organizations.models import Organization, OrganizationState
from app.organizations.recording import differing, facts_now, write
from app.organizations.services import is_name_taken

EDITABLE = (OrganizationState.PENDING, OrganizationState.RETURNED, OrganizationState.APPROVED)


@dataclass(frozen=True)
class Above:
    """Which organisation above is chosen, and how deep the tree may become."""

    uid: str
    deepest: int

    def is_another(self, organization: Organization) -> bool:
        return organization.parent is None or organization.parent.uid != self.uid


class Outcome(enum.StrEnum):
    SAVED = "saved"
    #: Some of it waits for the organisation above.
    ASKED = "asked"
    #: A registration that was sent back waits again.
    SENT_AGAIN = "sent_again"


def edit(
    organization_id: int,
    facts: OrganizationFacts,
    *,
    by: int,
    seen: int,
    review: str,
    parent: Above | None = None,
    now: datetime,
) -> Outcome:
    """Write new facts; those that the organisation above has a say in become a wish when it reviews.

    `seen` is the edition of the facts that was edited; `parent` is whom a registration that was sent back asks now.
    Raises NotEditable, ChangedMeanwhile, NameTaken, ParentNotFound, WouldLoop, MovedTooDeep.
    """
    if parent:
        tree.lock_tree()
    organization = _take(organization_id, seen)
    before, outcome, asks_another = facts_now(organization), Outcome.SAVED, False
    facts = replace(facts, unit_type=facts.unit_type or codes.UNIT_OF_LINE[facts.st_line])
    if facts.name != before.name and is_name_taken(facts.name):
        raise NameTaken
    if parent and organization.state == OrganizationState.RETURNED and parent.is_another(organization):
        asks_another = True
        moving.ask_another(organization, parent.uid, by=by, deepest=parent.deepest, now=now)
    if is_judged(organization, review):
        wanted = [name for name in differing(before, facts) if name in KEY]
        if wanted:
            changes.ask(organization, before, facts, wanted, by=by, now=now)
            outcome = Outcome.ASKED
        facts = replace(facts, **{name: getattr(before, name) for name in KEY})
    write(organization, facts, by=by, now=now)
    if asks_another or organization.name != before.name:
        expected.settle(organization)
    if organization.state == OrganizationState.RETURNED:
        organization.move_to(OrganizationState.PENDING)
        organization.submitted_at = now
        session.flush()
        telling.submitted(organization, by, now)
        outcome = Outcome.SENT_AGAIN
    return outcome


def _take(organization_id: int, seen: int) -> Organization:
    """Take the row for this edition: of two who edit the same one, the second is told."""
    same = (Organization.id == organization_id) & (Organization.revision == seen)
    is_mine = rows_hit(update(Organization).where(same).values(revision=seen + 1))
    organization = tree.fresh(Organization.id == organization_id)
    if organization is None or organization.state not in EDITABLE:
        raise NotEditable
    if not is_mine:
        raise ChangedMeanwhile
    return organization


def is_judged(organization: Organization, review: str) -> bool:
    """Whether the organisation above has a say in what it is: it let it in, and there is one above."""
    return (
        review == "parent" and organization.state == OrganizationState.APPROVED and organization.parent_id is not None
    )


def is_handed_in(organization: Organization, org_class: str | None, review: str) -> bool:
    """Whether an edit is handed in to be judged as a whole: a registration that waits, or one that becomes a 团体."""
    becomes_group = org_class == codes.UNREGISTERED_GROUP != organization.org_class
    waits = organization.state != OrganizationState.APPROVED
    return review == "parent" and organization.parent_id is not None and (waits or becomes_group)
