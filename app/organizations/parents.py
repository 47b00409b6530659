"""Under which organisation a new one belongs: suggested from its line and region, found by name or number."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Select, or_, select

from app import codes, regions
from app.database import session
from app.organizations.models import Organization, OrganizationState
from app.organizations.names import folded

#: A list to choose from stays short enough for a phone; beyond it one searches.
LONGEST_CHOICE = 200
#: How many are suggested.
SUGGESTED = 3


def open_to_new(deepest: int) -> Select[Organization]:
    return select(Organization).where(Organization.state == OrganizationState.APPROVED, Organization.depth < deepest)


def suggested(st_line: str, region: str, deepest: int) -> Sequence[Organization]:
    """Where the two lines of domain facts 9 lead: a society to one of its city, others to the 科协 of their district.

    The 总队 is never among them: it is offered anyway.
    """
    if st_line not in codes.ST_LINES or not regions.exists(region):
        return []
    query = open_to_new(deepest).where(Organization.parent_id.is_not(None))
    if st_line == codes.SOCIETY:
        query = query.where(Organization.st_line == codes.SOCIETY, Organization.city == regions.city_of(region))
    else:
        query = query.where(Organization.st_line == codes.ASSOCIATION, Organization.region == region)
    return session.scalars(query.order_by(Organization.depth, Organization.id).limit(SUGGESTED)).all()


def found(text: str, deepest: int) -> Sequence[Organization]:
    """Those whose name or number has the text in it; all of them, the root first, without a text."""
    query = open_to_new(deepest)
    if text:
        query = query.where(or_(*matching(text)))
    return session.scalars(query.order_by(Organization.depth, Organization.id).limit(LONGEST_CHOICE)).all()


def matching(text: str) -> Iterator[ColumnElement[bool]]:
    yield Organization.name.icontains(text, autoescape=True)
    yield Organization.organization_no.startswith(text, autoescape=True)
    if folded(text):
        yield Organization.name_key.contains(folded(text), autoescape=True)


def chosen(uid: str, deepest: int) -> Organization | None:
    return session.scalar(open_to_new(deepest).where(Organization.uid == uid))
