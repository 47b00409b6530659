"""查看全部志愿者: who belongs to an organisation and to those below it, who asks to, and who has to go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app import tails
from app.accounts.models import Account
from app.accounts.services import note_audit
from app.database import session
from app.errors import NotFound
from app.life_cycle import WrongMove
from app.notices import services as notices
from app.organizations import membership, telling, tree
from app.organizations.member_names import NameTail
from app.organizations.models import Membership, MembershipState, Organization, Team, TeamMember
from app.organizations.reviewing import refuse_oneself
from app.volunteers.models import Volunteer, VolunteerSkill

PART, MOST_REQUESTS = 30, 100
#: So many with one first character are sorted on MySQL and MariaDB; of more the newest are looked for.
FEW = 300
REMOVED = "membership.removed"


@dataclass(frozen=True)
class Wanted:
    """What a list of members is narrowed to; what is empty asks for nothing."""

    #: Those of the organisations below, too.
    below: bool = False
    skill: str = ""
    target_group: str = ""
    #: The id of a sub-team.
    team_id: int | None = None
    text: str = ""
    #: By their numbers those of the organisations below are found, too.
    numbers_below: bool = False


@dataclass(frozen=True)
class Part:
    rows: Sequence[Membership]
    next_id: int | None


def part(organization: Organization, wanted: Wanted, *, after: int | None = None) -> Part:
    """Active members, the newest membership first."""
    query = _active(organization, below=wanted.below).where(*_narrowed(Membership.volunteer_id, wanted))
    # What the list shows: of all columns most are sealed, and PyMySQL takes longer to read them than MariaDB to find.
    person = contains_eager(Membership.volunteer).load_only(
        Volunteer.uid, Volunteer.account_id, Volunteer.name, Volunteer.volunteer_no
    )
    query = query.options(person, person.joinedload(Volunteer.account).load_only(Account.uid, Account.phone_sealed))
    query = query.options(person.selectinload(Volunteer.skills))
    query = query.options(joinedload(Membership.organization).load_only(Organization.name))
    if after:
        query = query.where(Membership.id < after)
        if not (wanted.below or wanted.text):
            # By itself it takes the right index and reads all that comes before, too.
            query = query.with_hint(Membership, "FORCE INDEX (ix_memberships_organization_id_state_id)", "mysql")
    if wanted.text:
        query = query.where(Membership.id.in_(_named(organization, wanted, after)))
    rows = session.scalars(query.order_by(Membership.id.desc()).limit(PART + 1)).unique().all()
    return Part(rows[:PART], rows[PART - 1].id if len(rows) > PART else None)


def homes_of(organization: Organization, rows: Sequence[Membership]) -> dict[int, dict[int, str]]:
    """Where the people on these rows are members, in the organisation and below it: names by id, by volunteer's id.

    One who belongs to several stands in a list once for each.
    """
    query = select(Membership.volunteer_id, Organization.id, Organization.name).join(Membership.organization)
    query = query.where(Membership.volunteer_id.in_({row.volunteer_id for row in rows}))
    query = query.where(*_inside(organization, below=True)).order_by(Organization.path)
    found: dict[int, dict[int, str]] = {}
    for volunteer_id, organization_id, name in session.execute(query):
        found.setdefault(volunteer_id, {})[organization_id] = name
    return found


def _active(organization: Organization, *, below: bool) -> Select[Membership]:
    return select(Membership).join(Membership.volunteer).where(*_inside(organization, below=below))


def _inside(organization: Organization, *, below: bool) -> tuple[ColumnElement[bool], ...]:
    inside = (
        Membership.organization_path.startswith(organization.path, autoescape=True)
        if below
        else Membership.organization_id == organization.id
    )
    return inside, Membership.state == MembershipState.ACTIVE


def _narrowed(volunteer_id: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What the volunteer must be, beside the name."""
    found: list[ColumnElement[bool]] = []
    if wanted.skill:
        skill = and_(VolunteerSkill.volunteer_id == volunteer_id, VolunteerSkill.code == wanted.skill)
        found.append(exists().where(skill))
    if wanted.target_group:
        # A list of codes, each in quotes: the same text on all three databases.
        person = aliased(Volunteer)
        serves = cast(person.target_groups, String).contains(f'"{wanted.target_group}"', autoescape=True)
        found.append(exists().where(person.id == volunteer_id, serves))
    if wanted.team_id:
        found.append(exists().where(TeamMember.volunteer_id == volunteer_id, TeamMember.team_id == wanted.team_id))
    return found


def _named(organization: Organization, wanted: Wanted, after: int | None) -> Sequence[int]:
    """The next memberships of somebody who is called so, or has the number, one more than a part of them."""
    found: set[int] = set()
    if wanted.below and len(wanted.text) == 1:
        found |= _by_initial(organization, wanted, after)
    for query, column in (_own_named(organization, wanted), _numbered(organization, wanted)):
        if after:
            query = query.where(column < after)
        found |= set(session.scalars(query.order_by(column.desc()).limit(PART + 1)))
    return sorted(found, reverse=True)[: PART + 1]


def _own_named(organization: Organization, wanted: Wanted) -> tuple[Select[int], Any]:
    """Members of the organisation itself, by what stands anywhere in the name."""
    query = select(NameTail.membership_id).distinct().where(NameTail.organization_id == organization.id)
    query = query.where(tails.beginning(NameTail.tail, wanted.text), *_narrowed(NameTail.volunteer_id, wanted))
    return query, NameTail.membership_id


def _numbered(organization: Organization, wanted: Wanted) -> tuple[Select[int], Any]:
    query = _active(organization, below=wanted.below and wanted.numbers_below).with_only_columns(Membership.id)
    numbered = Volunteer.volunteer_no == wanted.text
    return query.where(numbered, *_narrowed(Membership.volunteer_id, wanted)), Membership.id


def _by_initial(organization: Organization, wanted: Wanted, after: int | None) -> set[int]:
    """A name that is shown masked is found by its first character alone: a search must not give away the rest."""
    query = select(Membership.id).where(*_inside(organization, below=True))
    initial = Membership.initial == tails.folded(wanted.text)[:1]
    query = query.where(initial, *_narrowed(Membership.volunteer_id, wanted))
    if after:
        query = query.where(Membership.id < after)
    if session.get_bind().dialect.name == "mysql" and len(session.scalars(query.limit(FEW + 1)).all()) > FEW:
        # So many that the newest of them are soon found from the top. PostgreSQL sees that; here all would be sorted.
        query = query.with_hint(Membership, "FORCE INDEX (PRIMARY)", "mysql")
    return set(session.scalars(query.order_by(Membership.id.desc()).limit(PART + 1)))


def find(organization: Organization, volunteer_uid: str, *, below: bool = True) -> Membership | None:
    """The live membership of somebody in the organisation, or (`below`) in one under it."""
    query = _active(organization, below=below).where(Volunteer.uid == volunteer_uid)
    query = query.options(contains_eager(Membership.volunteer).joinedload(Volunteer.account))
    return session.scalars(query.order_by(Membership.organization_path)).first()


def is_no_member_now(organization: Organization, volunteer_uid: str) -> bool:
    """Whether somebody belonged to the organisation itself and does no longer."""
    query = select(Membership.state).join(Membership.volunteer)
    query = query.where(Membership.organization_id == organization.id, Volunteer.uid == volunteer_uid)
    return session.scalar(query) in (MembershipState.REMOVED, MembershipState.LEFT)


def teams_of(row: Membership) -> Sequence[TeamMember]:
    """The sub-teams of the membership's organisation that the member serves in."""
    query = select(TeamMember).join(TeamMember.team).where(TeamMember.volunteer_id == row.volunteer_id)
    query = query.where(Team.organization_id == row.organization_id).options(contains_eager(TeamMember.team))
    return session.scalars(query.order_by(Team.name)).all()


def requests(organization: Organization) -> Sequence[Membership]:
    """Who asks to join, the longest first."""
    query = select(Membership).where(
        Membership.organization_id == organization.id, Membership.state == MembershipState.PENDING
    )
    query = query.options(joinedload(Membership.volunteer).joinedload(Volunteer.account))
    query = query.options(joinedload(Membership.volunteer).selectinload(Volunteer.skills))
    return session.scalars(query.order_by(Membership.asked_at, Membership.id).limit(MOST_REQUESTS)).all()


def count_requests(organization: Organization) -> int:
    query = select(func.count()).select_from(Membership).where(Membership.organization_id == organization.id)
    return session.scalar(query.where(Membership.state == MembershipState.PENDING)) or 0


def find_request(organization: Organization, membership_id: int) -> Membership | None:
    query = select(Membership).where(Membership.id == membership_id, Membership.organization_id == organization.id)
    query = query.where(Membership.state == MembershipState.PENDING)
    return session.scalar(query.options(joinedload(Membership.volunteer)))


def is_judged(organization: Organization, membership_id: int) -> bool:
    """Whether the wish to join was answered, or taken back."""
    query = select(Membership.state).where(Membership.id == membership_id)
    state = session.scalar(query.where(Membership.organization_id == organization.id))
    return state is not None and state != MembershipState.PENDING


def judge(
    organization: Organization, membership_id: int, *, accept: bool, reason: str, actor_id: int, now: datetime
) -> Membership:
    """Let somebody in who asked, or not, with the reason that they are told. Again is harmless.

    Raises NotFound, OwnRequest, WrongMove.
    """
    tree.lock_tree()
    row = _own(organization, membership_id)
    refuse_oneself(row.volunteer.account_id, actor_id)
    state = MembershipState.ACTIVE if accept else MembershipState.REJECTED
    if row.state == state:
        return row
    if row.state != MembershipState.PENDING:
        raise WrongMove
    membership.move(row, state, now=now)
    row.reason = reason
    kind = "membership_accepted" if accept else "membership_rejected"
    _tell(row, organization, kind, actor_id, now)
    return row


def remove(organization: Organization, membership_id: int, reason: str, *, actor_id: int, now: datetime) -> Membership:
    """清退: end a membership for a reason; the person is told and may appeal to the organisation above.

    What they served stays. Again is harmless. Raises NotFound, WrongMove.
    """
    tree.lock_tree()
    row = _own(organization, membership_id)
    if row.state == MembershipState.REMOVED:
        return row
    membership.move(row, MembershipState.REMOVED, now=now)
    row.reason = reason
    _tell(row, organization, "membership_removed", actor_id, now)
    return row


def restore(row: Membership, reason: str, *, actor_id: int, now: datetime) -> None:
    """Bring back who was removed: an appeal was right. The caller has the lock of the tree. Raises WrongMove."""
    membership.move(row, MembershipState.ACTIVE, now=now)
    row.reason = ""
    organization = session.get_one(Organization, row.organization_id)
    telling.restored(organization, row, actor_id, now, reason=reason)
    note_audit(
        session.get_one(Volunteer, row.volunteer_id).account_id,
        "membership.restored",
        f"{organization.name}：{reason}",
        actor_id=actor_id,
        topic=f"organization:{organization.id}",
        now=now,
    )


def _own(organization: Organization, membership_id: int) -> Membership:
    """As it is now: the caller has the lock of the tree."""
    query = select(Membership).where(Membership.id == membership_id, Membership.organization_id == organization.id)
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row


def _tell(row: Membership, organization: Organization, kind: str, actor_id: int, now: datetime) -> None:
    account_id = session.get_one(Volunteer, row.volunteer_id).account_id
    action, topic = kind.replace("_", ".", 1), f"organization:{organization.id}"
    detail = f"{organization.name}：{row.reason}" if row.reason else organization.name
    note_audit(account_id, action, detail, actor_id=actor_id, topic=topic, now=now)
    values = {"title": organization.name, "path": "/volunteer"} | ({"reason": row.reason} if row.reason else {})
    until = now + timedelta(days=1) if row.state == MembershipState.REMOVED else None
    notices.add(account_id, kind, f"{kind}:{row.id}:{now:%Y%m%d%H%M%S%f}", values, now=now, text_until=until)
