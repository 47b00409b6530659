"""Publishing activities and changing them."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import regions
from app.activities.errors import CannotEdit, FormUsed, QuotaTooLow
from app.activities.models import LIVE, Activity, ActivityState, ApprovalMode, Shift, SignUp
from app.activities.texts import told_of
from app.activities.waiting import pass_on
from app.database import rows_hit, session
from app.notices import services as notices
from app.organizations.errors import MayNotPublish
from app.organizations.models import Organization
from app.volunteers.models import Volunteer

#: Which edition of "none of this is a paid duty, a meeting, …" publishers tick (domain facts 6.4).
DECLARATION_VERSION = "2026-11"


#: What goes from the facts into the row as it is.
AS_WRITTEN = (
    *("title", "scope_category", "target_groups", "region", "address", "content", "leader_name", "leader_phone"),
    *("signup_end_at", "approval_mode", "waitlist_limit", "online_url", "notice", "provisions", "risk_text"),
    *("min_age", "max_age", "skills_any", "members_only", "is_phone_public"),
)


@dataclass(frozen=True)
class ActivityFacts:
    """What an activity is published with, already read and checked field by field."""

    title: str
    scope_category: str
    target_groups: list[str]
    region: str
    address: str
    content: str
    leader_name: str
    leader_phone: str
    signup_start_at: datetime
    signup_end_at: datetime
    starts_at: datetime
    ends_at: datetime
    quota: int
    approval_mode: str = ApprovalMode.AT_ONCE
    #: How many may wait for a place; 0: nobody.
    waitlist_limit: int = 0
    #: None: until the start.
    cancel_deadline_at: datetime | None = None
    position: tuple[float, float] | None = None
    online_url: str = ""
    notice: str = ""
    provisions: list[str] = field(default_factory=list)
    risk_text: str = ""
    min_age: int | None = None
    max_age: int | None = None
    skills_any: list[str] = field(default_factory=list)
    members_only: bool = False
    is_phone_public: bool = False


def find_by_form_key(form_key: str, organization: Organization) -> Activity | None:
    query = select(Activity).where(Activity.form_key == form_key, Activity.organization_id == organization.id)
    return session.scalar(query)


def publish(facts: ActivityFacts, organization: Organization, *, form_key: str, now: datetime) -> Activity:
    """Publish an activity with one shift; the same form again gives the same activity.

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
    activity.shifts = [Shift(starts_at=facts.starts_at, ends_at=facts.ends_at, quota=facts.quota, places_taken=0)]
    try:
        with session.begin_nested():
            session.add(activity)
    except IntegrityError:
        same = find_by_form_key(form_key, organization)
        if same is None:
            raise FormUsed from None
        return same
    activity.activity_no = f"{activity.region}{activity.id:08d}"
    session.flush()
    return activity


def _describe(activity: Activity, facts: ActivityFacts) -> None:
    activity.city = regions.city_of(facts.region)
    activity.province = regions.province_of(facts.region)
    activity.lng, activity.lat = facts.position or (None, None)
    for name in AS_WRITTEN:
        setattr(activity, name, getattr(facts, name))
    activity.cancel_deadline_at = min(facts.cancel_deadline_at or facts.starts_at, facts.starts_at)


def edit(activity: Activity, facts: ActivityFacts, *, now: datetime) -> None:
    """Change a published activity of one shift. Who signed up is told when time or place changes.

    Raises CannotEdit, QuotaTooLow.
    """
    if activity.state != ActivityState.PUBLISHED or now >= activity.ends_at:
        raise CannotEdit
    (shift,) = activity.shifts
    moved = (facts.starts_at, facts.ends_at, facts.address) != (shift.starts_at, shift.ends_at, activity.address)
    _describe(activity, facts)
    activity.revision += 1
    activity.starts_at, activity.ends_at = facts.starts_at, facts.ends_at
    session.flush()
    # Conditional, because people may be signing up while the organiser lowers the quota.
    fits = (Shift.places_taken <= facts.quota) if facts.quota else (Shift.quota >= 0)
    change = update(Shift).where(Shift.id == shift.id, fits)
    if not rows_hit(change.values(quota=facts.quota, starts_at=facts.starts_at, ends_at=facts.ends_at)):
        raise QuotaTooLow
    session.refresh(shift)
    if moved:
        times = {"shift_starts_at": facts.starts_at, "shift_ends_at": facts.ends_at}
        rows_hit(update(SignUp).where(SignUp.shift_id == shift.id).values(times))
        _tell_all(activity, shift, now)
    pass_on(shift.id, now=now)


def _tell_all(activity: Activity, shift: Shift, now: datetime) -> None:
    query = select(Volunteer.account_id).join(SignUp).where(SignUp.shift_id == shift.id, SignUp.state.in_(LIVE))
    told = told_of(activity, shift)
    for account_id in session.scalars(query):
        occasion = f"activity:{activity.id}:{int(now.timestamp())}:{account_id}"
        notices.add(account_id, "activity_changed", occasion, told, now=now)
