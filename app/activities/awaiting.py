"""Sign-ups that wait for a yes: the organiser is told of them, all together and not too often.

WeChat allows few messages, so it is a timer that tells, not each press: at most once a day while nobody looks. Whoever
has answered all that they were told of is told of the next ones on the same day, after some hours.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select, update

from app.activities.models import Activity, ActivityState, ApprovalMode, SignUp, SignUpState
from app.activities.texts import told_of
from app.clock import local
from app.database import rows_hit, session
from app.notices import services as notices
from app.organizations import permissions, queries
from app.organizations.links import page_for
from app.organizations.models import Organization, OrganizationState

KIND = "sign_ups_waiting"
#: Nobody is told at night; in hours of Shanghai.
FIRST_HOUR, LAST_HOUR = 8, 22
#: How soon at most the organiser hears again on one day.
AGAIN = timedelta(hours=2)
MOST_AT_ONCE = 500


def to_tell(now: datetime) -> Sequence[int]:
    """The activities whose organisers should hear of sign-ups that wait."""
    if not FIRST_HOUR <= local(now).hour < LAST_HOUR:
        return []
    found = session.execute(_unheard(now).limit(MOST_AT_ONCE))
    return [activity_id for activity_id, oldest, told in found if _may_be_told(oldest, told, now)]


def _unheard(now: datetime) -> Select[int, datetime, datetime | None]:
    """Activities with sign-ups that wait and came since their organisers were told, with the oldest that waits."""
    told, newest = Activity.pending_told_at, func.max(SignUp.signed_up_at)
    query = select(Activity.id, func.min(SignUp.signed_up_at), told).join(SignUp, SignUp.activity_id == Activity.id)
    query = query.join(Activity.organization).where(
        Organization.state == OrganizationState.APPROVED,
        Activity.ends_at > now,
        Activity.state == ActivityState.PUBLISHED,
        Activity.approval_mode == ApprovalMode.REVIEW,
        SignUp.state == SignUpState.PENDING,
    )
    return query.group_by(Activity.id, told).having(or_(told.is_(None), newest > told)).order_by(Activity.id)


def _may_be_told(oldest: datetime, told: datetime | None, now: datetime) -> bool:
    """Whether it is another day than when they were told, or all of those are answered."""
    if told is None or local(told).date() != local(now).date():
        return True
    return oldest > told and now >= told + AGAIN


def tell(activity_id: int, *, now: datetime) -> int:
    """Owe it to all who may judge; returns how many are told. In two workers at once it is done by one."""
    row = session.execute(_unheard(now).where(Activity.id == activity_id)).first()
    if row is None or not _may_be_told(row[1], row[2], now):
        return 0
    same = Activity.pending_told_at.is_(None) if row[2] is None else Activity.pending_told_at == row[2]
    if not rows_hit(update(Activity).where(Activity.id == activity_id, same).values(pending_told_at=now)):
        return 0
    activity = session.get_one(Activity, activity_id)
    count = select(func.count()).where(SignUp.activity_id == activity_id, SignUp.state == SignUpState.PENDING)
    path = page_for(activity.organization, f"/organization/activities/{activity_id}/roster") + "&group=pending"
    values = told_of(activity, activity.shifts[0]) | {"path": path, "other": str(session.scalar(count))}
    who = queries.who_may(activity.organization_id, permissions.JUDGE_SIGN_UPS)
    return notices.add_many(KIND, f"{KIND}:{activity_id}:{now:%Y%m%d%H%M%S}", who, values, now=now)
