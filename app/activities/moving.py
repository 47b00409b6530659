"""What changes of an activity so that whoever signed up would stand at the wrong door: each of them is told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.activities import overlaps
from app.activities.models import LIVE, Activity, Shift, SignUp
from app.activities.texts import text_times, told_of
from app.database import session
from app.notices import services as notices
from app.volunteers.models import Volunteer


@dataclass(frozen=True)
class Before:
    """As it was before the edit."""

    title: str
    place: tuple[str, str, str]
    point: tuple[float | None, float | None]
    mode: str
    online_url: str
    risk_level: str
    risk_text: str
    #: When the shifts began.
    starts: Mapping[int, datetime]

    def is_told_after(self, before: "Before") -> bool:
        """Whether another name, place, link or risk than before is told to everybody; other times are to those of the
        shift. A point that is added to an address moves nothing."""
        none = (None, None)
        is_moved = none not in (self.point, before.point) and self.point != before.point
        return is_moved or self._words != before._words

    @property
    def _words(self) -> tuple[object, ...]:
        return self.title, self.place, self.mode, self.online_url, self.risk_level, self.risk_text


def of(activity: Activity) -> Before:
    return Before(
        title=activity.title,
        place=(activity.region, activity.address, activity.venue_name),
        point=(activity.lng, activity.lat),
        mode=activity.mode,
        online_url=activity.online_url,
        risk_level=activity.risk_level,
        risk_text=activity.risk_text,
        starts={shift.id: shift.starts_at for shift in activity.shifts},
    )


def tell(activity: Activity, before: Before, moved: Collection[Shift], *, riskier: bool, now: datetime) -> int:
    """Owe it to those of the shifts that are not over; returns to how many. A new risk is told with the way to the
    press that accepts it.

    Whoever does not hear of it would be there when the shift began before.
    """
    number = 0
    mine = (SignUp.state.in_(LIVE), SignUp.shift_ends_at > now)
    for shift in moved:
        query = select(Volunteer.account_id).join(SignUp).where(SignUp.shift_id == shift.id, *mine)
        told, others = told_of(activity, shift), overlaps.of_shift(shift.id)
        times = text_times(min(shift.starts_at, before.starts.get(shift.id, shift.starts_at)), shift.ends_at, now)
        for account_id in session.scalars(query):
            number += 1
            occasion = f"shift:{shift.id}:{activity.revision}:{account_id}"
            if account_id in others:
                more = {"other": others[account_id]}
                notices.add(account_id, "activity_overlaps", occasion, told | more, now=now, **times)
            elif not riskier:
                notices.add(account_id, "activity_changed", occasion, told, now=now, **times)
            if riskier:
                asked = told | {"path": f"{told['path']}#shift-{shift.id}"}
                notices.add(account_id, "risk_changed", f"{occasion}:risk", asked, now=now, **times)
    return number
