"""Phone or ID number of a volunteer, shown to somebody for a reason that is written down (security 7).

Of somebody under 18 neither: the regulation on minors online, article 36, wants a second person's approval, and a
message does as well.
"""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from app.accounts.models import Account, AuditEntry
from app.accounts.services import note_audit
from app.clock import midnight, today, years_old
from app.context import here
from app.database import session
from app.volunteers.errors import MinorProtected, TooManyReveals
from app.volunteers.models import Volunteer

OF_AGE = 18
PHONE, ID_NUMBER = "phone", "id_number"
ACTIONS = {PHONE: "phone.revealed", ID_NUMBER: "id_number.revealed"}


def is_minor(born: date | None, now: datetime) -> bool:
    return born is not None and years_old(born, today(now)) < OF_AGE


def reveal(volunteer: Volunteer, what: str, detail: str, *, topic: str, actor_id: int, now: datetime) -> str:
    """The phone or the ID number; that it was shown, to whom and why is kept with the person's own data.

    Raises MinorProtected, TooManyReveals.
    """
    if is_minor(volunteer.birth_date, now):
        raise MinorProtected
    if times_today(ACTIONS.values(), actor_id, now) >= here.config.limits.reveals_per_day:
        raise TooManyReveals
    note_audit(volunteer.account_id, ACTIONS[what], detail, actor_id=actor_id, topic=topic, now=now)
    return volunteer.account.phone if what == PHONE else volunteer.id_number


def times_today(actions: Iterable[str], actor_id: int, now: datetime) -> int:
    """How often the person did one of these since midnight in Shanghai.

    What they do besides waits until the commit: of many at one moment each counts those before it.
    """
    query = select(func.count()).select_from(AuditEntry)
    return session.scalar(query.where(*_of_today(actions, actor_id, now))) or 0


def topics_today(actions: Iterable[str], actor_id: int, now: datetime) -> set[str]:
    """About what the person did one of these since midnight in Shanghai, counted as `times_today` counts."""
    return set(session.scalars(select(AuditEntry.topic).where(*_of_today(actions, actor_id, now)).distinct()))


def _of_today(actions: Iterable[str], actor_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    session.execute(select(Account.id).where(Account.id == actor_id).with_for_update(key_share=True))
    return AuditEntry.action.in_(sorted(actions)), AuditEntry.actor_id == actor_id, AuditEntry.at >= midnight(now)
