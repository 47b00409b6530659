"""What the form of a new activity is begun with: the usual hours, or an earlier one in a week to come."""

from datetime import datetime, timedelta
from typing import Any

from app.activities import repeats
from app.activities.models import Activity
from app.activities.opened import opened_from
from app.clock import today
from app.privacy import new_uid
from app.web.forms import Moment


def usual_times(now: datetime) -> dict[str, str]:
    """Next Saturday from 9 to 11: when most of them are."""
    day = today(now) + timedelta(days=(5 - today(now).weekday()) % 7 or 7)
    return {"starts_at": f"{day:%Y-%m-%d}T09:00", "ends_at": f"{day:%Y-%m-%d}T11:00"}


def opened_as_copy(model: Activity, now: datetime) -> dict[str, Any]:
    """The fields of the model. What it said of sign-up goes along by as many weeks as its shifts do."""
    by = repeats.next_week(model.starts_at, now)
    fields = opened_from(model)
    times = ("signup_start_at", "signup_end_at", "cancel_deadline_at")
    moved = {name: Moment.text(getattr(model, name) + by) for name in times if fields[name]}
    if model.signup_start_at + by <= now:
        # It would have begun already: it begins at once.
        moved["signup_start_at"] = ""
    # Those were chosen for other days.
    return fields | moved | {"exclusive_with": []}


def moved_shifts(model: Activity, now: datetime) -> list[dict[str, Any]]:
    """The shifts of the model at the same hours of a week to come."""
    by = repeats.next_week(model.starts_at, now)
    return [
        {
            "uid": new_uid(),
            "title": shift.title,
            "place": shift.place,
            "quota": str(shift.quota),
            "starts_at": Moment.text(shift.starts_at + by),
            "ends_at": Moment.text(shift.ends_at + by),
        }
        for shift in model.shifts
    ]
