"""The directory of organisations for everybody: those that were let in, by region and line, searched by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app import regions
from app.database import session
from app.organizations.models import Organization, OrganizationState
from app.organizations.parents import matching
from app.organizations.queries import PAGE


@dataclass(frozen=True)
class Sought:
    """What a person looks for; what is empty asks for nothing."""

    region: str = ""
    st_line: str = ""
    text: str = ""


def page(sought: Sought, *, after: int = 0) -> tuple[Sequence[Organization], int | None]:
    """A part of the directory, the oldest first, and the id that its next part begins after."""
    query = select(Organization).where(Organization.state == OrganizationState.APPROVED, Organization.id > after)
    if sought.region:
        query = query.where(getattr(Organization, regions.column_for(sought.region)) == sought.region)
    if sought.st_line:
        query = query.where(Organization.st_line == sought.st_line)
    if sought.text:
        query = query.where(or_(*matching(sought.text)))
    rows = session.scalars(query.order_by(Organization.id).limit(PAGE + 1)).all()
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def find(uid: str) -> Organization | None:
    """One that everybody may see, or the one that took its place."""
    query = select(Organization).where(Organization.uid == uid)
    found = session.scalar(query.options(joinedload(Organization.parent), joinedload(Organization.successor)))
    if found is not None and found.state == OrganizationState.MERGED:
        found = found.successor
    return found if found is not None and found.state == OrganizationState.APPROVED else None
