"""Who takes a list out of here as a sheet, why, and how often: written down before it is made (security 7)."""

from datetime import datetime

from app.accounts.services import note_audit
from app.activities import rosters
from app.activities.errors import TooManyExports, TooManyRows
from app.activities.models import Activity
from app.context import here
from app.volunteers.revealing import times_today

EXPORT = "roster.exported"


def needs_approval(activity: Activity, group: str) -> bool:
    """Whether so many people are on it that nobody may take them out alone."""
    return rosters.size(activity, group) > here.config.limits.export_rows


def note_export(
    activity: Activity, group: str, reason: str, *, actor_id: int, is_approved: bool = False, now: datetime
) -> int:
    """Write down an export that is about to be made; returns how many people it holds.

    Raises TooManyExports, and TooManyRows where a second person has to approve it first.
    """
    if times_today([EXPORT], actor_id, now) >= here.config.limits.exports_per_day:
        raise TooManyExports
    if not is_approved and needs_approval(activity, group):
        raise TooManyRows
    size = rosters.size(activity, group)
    detail = described(activity, group, size, reason)
    note_audit(actor_id, EXPORT, detail, actor_id=actor_id, topic=f"activity:{activity.id}", now=now)
    return size


def described(activity: Activity, group: str, people: int, reason: str) -> str:
    """What is taken out and what for, as the audit trail says it."""
    label, _ = rosters.GROUPS[group]
    return f"{activity.title}，{label} {people} 人：{reason}"
