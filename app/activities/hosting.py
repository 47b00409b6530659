"""What organisations offer now, for the directory."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from app import keyset
from app.activities import recruiting
from app.activities.models import Activity, Phase
from app.activities.queries import in_phase
from app.database import session
from app.keyset import Key, Page, Place


def count_open(organization_ids: Collection[int], now: datetime) -> dict[int, int]:
    """How many activities of each of them one can sign up for now."""
    query = select(Activity.organization_id, func.count()).where(
        Activity.organization_id.in_(organization_ids), in_phase(Phase.SIGNUP_OPEN, now), recruiting.listed_for(None)
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(Activity.organization_id))}


def open_of(organization_id: int, now: datetime, *, after: Key | None = None) -> Page:
    """Those of the organisation that one can sign up for now, the soonest first."""
    query = select(Activity).where(Activity.organization_id == organization_id, in_phase(Phase.SIGNUP_OPEN, now))
    query = query.where(recruiting.listed_for(None)).options(
        joinedload(Activity.organization), selectinload(Activity.shifts)
    )
    return keyset.part(query, (Activity.starts_at, Activity.id), Place(after), forward=True)
