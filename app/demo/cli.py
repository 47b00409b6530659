"""`flask demo`: fill an empty database with made-up people, organisations and activities in every phase."""

from datetime import datetime, timedelta

import click
from flask.cli import with_appcontext

from app import codes
from app.accounts import agreements
from app.accounts import services as accounts
from app.activities import services as activities
from app.activities.models import Activity, ApprovalMode
from app.activities.services import ActivityFacts
from app.activities.sign_up import sign_up
from app.clock import local
from app.config import from_root
from app.context import here
from app.database import in_transaction, session
from app.demo.content import ACTIVITIES, ORGANIZATIONS, POLICY
from app.demo.people import Person, people
from app.errors import AppError
from app.organizations import services as organizations
from app.organizations.models import Organization
from app.organizations.services import AdminFacts, OrganizationFacts
from app.privacy import new_uid
from app.volunteers import services as volunteers
from app.volunteers.identity import read_resident_id
from app.volunteers.models import Volunteer
from app.volunteers.services import Identity, Profile, Registration

PEOPLE = 36


@click.command()
@with_appcontext
def demo() -> None:
    """Fill an empty database with made-up data. Only for the sandbox; does nothing the second time."""
    if not here.config.wechat.is_sandbox:
        raise click.ClickException("demonstration data belong to a sandbox; this is set up for the real WeChat")
    if organizations.find_root():
        click.echo("the demonstration data (or real data) are there already; nothing changed")
        return
    now = here.clock.now().replace(second=0, microsecond=0)
    in_transaction(lambda: fill(now))
    folder = from_root(here.config.content.policies)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "demo.md").write_text(POLICY, encoding="utf-8")
    click.echo(f"made {len(ORGANIZATIONS)} organisations, {PEOPLE} volunteers and {len(ACTIVITIES)} activities")


def fill(now: datetime) -> None:
    cast = people(PEOPLE)
    long_ago = now - timedelta(days=90)
    made = [_volunteer(person, number, long_ago) for number, person in enumerate(cast)]
    tree = _organizations(cast, long_ago)
    for number, volunteer in enumerate(made):
        organizations.join(volunteer, tree[number % len(tree)].uid, most=1, now=long_ago)
    for number, row in enumerate(ACTIVITIES):
        activity = _activity(row, tree[1 + number % (len(tree) - 1)], number, now)
        _sign_ups(activity, made, number)


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


def _organizations(cast: list[Person], now: datetime) -> list[Organization]:
    """李梅 looks after 中山区, 赵德胜 after the root; others after the rest."""
    owners = [cast[2], cast[1], *cast[3:]]
    made: dict[str, Organization] = {}
    for (name, line, region, parent), owner in zip(ORGANIZATIONS, owners, strict=False):
        facts = OrganizationFacts(
            name=name,
            st_line=line,
            region=region,
            address="科普路 1 号",
            founded_on=now.date() - timedelta(days=900),
            leader_name=owner.name,
            leader_phone=owner.phone,
            service_categories=["K1", "K3", "K6"],
            intro="组织科技工作者和科普爱好者，常年开展科普和技术服务。",
            join_mode=codes.JOIN_AT_ONCE,
        )
        account = accounts.get_or_create_account(owner.phone, now)
        if not parent:
            made[name] = organizations.create_root(facts, account, now=now)
            continue
        made[name] = organizations.register(
            facts,
            made[parent].uid,
            account,
            AdminFacts(owner.name, "队长"),
            form_key=new_uid(),
            review="none",
            deepest=here.config.limits.organization_depth,
            now=now,
        )
    return list(made.values())


def _activity(row: tuple, organization: Organization, number: int, now: datetime) -> Activity:  # type: ignore[type-arg]
    title, category, targets, address, days, hours, quota, content = row
    start = _start(now, days)
    published = min(now, start) - timedelta(days=7)
    facts = ActivityFacts(
        title=title,
        scope_category=category,
        target_groups=list(targets),
        region=organization.region,
        address=address,
        content=content,
        leader_name=organization.leader_name,
        leader_phone=organization.leader_phone,
        # One opens later, one is closed already: every phase is there to be seen.
        signup_start_at=now + timedelta(days=2) if days == 15 else published,
        signup_end_at=now - timedelta(hours=1) if days == 2 else start,
        starts_at=start,
        ends_at=start + timedelta(hours=hours),
        quota=quota,
        approval_mode=ApprovalMode.REVIEW if number % 7 == 3 else ApprovalMode.AT_ONCE,
        waitlist_limit=10,
        provisions=["01", "05"],
        notice="请提前十分钟到场，穿舒适的鞋。",
        # Around the middle of the city, so that there is something near and something far.
        position=(121.55 + number % 5 * 0.03, 38.89 + number % 7 * 0.02),
        risk_text="室外路面可能结冰，请注意防滑。" if number % 5 == 2 else "",
        min_age=16 if number % 4 == 1 else None,
        cancel_deadline_at=start - timedelta(hours=12),
    )
    return activities.publish(facts, organization, form_key=new_uid(), now=published)


def _start(now: datetime, days: int) -> datetime:
    """Nine in the morning of that day; the one of today began an hour ago."""
    if days == 0:
        return now - timedelta(hours=1)
    return local(now + timedelta(days=days)).replace(hour=9, minute=0).astimezone(now.tzinfo)


def _sign_ups(activity: Activity, made: list[Volunteer], number: int) -> None:
    """Some come, and one activity is full."""
    (shift,) = activity.shifts
    # Of the one that is full, two wait for a place.
    wanted = shift.quota + 2 if activity.title == "冬季心脑血管健康义诊" else 3 + number % 4
    for volunteer in (made[(number * 5 + step) % len(made)] for step in range(len(made))):
        if not wanted:
            return
        try:
            sign_up(shift.id, volunteer.id, accepts_risk=True, now=activity.signup_start_at + timedelta(hours=1))
        except AppError:
            session.flush()  # another activity at that time, or not open yet: somebody else comes
            continue
        wanted -= 1
