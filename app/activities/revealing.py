"""Whose phone an organiser gets to see: one by one with a reason, or in a sheet. Each is written down (security 7).

Of somebody under 18 neither: the regulation on minors online, article 36, wants a second person's approval, and a
message does as well.
"""

from datetime import date, datetime

from sqlalchemy import func, select

from app.accounts.models import AuditEntry
from app.accounts.services import note_audit
from app.activities import rosters
from app.activities.conditions import years_old
from app.activities.errors import MinorProtected, TooManyExports, TooManyReveals, TooManyRows
from app.activities.models import Activity, SignUp
from app.clock import from_local, today
from app.context import here
from app.database import session

OF_AGE = 18
REVEAL, EXPORT = "phone.revealed", "roster.exported"


def is_minor(born: date | None, now: datetime) -> bool:
    return born is not None and years_old(born, today(now)) < OF_AGE


def reveal_phone(sign_up: SignUp, reason: str, *, actor_id: int, now: datetime) -> str:
    """The person's phone; that it was shown, to whom and why is kept with the person's own data.

    Raises MinorProtected, TooManyReveals.
    """
    if is_minor(sign_up.volunteer.birth_date, now):
        raise MinorProtected
    if times_today(REVEAL, actor_id, now) >= here.config.limits.reveals_per_day:
        raise TooManyReveals
    topic, detail = f"activity:{sign_up.activity_id}", f"{sign_up.activity.title}：{reason}"
    note_audit(sign_up.volunteer.account_id, REVEAL, detail, actor_id=actor_id, topic=topic, now=now)
    return sign_up.volunteer.account.phone


def note_export(activity: Activity, group: str, reason: str, *, actor_id: int, now: datetime) -> int:
    """Write down an export that is about to be made; returns how many people it holds.

    Raises TooManyExports, TooManyRows.
    """
    if times_today(EXPORT, actor_id, now) >= here.config.limits.exports_per_day:
        raise TooManyExports
    size = rosters.size(activity, group)
    if size > here.config.limits.export_rows:
        raise TooManyRows
    label, _ = rosters.GROUPS[group]
    detail = f"{activity.title}，{label} {size} 人：{reason}"
    note_audit(actor_id, EXPORT, detail, actor_id=actor_id, topic=f"activity:{activity.id}", now=now)
    return size


def times_today(action: str, actor_id: int, now: datetime) -> int:
    """How often the person did this since midnight in Shanghai."""
    midnight = from_local(datetime.combine(today(now), datetime.min.time()))
    query = select(func.count()).select_from(AuditEntry)
    did = (AuditEntry.action == action, AuditEntry.actor_id == actor_id, AuditEntry.at >= midnight)
    return session.scalar(query.where(*did)) or 0
