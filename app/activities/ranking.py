"""Orders that no index has: the nearest first, the most places first. Of very many only the soonest are ranked."""

from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Select, and_, case, func, select

from app import keyset
from app.activities import distance
from app.activities.models import Activity, Shift
from app.activities.queries import SHOWN, Wanted, conditions_for, is_soonest_first, order_of
from app.database import session
from app.keyset import EPOCH, Key, Page, Place

#: How far "near" reaches, and how many of a crowded place, or of the whole country, are ranked.
REACH_M, MOST_RANKED = 50_000.0, 500
Ranked = TypeVar("Ranked", bound=Select[*tuple[object, ...]])
#: More places than this are as good as no limit.
LOTS = 9_999


def near(wanted: Wanted, point: tuple[float, float], now: datetime, place: Place) -> Page:
    """Activities within REACH_M of a point (GCJ-02) that match, nearest first."""
    west, south, east, north = distance.box(*point, REACH_M)
    inside = (Activity.lat.between(south, north), Activity.lng.between(west, east))
    query = select(Activity.id, Activity.lng, Activity.lat).where(*conditions_for(wanted, now), *inside)
    found = session.execute(_first_of(query, wanted))
    metres = ((distance.metres(*point, lng or 0, lat or 0), row_id) for row_id, lng, lat in found)
    # In decimetres, so that the rank is a whole number and can stand in an address; it is no position.
    ranking = sorted((int(far * 10), row_id) for far, row_id in metres if far <= REACH_M)
    ids, next_key, is_cut = keyset.part_of_ranking(ranking, place)
    return Page(_load(ids), next_key, is_cut)


def most_places(wanted: Wanted, now: datetime, place: Place) -> Page:
    """Activities that match, those with the most free places first; among equals the soonest."""
    ranking = sorted(_by_places(wanted, now))
    ids, next_key, is_cut = keyset.part_of_ranking(ranking, place)
    return Page(_load(ids), next_key, is_cut)


def _by_places(wanted: Wanted, now: datetime) -> list[Key]:
    soonest = select(Activity.id, Activity.starts_at).where(*conditions_for(wanted, now))
    some = _first_of(soonest, wanted).subquery()
    free = case((Shift.quota == 0, LOTS), (Shift.waiting > 0, 0), else_=Shift.quota - Shift.places_taken)
    query = (
        select(some.c.id, some.c.starts_at, func.coalesce(func.sum(free), 0))
        .outerjoin(Shift, and_(Shift.activity_id == some.c.id, Shift.ends_at > now, Shift.removed_at.is_(None)))
        .group_by(some.c.id, some.c.starts_at)
    )
    return [(_rank(int(places), starts_at), row_id) for row_id, starts_at, places in session.execute(query)]


def _first_of(query: Ranked, wanted: Wanted) -> Ranked:
    """Those that are ranked: the ones that the list in the order of time begins with."""
    forward, order = is_soonest_first(wanted.phase), order_of(wanted.phase)
    return query.order_by(*(column if forward else column.desc() for column in order)).limit(MOST_RANKED)


def _rank(places: int, starts_at: datetime) -> int:
    """A whole number: the fewer of them are better, and the sooner."""
    minutes = (starts_at - EPOCH) // timedelta(minutes=1)
    return (LOTS - min(places, LOTS)) * 10**9 + minutes


def _load(ids: list[int]) -> list[Activity]:
    rows = session.scalars(select(Activity).options(*SHOWN).where(Activity.id.in_(ids)))
    return sorted(rows, key=lambda row: ids.index(row.id))
