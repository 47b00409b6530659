"""申诉 against a removal: it goes to the organisation above, and nobody judges what they decided themselves."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import AuditEntry
from app.accounts.services import note_audit
from app.database import session
from app.errors import NotFound
from app.governance.errors import AppealedAlready, DecidedAlready, NothingToAppeal, OwnDecision
from app.governance.models import Appeal, AppealState
from app.notices import services as notices
from app.organizations import chronicle, members, permissions, queries, tree
from app.organizations.links import page_for
from app.organizations.models import Membership, MembershipState, Organization
from app.organizations.reviewing import refuse_own
from app.volunteers.models import Volunteer

MOST_SHOWN = 100


def removals_of(volunteer: Volunteer) -> Sequence[Membership]:
    """The memberships that were ended by a removal and stayed so."""
    query = select(Membership).where(
        Membership.volunteer_id == volunteer.id, Membership.state == MembershipState.REMOVED
    )
    return session.scalars(query.options(joinedload(Membership.organization)).order_by(Membership.id.desc())).all()


def appeals_of(account_id: int) -> dict[int, Appeal]:
    """The person's latest appeal about each membership, by its id."""
    rows = session.scalars(select(Appeal).where(Appeal.account_id == account_id).order_by(Appeal.id))
    return {row.membership_id: row for row in rows}


def appeal(volunteer: Volunteer, organization_uid: str, words: str, *, now: datetime) -> Appeal:
    """Ask the organisation above to look at a removal again. Raises NothingToAppeal, AppealedAlready."""
    tree.lock_tree()
    query = select(Membership).join(Membership.organization).where(Organization.uid == organization_uid)
    mine = (Membership.volunteer_id == volunteer.id, Membership.state == MembershipState.REMOVED)
    row = session.scalar(query.where(*mine).options(contains_eager(Membership.organization)))
    if row is None or row.ended_at is None:
        raise NothingToAppeal
    made = Appeal(
        membership_id=row.id,
        account_id=volunteer.account_id,
        organization_path=row.organization.path,
        against_at=row.ended_at,
        words=words,
        state=AppealState.OPEN,
        asked_at=now,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise AppealedAlready from None
    _tell_judges(row.organization, made, now)
    return made


def removers(account_id: int, rows: Sequence[Membership]) -> dict[int, str]:
    """Which organisation ended each membership of the person: one that was merged since is not the one that has it."""
    query = select(AuditEntry.at, AuditEntry.topic).where(
        AuditEntry.account_id == account_id, AuditEntry.action == members.REMOVED
    )
    topics: dict[datetime | None, str] = {row[0]: row[1] for row in session.execute(query)}
    numbers = {int(topic.rpartition(":")[2]) for topic in topics.values() if topic}
    names = select(Organization.id, Organization.name).where(Organization.id.in_(numbers))
    named = {f"organization:{number}": name for number, name in session.execute(names).all()}
    return {row.id: named.get(topics.get(row.ended_at, ""), row.organization.name) for row in rows}


def to_judge(organization: Organization) -> Sequence[Appeal]:
    """Open appeals against removals by organisations below; at the root also by itself: nobody stands above it."""
    whole = joinedload(Appeal.membership)
    query = _to_judge(organization).options(
        whole.joinedload(Membership.organization), whole.joinedload(Membership.volunteer)
    )
    return session.scalars(query.order_by(Appeal.asked_at, Appeal.id).limit(MOST_SHOWN)).all()


def count_to_judge(organization: Organization) -> int:
    return session.scalar(select(func.count()).select_from(_to_judge(organization).subquery())) or 0


def _to_judge(organization: Organization) -> Select[Appeal]:
    query = select(Appeal).where(
        Appeal.state == AppealState.OPEN,
        Appeal.organization_path.startswith(organization.path, autoescape=True),
    )
    return query if organization.parent_id is None else query.where(Appeal.organization_path != organization.path)


def withdraw_all(account_id: int) -> None:
    """Take back what waits of somebody who goes for good: there is nobody left to be brought back."""
    waiting = select(Appeal).where(Appeal.account_id == account_id, Appeal.state == AppealState.OPEN)
    if session.scalar(waiting.limit(1)) is None:
        return
    tree.lock_tree()
    for made in session.scalars(waiting.execution_options(populate_existing=True)).all():
        made.move_to(AppealState.WITHDRAWN)
    session.flush()


def decide(
    organization: Organization, uid: str, *, upheld: bool, decision: str, actor_id: int, now: datetime
) -> Appeal:
    """Bring the member back, or let the removal stand, with words that the person reads.

    Raises NotFound, DecidedAlready, OwnDecision, OwnRequest.
    """
    tree.lock_tree()
    made = session.scalar(select(Appeal).where(Appeal.uid == uid).execution_options(populate_existing=True))
    if made is None or not _is_above(organization, made):
        raise NotFound
    if made.state != AppealState.OPEN:
        raise DecidedAlready
    if actor_id == made.account_id or actor_id == _who_removed(made):
        raise OwnDecision
    row = session.get_one(Membership, made.membership_id, populate_existing=True)
    if row.organization_id != organization.id:
        # The root judges its own removals: nobody stands above it.
        refuse_own(row.organization, actor_id)
    made.move_to(AppealState.UPHELD if upheld else AppealState.DISMISSED)
    made.decided_by_id, made.decided_at, made.decision = actor_id, now, decision
    if upheld and _is_undone(made, row):
        members.restore(row, decision, actor_id=actor_id, now=now)
    session.flush()
    name = session.get_one(Organization, row.organization_id).name
    kind = "appeal_upheld" if upheld else "appeal_dismissed"
    note_audit(made.account_id, kind.replace("_", "."), f"{name}：{decision}", actor_id=actor_id, now=now)
    values = {"title": name, "reason": decision, "path": "/volunteer"}
    notices.add(made.account_id, kind, f"{kind}:{made.id}", values, now=now)
    return made


def _is_undone(made: Appeal, row: Membership) -> bool:
    """Whether the person comes back: after a merge they may be a member already, or wait, or have been removed anew."""
    if row.state == MembershipState.REMOVED:
        return row.ended_at == made.against_at
    return row.may_become(MembershipState.ACTIVE)


def _is_above(organization: Organization, made: Appeal) -> bool:
    """Whether the organisation may judge it: it stands above the one that removed the person, or is the root."""
    if organization.parent_id is None:
        return True
    return made.organization_path.startswith(organization.path) and made.organization_path != organization.path


def _who_removed(made: Appeal) -> int | None:
    query = select(AuditEntry.actor_id).where(
        AuditEntry.account_id == made.account_id, AuditEntry.action == members.REMOVED, AuditEntry.at == made.against_at
    )
    return session.scalar(query)


def judged_by(organization: Organization) -> str:
    """Who judges what the organisation did, in the words of pages: nobody stands above the root."""
    return "上级组织" if organization.parent_id else "该组织另一位管理员"


def _judges(organization: Organization, made: Appeal, judge: Organization) -> list[int]:
    """Those of the organisation who may judge the appeal: a resting one hears in vain, nor may one judge one's own."""
    if not permissions.is_left(judge.state, permissions.JUDGE_APPEALS):
        return []
    barred = {made.account_id, _who_removed(made)}
    if judge.id != organization.id:
        barred |= chronicle.acting(organization)
    return [one for one in queries.who_may(judge.id, permissions.JUDGE_APPEALS) if one not in barred]


def _tell_judges(organization: Organization, made: Appeal, now: datetime) -> None:
    """The organisation above, or the next one further up where somebody may judge it.

    Where nobody may up to the root, its admins read that another one is needed.
    """
    judge = organization.parent or organization
    while not (told := _judges(organization, made, judge)) and judge.parent is not None:
        judge = judge.parent
    words = "请处理" if told else "要由另一位管理员处理，请先邀请一位"
    values = {"title": organization.name, "reason": words, "path": page_for(judge, "/organization/appeals")}
    for account_id in told or queries.who_may(judge.id, permissions.JUDGE_APPEALS):
        notices.add(account_id, "appeal_waits", f"appeal:{made.id}:{account_id}", values, now=now)
