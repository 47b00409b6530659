"""What people are told of an activity: nothing personal, and short enough for a message."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypedDict

from app.activities.models import Activity, Shift, SignUp
from app.clock import local, said
from app.context import here
from app.database import session
from app.notices import services as notices
from app.notices.models import Notice


class TextTimes(TypedDict, total=False):
    """When a notice may go as a text message, as `notices.add` takes it."""

    text_until: datetime
    text_by: datetime


def told_of(activity: Activity, shift: Shift) -> dict[str, str]:
    start, end = local(shift.starts_at), local(shift.ends_at)
    until = f"{end:%H:%M}" if start.date() == end.date() else said(end)
    return {
        "title": activity.title,
        "time": f"{said(start)} - {until}",
        "starts": f"{start.year}年{said(start)}",
        "place": shift.place or activity.address,
        "path": path_of(activity),
    }


def path_of(activity: Activity) -> str:
    return f"/activities/{activity.id}"


def text_times(starts_at: datetime, ends_at: datetime, now: datetime) -> TextTimes:
    """Until when a change of it is worth a text message, and by when it is needed: of what begins soon people must
    hear in time."""
    is_soon = starts_at - now <= timedelta(hours=here.config.limits.text_soon_hours)
    return {"text_until": ends_at, "text_by": starts_at} if is_soon and now < ends_at else {}


def tell(sign_up: SignUp, kind: str, account_id: int, *, now: datetime, mark: str = "", is_new: bool = False) -> Notice:
    """Owe the volunteer a notice about their sign-up, once for each time they signed up (and for each `mark`)."""
    activity = session.get_one(Activity, sign_up.activity_id)
    values = told_of(activity, session.get_one(Shift, sign_up.shift_id))
    if sign_up.offer_ends_at:
        values["until"] = said(sign_up.offer_ends_at)
    if sign_up.reason:
        values["reason"] = sign_up.reason
    occasion = occasion_of(sign_up.id, sign_up.round, kind) + (f":{mark}" if mark else "")
    ends = sign_up.offer_ends_at if kind == "place_offered" else None
    return notices.add(account_id, kind, occasion, values, now=now, is_new=is_new, text_until=ends)


def tell_new(activity: Activity, shift: Shift, kind: str, sign_ups: Mapping[int, int], *, now: datetime) -> None:
    """Owe people a notice about the sign-up that each made a moment ago: `sign_ups` says whose."""
    occasions = {occasion_of(sign_up_id, 1, kind): account_id for sign_up_id, account_id in sign_ups.items()}
    notices.add_new(kind, occasions, told_of(activity, shift), now=now)


def occasion_of(sign_up_id: int, number: int, kind: str) -> str:
    """In the words of the states: what happened in which round of a person's sign-ups to the shift."""
    return f"sign-up:{sign_up_id}:{number}:{kind}"
