"""Organisations: the root, registration under a parent, review, joining."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

from app import codes, regions
from app.accounts.models import Account
from app.database import session
from app.organizations import chronicle, expected, membership, papers, telling, tree
from app.organizations.errors import (
    AskedLately,
    ClosedToJoining,
    NameTaken,
    ParentNotFound,
    RootExists,
    TooManyOrganizations,
    TooManyRegistrations,
    TreeTooDeep,
    WasRemoved,
    WrongJoinPassword,
)
from app.organizations.facts import AS_WRITTEN, AdminFacts, OrganizationFacts
from app.organizations.models import (
    Membership,
    MembershipState,
    Organization,
    OrganizationAdmin,
    OrganizationState,
    Role,
)
from app.organizations.names import folded
from app.organizations.queries import membership_in, memberships_of
from app.volunteers.models import Volunteer
from app.volunteers.revealing import times_today

__all__ = ["AdminFacts", "OrganizationFacts"]

LIVE_MEMBERSHIPS = (MembershipState.PENDING, MembershipState.ACTIVE)
#: How soon who was rejected may ask again.
BETWEEN_WISHES = timedelta(days=1)
REGISTERED = "organization.registered"
#: The two forms of a registration that was begun and not sent: of the organisation, and of its admin.
DRAFT, ADMIN_DRAFT = "organization", "organization_admin"


def find_root() -> Organization | None:
    return session.scalar(select(Organization).where(Organization.parent_id.is_(None)))


def create_root(facts: OrganizationFacts, owner: Account, *, now: datetime) -> Organization:
    """The 总队: one an instance, made by the operator. Raises RootExists, NameTaken."""
    if find_root():
        raise RootExists
    root = _create(facts, None, OrganizationState.APPROVED, now)
    _add_admin(root, owner, AdminFacts(facts.leader_name or "管理员", ""), Role.OWNER, now)
    return root


def find_by_form_key(form_key: str, account: Account) -> Organization | None:
    """The organisation that this very form made already, when it was this person's form."""
    admins = select(OrganizationAdmin.organization_id).where(OrganizationAdmin.account_id == account.id)
    query = select(Organization).where(Organization.form_key == form_key, Organization.id.in_(admins))
    return session.scalar(query)


def register(
    facts: OrganizationFacts,
    parent_uid: str,
    account: Account,
    admin: AdminFacts,
    *,
    form_key: str,
    review: str,
    deepest: int,
    link: str = "",
    now: datetime,
) -> Organization:
    """Register an organisation under a parent, with its first admin; `link` is what the applicant was handed.

    Raises NoRoot, ParentNotFound, TreeTooDeep, NameTaken.
    """
    tree.lock_tree()
    parent = tree.fresh(Organization.uid == parent_uid, Organization.state == OrganizationState.APPROVED)
    if parent is None:
        raise ParentNotFound
    if parent.depth >= deepest:
        raise TreeTooDeep
    state = OrganizationState.PENDING if review == "parent" else OrganizationState.APPROVED
    organization = _create(facts, parent, state, now, form_key=form_key)
    papers.take(organization, facts.application, facts.logo, by=account.id)
    _add_admin(organization, account, admin, Role.OWNER, now)
    chronicle.note(organization, REGISTERED, organization.name, actor=account, now=now)
    expected.settle(organization, link)
    if state == OrganizationState.PENDING:
        telling.submitted(organization, account.id, now)
    else:
        telling.registered(organization, now)
    return organization


def check_day(account: Account, form_key: str, most: int, *, now: datetime) -> None:
    """Whether the person may register one more: each may write to people who did not ask for it. The same form sent
    again is none. Raises TooManyRegistrations.
    """
    tree.lock_tree()
    if find_by_form_key(form_key, account):
        return
    if times_today([REGISTERED], account.id, now) >= most:
        raise TooManyRegistrations(f"一个人一天最多注册 {most} 个组织，请明天再来；填好的内容会保留")


def is_name_taken(name: str) -> bool:
    return session.scalar(select(Organization.id).where(Organization.held_name == name)) is not None


def describe(organization: Organization, facts: OrganizationFacts) -> None:
    """Write the facts into the row, with what follows from them."""
    for name in AS_WRITTEN:
        setattr(organization, name, getattr(facts, name))
    organization.held_name, organization.name_key = facts.name, folded(facts.name)
    organization.city, organization.province = regions.city_of(facts.region), regions.province_of(facts.region)
    organization.unit_type = facts.unit_type or codes.UNIT_OF_LINE[facts.st_line]
    if facts.join_mode != codes.JOIN_BY_WORD:
        organization.join_password_hash = None
    elif facts.join_password:
        organization.join_password_hash = generate_password_hash(facts.join_password, method="scrypt")


def _create(
    facts: OrganizationFacts, parent: Organization | None, state: OrganizationState, now: datetime, form_key: str = ""
) -> Organization:
    if is_name_taken(facts.name):
        raise NameTaken
    organization = Organization(
        parent_id=parent.id if parent else None,
        depth=parent.depth + 1 if parent else 1,
        state=state,
        submitted_at=now,
        created_at=now,
    )
    describe(organization, facts)
    if form_key:
        organization.form_key = form_key
    try:
        with session.begin_nested():
            session.add(organization)
    except IntegrityError:
        raise NameTaken from None  # another one of this name, made at the same moment
    organization.path = f"{parent.path if parent else '/'}{organization.id}/"
    organization.organization_no = f"{organization.region}{organization.id:06d}"
    session.flush()
    return organization


def _add_admin(organization: Organization, account: Account, facts: AdminFacts, role: Role, now: datetime) -> None:
    session.add(
        OrganizationAdmin(
            organization_id=organization.id,
            account_id=account.id,
            role=role,
            name=facts.name,
            position=facts.position,
            created_at=now,
        )
    )
    session.flush()


def join(volunteer: Volunteer, organization_uid: str, *, most: int, now: datetime, password: str = "") -> Membership:
    """Ask to be a member, or become one at once, as the organisation's way of joining says. Again is harmless.

    Who was rejected may ask anew, once a day. Raises ClosedToJoining, WasRemoved, AskedLately, WrongJoinPassword, and
    TooManyOrganizations beyond `most`.
    """
    tree.lock_tree()
    organization = tree.fresh(Organization.uid == organization_uid, Organization.state == OrganizationState.APPROVED)
    if organization is None or organization.join_mode == codes.CLOSED_TO_JOINING:
        raise ClosedToJoining
    mine = membership.find_membership(organization.id, volunteer.id)
    if mine is not None and mine.state == MembershipState.REMOVED:
        raise WasRemoved
    if mine is not None and mine.state in LIVE_MEMBERSHIPS:
        return mine
    if mine is not None and mine.state == MembershipState.REJECTED and now < mine.asked_at + BETWEEN_WISHES:
        raise AskedLately
    if len(memberships_of(volunteer.id)) >= most:
        raise TooManyOrganizations
    by_password = organization.join_mode == codes.JOIN_BY_WORD
    if by_password and not check_password_hash(organization.join_password_hash or "", password):
        raise WrongJoinPassword
    at_once = by_password or organization.join_mode == codes.JOIN_AT_ONCE
    if at_once:
        return membership.enter(organization, volunteer.id, MembershipState.ACTIVE, now=now)
    return membership.ask(organization, volunteer.id, now=now)


def leave(volunteer: Volunteer, organization_uid: str, *, now: datetime) -> None:
    """Leave, or take back the wish to join. Again is harmless."""
    tree.lock_tree()
    mine = membership_in(organization_uid, volunteer.id)
    if mine is not None:
        membership.move(mine, MembershipState.LEFT, now=now)


def leave_all(volunteer: Volunteer, *, now: datetime) -> None:
    """What somebody leaves who goes for good."""
    uids = [row.organization.uid for row in memberships_of(volunteer.id)]
    for uid in uids:
        leave(volunteer, uid, now=now)
