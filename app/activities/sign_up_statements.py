"""The statements of presses on 立即报名, made once: putting one together anew costs more than answering it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Integer, ScalarSelect, and_, bindparam, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app.activities.models import (
    TAKEN,
    Activity,
    ActivityState,
    ApprovalMode,
    RecruitScope,
    Shift,
    SignUp,
)
from app.database import UtcDateTime
from app.organizations.models import Organization, OrganizationState
from app.volunteers.models import Volunteer

SHIFT: BindParameter[int] = bindparam("shift", type_=BigInteger)
VOLUNTEER: BindParameter[int] = bindparam("volunteer", type_=BigInteger)
NOW: BindParameter[datetime] = bindparam("now", type_=UtcDateTime)
#: When the shift begins and ends, and of which edition it is, as whoever presses has read it.
START: BindParameter[datetime] = bindparam("start", type_=UtcDateTime)
END: BindParameter[datetime] = bindparam("end", type_=UtcDateTime)
EDITION: BindParameter[int] = bindparam("read_edition", type_=Integer)
#: How many places are taken at once; one, unless presses share a transaction.
COUNT: BindParameter[int] = bindparam("count", 1, type_=BigInteger)
FRESH: dict[str, Any] = {"populate_existing": True}
LOCK_VOLUNTEER = select(Volunteer).where(Volunteer.id == VOLUNTEER).with_for_update()
LOCK_SHIFT = select(Shift.id).where(Shift.id == SHIFT).with_for_update()
FIND_SIGN_UP = (
    select(SignUp).where(SignUp.shift_id == SHIFT, SignUp.volunteer_id == VOLUNTEER).execution_options(**FRESH)
)
#: The shift, its activity, and the person's sign-up to it, if there is one.
WANTED = (
    select(Shift, Activity, SignUp)
    .join(Activity, Activity.id == Shift.activity_id)
    .outerjoin(SignUp, and_(SignUp.shift_id == Shift.id, SignUp.volunteer_id == VOLUNTEER))
    .where(Shift.id == SHIFT)
    .execution_options(**FRESH)
)
OPEN_ACTIVITIES = select(Activity.id).where(
    Activity.state == ActivityState.PUBLISHED,
    Activity.signup_start_at <= NOW,
    Activity.signup_end_at > NOW,
    Activity.ends_at > NOW,
    Activity.organization_id.in_(select(Organization.id).where(Organization.state == OrganizationState.APPROVED)),
)
#: The shift, open and as it was read. PostgreSQL looks once more at the shift's own row when it has waited for it, but
#: at nothing else: what was said of the activity meanwhile shows in the edition.
AS_READ = (
    Shift.id == SHIFT,
    Shift.edition == EDITION,
    # Of several shifts, one may be over or taken away while the activity goes on.
    Shift.ends_at > NOW,
    Shift.removed_at.is_(None),
    Shift.activity_id.in_(OPEN_ACTIVITIES),
)
TAKE_PLACE = (
    update(Shift)
    .where(
        *AS_READ,
        or_(Shift.quota == 0, Shift.places_taken + COUNT <= Shift.quota),
        # Nobody passes those who wait.
        Shift.waiting == 0,
    )
    .values(places_taken=Shift.places_taken + COUNT)
)
#: Enter the draw: it takes no seat, and counts as long as nothing was drawn.
TAKE_LOT = update(Shift).where(*AS_READ, Shift.drawn_at.is_(None)).values(entered=Shift.entered + 1)
OVERLAPPING = (
    select(Activity, Shift)
    .join(SignUp, SignUp.activity_id == Activity.id)
    .join(Shift, SignUp.shift_id == Shift.id)
    .where(
        SignUp.volunteer_id == VOLUNTEER,
        SignUp.shift_id != SHIFT,
        SignUp.state.in_(TAKEN),
        SignUp.shift_starts_at < END,
        SignUp.shift_ends_at > START,
        Activity.state == ActivityState.PUBLISHED,
    )
    .limit(1)
)

# Of presses that share a transaction (app/activities/sharing.py).

PLAIN = (Activity.recruit_scope == RecruitScope.OPEN, Activity.approval_mode != ApprovalMode.LOTTERY)
SHIFT_AND_ACTIVITY = (
    select(Shift, Activity)
    .join(Activity, Activity.id == Shift.activity_id)
    .where(Shift.id == SHIFT)
    .execution_options(**FRESH)
)
PEOPLE = Volunteer.account_id.in_(bindparam("accounts", expanding=True))
#: Locked by number, so that of two groups none has whom the other waits for.
LOCK_PEOPLE = select(Volunteer).where(PEOPLE).order_by(Volunteer.id).with_for_update().execution_options(**FRESH)


def _of_sign_up(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """A column of the volunteer's sign-up to the shift, or none.

    Asked for each by itself, and not joined: while a rush goes on PostgreSQL does not know yet how many sign-ups there
    are, and would read all of the shift.
    """
    mine = select(column).where(SignUp.shift_id == SHIFT, SignUp.volunteer_id == Volunteer.id)
    return mine.correlate(Volunteer).scalar_subquery()


#: The accounts of volunteers, and what they are in the shift if they ever signed up to it.
SIGNED_UP = select(Volunteer.account_id, _of_sign_up(SignUp.state)).where(PEOPLE)
ACTIVITY: BindParameter[int] = bindparam("activity", type_=BigInteger)
#: The same of a shift that is open and has no place; nothing where it is not so.
FULL_FOR = (
    select(Volunteer.account_id, _of_sign_up(SignUp.state))
    .select_from(Volunteer)
    .join(Shift, Shift.id == SHIFT)
    .where(
        PEOPLE,
        Shift.activity_id == ACTIVITY,
        Shift.activity_id.in_(OPEN_ACTIVITIES.where(Activity.id == ACTIVITY, Activity.waitlist_limit == 0, *PLAIN)),
        Shift.quota > 0,
        Shift.places_taken >= Shift.quota,
        Shift.waiting == 0,
        Shift.ends_at > NOW,
        Shift.removed_at.is_(None),
    )
)
#: The sign-ups that were just made, by volunteer.
MADE = select(_of_sign_up(SignUp.id).label("id"), Volunteer.id.label("volunteer_id")).where(
    Volunteer.id.in_(bindparam("people", expanding=True))
)
#: What those are who have signed up to the shift, whatever came of it, or to something else at that time.
KNOWN_OR_BUSY = (
    select(SignUp.volunteer_id, SignUp.shift_id, SignUp.state)
    .join(Activity, Activity.id == SignUp.activity_id)
    .where(
        SignUp.volunteer_id.in_(bindparam("people", expanding=True)),
        or_(
            SignUp.shift_id == SHIFT,
            and_(
                SignUp.state.in_(TAKEN),
                SignUp.shift_starts_at < END,
                SignUp.shift_ends_at > START,
                Activity.state == ActivityState.PUBLISHED,
            ),
        ),
    )
)
