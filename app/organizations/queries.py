"""Reading organisations."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app import codes, keyset
from app.database import session
from app.keyset import Key, Page, Place
from app.organizations import names, parents
from app.organizations.models import (
    Membership,
    MembershipState,
    Organization,
    OrganizationAdmin,
    OrganizationState,
    Role,
)
from app.organizations.permissions import holders
from app.organizations.states import CAME_TO_NOTHING

#: A list to choose from stays short enough for a phone; finding one of thousands is what search is for.
LONGEST_CHOICE = 200
#: How many organisations are suggested to a volunteer.
SUGGESTED = 30
#: How many rows a page of a list has.
PAGE = 20
#: How many organisations below one are shown at once.
BELOW = 50
#: How many are shown as perhaps the same.
NEAR = 5


def open_to_joining(uid: str) -> Sequence[Organization]:
    """The organisation, if a volunteer may join it or ask to."""
    return session.scalars(_open().where(Organization.uid == uid)).all()


def _open() -> Select[Organization]:
    return select(Organization).where(
        Organization.state == OrganizationState.APPROVED, Organization.join_mode != codes.CLOSED_TO_JOINING
    )


def suggested(region: str, aims: list[str], *, text: str = "") -> Sequence[Organization]:
    """Organisations that a volunteer may join: of the same district first, then of the city, with like aims first.

    Aims are codes of services and of skills; no code is one of both.
    """
    query = _open()
    if text:
        query = query.where(Organization.name.icontains(text, autoescape=True))
    is_here, is_in_city = Organization.region == region, Organization.region.startswith(region[:4])
    nearness = case((is_here, 0), (is_in_city, 1), else_=2)
    narrow = query.with_only_columns(nearness, Organization.service_categories, Organization.skills, Organization.id)
    # One after the other, as far as it takes to have enough: put in an order all at once, every organisation is read.
    # To look into names every one is read anyway.
    parts = ((),) if text else ((is_here,), (is_in_city, ~is_here), (~is_in_city,))
    worth: list[tuple[int, int, int]] = []
    for there in parts:
        if len(worth) < LONGEST_CHOICE:
            some = narrow.where(*there).order_by(nearness, Organization.id).limit(LONGEST_CHOICE - len(worth))
            for far, services, skills, row_id in session.execute(some):
                worth.append((far, -len({*services, *skills} & set(aims)), row_id))
    ids = [row_id for *_, row_id in sorted(worth)[:SUGGESTED]]
    return sorted(
        session.scalars(select(Organization).where(Organization.id.in_(ids))), key=lambda row: ids.index(row.id)
    )


def membership_in(uid: str, volunteer_id: int) -> Membership | None:
    live = Membership.state.in_((MembershipState.PENDING, MembershipState.ACTIVE))
    query = (
        select(Membership)
        .join(Organization)
        .where(Organization.uid == uid, Membership.volunteer_id == volunteer_id, live)
    )
    query = query.options(contains_eager(Membership.organization)).execution_options(populate_existing=True)
    return session.scalar(query)


def admin_rows(account_id: int) -> Sequence[OrganizationAdmin]:
    """For which organisations the account acts, the first one first, those that came to nothing last."""
    query = select(OrganizationAdmin).where(OrganizationAdmin.account_id == account_id).join(Organization)
    query = query.options(contains_eager(OrganizationAdmin.organization).joinedload(Organization.parent))
    refused = case((Organization.state.in_(CAME_TO_NOTHING), 1), else_=0)
    return session.scalars(query.order_by(refused, OrganizationAdmin.id)).all()


def nearly_called(name: str, region: str, *, but: int = 0) -> Sequence[Organization]:
    """Others whose name differs from this one by spaces, signs, its usual ending or the place that it begins with."""
    keys = Organization.name_key.in_(sorted(names.nearly(name, region)))
    query = select(Organization).where(keys, Organization.held_name.is_not(None), Organization.id != but)
    return session.scalars(query.where(Organization.name != name).order_by(Organization.id).limit(NEAR)).all()


def who_may(organization_id: int, permission: str) -> Sequence[int]:
    """The accounts that hold the permission in the organisation itself: whom to tell."""
    query = select(OrganizationAdmin.account_id).where(
        OrganizationAdmin.organization_id == organization_id, OrganizationAdmin.role.in_(sorted(holders(permission)))
    )
    return session.scalars(query.order_by(OrganizationAdmin.id)).all()


def find_by_uid(uid: str) -> Organization | None:
    query = select(Organization).where(Organization.uid == uid).options(joinedload(Organization.parent))
    return session.scalar(query)


@dataclass(frozen=True)
class Part:
    """Some organisations of a list, and the key that those after them begin behind."""

    rows: Sequence[Organization]
    next_key: str | None


def waiting_below(organization: Organization, *, after: Key | None = None) -> Page:
    """Registrations that wait anywhere below it, who waits longest first."""
    query = select(Organization).options(joinedload(Organization.parent)).where(*_waits_below(organization))
    return keyset.part(query, (Organization.submitted_at, Organization.id), Place(after), forward=True)


def count_waiting_below(organization: Organization) -> int:
    query = select(func.count()).select_from(Organization).where(*_waits_below(organization))
    return session.scalar(query) or 0


def _waits_below(organization: Organization) -> tuple[ColumnElement[bool], ...]:
    inside = Organization.path.startswith(organization.path, autoescape=True)
    return inside, Organization.id != organization.id, Organization.state == OrganizationState.PENDING


def below(organization: Organization, text: str = "", *, after: tuple[int, int] | None = None) -> Part:
    """Those directly below it, or of all below it those whose name or number has the text. `after` is (depth, id)."""
    query = select(Organization)
    if text:
        query = query.where(
            Organization.path.startswith(organization.path, autoescape=True),
            Organization.id != organization.id,
            or_(*parents.matching(text)),
        )
    else:
        # What came to nothing is found by its name alone: else it would stand among those that work for ever.
        alive = Organization.state.not_in(CAME_TO_NOTHING)
        query = query.where(Organization.parent_id == organization.id, alive)
    if after:
        depth, row_id = after
        deeper = Organization.depth > depth
        query = query.where(or_(deeper, and_(Organization.depth == depth, Organization.id > row_id)))
    rows = session.scalars(query.order_by(Organization.depth, Organization.id).limit(BELOW + 1)).all()
    last = rows[BELOW - 1] if len(rows) > BELOW else None
    return Part(rows[:BELOW], f"{last.depth}-{last.id}" if last else None)


def count_below(organization: Organization) -> int:
    """How many organisations that work lie below it, at whatever depth."""
    query = select(func.count()).select_from(Organization)
    inside = (Organization.path.startswith(organization.path, autoescape=True), Organization.id != organization.id)
    return session.scalar(query.where(*inside, Organization.state == OrganizationState.APPROVED)) or 0


def choices_inside(top: Organization, *, outside: Organization, text: str = "") -> list[tuple[str, str]]:
    """(uid, name) of organisations of the branch `top` that another one may go to: none of the branch `outside`."""
    query = select(Organization).where(
        Organization.state == OrganizationState.APPROVED,
        Organization.path.startswith(top.path, autoescape=True),
        ~Organization.path.startswith(outside.path, autoescape=True),
    )
    if text:
        query = query.where(or_(*parents.matching(text)))
    rows = session.scalars(query.order_by(Organization.depth, Organization.id).limit(LONGEST_CHOICE))
    return [(row.uid, row.name) for row in rows]


def admins_of(organization: Organization) -> Sequence[OrganizationAdmin]:
    """Who acts for the organisation: the owner first, then by how much they may."""
    order = case(*((OrganizationAdmin.role == role, place) for place, role in enumerate(Role)), else_=9)
    query = select(OrganizationAdmin).where(OrganizationAdmin.organization_id == organization.id)
    query = query.options(joinedload(OrganizationAdmin.account)).order_by(order, OrganizationAdmin.id)
    return session.scalars(query.limit(LONGEST_CHOICE)).all()


def memberships_of(volunteer_id: int) -> Sequence[Membership]:
    live = Membership.state.in_((MembershipState.PENDING, MembershipState.ACTIVE))
    query = select(Membership).where(Membership.volunteer_id == volunteer_id, live)
    return session.scalars(query.options(joinedload(Membership.organization)).order_by(Membership.id)).all()
