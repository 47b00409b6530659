"""People, organisations and activities for tests, made by the product's own services.

Call them in an application context (the fixture `world` has one for each call). What they return are plain facts, so
that they outlive the session in which the rows were made.
"""

import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update

from app import codes
from app.accounts import services as accounts
from app.accounts.models import Account, AuditEntry
from app.activities import services as activities
from app.activities.facts import ActivityFacts, ShiftFacts
from app.activities.leaving import withdraw
from app.activities.models import Activity, Shift
from app.activities.sign_up import sign_up
from app.context import here
from app.database import in_transaction, session
from app.demo.people import resident_id
from app.notices.models import Notice
from app.organizations import services as organizations
from app.organizations import teams
from app.organizations.models import Membership, MembershipState, Organization, OrganizationAdmin, Role, TeamMember
from app.organizations.models import Team as SubTeam
from app.organizations.services import AdminFacts, OrganizationFacts
from app.organizations.wishes import Invitation
from app.privacy import new_uid
from app.volunteers import services as volunteers
from app.volunteers.identity import read_resident_id
from app.volunteers.models import Volunteer
from app.volunteers.services import Identity, Registration
from app.web.forms import Moment

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    account_id: int
    phone: str
    name: str = ""
    volunteer_id: int = 0
    id_number: str = ""


@dataclass(frozen=True)
class Team:
    id: int
    uid: str
    name: str
    path: str
    admin: Person


@dataclass(frozen=True)
class Event:
    id: int
    shift_id: int
    title: str
    team: Team


def new_phone() -> str:
    return f"170{next(_numbers):08d}"


def new_id_number(born: date = date(1990, 5, 1), region: str = "210202") -> str:
    """A valid number that no other call gave."""
    number = next(_numbers)
    return resident_id(region, born + timedelta(days=number // 900), 1 + number % 900)


def create_account(phone: str = "") -> Person:
    phone = phone or new_phone()
    account = in_transaction(lambda: accounts.get_or_create_account(phone, here.clock.now()).id)
    return Person(account, phone)


def registration(**changes: object) -> Registration:
    """What a grown-up with a resident ID registers with."""
    number = str(changes.pop("id_number", "") or new_id_number())
    identity = read_resident_id(number, here.clock.now())
    name = str(changes.pop("name", "测试者"))
    facts: dict[str, object] = {
        "identity": Identity(name, identity.gender, identity.birth_date, codes.RESIDENT_ID, number),
        "residence_region": "210202",
        "skills": ["01"],
        "services": ["K1"],
    }
    return Registration(**(facts | changes))  # type: ignore[arg-type]


def create_volunteer(phone: str = "", **changes: object) -> Person:
    phone = phone or new_phone()
    facts = registration(**changes)

    def create() -> Person:
        now = here.clock.now()
        account = accounts.get_or_create_account(phone, now)
        volunteer = volunteers.register(account, facts, limits=here.config.limits, now=now)
        return Person(account.id, phone, facts.identity.name, volunteer.id, facts.identity.id_number)

    return in_transaction(create)


def create_organization(
    parent: Team | None = None,
    admin: Person | None = None,
    *,
    name: str = "",
    review: str = "none",
    **changes: object,
) -> Team:
    """The root when no parent is given; facts of it may be given, too."""
    admin = admin or create_account()
    told: dict[str, object] = {
        "name": name or f"第{next(_numbers)}科技志愿服务队",
        "st_line": "A",
        "region": "210202",
        "address": "科普路1号",
        "founded_on": date(2019, 3, 5),
        "leader_name": "带队者",
        "leader_phone": admin.phone,
        "service_categories": ["K1"],
        "intro": "常年开展科普服务。",
        "join_mode": codes.JOIN_AT_ONCE,
    }
    facts = OrganizationFacts(**(told | changes))  # type: ignore[arg-type]

    def create() -> Team:
        now, owner = here.clock.now(), session.get_one(Account, admin.account_id)
        if parent is None:
            row = organizations.create_root(facts, owner, now=now)
        else:
            row = organizations.register(
                facts,
                parent.uid,
                owner,
                AdminFacts("带队者", "队长"),
                form_key=new_uid(),
                review=review,
                deepest=here.config.limits.organization_depth,
                now=now,
            )
            # Tests look at what they do themselves.
            session.execute(delete(Notice).where(Notice.occasion.contains(f":{row.id}.1:")))
            session.info.pop("after_commit", None)
        return Team(row.id, row.uid, row.name, row.path, admin)

    return in_transaction(create)


def add_admin(team: Team, role: Role, person: Person | None = None) -> Person:
    """One more person who acts for the organisation."""
    person = person or create_account()
    row = {"organization_id": team.id, "account_id": person.account_id, "role": role, "name": "助手"}
    in_transaction(lambda: session.add(OrganizationAdmin(**row, created_at=here.clock.now())))
    return person


def create_member(team: Team, **changes: object) -> Person:
    """A volunteer who is an active member of the organisation."""
    person = create_volunteer(**changes)  # type: ignore[arg-type]
    assert join(person, team) == MembershipState.ACTIVE
    return person


def join(person: Person, team: Team) -> str:
    """Join the organisation; returns as what the person is in it now."""

    def act() -> str:
        row, most = session.get_one(Volunteer, person.volunteer_id), here.config.limits.home_organizations
        return organizations.join(row, team.uid, most=most, now=here.clock.now()).state

    return in_transaction(act)


def leave(person: Person, team: Team) -> None:
    row = session.get_one(Volunteer, person.volunteer_id)
    in_transaction(lambda: organizations.leave(row, team.uid, now=here.clock.now()))


def add_to_team(team: Team, volunteer_uid: str) -> None:
    """Into the only sub-team of the organisation."""
    row = session.scalars(select(SubTeam).where(SubTeam.organization_id == team.id)).one()
    teams.add(row, volunteer_uid, now=here.clock.now())


def empty() -> None:
    """Take every row away: for a test that begins many times."""

    def act() -> None:
        rows = (Notice, AuditEntry, TeamMember, SubTeam, Membership, OrganizationAdmin, Invitation)
        for model in rows:
            session.execute(delete(model))
        session.execute(update(Organization).values(parent_id=None))
        session.execute(delete(Organization))

    in_transaction(act)


def activity_facts(**changes: object) -> ActivityFacts:
    """An activity of two hours, three days from now, with sign-up from now until its start.

    `starts_at`, `ends_at` and `quota` are those of its only shift; `shifts` are several.
    """
    now = here.clock.now()
    start = changes.get("starts_at", now + timedelta(days=3))
    assert isinstance(start, datetime)
    end = changes.get("ends_at", start + timedelta(hours=2))
    assert isinstance(end, datetime)
    facts: dict[str, object] = {
        "title": f"科普讲座{next(_numbers)}",
        "scope_category": "K1",
        "target_groups": ["11"],
        "region": "210202",
        "address": "社区活动室",
        "content": "讲解防灾减灾知识。",
        "leader_name": "带队者",
        "leader_phone": "17099999999",
        "signup_start_at": now,
        "signup_end_at": start,
        "shifts": (ShiftFacts(start, end, int(str(changes.get("quota", 10)))),),
    }
    more = {name: value for name, value in changes.items() if name not in ("starts_at", "ends_at", "quota")}
    return ActivityFacts(**(facts | more))  # type: ignore[arg-type]


def publishing_form(start: datetime, **changes: object) -> dict[str, object]:
    """What 活动发布 needs, and no more, for two hours from `start` on."""
    form: dict[str, object] = {
        "form_key": "k" * 22,
        "title": "社区防灾讲座",
        "scope_category": "K1",
        "starts_at": Moment.text(start),
        "ends_at": Moment.text(start + timedelta(hours=2)),
        "region": "210202",
        "address": "活动室",
        "quota": "20",
        "target_groups": ["11", "03"],
        "leader_name": "欧阳队长",
        "leader_phone": "17011113333",
        "content": "讲解防灾知识。",
        "declaration": "y",
    }
    return form | changes


def create_activity(team: Team, **changes: object) -> Event:
    """An activity of the organisation; `quota=…`, `starts_at=…` and other facts may be given."""
    facts = activity_facts(**changes)

    def create() -> Event:
        owner = session.get_one(Organization, team.id)
        row = activities.publish(facts, owner, form_key=new_uid(), now=here.clock.now())
        return Event(row.id, row.shifts[0].id, row.title, team)

    return in_transaction(create)


def add_shift(event: Event, *, starts_at: datetime, hours: int = 2, quota: int = 10, title: str = "") -> int:
    """One more shift of the activity, whose times it widens; its id."""

    def add() -> int:
        activity = session.get_one(Activity, event.id)
        times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=hours)}
        shift = Shift(activity_id=activity.id, title=title, quota=quota, places_taken=0, **times)
        session.add(shift)
        activity.starts_at = min(activity.starts_at, times["starts_at"])
        activity.ends_at = activity.signup_end_at = max(activity.ends_at, times["ends_at"])
        session.flush()
        return shift.id

    return in_transaction(add)


def suspend(team: Team, state: str) -> None:
    """Put the organisation into another state, as a page for staff will."""
    in_transaction(lambda: setattr(session.get_one(Organization, team.id), "state", state))


def signed_up(event: Event, person: Person) -> None:
    in_transaction(lambda: sign_up(event.shift_id, person.volunteer_id, now=here.clock.now()))


def withdrawn(event: Event, person: Person) -> None:
    in_transaction(lambda: withdraw(event.shift_id, person.volunteer_id, "有事", now=here.clock.now()))
