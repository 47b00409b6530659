"""How a membership begins and ends, and all that follows from it: counters, and the sub-teams of who leaves."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.clock import midnight
from app.database import session
from app.organizations import telling, tree
from app.organizations.models import Membership, MembershipState, Organization, Team, TeamMember


def find_membership(organization_id: int, volunteer_id: int) -> Membership | None:
    """As it is now, in whatever state."""
    query = select(Membership).where(
        Membership.organization_id == organization_id, Membership.volunteer_id == volunteer_id
    )
    return session.scalar(query.execution_options(populate_existing=True))


def enter(organization: Organization, volunteer_id: int, state: MembershipState, *, now: datetime) -> Membership:
    """Begin a membership, or begin it anew, as PENDING or ACTIVE. The caller has the lock of the tree.

    Raises WrongMove for one who may not come back.
    """
    membership = find_membership(organization.id, volunteer_id)
    if membership is None:
        membership = Membership(organization_id=organization.id, volunteer_id=volunteer_id, state=state)
        session.add(membership)
    else:
        membership.move_to(state)
    membership.organization_path = organization.path
    membership.asked_at = now
    membership.joined_at = now if state == MembershipState.ACTIVE else None
    membership.ended_at, membership.reason = None, ""
    session.flush()
    if state == MembershipState.ACTIVE:
        tree.count_members(organization, 1)
    return membership


def ask(organization: Organization, volunteer_id: int, *, now: datetime) -> Membership:
    """Ask to join: the organisation is told, once a day while nobody looks. The caller has the lock of the tree.

    Raises WrongMove for one who may not come back.
    """
    before = find_membership(organization.id, volunteer_id)
    # Who asks, leaves and asks again all day long must not ring each time.
    is_news = before is None or before.asked_at <= now - timedelta(days=1)
    waiting = select(Membership.id).where(
        Membership.organization_id == organization.id,
        Membership.state == MembershipState.PENDING,
        Membership.asked_at >= midnight(now),
    )
    is_heard = session.scalar(waiting.limit(1)) is not None
    asked = enter(organization, volunteer_id, MembershipState.PENDING, now=now)
    if is_news and not is_heard:
        telling.asked(organization, asked, now)
    return asked


def move(membership: Membership, state: MembershipState, *, now: datetime) -> None:
    """Accept, refuse, let go or remove. The caller has the lock of the tree. Raises WrongMove."""
    was_active = membership.state == MembershipState.ACTIVE
    membership.move_to(state)
    if state == MembershipState.ACTIVE:
        membership.joined_at = now
    session.flush()
    is_active = membership.state == MembershipState.ACTIVE
    membership.ended_at = None if is_active else now
    if was_active != is_active:
        tree.count_members(session.get_one(Organization, membership.organization_id), 1 if is_active else -1)
    if was_active:
        _leave_teams(membership)


def _leave_teams(membership: Membership) -> None:
    teams = select(Team.id).where(Team.organization_id == membership.organization_id)
    mine = delete(TeamMember).where(TeamMember.team_id.in_(teams), TeamMember.volunteer_id == membership.volunteer_id)
    session.execute(mine, execution_options={"synchronize_session": False})
