"""Judging registrations: by the organisation above, or by any above that."""

import enum
from datetime import datetime

from sqlalchemy import select, update

from app.accounts import services as accounts
from app.accounts.models import AuditEntry
from app.database import rows_hit, session
from app.errors import NotFound
from app.organizations import recording, telling, tree
from app.organizations.errors import ChangedSinceSeen, NotReviewable, OwnRequest, ReasonNeeded
from app.organizations.models import Organization, OrganizationState
from app.organizations.queries import admin_rows
from app.organizations.services import REGISTERED


class Verdict(enum.StrEnum):
    ACCEPT = "accept"
    #: To be mended and sent again.
    RETURN = "return"
    #: For good.
    REFUSE = "refuse"


OUTCOMES = {
    Verdict.ACCEPT: OrganizationState.APPROVED,
    Verdict.RETURN: OrganizationState.RETURNED,
    Verdict.REFUSE: OrganizationState.REJECTED,
}

#: What whoever handed a registration in did to it, and what they read who judge what they handed in.
HANDED_IN = (REGISTERED, recording.ACTION)
OWN_WORDS = "这是您自己提交的，请由上级的其他管理员审核"


def judge(uid: str, verdict: Verdict, reason: str, *, by: int, seen: int | None = None, now: datetime) -> Organization:
    """Accept, send back or refuse a registration; the caller has the right to, for an organisation above.

    `seen` is the edition of the facts that the judge saw. Raises NotFound, NotReviewable, ChangedSinceSeen, OwnRequest,
    ReasonNeeded.
    """
    organization = tree.fresh(Organization.uid == uid)
    if organization is None:
        raise NotFound
    refuse_own(organization, by)
    _refuse_who_handed_in(organization, by)
    if verdict != Verdict.ACCEPT and not reason:
        raise ReasonNeeded
    state = OUTCOMES[verdict]
    if organization.state != OrganizationState.PENDING or not organization.may_become(state):
        raise NotReviewable
    if seen is not None and seen != organization.revision:
        raise ChangedSinceSeen
    values = {"state": state, "state_reason": reason, "state_changed_at": now}
    if state == OrganizationState.REJECTED:
        values["held_name"] = None
    # Conditional, because two may judge at the same moment, and the facts may be changed meanwhile.
    same = (Organization.state == OrganizationState.PENDING) & (Organization.revision == organization.revision)
    if not rows_hit(update(Organization).where(Organization.id == organization.id, same).values(values)):
        raise NotReviewable
    session.refresh(organization)
    topic = f"organization:{organization.id}"
    accounts.note_audit(by, f"organization.{state}", reason, actor_id=by, topic=topic, now=now)
    telling.judged(organization, by, now)
    return organization


def refuse_own(organization: Organization, account_id: int) -> None:
    """Nobody judges what an organisation asked for, or did, that they act for themselves. Raises OwnRequest."""
    if any(row.organization_id == organization.id for row in admin_rows(account_id)):
        raise OwnRequest


def _refuse_who_handed_in(organization: Organization, account_id: int) -> None:
    """Nor do they when they have left it to others since. Raises OwnRequest."""
    theirs = (AuditEntry.action.in_(HANDED_IN), AuditEntry.actor_id == account_id)
    query = select(AuditEntry.id).where(AuditEntry.topic == f"organization:{organization.id}", *theirs)
    if session.scalar(query.limit(1)):
        raise OwnRequest(OWN_WORDS)


def refuse_oneself(asking_id: int, account_id: int, words: str = "自己的申请要由组织里另一位管理员处理") -> None:
    """Nobody judges what they asked for as a person. Raises OwnRequest, with these words."""
    if asking_id == account_id:
        raise OwnRequest(words)
