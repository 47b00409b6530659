"""上级审核: what the organisation above says of an activity before it is published."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import contains_eager, selectinload

from app.accounts.services import note_audit
from app.activities.errors import HandedInAnew, HandedInOneself, OrganizerPaused, ReviewTooLate
from app.activities.models import Activity, ActivityState
from app.activities.texts import told_of
from app.database import rows_hit, session
from app.life_cycle import WrongMove
from app.notices import services as notices
from app.organizations import chronicle, permissions, telling, tree
from app.organizations.links import page_for
from app.organizations.models import Organization, OrganizationAdmin
from app.organizations.reviewing import refuse_own

REVIEWED = "activity.reviewed"
MOST_SHOWN = 100


def waiting_below(organization: Organization) -> Sequence[Activity]:
    """Activities of organisations below that wait for a yes, the soonest first."""
    query = (
        select(Activity)
        .join(Activity.organization)
        .where(
            Activity.state == ActivityState.PENDING_REVIEW,
            Organization.path.startswith(organization.path, autoescape=True),
            Organization.id != organization.id,
        )
        .options(contains_eager(Activity.organization), selectinload(Activity.shifts))
    )
    return session.scalars(query.order_by(Activity.starts_at, Activity.id).limit(MOST_SHOWN)).all()


def ask(activity: Activity, *, now: datetime) -> None:
    """Tell those who may judge it for the nearest organisation above: who acts for its own may not."""
    barred = chronicle.acting(activity.organization) | {activity.handed_in_by_id or 0}
    judge, whom = telling.judging(activity.organization, barred)
    if judge is None:
        return
    path = f"/organization/below/activities/{activity.id}/review"
    _tell_all(activity, "activity_to_review", judge, whom, path, now=now)


def accept(activity: Activity, *, actor_id: int, seen: int | None = None, now: datetime) -> None:
    """通过. Again is harmless. `seen` is the edition that was looked at, where it is known.

    Raises OwnRequest, HandedInOneself, ReviewTooLate, OrganizerPaused, HandedInAnew, WrongMove.
    """
    _refuse_own(activity, actor_id)
    tree.hold(activity.organization)
    if not activity.organization.may_publish:
        raise OrganizerPaused("主办组织现在暂停或停用，恢复后才能通过它的活动")
    if now >= activity.signup_end_at:
        raise ReviewTooLate
    values = {"state": ActivityState.PUBLISHED, "published_at": now, "draft_sealed": None}
    if not _judge(activity, values, seen):
        if activity.state == ActivityState.PUBLISHED:
            return
        raise WrongMove
    activity.signup_start_at = max(activity.signup_start_at, now)
    for shift in activity.shifts:
        shift.quota_reviewed = shift.quota
    note_audit(
        actor_id, REVIEWED, f"通过：{activity.title}", actor_id=actor_id, topic=f"activity:{activity.id}", now=now
    )
    path = f"/organization/activities/{activity.id}"
    _tell(activity, "activity_accepted", activity.organization, permissions.PUBLISH, path, now=now)


def send_back(activity: Activity, reason: str, *, actor_id: int, seen: int | None = None, now: datetime) -> None:
    """退回, with the reason that the organisation reads. Again is harmless.

    Raises OwnRequest, HandedInOneself, HandedInAnew, WrongMove.
    """
    _refuse_own(activity, actor_id)
    if not _judge(activity, {"state": ActivityState.REJECTED, "state_reason": reason}, seen):
        if activity.state == ActivityState.REJECTED:
            return
        raise WrongMove
    detail = f"退回：{activity.title}：{reason}"
    note_audit(actor_id, REVIEWED, detail, actor_id=actor_id, topic=f"activity:{activity.id}", now=now)
    path = f"/organization/activities/{activity.id}/preview"
    _tell(activity, "activity_sent_back", activity.organization, permissions.PUBLISH, path, now=now)


def take_back(activity: Activity) -> None:
    """撤回审核: a draft again, with what was typed. Again is harmless. Raises WrongMove when it was judged."""
    if not _judge(activity, {"state": ActivityState.DRAFT}) and activity.state != ActivityState.DRAFT:
        raise WrongMove


def _refuse_own(activity: Activity, actor_id: int) -> None:
    """Nobody judges what they handed in, also when they have left that organisation since."""
    refuse_own(activity.organization, actor_id)
    if activity.handed_in_by_id == actor_id:
        raise HandedInOneself


def _judge(activity: Activity, values: dict[str, object], seen: int | None = None) -> bool:
    """Conditional, because two may judge at the same moment. Raises HandedInAnew where another edition waits."""
    waits = update(Activity).where(Activity.id == activity.id, Activity.state == ActivityState.PENDING_REVIEW)
    same = waits if seen is None else waits.where(Activity.revision == seen)
    hit = rows_hit(same.values(values))
    session.refresh(activity)
    if not hit and activity.state == ActivityState.PENDING_REVIEW:
        raise HandedInAnew
    return hit == 1


def _tell(activity: Activity, kind: str, told: Organization, permission: str, path: str, *, now: datetime) -> None:
    query = select(OrganizationAdmin).where(OrganizationAdmin.organization_id == told.id)
    who = [row.account_id for row in session.scalars(query) if permissions.may(row.role, permission)]
    _tell_all(activity, kind, told, who, path, now=now)


def _tell_all(
    activity: Activity, kind: str, told: Organization, who: Sequence[int], path: str, *, now: datetime
) -> None:
    values = told_of(activity, activity.shifts[0]) | {"path": page_for(told, path), "reason": activity.state_reason}
    notices.add_many(kind, f"{kind}:{activity.id}:{int(now.timestamp())}", who, values, now=now)
