"""Quiet hours: when no text message but a code is sent."""

from datetime import datetime, time, timedelta

from app.clock import from_local, local


def end_of_night(now: datetime, begins: str, ends: str) -> datetime | None:
    """When the quiet hours end, by the clock in China, if it is within them; they may go over midnight.

    `begins` and `ends` are like 22:00; it is quiet from the first on, and no more at the second. Empty: never.
    """
    if not begins:
        return None
    there = local(now)
    clock, day = f"{there:%H:%M}", there.date()
    if begins < ends:
        is_night = begins <= clock < ends
    else:
        is_night = clock >= begins or clock < ends
        day += timedelta(days=1 if clock >= begins else 0)
    return from_local(datetime.combine(day, time.fromisoformat(ends))) if is_night else None
