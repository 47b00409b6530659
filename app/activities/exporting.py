"""Who takes a list out of here as a sheet, why, and how often: written down before it is made (security 7)."""

from collections.abc import Sequence
from datetime import datetime

from app.accounts.services import note_audit
from app.activities import rosters
from app.activities.errors import ListGrown, TooManyExports, TooManyRows
from app.activities.models import Activity
from app.context import here
from app.volunteers.revealing import times_today

EXPORT = "roster.exported"


def needs_approval(activity: Activity, group: str) -> bool:
    """Whether so many people are on it that nobody may take them out alone."""
    return rosters.size(activity, group) > here.config.limits.export_rows


def note_export(
    activity: Activity, group: str, reason: str, *, actor_id: int, approved: int | None = None, now: datetime
) -> Sequence[int]:
    """Write down an export that is about to be made; returns the ids of the sign-ups that it holds.

    `approved`: to how many a second person said yes. Raises TooManyExports, ListGrown when there are more by now, and
    TooManyRows where a second person has to approve it first.
    """
    if times_today([EXPORT], actor_id, now) >= here.config.limits.exports_per_day:
        raise TooManyExports
    ids = rosters.ids(activity, group)
    if approved is not None and len(ids) > approved:
        raise ListGrown(f"{grown(len(ids), approved)}，请重新申请")
    if approved is None and len(ids) > here.config.limits.export_rows:
        raise TooManyRows
    detail = described(activity, group, len(ids), reason)
    note_audit(actor_id, EXPORT, detail, actor_id=actor_id, topic=f"activity:{activity.id}", now=now)
    return ids


def grown(people: int, approved: int) -> str:
    """What is said of a list that has more people than somebody said yes to."""
    return f"名单现在有 {people} 人，同意的是 {approved} 人"


def described(activity: Activity, group: str, people: int, reason: str) -> str:
    """What is taken out and what for, as the audit trail says it."""
    label, _ = rosters.GROUPS[group]
    return f"{activity.title}，{label} {people} 人：{reason}"
