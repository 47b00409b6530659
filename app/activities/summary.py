"""What an activity of one or several shifts says of itself on a card, a poster or in a message."""

from datetime import datetime

from app.activities.models import Activity, ActivityState, Mode, Shift


def next_shift(activity: Activity, now: datetime) -> Shift:
    """The shift that is on or comes next; the last one when all are over."""
    return next((shift for shift in activity.shifts if now < shift.ends_at), activity.shifts[-1])


def free_places(activity: Activity, now: datetime) -> int | None:
    """What can be had at once in the shifts that are not over; None without a limit."""
    to_come = [shift for shift in activity.shifts if now < shift.ends_at]
    if any(shift.quota == 0 for shift in to_come):
        return None
    return sum(shift.places_left or 0 for shift in to_come if shift.has_room)


def called_off(activity: Activity, shift_ends_at: datetime) -> str:
    """Of an activity that was called off, what is said of a shift: it was called off, too, or it was over by then."""
    if activity.state != ActivityState.CANCELLED:
        return ""
    return "已取消" if activity.is_off(shift_ends_at) else "已结束"


def is_online(activity: Activity) -> bool:
    """Whether it takes place on the web alone; one that people come to may have a link, too."""
    return activity.mode == Mode.ONLINE


def takes_sign_ups(activity: Activity, shift: Shift, now: datetime) -> bool:
    """Of several shifts the first may be over while the activity still takes sign-ups."""
    return activity.takes_sign_ups(now) and now < shift.ends_at
