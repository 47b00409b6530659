"""Lists in parts. A part begins after the key of the row before it, so that what is added or gone moves nothing."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, or_

from app.database import session

PAGE = 20
#: How many rows are shown at once to somebody who comes back to a place far down.
LONGEST = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[int, int]


@dataclass(frozen=True)
class Place:
    """Where somebody is in a list: at the part after the first key, or with all up to the second and a part more."""

    after: Key | None = None
    upto: Key | None = None

    @property
    def whole(self) -> str | None:
        """As the `upto` of an address: all of the list that somebody has seen by now."""
        key = self.upto or self.after
        return f"{key[0]}-{key[1]}" if key else None


START = Place()


@dataclass(frozen=True)
class Page:
    """A part of a list, and the key that its next part begins after."""

    rows: Sequence[Any]
    next_key: str | None
    #: Whether the list begins further up, because all of it would be too long.
    is_cut: bool = False


def key_of(moment: datetime, row_id: int) -> str:
    return f"{(moment - EPOCH) // timedelta(microseconds=1)}-{row_id}"


def _moment(key: Key) -> datetime:
    # A key is whatever somebody put into the address; beyond our calendar it just finds nothing.
    return EPOCH + timedelta(microseconds=min(key[0], 10**16))


def beyond(moment: Any, row_id: Any, key: Key, *, forward: bool) -> Any:
    """Rows after the key. Not a row comparison, which MySQL and MariaDB do not look up in an index."""
    mark = _moment(key)
    if forward:
        return and_(moment >= mark, or_(moment > mark, row_id > key[1]))
    return and_(moment <= mark, or_(moment < mark, row_id < key[1]))


def part(query: Select[Any], order: tuple[Any, Any], place: Place, *, forward: bool) -> Page:
    """The part of the query at that place, in the order of a moment and an id of its rows."""
    key = place.upto or place.after
    before = _up_to(query, order, place.upto, forward=forward) if place.upto else []
    rest = query.where(beyond(*order, key, forward=forward)) if key else query
    rows = list(session.scalars(rest.order_by(*_sorted(order, forward=forward)).limit(PAGE + 1)))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    next_key = key_of(getattr(last, order[0].key), last.id) if last else None
    kept = before[-(LONGEST - PAGE) :]
    return Page([*kept, *rows[:PAGE]], next_key, is_cut=len(before) > len(kept))


def _up_to(query: Select[Any], order: tuple[Any, Any], key: Key, *, forward: bool) -> list[Any]:
    """The rows up to the key and with it, as many as are shown and one more, in their order."""
    with_it = (key[0], key[1] + (1 if forward else -1))
    query = query.where(beyond(*order, with_it, forward=not forward))
    rows = session.scalars(query.order_by(*_sorted(order, forward=not forward)).limit(LONGEST - PAGE + 1))
    return list(rows)[::-1]


def _sorted(order: tuple[Any, Any], *, forward: bool) -> list[Any]:
    return [column if forward else column.desc() for column in order]


def part_of_ranking(ranking: list[Key], place: Place) -> tuple[list[int], str | None, bool]:
    """The same of a short list that was ranked in memory, as (rank, id): ids, next key, and whether it is cut."""
    key = place.upto or place.after
    start = bisect_right(ranking, key) if key else 0
    end = start + PAGE
    first = max(start - (LONGEST - PAGE), 0) if place.upto else start
    next_key = "{}-{}".format(*ranking[end - 1]) if end < len(ranking) else None
    return [row_id for _, row_id in ranking[first:end]], next_key, bool(place.upto) and first > 0
