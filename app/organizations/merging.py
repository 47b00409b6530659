"""Merging one organisation into another: members, sub-teams, activities and organisations below go along.

The merged one stays as a trace, with its successor's name on it. Tables that refer to an organisation say in their
`info` what a merge does with them: `{"merge": "move"}` gives their rows to the successor. A column that names a
membership and says `{"merge": "follow"}` names the one in the successor afterwards, of who had one in both.
"""

from datetime import datetime

from sqlalchemy import Column, Table, delete, func, select, update
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.database import Base, rows_hit, session
from app.organizations import chronicle, expected, papers, suspending, tree
from app.organizations.admins import RANKS, end_appointments
from app.organizations.errors import CannotMerge
from app.organizations.links import page_for, public_page
from app.organizations.models import (
    Membership,
    MembershipState,
    Organization,
    OrganizationAdmin,
    OrganizationState,
    Role,
    Team,
    TeamMember,
)
from app.organizations.moving import branch_below, check_depth
from app.organizations.wishes import ChangeState, Invitation, InvitationState, OrganizationChange
from app.volunteers.models import Volunteer


def merge(
    above: Organization,
    uid: str,
    successor_uid: str,
    *,
    keeps_admins: bool,
    reason: str,
    actor: Account,
    deepest: int,
    now: datetime,
) -> Organization:
    """Merge one organisation below `above` into another, or into `above` itself; returns the successor.

    The admins of the merged one become admins of the successor (its owner an admin) or lose their rights.

    Raises NotFound, CannotMerge, MovedTooDeep, WrongMove, SuspendedFromAbove.
    """
    tree.lock_tree()
    merged = branch_below(above, uid)
    suspending.check_may_lift(above, merged)
    successor = tree.fresh(Organization.uid == successor_uid, Organization.state == OrganizationState.APPROVED)
    if successor is None or not successor.path.startswith(above.path) or successor.path.startswith(merged.path):
        raise CannotMerge
    people = [*chronicle.admins_of(successor), *_people_of(merged)]
    merged.move_to(OrganizationState.MERGED)
    merged.state_reason, merged.state_changed_at, merged.merged_into_id = reason, now, successor.id
    # Never a chain: who was merged into this one went on to the successor, too.
    rows_hit(update(Organization).where(Organization.merged_into_id == merged.id).values(merged_into_id=successor.id))
    _move_branches(merged, successor, deepest)
    members = _move_members(merged, successor)
    _move_teams(merged, successor)
    moved = {table.name: _move_rows(table, merged, successor) for table in _moving_tables()}
    _move_admins(merged, successor, keeps_admins=keeps_admins, now=now)
    _end_what_is_open(merged, now)
    papers.drop(merged)
    suspending.goes_on()
    counts = "，".join(f"{name} {number}" for name, number in {"memberships": members, **moved}.items())
    for side in (merged, successor):
        words = f"{merged.name} -> {successor.name}：{reason}（{counts}）"
        chronicle.note(side, "organization.merge", words, actor=actor, now=now)
    _tell(people, merged, successor, reason, now)
    return successor


def _tell(people: list[int], merged: Organization, successor: Organization, reason: str, now: datetime) -> None:
    """Lead those who act for the successor to its pages, all others to the one for everybody."""
    acting = chronicle.acting(successor)
    for told, path in (
        ([one for one in people if one in acting], page_for(successor, "/organization")),
        ([one for one in people if one not in acting], public_page(merged)),
    ):
        values = {"other": successor.name, "reason": reason, "path": path}
        chronicle.tell(told, "organization_merged", merged, values, now=now)


def _people_of(organization: Organization) -> list[int]:
    """The accounts of all who act for it, belong to it, or asked to."""
    query = select(Volunteer.account_id).join(Membership, Membership.volunteer_id == Volunteer.id)
    live = Membership.state.in_((MembershipState.ACTIVE, MembershipState.PENDING))
    query = query.where(Membership.organization_id == organization.id, live)
    return [*sorted(chronicle.acting(organization)), *session.scalars(query.order_by(Volunteer.id))]


def _move_branches(merged: Organization, successor: Organization, deepest: int) -> None:
    branches = select(Organization.id).where(Organization.parent_id == merged.id).order_by(Organization.id)
    for branch_id in session.scalars(branches).all():
        branch = session.get_one(Organization, branch_id)
        check_depth(branch, successor, deepest)
        tree.graft(branch, successor)
        expected.settle_branch(branch)


def _move_members(merged: Organization, successor: Organization) -> int:
    """Returns how many went along. Who is in both stays in the successor, as the better of the two."""
    before = {organization.id: _active(organization) for organization in (merged, successor)}
    other = aliased(Membership)
    twice = select(Membership, other).join(other, other.volunteer_id == Membership.volunteer_id)
    twice = twice.where(Membership.organization_id == merged.id, other.organization_id == successor.id)
    for old, kept in session.execute(twice).all():
        _make_one(old, kept)
        if old.may_become(MembershipState.MERGED):
            old.move_to(MembershipState.MERGED)
    session.flush()
    mine = (Membership.organization_id == merged.id, Membership.state != MembershipState.MERGED)
    going = {"organization_id": successor.id, "organization_path": successor.path, "came_from_id": merged.id}
    moved = rows_hit(update(Membership).where(*mine).values(going))
    for copy in tree.copies():
        # What hangs on memberships that went along: those above the successor judge it from now on.
        if copy.table is not Membership.__table__:
            rows_hit(update(copy.table).where(copy == merged.path).values(organization_path=successor.path))
    session.expire_all()
    for organization in (merged, successor):
        tree.count_members(organization, _active(organization) - before[organization.id])
    return moved


def _make_one(old: Membership, kept: Membership) -> None:
    """Give the membership in the successor what the other one has more. The merged one is left to be ended."""
    if kept.state == MembershipState.REMOVED:
        # Who was removed from the successor stays out of it.
        return
    if old.state in (MembershipState.ACTIVE, MembershipState.PENDING) and kept.may_become(old.state):
        kept.state, kept.joined_at, kept.came_from_id = old.state, old.joined_at, old.organization_id
        kept.ended_at, kept.reason = None, ""
    elif old.state == MembershipState.REMOVED:
        _take_removal(old, kept)
    elif old.joined_at and kept.joined_at:
        kept.joined_at = min(old.joined_at, kept.joined_at)


def _take_removal(old: Membership, kept: Membership) -> None:
    """Who was removed from the merged one, and is no member of the successor, is removed from it; an appeal follows."""
    if kept.state in (MembershipState.LEFT, MembershipState.REJECTED):
        kept.state, kept.ended_at, kept.reason = old.state, old.ended_at, old.reason
        kept.came_from_id = old.organization_id
    for column in _following():
        rows_hit(update(column.table).where(column == old.id).values({column.name: kept.id}))


def _following() -> list[Column[int]]:
    """The columns, of whatever topic, that name a membership and go along with the person."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.info.get("merge") == "follow"
    ]


def _active(organization: Organization) -> int:
    query = select(func.count()).select_from(Membership).where(Membership.organization_id == organization.id)
    return session.scalar(query.where(Membership.state == MembershipState.ACTIVE)) or 0


def _move_teams(merged: Organization, successor: Organization) -> None:
    """A name that the successor has already is told apart by where the sub-team comes from."""
    taken = set(session.scalars(select(Team.name).where(Team.organization_id == successor.id)))
    for team in session.scalars(select(Team).where(Team.organization_id == merged.id).order_by(Team.id)).all():
        name, number = team.name, 1
        while name in taken:
            mark = f"（{merged.name[:20]}{number if number > 1 else ''}）"
            name, number = f"{team.name[: 50 - len(mark)]}{mark}", number + 1
        taken.add(name)
        team.name, team.organization_id = name, successor.id
    session.flush()
    _release_strangers(successor)


def _release_strangers(successor: Organization) -> None:
    """In a sub-team serve members alone: who came along and was removed from the successor before is none."""
    teams = select(Team.id).where(Team.organization_id == successor.id)
    members = select(Membership.volunteer_id).where(
        Membership.organization_id == successor.id, Membership.state == MembershipState.ACTIVE
    )
    strangers = delete(TeamMember).where(TeamMember.team_id.in_(teams), TeamMember.volunteer_id.not_in(members))
    session.execute(strangers, execution_options={"synchronize_session": False})


def _moving_tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.info.get("merge") == "move"]


def _move_rows(table: Table, merged: Organization, successor: Organization) -> int:
    mine = update(table).where(table.c.organization_id == merged.id)
    return rows_hit(mine.values(organization_id=successor.id))


def _move_admins(merged: Organization, successor: Organization, *, keeps_admins: bool, now: datetime) -> None:
    """Who acts for both keeps the larger right; the successor has its owner already."""
    mine = OrganizationAdmin.organization_id == merged.id
    people = session.scalars(select(OrganizationAdmin.account_id).where(mine)).all()
    if keeps_admins:
        theirs = select(OrganizationAdmin).where(OrganizationAdmin.organization_id == successor.id)
        known = {row.account_id: row for row in session.scalars(theirs).all()}
        for row in session.scalars(select(OrganizationAdmin).where(mine)).all():
            role = Role.ADMIN if row.role == Role.OWNER else Role(row.role)
            kept = known.get(row.account_id)
            if kept is None:
                row.organization_id, row.role = successor.id, role
            elif RANKS[role] < RANKS[kept.role]:
                kept.role = role
        session.flush()
    session.execute(delete(OrganizationAdmin).where(mine))
    end_appointments(people, now)


def _end_what_is_open(merged: Organization, now: datetime) -> None:
    """Invitations to act for it, its wishes to be changed, and its list of units that it expects."""
    expected.end(merged)
    wishes = update(OrganizationChange).where(
        OrganizationChange.organization_id == merged.id, OrganizationChange.state == ChangeState.PENDING
    )
    rows_hit(wishes.values(state=ChangeState.WITHDRAWN, open_for=None))
    mine = update(Invitation).where(Invitation.organization_id == merged.id, Invitation.state == InvitationState.OPEN)
    rows_hit(mine.values(state=InvitationState.REVOKED, ended_at=now))
