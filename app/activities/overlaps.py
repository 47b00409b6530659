"""Two shifts of one person at one time. Signing up refuses them; an organiser who moves a shift can still make some."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from app.activities.models import TAKEN, Activity, ActivityState, SignUp
from app.database import session
from app.volunteers.models import Volunteer

Mine, Other, OtherActivity = aliased(SignUp), aliased(SignUp), aliased(Activity)


@dataclass(frozen=True)
class Overlap:
    """The other one that a sign-up overlaps with."""

    title: str
    starts_at: datetime
    ends_at: datetime


def _pairs(*columns: Any) -> Select[Any]:
    """Each sign-up that is taken, with each other one of the same person at the same time."""
    return (
        select(*columns)
        .select_from(Mine)
        .join(Activity, Activity.id == Mine.activity_id)
        .join(Other, Other.volunteer_id == Mine.volunteer_id)
        .join(OtherActivity, OtherActivity.id == Other.activity_id)
        .where(
            Other.id != Mine.id,
            Mine.state.in_(TAKEN),
            Other.state.in_(TAKEN),
            Mine.shift_starts_at < Other.shift_ends_at,
            Mine.shift_ends_at > Other.shift_starts_at,
            Activity.state == ActivityState.PUBLISHED,
            OtherActivity.state == ActivityState.PUBLISHED,
        )
        .order_by(Other.shift_starts_at.desc(), Other.id.desc())
    )


def of_shift(shift_id: int) -> dict[int, str]:
    """By account: the title of what it overlaps with, for those who have taken this shift."""
    query = _pairs(Volunteer.account_id, OtherActivity.title).join(Volunteer, Volunteer.id == Mine.volunteer_id)
    return {row.account_id: row.title for row in session.execute(query.where(Mine.shift_id == shift_id))}


def of_sign_ups(rows: Sequence[SignUp], now: datetime) -> dict[int, Overlap]:
    """By sign-up: the first other one of the person that it overlaps with, of those that have not begun."""
    to_come = [row.id for row in rows if row.state in TAKEN and row.shift_starts_at > now]
    query = _pairs(Mine.id, OtherActivity.title, Other.shift_starts_at, Other.shift_ends_at)
    found = session.execute(query.where(Mine.id.in_(to_come))) if to_come else ()
    return {row_id: Overlap(*facts) for row_id, *facts in found}
