"""每周重复: the same hours on chosen weekdays, every so many weeks, until a day."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from app.clock import from_local, local

#: As date.isoweekday() counts them.
WEEKDAYS = {"1": "周一", "2": "周二", "3": "周三", "4": "周四", "5": "周五", "6": "周六", "7": "周日"}


def times(
    start: datetime, end: datetime, weekdays: Collection[int], every_weeks: int, until: date
) -> list[tuple[datetime, datetime]]:
    """Start and end of each, beginning with the day of `start` whatever its weekday, `until` included.

    Weeks begin on Monday and are counted from the one of `start`. Wall-clock times in China stay the same.
    """
    first, length = local(start), end - start
    monday = first.date() - timedelta(days=first.weekday())
    days = [first.date()]
    day = first.date() + timedelta(days=1)
    while day <= until:
        if day.isoweekday() in weekdays and (day - monday).days // 7 % every_weeks == 0:
            days.append(day)
        day += timedelta(days=1)
    moments = [from_local(datetime.combine(day, first.time())) for day in days]
    return [(moment, moment + length) for moment in moments]


def mark(row: Mapping[str, Any]) -> str:
    """Of a shift as a form has it: as long as nobody changes one of its fields, it is the same."""
    said = {name: str(value or "").strip() for name, value in row.items()}
    said |= {name: said[name].replace(" ", "T")[:16] for name in ("starts_at", "ends_at")}
    text = "\n".join(f"{name}={said[name]}" for name in sorted(said))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def next_week(start: datetime, now: datetime) -> timedelta:
    """By how many whole weeks something must be moved to begin after now."""
    weeks = 0 if start > now else (now - start) // timedelta(weeks=1) + 1
    return timedelta(weeks=weeks)
