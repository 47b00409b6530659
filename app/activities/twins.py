"""Whether what a form says was published already: by the form itself, or by the same person a moment ago.

A browser that goes back to the form gives it another name and what was typed: the name alone does not tell a repeat.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from app import files
from app.activities import recruiting
from app.activities.errors import PublishedAlike, PublishedLately
from app.activities.facts import AS_WRITTEN, ActivityFacts, AudienceFacts, Insurance, ShiftFacts
from app.activities.models import PICTURES, Activity, ActivityState, RecruitScope, Shift
from app.database import session
from app.organizations.models import Organization

#: Whoever publishes the same later than that means it; the like of it, later than a moment.
LATELY, A_MOMENT = timedelta(minutes=30), timedelta(minutes=10)


def check(
    facts: ActivityFacts,
    organization: Organization,
    *,
    model_id: int | None = None,
    begun: datetime | None = None,
    by: int,
    now: datetime,
) -> None:
    """Whether the person goes back to mend what they have published, or handed in, a moment ago.

    A copy of the activity `model_id` is no such thing, nor a draft that was there (`begun`) before the other one.
    Raises PublishedLately for one of that name, time and place; PublishedAlike for one of that name, or of that time,
    place and content: the form proposes time and place, so that they alone are those of many.
    """
    mine = select(Activity).where(Activity.organization_id == organization.id, Activity.handed_in_by_id == by)
    is_named, starts = Activity.title == facts.title, Activity.starts_at == facts.starts_at
    is_there = (Activity.region == facts.region) & (Activity.address == facts.address)
    waits, published = Activity.state == ActivityState.PENDING_REVIEW, Activity.state == ActivityState.PUBLISHED
    same = mine.where(is_named, starts, is_there, or_(waits, published & (Activity.published_at > now - LATELY)))
    twin = session.scalar(same.order_by(Activity.id.desc()).limit(1))
    if twin is not None:
        raise PublishedLately(twin.id, is_public=twin.state == ActivityState.PUBLISHED)
    # When something was handed in is not known, only when it was begun.
    lately = or_(published & (Activity.published_at > now - A_MOMENT), waits & (Activity.created_at > now - LATELY))
    alike = mine.where(or_(is_named, starts & is_there & (Activity.content == facts.content)), lately)
    alike = alike.where(Activity.id != (model_id or 0))
    if begun is not None:
        alike = alike.where(or_(waits, Activity.published_at <= begun))
    twin = session.scalar(alike.order_by(Activity.id.desc()).limit(1))
    if twin is not None:
        raise PublishedAlike(twin.id, twin.title, is_public=twin.state == ActivityState.PUBLISHED)


def differing(activity: Activity, facts: ActivityFacts) -> list[str]:
    """The names of the facts that the activity has otherwise."""
    names = [name for name in AS_WRITTEN if getattr(activity, name) != getattr(facts, name)]
    if (activity.lng, activity.lat) != (facts.position or (None, None)):
        names.append("position")
    if set(activity.exclusive_with or ()) != set(facts.exclusive_with):
        names.append("exclusive_with")
    return names


def is_same(activity: Activity, facts: ActivityFacts, now: datetime) -> bool:
    """Whether the activity is what the form says."""
    insurance = (activity.insurer, activity.insurance_policy_no, activity.insured_from, activity.insured_to)
    return (
        not differing(activity, facts)
        and _rows(activity.shifts) == _rows(facts.shifts)
        and activity.cancel_deadline_at == min(facts.cancel_deadline_at or facts.starts_at, facts.starts_at)
        and _opens_so(activity, facts, now)
        and insurance == _insurance(facts.insurance)
        and _audience(activity) == (set(facts.audience) if facts.recruit_scope == RecruitScope.DIRECTED else set())
        and [file.sha256 for file in files.of(PICTURES, activity.id)] == _pictures(facts)
        and (not activity.password_hash or not facts.password or recruiting.knows_password(activity, facts.password))
    )


def _rows(shifts: Sequence[Shift | ShiftFacts]) -> list[tuple[object, ...]]:
    rows = [(one.starts_at, one.ends_at, one.title, one.place, one.quota) for one in shifts]
    return sorted(rows)


def _pictures(facts: ActivityFacts) -> list[str]:
    """By what is to be seen on them: pictures that are sent again have other names."""
    return [file.sha256 for uid in facts.pictures if (file := files.find(uid))]


def _opens_so(activity: Activity, facts: ActivityFacts, now: datetime) -> bool:
    """At once is at once, whenever it was said."""
    opens = facts.signup_start_at
    return activity.signup_start_at == opens if opens > now else activity.signup_start_at <= now


def _insurance(insurance: Insurance | None) -> tuple[object, ...]:
    if insurance is None:
        return "", "", None, None
    return insurance.insurer, insurance.policy_no, insurance.insured_from, insurance.insured_to


def _audience(activity: Activity) -> set[AudienceFacts]:
    return {AudienceFacts(row.organization_id, row.with_below, row.team_id) for row in activity.audiences}
