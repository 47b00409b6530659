"""An activity as a calendar file (RFC 5545), so that a phone reminds its owner."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app import late, regions
from app.activities.models import LIVE, TAKEN, Activity, Shift, SignUp, SignUpState
from app.activities.summary import is_online

if TYPE_CHECKING:
    import icalendar

#: When the phone rings before the start.
REMINDER = timedelta(hours=2)


def of(activity: Activity, page: str, *, mine: Mapping[int, SignUp], host: str, now: datetime) -> bytes:
    """The file: an event for each shift that the person has taken or left, or for each there is when they have none.

    The same shift keeps its name; a change raises its number, one that is cancelled or was left says so.
    """
    own = [shift for shift in activity.shifts if _is_mine(mine.get(shift.id))]
    calendar = late.icalendar.Calendar()
    calendar.add("prodid", "-//STVS//activities//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for shift in own or activity.shifts:
        calendar.add_component(_event(activity, shift, page, sign_up=mine.get(shift.id), host=host, now=now))
    return bytes(calendar.to_ical())


def _is_mine(sign_up: SignUp | None) -> bool:
    """Whether the person's calendar may hold it: taken, or taken once."""
    return sign_up is not None and (sign_up.state in TAKEN or _is_left(sign_up))


def _is_left(sign_up: SignUp | None) -> bool:
    return sign_up is not None and sign_up.state not in LIVE


def _state(activity: Activity, shift: Shift, sign_up: SignUp | None) -> str:
    if activity.is_off(shift.ends_at) or _is_left(sign_up):
        return "CANCELLED"
    return "TENTATIVE" if sign_up and sign_up.state in (SignUpState.PENDING, SignUpState.ENTERED) else "CONFIRMED"


def _sequence(activity: Activity, sign_up: SignUp | None, state: str) -> int:
    """Higher after each change: a calendar believes the highest. Who leaves and comes back counts on by two."""
    rounds = sign_up.round - 1 if sign_up else 0
    return activity.revision + 2 * rounds + (state == "CANCELLED")


def _event(
    activity: Activity, shift: Shift, page: str, *, sign_up: SignUp | None, host: str, now: datetime
) -> "icalendar.Event":
    state = _state(activity, shift, sign_up)
    title = f"{activity.title} {shift.title}".strip()
    event = late.icalendar.Event()
    event.add("uid", f"{_name(activity, shift)}@{host}")
    event.add("sequence", _sequence(activity, sign_up, state))
    event.add("dtstamp", now)
    event.add("dtstart", shift.starts_at)
    event.add("dtend", shift.ends_at)
    event.add("summary", title)
    event.add("location", "线上" if is_online(activity) else _place(activity, shift))
    event.add("description", page)
    event.add("url", page)
    event.add("status", state)
    if state == "CANCELLED":
        return event
    alarm = late.icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -REMINDER)
    event.add_component(alarm)
    return event


def _place(activity: Activity, shift: Shift) -> str:
    return f"{regions.full_name(activity.region)}{shift.place or activity.address}"


def _name(activity: Activity, shift: Shift) -> str:
    """The first shift has the activity's own name, as when it was the only one."""
    first = min(other.id for other in activity.shifts)
    return f"activity-{activity.uid}" if shift.id == first else f"activity-{activity.uid}-{shift.id}"
