"""An activity as a calendar file (RFC 5545), so that a phone reminds its owner."""

from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from app import regions
from app.activities.models import Activity, ActivityState

#: When the phone rings before the start.
REMINDER = timedelta(hours=2)


def of(activity: Activity, page: str, *, host: str, now: datetime) -> bytes:
    """The file. The same activity keeps its name; a change raises its number, a cancelled one says so."""
    event = Event()
    event.add("uid", f"activity-{activity.uid}@{host}")
    event.add("sequence", activity.revision + (activity.state == ActivityState.CANCELLED))
    event.add("dtstamp", now)
    event.add("dtstart", activity.starts_at)
    event.add("dtend", activity.ends_at)
    event.add("summary", activity.title)
    event.add("location", f"{regions.full_name(activity.region)}{activity.address}")
    event.add("description", page)
    event.add("url", page)
    event.add("status", "CANCELLED" if activity.state == ActivityState.CANCELLED else "CONFIRMED")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", activity.title)
    alarm.add("trigger", -REMINDER)
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//STVS//activities//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
