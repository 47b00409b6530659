"""不能同时报名: activities of one organisation of which a person signs up to one, kept on both sides."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import load_only

from app.activities.errors import Exclusive
from app.activities.models import LIVE, Activity, ActivityState, SignUp
from app.clock import local
from app.database import session
from app.organizations.models import Organization

MOST_OFFERED = 50


def offers(organization: Organization, chosen: Activity | None, now: datetime) -> dict[str, str]:
    """What can be chosen, by uid: those of the organisation that are to come, and those that `chosen` has already."""
    query = select(Activity).where(
        Activity.organization_id == organization.id,
        Activity.state == ActivityState.PUBLISHED,
        Activity.ends_at > now,
        Activity.id != (chosen.id if chosen else 0),
    )
    query = query.order_by(Activity.starts_at, Activity.id).limit(MOST_OFFERED)
    rows = [*(of(chosen) if chosen else ()), *session.scalars(query.options(BRIEFLY))]
    return {row.uid: f"{row.title}（{local(row.starts_at):%m-%d %H:%M}）" for row in rows}


#: What is told of the other ones.
BRIEFLY = load_only(Activity.uid, Activity.title, Activity.starts_at)


def of(activity: Activity) -> Sequence[Activity]:
    """The activities that this one cannot be signed up to together with."""
    if not activity.exclusive_with:
        return ()
    query = select(Activity).where(Activity.id.in_(activity.exclusive_with))
    return session.scalars(query.options(BRIEFLY).order_by(Activity.starts_at, Activity.id)).all()


def ids_of(uids: Collection[str], organization: Organization) -> tuple[int, ...]:
    query = select(Activity.id).where(Activity.uid.in_(uids), Activity.organization_id == organization.id)
    return tuple(session.scalars(query.order_by(Activity.id))) if uids else ()


def choose(activity: Activity, ids: Collection[int]) -> None:
    """Write it down on both sides. Who is in both already stays.

    It makes another edition of the others, so that no older 编辑 of theirs undoes it without a word.
    """
    old, new = set(activity.exclusive_with or ()), set(ids) - {activity.id}
    query = select(Activity).where(Activity.id.in_(old ^ new)).order_by(Activity.id).with_for_update()
    for other in session.scalars(query.execution_options(populate_existing=True)) if old ^ new else ():
        theirs = set(other.exclusive_with or ()) - {activity.id} | ({activity.id} if other.id in new else set())
        other.exclusive_with = sorted(theirs) or None
        if other.state == ActivityState.PUBLISHED:
            other.revision += 1
    activity.exclusive_with = sorted(new) or None
    session.flush()


def clash(activity: Activity, volunteer_id: int, states: Collection[str] = LIVE) -> str:
    """What the volunteer has signed up to that this one excludes, in words for a page; empty when there is nothing."""
    if not activity.exclusive_with:
        return ""
    query = (
        select(Activity.title)
        .join(SignUp, SignUp.activity_id == Activity.id)
        .where(
            SignUp.volunteer_id == volunteer_id,
            SignUp.activity_id.in_(activity.exclusive_with),
            SignUp.state.in_(states),
            Activity.state == ActivityState.PUBLISHED,
        )
    )
    title = session.scalar(query.order_by(Activity.starts_at).limit(1))
    return f"您已报名“{title}”，它和这个活动只能报一个" if title else ""


def check(activity: Activity, volunteer_id: int, states: Collection[str] = LIVE) -> None:
    """The volunteer's row is locked, so of two presses the second finds the first. Raises Exclusive."""
    words = clash(activity, volunteer_id, states)
    if words:
        raise Exclusive(words)
