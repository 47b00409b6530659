"""What the fields of an activity's form held when it was sent, for an edit or a copy; shifts and pictures apart."""

from typing import Any

from app.activities import exclusions, recruiting
from app.activities.forms import LISTS, TEXTS, TICKS
from app.activities.models import Activity
from app.web.forms import Moment
from app.web.places import Position


def opened_from(activity: Activity) -> dict[str, Any]:
    last_start = max(shift.starts_at for shift in activity.shifts)
    closes, leaves = activity.signup_end_at, activity.cancel_deadline_at
    same = {name: getattr(activity, name) for name in (*TEXTS, *LISTS, *TICKS)}
    return same | {
        "revision": str(activity.revision),
        "region": activity.region,
        "address": activity.address,
        # What was left to follow the times follows them still.
        "signup_start_at": Moment.text(activity.signup_start_at) if activity.opens_later else "",
        "signup_end_at": "" if closes == last_start else Moment.text(closes),
        "cancel_deadline_at": "" if leaves == activity.starts_at else Moment.text(leaves),
        "waitlist_limit": str(activity.waitlist_limit),
        "waitlist_mode": activity.waitlist_mode,
        "position": Position.text((activity.lng, activity.lat)),
        "min_age": str(activity.min_age or ""),
        "max_age": str(activity.max_age or ""),
        "audience": recruiting.chosen(activity),
        "exclusive_with": [other.uid for other in exclusions.of(activity)],
        "team": activity.team.uid if activity.team else "",
        "insurer": activity.insurer,
        "insurance_policy_no": activity.insurance_policy_no,
        "insured_from": str(activity.insured_from or ""),
        "insured_to": str(activity.insured_to or ""),
    }
