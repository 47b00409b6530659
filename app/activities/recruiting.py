"""招募范围: whom an activity is meant for, who finds it in the list, and the password that opens one."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, and_, false, or_, select
from werkzeug.security import check_password_hash, generate_password_hash

from app.activities.errors import PasswordLacking
from app.activities.facts import ActivityFacts, AudienceFacts
from app.activities.models import Activity, Audience, RecruitScope
from app.database import session
from app.organizations import parents, teams, tree
from app.organizations.models import (
    Membership,
    MembershipState,
    Organization,
    OrganizationState,
    Team,
    TeamMember,
    TeamState,
)

#: Everybody finds these in the list.
LISTED = (RecruitScope.OPEN, RecruitScope.PASSWORD)


#: What an organiser may choose as the audience: their own organisation, and some of those below it.
OWN, OWN_AND_BELOW, TEAM = "own", "own-and-below", "team-"
MOST_CHOICES = 100


def offers(organization: Organization) -> dict[str, str]:
    """Whom the organisation may direct an activity to, by the key that a form sends."""
    below = _first(_below(organization))
    own = {OWN: "本组织的成员"} | ({OWN_AND_BELOW: "本组织和所有下级组织的成员"} if below else {})
    of_teams = {f"{TEAM}{uid}": f"分支队伍：{name}" for uid, name in teams_of(organization).items()}
    return own | of_teams | below


def found(text: str, organization: Organization) -> dict[str, str]:
    """Those below whose name or number has the text in it: the first of them may not be all."""
    return _first(_below(organization).where(or_(*parents.matching(text))))


def picked(keys: Collection[str], organization: Organization) -> dict[str, str]:
    """What was chosen of those below, to be offered still when it is not among the first."""
    rows = session.execute(_below(organization).where(Organization.uid.in_(keys))) if keys else ()
    return {row.uid: row.name for row in rows}


def has_more(organization: Organization) -> bool:
    """Whether there are more organisations below than are offered without a search."""
    ids = _below(organization).with_only_columns(Organization.id).limit(MOST_CHOICES + 1)
    return len(session.scalars(ids).all()) > MOST_CHOICES


def _below(organization: Organization) -> Select[str, str]:
    return select(Organization.uid, Organization.name).where(
        Organization.path.startswith(organization.path, autoescape=True),
        Organization.id != organization.id,
        Organization.state == OrganizationState.APPROVED,
    )


def _first(query: Select[str, str]) -> dict[str, str]:
    rows = session.execute(query.order_by(Organization.depth, Organization.id).limit(MOST_CHOICES))
    return {row.uid: row.name for row in rows}


def teams_of(organization: Organization) -> dict[str, str]:
    """The sub-teams that work, by uid."""
    query = select(Team.uid, Team.name).where(Team.organization_id == organization.id, Team.state == TeamState.ACTIVE)
    return {row.uid: row.name for row in session.execute(query.order_by(Team.id).limit(teams.MOST_LISTED))}


def team_id_of(uid: str, organization: Organization) -> int | None:
    query = select(Team.id).where(Team.uid == uid, Team.organization_id == organization.id)
    return session.scalar(query) if uid else None


def audience_of(chosen: Collection[str], organization: Organization) -> tuple[AudienceFacts, ...]:
    """What was chosen, as facts; of an organisation below, those under it belong to it."""
    found: set[AudienceFacts] = set()
    uids = [key for key in chosen if key not in (OWN, OWN_AND_BELOW) and not key.startswith(TEAM)]
    team_ids = [team_id_of(key.removeprefix(TEAM), organization) for key in chosen if key.startswith(TEAM)]
    found |= {AudienceFacts(organization.id, team_id=team_id) for team_id in team_ids if team_id}
    if OWN in chosen:
        found.add(AudienceFacts(organization.id))
    if OWN_AND_BELOW in chosen:
        found.add(AudienceFacts(organization.id, with_below=True))
    query = select(Organization.id).where(
        Organization.uid.in_(uids), Organization.path.startswith(organization.path, autoescape=True)
    )
    found |= {AudienceFacts(one, with_below=True) for one in (session.scalars(query) if uids else ())}
    return tuple(sorted(found, key=lambda one: (one.organization_id, one.with_below, one.team_id or 0)))


def chosen(activity: Activity) -> list[str]:
    """The audience as the form sent it."""
    return [_key_of(activity, row) for row in activity.audiences]


def kept(activity: Activity) -> dict[str, str]:
    """The audience it has, to be offered still when a team was dissolved or an organisation suspended since."""
    return {_key_of(activity, row): _name_of(row) for row in activity.audiences}


def _key_of(activity: Activity, row: Audience) -> str:
    if row.team:
        return f"{TEAM}{row.team.uid}"
    if row.organization_id != activity.organization_id:
        return row.organization.uid
    return OWN_AND_BELOW if row.with_below else OWN


def hold(facts: ActivityFacts) -> ActivityFacts:
    """Keep whom the activity is to be directed at from being merged until the commit.

    Returns the facts: in the place of who was merged a moment ago stands the successor, as in all that was there.
    """
    ids = {one.organization_id for one in facts.audience}
    now = {row.id: row.merged_into_id or row.id for row in tree.held(ids)} if ids else {}
    meant = (replace(one, organization_id=now[one.organization_id]) for one in facts.audience)
    return replace(facts, audience=tuple(dict.fromkeys(meant)))


def direct(activity: Activity, facts: ActivityFacts) -> None:
    """Write down whom the activity is meant for. Raises PasswordLacking."""
    directed = facts.audience if facts.recruit_scope == RecruitScope.DIRECTED else ()
    there: set[AudienceFacts] = set()
    for row in list(activity.audiences):
        one = AudienceFacts(row.organization_id, row.with_below, row.team_id)
        if one not in directed or one in there:
            activity.audiences.remove(row)
        there.add(one)
    for one in dict.fromkeys(directed):
        if one not in there:
            whose = {"organization_id": one.organization_id, "team_id": one.team_id}
            activity.audiences.append(Audience(with_below=one.with_below, **whose))
    if facts.recruit_scope != RecruitScope.PASSWORD:
        activity.password_hash = ""
    elif facts.password:
        activity.password_hash = generate_password_hash(facts.password)
    elif not activity.password_hash:
        raise PasswordLacking


def knows_password(activity: Activity, typed: str) -> bool:
    """Slow on purpose: ask it before a transaction, not inside one."""
    return bool(activity.password_hash) and check_password_hash(activity.password_hash, typed.strip())


def _reach(volunteer_id: int) -> Any:
    """The audiences that the volunteer belongs to: those of their organisations, of all above these, of their teams."""
    query = select(Membership.organization_path).where(
        Membership.volunteer_id == volunteer_id, Membership.state == MembershipState.ACTIVE
    )
    lines = [[int(part) for part in path.split("/") if part] for path in session.scalars(query)]
    if not lines:
        return false()
    own, above = {line[-1] for line in lines}, {one for line in lines for one in line}
    served = select(TeamMember.team_id).where(TeamMember.volunteer_id == volunteer_id)
    whole = and_(
        Audience.team_id.is_(None),
        or_(
            Audience.organization_id.in_(own), and_(Audience.with_below.is_(True), Audience.organization_id.in_(above))
        ),
    )
    return or_(whole, Audience.team_id.in_(served))


def is_meant(activity: Activity, volunteer_id: int) -> bool:
    """Whether a directed activity is meant for the volunteer."""
    query = select(Audience.id).where(Audience.activity_id == activity.id, _reach(volunteer_id))
    return session.scalar(query.limit(1)) is not None


def meant_among(activity: Activity, volunteer_ids: Sequence[int]) -> set[int]:
    """Those of the volunteers for whom a directed activity is meant."""
    found: set[int] = set()
    for row in activity.audiences:
        if row.team_id:
            query = select(TeamMember.volunteer_id).where(TeamMember.team_id == row.team_id)
            found |= set(session.scalars(query.where(TeamMember.volunteer_id.in_(volunteer_ids))))
            continue
        below = Membership.organization_path.startswith(row.organization.path, autoescape=True)
        whose = below if row.with_below else Membership.organization_id == row.organization_id
        query = select(Membership.volunteer_id).where(whose, Membership.state == MembershipState.ACTIVE)
        found |= set(session.scalars(query.where(Membership.volunteer_id.in_(volunteer_ids))))
    return found


def listed_for(volunteer_id: int | None) -> Any:
    """The condition for lists: open ones for everybody, directed ones for those whom they are meant for."""
    if not volunteer_id:
        return Activity.recruit_scope.in_(LISTED)
    meant = select(Audience.activity_id).where(_reach(volunteer_id))
    return or_(
        Activity.recruit_scope.in_(LISTED),
        and_(Activity.recruit_scope == RecruitScope.DIRECTED, Activity.id.in_(meant)),
    )


def words(activity: Activity) -> str:
    """Whom it is meant for, as everybody reads it; empty when it is open."""
    if activity.recruit_scope == RecruitScope.DIRECTED:
        # After a merge of two whom it was meant for, one is there twice.
        return f"只面向{'、'.join(dict.fromkeys(_name_of(row) for row in activity.audiences))}的成员"
    return {RecruitScope.PASSWORD: "凭主办组织给的口令报名", RecruitScope.CLOSED: "名单由主办组织确定"}.get(
        RecruitScope(activity.recruit_scope), ""
    )


def _name_of(row: Audience) -> str:
    if row.team:
        return f"{row.organization.name}{row.team.name}"
    return f"{row.organization.name}{'及下级组织' if row.with_below else ''}"
