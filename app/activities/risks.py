"""Danger to life or limb: nobody is called to it without an accident insurance (article 9(6) of the measures)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select, update

from app.activities.errors import Changed, NotInsured, NotSignedUp
from app.activities.facts import ActivityFacts
from app.activities.models import LIVE, Activity, ActivityState, RiskLevel, Shift, SignUp
from app.clock import today
from app.database import rows_hit, session


def insure(activity: Activity, facts: ActivityFacts) -> None:
    """Write down the insurance; nothing dangerous is published without one for all its days. Raises NotInsured."""
    insurance = facts.insurance if facts.risk_level == RiskLevel.DANGER else None
    if facts.risk_level == RiskLevel.DANGER:
        if insurance is None:
            raise NotInsured("可能有人身危险的活动，要先为志愿者买好意外保险才能发布", field="insurance_policy_no")
        if insurance.insured_from > today(facts.starts_at):
            raise NotInsured("保险生效要不晚于活动第一天", field="insured_from")
        # What ends at midnight ends on the day before.
        if insurance.insured_to < today(facts.ends_at - timedelta(microseconds=1)):
            raise NotInsured("保险到期要不早于活动最后一天", field="insured_to")
    activity.insurer = insurance.insurer if insurance else ""
    activity.insurance_policy_no = insurance.policy_no if insurance else ""
    activity.insured_from = insurance.insured_from if insurance else None
    activity.insured_to = insurance.insured_to if insurance else None


#: From harmless to dangerous.
LEVELS = (RiskLevel.NONE, RiskLevel.GENERAL, RiskLevel.DANGER)


def is_worse(activity: Activity, level: str, text: str) -> bool:
    """Whether who accepted that has not accepted what there is now: other words may say more, and nobody can tell."""
    return activity.risk_text != text or LEVELS.index(RiskLevel(activity.risk_level)) > LEVELS.index(RiskLevel(level))


def ask_anew(activity: Activity, now: datetime) -> None:
    """What they accepted was less: the page of the activity asks all who are to come again."""
    to_come = (SignUp.state.in_(LIVE), SignUp.shift_ends_at > now)
    asked = update(SignUp).where(SignUp.activity_id == activity.id, *to_come)
    rows_hit(asked.values(risk_accepted_at=None))


def first_unread(activity: Activity, rows: Iterable[SignUp], now: datetime) -> SignUp | None:
    """Of somebody's sign-ups, the first whose risks they have not accepted as these are now."""
    if not activity.risk_text or activity.state != ActivityState.PUBLISHED:
        return None
    unread = (row for row in rows if row.is_live and row.risk_accepted_at is None and now < row.shift_ends_at)
    return min(unread, key=lambda row: (row.shift_starts_at, row.id), default=None)


def accept(shift_id: int, volunteer_id: int, *, read_edition: int | None = None, now: datetime) -> None:
    """The person has read the risks once more, on the page of that edition. Again is harmless.

    Raises NotSignedUp, Changed.
    """
    mine = live_sign_up(shift_id, volunteer_id)
    hold_as_read(shift_id, read_edition)
    rows_hit(update(SignUp).where(mine, SignUp.risk_accepted_at.is_(None)).values(risk_accepted_at=now))


def hold_as_read(shift_id: int, read_edition: int | None) -> None:
    """Hold the shift as it is on the page of that edition, if it says one. Raises Changed when it is another by now."""
    # Locked, so that no edit comes between the look and what the person says to it.
    edition = session.scalar(select(Shift.edition).where(Shift.id == shift_id).with_for_update())
    if read_edition not in (None, edition):
        raise Changed


def live_sign_up(shift_id: int, volunteer_id: int) -> ColumnElement[bool]:
    """The condition for somebody's sign-up that still holds. Raises NotSignedUp when there is none."""
    mine = and_(SignUp.shift_id == shift_id, SignUp.volunteer_id == volunteer_id, SignUp.state.in_(LIVE))
    if session.scalar(select(SignUp.id).where(mine)) is None:
        raise NotSignedUp
    return mine


def insurance_words(activity: Activity) -> str:
    """What volunteers are told of the insurance; empty when there is none."""
    if activity.risk_level != RiskLevel.DANGER or not activity.insured_from or not activity.insured_to:
        return ""
    return f"已投保意外险：{activity.insurer}，{activity.insured_from:%Y-%m-%d} 至 {activity.insured_to:%Y-%m-%d}"
