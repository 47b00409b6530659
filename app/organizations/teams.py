"""分支队伍: what an organisation does with its sub-teams."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CompoundSelect, and_, case, delete, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, joinedload

from app import tails
from app.accounts import services as accounts
from app.accounts.models import Account
from app.database import rows_hit, session
from app.errors import Forbidden, NotFound
from app.notices import services as notices
from app.organizations import permissions, suspending, tree
from app.organizations.errors import NotAMember, TeamDissolved, TeamNameTaken, TooManyTeams
from app.organizations.member_names import NameTail
from app.organizations.models import Membership, MembershipState, Organization, Team, TeamMember, TeamState
from app.volunteers.models import Volunteer

#: How many an organisation may have, and how many members are shown at once.
MOST_TEAMS, PART = 100, 50
#: How many are listed: after a merge there may be more than one alone may have.
MOST_LISTED = 1000


@dataclass(frozen=True)
class TeamRow:
    """A sub-team in a list."""

    team: Team
    members: int
    leaders: int


def of_organization(organization: Organization) -> list[TeamRow]:
    """The sub-teams of the organisation, those that work first, with how many serve in them."""
    members, leaders = func.count(TeamMember.volunteer_id), func.sum(case((TeamMember.is_leader, 1), else_=0))
    query = select(Team, members, leaders).outerjoin(TeamMember, TeamMember.team_id == Team.id)
    query = query.where(Team.organization_id == organization.id).group_by(Team.id)
    rows = session.execute(query.order_by(Team.state, Team.id).limit(MOST_LISTED))
    return [TeamRow(team, count, int(leading or 0)) for team, count, leading in rows]


def find(organization: Organization, uid: str) -> Team | None:
    return session.scalar(select(Team).where(Team.uid == uid, Team.organization_id == organization.id))


@dataclass(frozen=True)
class Part:
    """Some of the members of a sub-team, and the key that those after them begin behind."""

    rows: Sequence[TeamMember]
    next_key: str | None


def members_of(team: Team, text: str = "", *, after: tuple[int, int] | None = None) -> Part:
    """Who serves in the sub-team, or those with this name or number: its leaders first. `after` is (leads, id)."""
    query = select(TeamMember).where(TeamMember.team_id == team.id).options(joinedload(TeamMember.volunteer))
    if text:
        query = query.where(TeamMember.volunteer_id.in_(_named(team, text)))
    if after:
        follows, beyond = TeamMember.is_leader.is_(False), TeamMember.volunteer_id > after[1]
        query = query.where(or_(follows, beyond) if after[0] else and_(follows, beyond))
    query = query.order_by(TeamMember.is_leader.desc(), TeamMember.volunteer_id)
    rows = session.scalars(query.limit(PART + 1)).all()
    last = rows[PART - 1] if len(rows) > PART else None
    return Part(rows[:PART], f"{int(last.is_leader)}-{last.volunteer_id}" if last else None)


def count_members(team: Team) -> int:
    return session.scalar(select(func.count()).select_from(TeamMember).where(TeamMember.team_id == team.id)) or 0


def _named(team: Team, text: str) -> CompoundSelect[int]:
    """The members of the organisation whose name has the text in it, or who have this number."""
    called = select(NameTail.volunteer_id).where(
        NameTail.organization_id == team.organization_id, tails.beginning(NameTail.tail, text)
    )
    return called.union(select(Volunteer.id).where(Volunteer.volunteer_no == text))


def others(team: Team, text: str = "") -> Sequence[Volunteer]:
    """Members of the organisation who are not in the sub-team yet: by name, number or phone, or the newest."""
    inside = exists().where(TeamMember.team_id == team.id, TeamMember.volunteer_id == Volunteer.id)
    query = select(Volunteer).join(Membership, Membership.volunteer_id == Volunteer.id)
    query = query.where(
        Membership.organization_id == team.organization_id, Membership.state == MembershipState.ACTIVE, ~inside
    )
    if text:
        query = query.where(Volunteer.id.in_(_named(team, text)))
    return session.scalars(query.order_by(Membership.id.desc()).limit(20)).all()


def create(organization: Organization, name: str, intro: str, *, actor: Account, now: datetime) -> Team:
    """Raises TeamNameTaken, TooManyTeams, Forbidden for an organisation that rests."""
    tree.hold(organization)
    if not permissions.is_left(organization.state, permissions.MANAGE_TEAMS):
        raise Forbidden(suspending.why_it_rests(organization))
    count = session.scalar(select(func.count()).select_from(Team).where(Team.organization_id == organization.id)) or 0
    if count >= MOST_TEAMS:
        raise TooManyTeams
    team = Team(organization_id=organization.id, name=name, intro=intro, state=TeamState.ACTIVE, created_at=now)
    _save(team)
    _note(team, "team.create", name, actor, now)
    return team


def rename(team: Team, name: str, intro: str, *, actor: Account, now: datetime) -> None:
    """Raises TeamNameTaken, TeamDissolved."""
    _check_active(team)
    before = team.name
    team.name, team.intro = name, intro
    _save(team)
    if name != before:
        _note(team, "team.rename", f"{before} -> {name}", actor, now)


def _save(team: Team) -> None:
    try:
        with session.begin_nested():
            session.add(team)
    except IntegrityError:
        raise TeamNameTaken from None


def dissolve(team: Team, *, actor: Account, now: datetime) -> None:
    """It takes nobody any more and is offered nowhere; who served in it stays written down. Raises WrongMove."""
    team.move_to(TeamState.DISSOLVED)
    _note(team, "team.dissolve", team.name, actor, now)


def restore(team: Team, *, actor: Account, now: datetime) -> None:
    """Raises WrongMove."""
    team.move_to(TeamState.ACTIVE)
    _note(team, "team.restore", team.name, actor, now)


def add(team: Team, volunteer_uid: str, *, now: datetime) -> None:
    """Take an active member of the organisation into the sub-team; again is harmless.

    Raises TeamDissolved, NotAMember.
    """
    _check_active(team)
    # Locked, so that nobody leaves the organisation between this look and the commit.
    query = select(Membership.volunteer_id).join(Volunteer, Volunteer.id == Membership.volunteer_id)
    query = query.where(
        Volunteer.uid == volunteer_uid,
        Membership.organization_id == team.organization_id,
        Membership.state == MembershipState.ACTIVE,
    )
    volunteer_id = session.scalar(query.with_for_update(of=Membership))
    if volunteer_id is None:
        raise NotAMember
    if session.get(TeamMember, (team.id, volunteer_id)) is None:
        try:
            with session.begin_nested():
                session.add(TeamMember(team_id=team.id, volunteer_id=volunteer_id, joined_at=now))
        except IntegrityError:
            return  # added by somebody else at the same moment
        _tell(team, volunteer_id, "您已编入队伍", now)


def remove(team: Team, volunteer_uid: str, *, now: datetime) -> None:
    """Again is harmless."""
    volunteer_id = session.scalar(select(Volunteer.id).where(Volunteer.uid == volunteer_uid))
    row = delete(TeamMember).where(TeamMember.team_id == team.id, TeamMember.volunteer_id == volunteer_id)
    if volunteer_id and rows_hit(row):
        _tell(team, volunteer_id, "您已不在队伍里", now)


def appoint(team: Team, volunteer_uid: str, *, leads: bool, now: datetime) -> None:
    """Make a member of the sub-team one of its leaders, or no leader any more; again is harmless.

    Raises TeamDissolved, NotFound.
    """
    _check_active(team)
    query = select(TeamMember).join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
    query = query.where(TeamMember.team_id == team.id, Volunteer.uid == volunteer_uid)
    member = session.scalar(query.with_for_update(of=TeamMember).execution_options(populate_existing=True))
    if member is None:
        raise NotFound
    if member.is_leader != leads:
        member.is_leader = leads
        session.flush()
        _tell(team, member.volunteer_id, "您已担任队长" if leads else "您不再担任队长", now)


def _tell(team: Team, volunteer_id: int, words: str, now: datetime) -> None:
    """Who is put into a sub-team, or made one of its leaders, did not ask for it, and hears of it."""
    account_id = session.get_one(Volunteer, volunteer_id).account_id
    values = {"title": team.organization.name, "other": team.name, "reason": words, "path": "/volunteer"}
    occasion = f"team:{team.id}:{volunteer_id}:{now:%Y%m%d%H%M%S%f}:{words}"
    notices.add(account_id, "team_changed", occasion, values, now=now)


def served_by(volunteer_id: int) -> dict[int, list[str]]:
    """The working sub-teams in which the volunteer serves, by organisation, as pages name them."""
    query = select(TeamMember).join(TeamMember.team).options(contains_eager(TeamMember.team))
    query = query.where(TeamMember.volunteer_id == volunteer_id, Team.state == TeamState.ACTIVE)
    found: dict[int, list[str]] = {}
    for one in session.scalars(query.order_by(Team.name, Team.id)):
        words = f"{one.team.name}（队长）" if one.is_leader else one.team.name
        found.setdefault(one.team.organization_id, []).append(words)
    return found


def _check_active(team: Team) -> None:
    if team.state != TeamState.ACTIVE:
        raise TeamDissolved


def _note(team: Team, action: str, detail: str, actor: Account, now: datetime) -> None:
    topic = f"organization:{team.organization_id}"
    accounts.note_audit(actor.id, action, detail, actor_id=actor.id, now=now, topic=topic)
