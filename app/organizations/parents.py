"""Under which organisation a new one belongs: suggested from its line and region, found by name or number."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Select, and_, or_, select

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


def suggested(st_line: str, region: str, deepest: int, *, name: str = "") -> Sequence[Organization]:
    """The organisations one level up on the right line (domain facts 9).

    That of a society is a society, of its own subject if there is one; of a 科协 the one of its city; of everybody else
    the 科协 of their district. Where there is none, the next level up is looked at.

    The 总队 is never among them: it is offered anyway.
    """
    if st_line not in codes.ST_LINES or not regions.is_place(region):
        return []
    line = codes.SOCIETY if st_line == codes.SOCIETY else codes.ASSOCIATION
    is_on_its_own = st_line in (codes.SOCIETY, codes.ASSOCIATION)
    for area in regions.above(_named_place(name, region)) if is_on_its_own else [region, *regions.above(region)]:
        rows = _of(line, area, deepest)
        alike = [row for row in rows if subject(row.name) == subject(name)] if line == codes.SOCIETY else []
        if rows:
            return (alike or rows)[:SUGGESTED]
    return []


def _named_place(name: str, region: str) -> str:
    """The city or province that the name begins with, if the region lies there: 大连市化学会 has its office in a
    district and is none of it."""
    if regions.without_what_lies_above(name) != name:
        return region
    return next((place for place in regions.above(region) if name.startswith(regions.name(place))), region)


def _of(line: str, area: str, deepest: int) -> list[Organization]:
    """Those of the line at work in the whole area. Some name a district as theirs: the place of their office."""
    own = Organization.region == area
    if regions.column_for(area) != "region":
        inside = getattr(Organization, regions.column_for(area)) == area
        own = or_(own, and_(inside, Organization.name.startswith(regions.name(area), autoescape=True)))
    query = open_to_new(deepest).where(Organization.parent_id.is_not(None), Organization.st_line == line, own)
    rows = session.scalars(query.order_by(Organization.depth, Organization.id).limit(LONGEST_CHOICE)).all()
    # 大连市中山区科协 begins like 大连市科协 and is not of the city.
    return [row for row in rows if row.region == area or regions.without_what_lies_above(row.name) == row.name]


def subject(name: str) -> str:
    """化学会 of 大连市化学会科技志愿服务队: what is left of the name without its places and its ending."""
    return regions.without_places(folded(name))


def found(text: str, deepest: int) -> Sequence[Organization]:
    """Those whose name, short name or number has the text in it; all of them, the root first, without a text."""
    query = open_to_new(deepest)
    if text:
        query = query.where(or_(*matching(text)))
    return session.scalars(query.order_by(Organization.depth, Organization.id).limit(LONGEST_CHOICE)).all()


def matching(text: str) -> Iterator[ColumnElement[bool]]:
    yield Organization.name.icontains(text, autoescape=True)
    yield Organization.short_name.icontains(text, autoescape=True)
    yield Organization.organization_no.startswith(text, autoescape=True)
    if folded(text):
        yield Organization.name_key.contains(folded(text), autoescape=True)


def chosen(uid: str, deepest: int) -> Organization | None:
    return session.scalar(open_to_new(deepest).where(Organization.uid == uid))
