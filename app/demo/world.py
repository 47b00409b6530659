"""Putting the made-up world into the database, through the services that everybody uses, each at its own time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from app import codes
from app.accounts import agreements
from app.accounts import services as accounts
from app.activities import ending, judging, leaving
from app.activities import services as activities
from app.activities.facts import ActivityFacts, ShiftFacts
from app.activities.models import Activity, ApprovalMode, SignUp, SignUpState
from app.activities.sign_up import sign_up
from app.clock import local
from app.context import here
from app.database import session
from app.demo import drawings
from app.demo.content import PLANS, TEAMS, Plan, Team
from app.demo.people import Person, people
from app.errors import AppError
from app.organizations import membership, papers, queries
from app.organizations import services as organizations
from app.organizations import teams as sub_teams
from app.organizations.models import MembershipState, Organization
from app.organizations.services import AdminFacts, OrganizationFacts
from app.privacy import new_uid
from app.volunteers import services as volunteers
from app.volunteers.identity import read_resident_id
from app.volunteers.models import Volunteer
from app.volunteers.services import Identity, Profile, Registration

PEOPLE = 36
#: The last of them asked to join where somebody decides, and nobody has decided yet.
UNDECIDED_FROM = 30
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def fill(now: datetime) -> None:
    cast = people(PEOPLE)
    made = [_volunteer(person, number, now - (90 - number % 20) * DAY) for number, person in enumerate(cast)]
    teams = _organizations(cast, now)
    open_ones = [row for row in teams.values() if row.may_publish and row.join_mode != codes.CLOSED_TO_JOINING]
    for number, volunteer in enumerate(made):
        _join(volunteer, open_ones[number % len(open_ones)], decided=number < UNDECIDED_FROM)
    _sub_team(teams[TEAMS[1].name], now - 30 * DAY)
    for number, plan in enumerate(PLANS):
        activity = _activity(plan, teams[plan.team], number, now)
        comers = _sign_ups(plan, activity, _in_turn(made, number), now)
        owner = accounts.get_or_create_account(activity.leader_phone, now)
        _decide(plan, activity, comers, owner.id, now)
        if plan.is_cancelled:
            ending.cancel(activity, "天气预报有大风，活动取消", actor_id=owner.id, now=now)


def _volunteer(person: Person, number: int, now: datetime) -> Volunteer:
    identity = read_resident_id(person.id_number, now)
    facts = Registration(
        identity=Identity(person.name, identity.gender, identity.birth_date, codes.RESIDENT_ID, identity.number),
        residence_region=person.region,
        skills=list(codes.SKILLS)[number % 8 : number % 8 + 2],
        services=list(codes.SERVICE_SCOPES)[number % 6 : number % 6 + 2],
        profile=Profile(
            kind=str(1 + number % 3),
            expertise=list(codes.EXPERTISE)[number % 9 : number % 9 + 1],
            target_groups=["03", "K1"] if number % 2 else [],
            availability=["16", "17", "19"] if number % 3 else [],
            declares_health=bool(number % 2),
        ),
    )
    account = accounts.get_or_create_account(person.phone, now)
    texts = (agreements.VOLUNTEER_AGREEMENT, agreements.PRIVACY_NOTICE, agreements.ID_NUMBER_CONSENT)
    accounts.record_consents(account, agreements.current(*texts), now)
    return volunteers.register(account, facts, limits=here.config.limits, now=now)


def _organizations(cast: list[Person], now: datetime) -> dict[str, Organization]:
    """赵德胜 looks after the root, 李梅 after 中山区; others after the rest."""
    owners = [cast[2], cast[1], *cast[3:]]
    made: dict[str, Organization] = {}
    for team, owner in zip(TEAMS, owners, strict=False):
        since = now - (1 if team.waits else 100) * DAY
        account = accounts.get_or_create_account(owner.phone, since)
        facts = _team_facts(team, owner, since)
        logo = drawings.logo_for(team.name, account)
        if not team.parent:
            made[team.name] = organizations.create_root(facts, account, now=since)
            papers.take(made[team.name], (), logo, by=account.id)
            continue
        facts = replace(facts, logo=logo, application=drawings.form_of(account) if team.waits else ())
        made[team.name] = organizations.register(
            facts,
            made[team.parent].uid,
            account,
            AdminFacts(owner.name, "队长"),
            form_key=new_uid(),
            review="parent" if team.waits else "none",
            deepest=here.config.limits.organization_depth,
            now=since,
        )
    return made


def _team_facts(team: Team, owner: Person, since: datetime) -> OrganizationFacts:
    return OrganizationFacts(
        name=team.name,
        st_line=team.line,
        region=team.region,
        address=team.address,
        founded_on=since.date() - timedelta(days=900),
        leader_name=owner.name,
        leader_phone=owner.phone,
        service_categories=["K1", "K3", "K6"],
        intro="组织科技工作者和科普爱好者，常年开展科普和技术服务。",
        join_mode=team.join_mode,
    )


def _join(volunteer: Volunteer, organization: Organization, *, decided: bool) -> None:
    asked = volunteer.registered_at + DAY
    mine = organizations.join(volunteer, organization.uid, most=1, now=asked)
    if mine.state == MembershipState.PENDING and decided:
        membership.move(mine, MembershipState.ACTIVE, now=asked + DAY)


def _sub_team(organization: Organization, now: datetime) -> None:
    """Some of its members, the first of them their leader."""
    owner = queries.admins_of(organization)[0].account
    team = sub_teams.create(organization, "青少年科普分队", "进校园做科学实验和讲座。", actor=owner, now=now)
    members = sub_teams.others(team)[:3]
    for volunteer in members:
        sub_teams.add(team, volunteer.uid, now=now)
    sub_teams.appoint(team, members[0].uid, leads=True, now=now)


def _activity(plan: Plan, organization: Organization, number: int, now: datetime) -> Activity:
    start = _start(now, plan.days)
    published = min(now, start) - 7 * DAY
    opens = published + 2 * HOUR if plan.opens_in is None else now + plan.opens_in * DAY
    closes = now - HOUR if plan.is_closed else start
    facts = {
        "waitlist_limit": 10,
        "provisions": ["01", "05"],
        "notice": "请提前十分钟到场，穿舒适的鞋。",
        "cancel_deadline_at": closes if plan.is_closed else start - 12 * HOUR,
        **plan.more,
    }
    return activities.publish(
        ActivityFacts(
            title=plan.title,
            scope_category=plan.category,
            target_groups=list(plan.targets),
            region=plan.region,
            address=plan.address,
            position=plan.position,
            content=plan.content,
            leader_name=organization.leader_name,
            leader_phone=organization.leader_phone,
            signup_start_at=opens,
            signup_end_at=closes,
            shifts=(ShiftFacts(start, start + plan.hours * HOUR, plan.quota),),
            **facts,
        ),
        organization,
        form_key=new_uid(),
        now=published,
    )


def _start(now: datetime, days: int) -> datetime:
    """Nine in the morning of that day; the one of today began an hour ago."""
    if days == 0:
        return now - HOUR
    return local(now + days * DAY).replace(hour=9, minute=0).astimezone(now.tzinfo)


def _in_turn(made: list[Volunteer], number: int) -> Iterator[Volunteer]:
    """Everybody, for each activity beginning with somebody else; 王建国 is keen and comes first to every third."""
    if number % 3 == 0:
        yield made[0]
    for step in range(len(made)):
        yield made[(number * 5 + step) % len(made)]


def _sign_ups(plan: Plan, activity: Activity, willing: Iterator[Volunteer], now: datetime) -> list[SignUp]:
    """As many as the plan says, one after the other between the opening and now."""
    (shift,) = activity.shifts
    came: list[SignUp] = []
    step = (min(now, activity.signup_end_at) - activity.signup_start_at) / (plan.comers + 2)
    for volunteer in willing:
        if len(came) == plan.comers:
            break
        moment = activity.signup_start_at + step * (len(came) + 1)
        try:
            mine, is_new = sign_up(shift.id, volunteer.id, accepts_risk=True, has_training=True, now=moment)
        except AppError:
            session.flush()  # another activity at that time, or not what is asked for: somebody else comes
            continue
        if is_new:
            came.append(mine)
    return came


def _decide(plan: Plan, activity: Activity, comers: list[SignUp], actor_id: int, now: datetime) -> None:
    """What the organiser and the volunteers did since: yes, no, and 取消报名; all but the last have been judged."""
    latest = min(now, activity.signup_end_at)
    refused, rest = comers[: plan.refused], comers[plan.refused :]
    for mine in refused:
        words, moment = "报名条件不符，欢迎参加其他活动", _between(mine, latest)
        judging.reject(activity, mine.id, words, actor_id=actor_id, now=moment)
    if activity.approval_mode == ApprovalMode.REVIEW:
        for mine in rest[: len(rest) - plan.undecided]:
            judging.approve(activity, mine.id, actor_id=actor_id, now=_between(mine, latest))
    for mine in rest[: plan.withdrawn]:
        moment = min(_between(mine, latest), activity.cancel_deadline_at - HOUR)
        leaving.withdraw(mine.shift_id, mine.volunteer_id, "时间安排不开", now=moment)
    confirmed = [mine for mine in rest if mine.state == SignUpState.CONFIRMED]
    if plan.is_closed and confirmed:
        leaving.ask_for_leave(confirmed[0].shift_id, confirmed[0].volunteer_id, "身体不舒服", now=now - HOUR / 2)


def _between(mine: SignUp, latest: datetime) -> datetime:
    return mine.signed_up_at + (latest - mine.signed_up_at) / 2
