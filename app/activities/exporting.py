"""Who takes a list out of here as a sheet, why, and how often: written down before it is made (security 7)."""

from datetime import datetime

from app.accounts.services import note_audit
from app.activities import rosters
from app.activities.errors import TooManyExports, TooManyRows
from app.activities.models import Activity
from app.context import here
from app.volunteers.revealing import times_today

EXPORT = "roster.exported"


def note_export(activity: Activity, group: str, reason: str, *, actor_id: int, now: datetime) -> int:
    """Write down an export that is about to be made; returns how many people it holds.

    Raises TooManyExports, TooManyRows.
    """
    if times_today([EXPORT], actor_id, now) >= here.config.limits.exports_per_day:
        raise TooManyExports
    size = rosters.size(activity, group)
    if size > here.config.limits.export_rows:
        raise TooManyRows
    label, _ = rosters.GROUPS[group]
    detail = f"{activity.title}，{label} {size} 人：{reason}"
    note_audit(actor_id, EXPORT, detail, actor_id=actor_id, topic=f"activity:{activity.id}", now=now)
    return size
