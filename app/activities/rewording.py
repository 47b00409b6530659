"""What changes of an activity without another time or place: its description, and until when one may cancel.

Who signed up reads of it, but not of each correction: of the description once a day.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.activities.models import LIVE, Activity, Shift, SignUp
from app.activities.texts import told_of
from app.clock import local, said
from app.database import session
from app.notices import services as notices
from app.volunteers.models import Volunteer


@dataclass(frozen=True)
class Before:
    """As it was before the edit."""

    content: str
    #: So long before a shift one may cancel.
    notice: timedelta


def of(activity: Activity) -> Before:
    return Before(activity.content, activity.starts_at - activity.cancel_deadline_at)


def tell(activity: Activity, before: Before, told: Collection[Shift], *, now: datetime) -> int:
    """Owe it to those who signed up, but not to those of the shifts that were `told` more; returns to how many."""
    now_is = of(activity)
    if now_is.notice > before.notice:
        kind, mark = "leaving_ends_earlier", str(activity.revision)
    elif now_is.content != before.content:
        kind, mark = "description_changed", f"{local(now):%Y%m%d}"
    else:
        return 0
    mine = (SignUp.activity_id == activity.id, SignUp.state.in_(LIVE), SignUp.shift_ends_at > now)
    query = select(Volunteer.account_id).join(SignUp, SignUp.volunteer_id == Volunteer.id).where(*mine)
    left_out, number = {shift.id for shift in told}, 0
    for shift in activity.shifts:
        if shift.id in left_out:
            continue
        who = list(session.scalars(query.where(SignUp.shift_id == shift.id).order_by(SignUp.id)))
        values = told_of(activity, shift) | {"until": said(activity.cancel_deadline_of(shift.starts_at))}
        number += notices.add_many(kind, f"{kind}:{activity.id}:{mark}", who, values, now=now)
    return number
