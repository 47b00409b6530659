"""What organisations offer now, for the directory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.activities import recruiting
from app.activities.models import Activity, Phase
from app.activities.queries import in_phase
from app.database import session

#: How many of one organisation are shown at once.
MOST = 30


def count_open(organization_ids: Collection[int], now: datetime) -> dict[int, int]:
    """How many activities of each of them one can sign up for now."""
    query = select(Activity.organization_id, func.count()).where(
        Activity.organization_id.in_(organization_ids), in_phase(Phase.SIGNUP_OPEN, now), recruiting.listed_for(None)
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(Activity.organization_id))}


@dataclass(frozen=True)
class Part:
    """Some activities of an organisation, and the id that those after them begin behind."""

    rows: Sequence[Activity]
    next_key: int | None


def open_of(organization_id: int, now: datetime, *, after: int = 0) -> Part:
    """Those of the organisation that one can sign up for now, the soonest first."""
    query = select(Activity).where(Activity.organization_id == organization_id, in_phase(Phase.SIGNUP_OPEN, now))
    query = query.where(recruiting.listed_for(None)).options(
        joinedload(Activity.organization), selectinload(Activity.shifts)
    )
    last = session.get(Activity, after) if after else None
    if last:
        later = Activity.starts_at > last.starts_at
        query = query.where(or_(later, and_(Activity.starts_at == last.starts_at, Activity.id > last.id)))
    rows = session.scalars(query.order_by(Activity.starts_at, Activity.id).limit(MOST + 1)).all()
    return Part(rows[:MOST], rows[MOST - 1].id if len(rows) > MOST else None)
