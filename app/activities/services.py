"""Publishing activities and changing them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import files, regions
from app.activities import overlaps, shifts
from app.activities.errors import CannotEdit, FormUsed
from app.activities.facts import AS_WRITTEN, ActivityFacts
from app.activities.models import LIVE, PICTURES, Activity, ActivityState, Shift, SignUp
from app.activities.texts import told_of
from app.database import session
from app.notices import services as notices
from app.organizations.errors import MayNotPublish
from app.organizations.models import Organization
from app.volunteers.models import Volunteer

#: Which edition of "none of this is a paid duty, a meeting, …" publishers tick (domain facts 6.4).
DECLARATION_VERSION = "2026-11"


def find_by_form_key(form_key: str, organization: Organization) -> Activity | None:
    query = select(Activity).where(Activity.form_key == form_key, Activity.organization_id == organization.id)
    return session.scalar(query)


def publish(facts: ActivityFacts, organization: Organization, *, form_key: str, now: datetime) -> Activity:
    """Publish an activity with its shifts; the same form again gives the same activity.

    Raises MayNotPublish, FormUsed.
    """
    if not organization.may_publish:
        raise MayNotPublish
    activity = Activity(
        form_key=form_key,
        organization_id=organization.id,
        declaration_version=DECLARATION_VERSION,
        state=ActivityState.DRAFT,
        published_at=now,
        created_at=now,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        signup_start_at=facts.signup_start_at,
    )
    activity.move_to(ActivityState.PUBLISHED)
    _describe(activity, facts)
    activity.shifts = shifts.made_of(facts)
    try:
        with session.begin_nested():
            session.add(activity)
    except IntegrityError:
        same = find_by_form_key(form_key, organization)
        if same is None:
            raise FormUsed from None
        return same
    activity.activity_no = f"{activity.region}{activity.id:08d}"
    _show(activity, facts)
    return activity


def _show(activity: Activity, facts: ActivityFacts) -> None:
    """Give the activity its pictures."""
    files.claim(facts.pictures, PICTURES, activity.id, organization_id=activity.organization_id)
    activity.cover = files.firsts(PICTURES, [activity.id]).get(activity.id, "")
    session.flush()


def _describe(activity: Activity, facts: ActivityFacts) -> None:
    activity.city = regions.city_of(facts.region)
    activity.province = regions.province_of(facts.region)
    activity.lng, activity.lat = facts.position or (None, None)
    for name in AS_WRITTEN:
        setattr(activity, name, getattr(facts, name))
    activity.cancel_deadline_at = min(facts.cancel_deadline_at or facts.starts_at, facts.starts_at)


def edit(activity: Activity, facts: ActivityFacts, *, now: datetime) -> None:
    """Change a published activity and its shifts. Who signed up is told when time or place changes.

    Raises CannotEdit, QuotaTooLow, ShiftTaken, Changed.
    """
    if activity.state != ActivityState.PUBLISHED or now >= activity.ends_at:
        raise CannotEdit
    address = activity.address
    _describe(activity, facts)
    activity.revision += 1
    activity.starts_at, activity.ends_at = facts.starts_at, facts.ends_at
    _show(activity, facts)
    moved = shifts.change(activity, facts, now=now)
    if address != activity.address:
        moved = list(activity.shifts)
    _tell_all(activity, moved, now)
    shifts.hand_on(activity, now=now)


def _tell_all(activity: Activity, moved: Iterable[Shift], now: datetime) -> None:
    for shift in moved:
        query = select(Volunteer.account_id).join(SignUp).where(SignUp.shift_id == shift.id, SignUp.state.in_(LIVE))
        told, others = told_of(activity, shift), overlaps.of_shift(shift.id)
        for account_id in session.scalars(query):
            occasion = f"shift:{shift.id}:{int(now.timestamp())}:{account_id}"
            if account_id in others:
                notices.add(account_id, "activity_overlaps", occasion, told | {"other": others[account_id]}, now=now)
            else:
                notices.add(account_id, "activity_changed", occasion, told, now=now)
