"""Lists of activities: keyset pages over an index, whatever their number."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app import keyset, regions
from app.activities import recruiting
from app.activities.models import LIVE, Activity, ActivityState, Phase, Shift, SignUp, SignUpState
from app.activities.states import MENDABLE
from app.activities.titles import containing
from app.database import UtcDateTime, session
from app.keyset import START, Key, Page, Place
from app.organizations.models import Organization

#: What the filters of the manual are called in an address. 全部 also shows what was cancelled.
ALL = "all"
PHASES = {phase.value: phase for phase in Phase}
BEFORE_START = {Phase.NOT_OPEN, Phase.SIGNUP_OPEN, Phase.SIGNUP_CLOSED}
#: What only the organisation itself sees, and what was called off.
UNPUBLISHED = {
    "draft": MENDABLE,
    "review": (ActivityState.PENDING_REVIEW,),
    "cancelled": (ActivityState.CANCELLED,),
}


#: What a card shows of an activity.
SHOWN = (joinedload(Activity.organization), selectinload(Activity.shifts))
BY_START = (Activity.starts_at, Activity.id)
BY_END = (Activity.ends_at, Activity.id)


def in_phase(phase: Phase, now: datetime) -> Any:
    """The phase as a condition: the same half-open intervals as Activity.phase, first match wins."""
    # Nothing ends before it begins: what is over is asked for its start, too, which the order's index has.
    published = Activity.state == ActivityState.PUBLISHED
    before_start = and_(published, Activity.starts_at > now)
    return {
        Phase.ENDED: and_(published, Activity.ends_at <= now, Activity.starts_at <= now),
        Phase.ONGOING: and_(published, Activity.ends_at > now, Activity.starts_at <= now),
        Phase.SIGNUP_CLOSED: and_(before_start, Activity.signup_end_at <= now),
        Phase.SIGNUP_OPEN: and_(before_start, Activity.signup_end_at > _unseen(now), Activity.signup_start_at <= now),
        Phase.NOT_OPEN: and_(before_start, Activity.signup_end_at > _unseen(now), Activity.signup_start_at > now),
    }[phase]


def _unseen(moment: datetime) -> Any:
    """The moment, so that a database does not see it while it plans.

    One activity of twenty is to come, and nearly all of these still take sign-ups and end later. A database takes that
    for two chances of one in twenty, guesses that next to nothing is left, and sorts what it could read in its order.
    """
    return select(literal(moment, UtcDateTime)).scalar_subquery()


@dataclass(frozen=True)
class Wanted:
    """What a person looks for; what is empty asks for nothing."""

    phase: str = ALL
    region: str = ""
    category: str = ""
    #: From the first instant to before the second: the activity takes place, in part, between them.
    between: tuple[datetime, datetime] | None = None
    #: Only where a place can be had at once.
    with_room: bool = False
    text: str = ""
    #: Who looks: directed ones are listed for those whom they are meant for.
    volunteer_id: int | None = None


def conditions_for(wanted: Wanted, now: datetime) -> list[Any]:
    """What an activity must be to match."""
    if wanted.phase in PHASES:
        found = [in_phase(PHASES[wanted.phase], now)]
    else:
        found = [Activity.state.in_((ActivityState.PUBLISHED, ActivityState.CANCELLED))]
    found.append(recruiting.listed_for(wanted.volunteer_id))
    if wanted.region:
        found.append(getattr(Activity, regions.column_for(wanted.region)) == wanted.region)
    if wanted.category:
        found.append(Activity.scope_category == wanted.category)
    if wanted.between:
        first, end = wanted.between
        is_to_come = is_soonest_first(wanted.phase)
        found += [Activity.starts_at < end, Activity.ends_at > (_unseen(first) if is_to_come else first)]
    if wanted.with_room:
        has_room = or_(Shift.quota == 0, and_(Shift.places_taken < Shift.quota, Shift.waiting == 0))
        # Of what has not begun no shift is over.
        is_left = () if wanted.phase in BEFORE_START else (Shift.ends_at > now,)
        found.append(Activity.shifts.any(and_(has_room, *is_left)))
    if wanted.text:
        found.append(containing(wanted.text))
    return found


def is_soonest_first(phase: str) -> bool:
    """What is to come is sorted that way; what is over, and the whole list, begins with the newest."""
    return phase in PHASES and phase != Phase.ENDED


def order_of(phase: str) -> tuple[Any, Any]:
    """By the start; what goes on now by its end, for when it began nobody asks, and the years before are many."""
    return BY_END if phase == Phase.ONGOING else BY_START


def published(wanted: Wanted, now: datetime, place: Place = START) -> Page:
    """Activities for everybody: what is to come soonest first, the whole list newest first."""
    query = select(Activity).options(*SHOWN).where(*conditions_for(wanted, now))
    return keyset.part(query, order_of(wanted.phase), place, forward=is_soonest_first(wanted.phase))


def of_organization(
    organization: Organization,
    phase: str,
    now: datetime,
    *,
    only_public: bool = False,
    text: str = "",
    after: Key | None = None,
) -> Page:
    """What the organisation published, newest first; what is not yet for everybody only if it is asked for."""
    query = select(Activity).where(Activity.organization_id == organization.id)
    if only_public:
        query = query.where(Activity.state.in_((ActivityState.PUBLISHED, ActivityState.CANCELLED)))
    query = query.options(*SHOWN)
    if phase in PHASES:
        query = query.where(in_phase(PHASES[phase], now))
    elif phase in UNPUBLISHED:
        query = query.where(Activity.state.in_(UNPUBLISHED[phase]))
    if text:
        query = query.where(containing(text))
    return keyset.part(query, BY_START, Place(after), forward=False)


def find(activity_id: int) -> Activity | None:
    query = select(Activity).where(Activity.id == activity_id)
    return session.scalar(query.options(*SHOWN))


WAITING, DONE = "waiting", "done"


def mine(volunteer_id: int, tab: str, now: datetime, *, phase: str = ALL, text: str = "", place: Place = START) -> Page:
    """我参加的活动: what is to come soonest first, all and what is over newest first.

    Each row is in exactly one of 待参加 and 已结束 (domain facts 6.5), by the end of its own shift; a phase narrows it.
    """
    waiting = and_(SignUp.state.in_(LIVE), Activity.state == ActivityState.PUBLISHED, SignUp.shift_ends_at > now)
    query = (
        select(SignUp)
        .join(SignUp.activity)
        .where(SignUp.volunteer_id == volunteer_id)
        .options(contains_eager(SignUp.activity).options(*SHOWN), joinedload(SignUp.shift))
    )
    if tab == WAITING:
        query = query.where(waiting)
    elif tab == DONE:
        query = query.where(~waiting)
    if phase in PHASES:
        query = query.where(_own_in_phase(PHASES[phase], now))
    if text:
        query = query.where(containing(text))
    if tab == WAITING:
        # Few enough to be sorted; the index on the end leads there.
        return keyset.part(query, (SignUp.shift_starts_at, SignUp.id), place, forward=True)
    return keyset.part(query, (SignUp.shift_ends_at, SignUp.id), place, forward=False)


def _own_in_phase(phase: Phase, now: datetime) -> Any:
    """The phase as a condition for a sign-up: of what was called off midway, the shifts before that are over."""
    took_place = and_(Activity.state == ActivityState.CANCELLED, SignUp.shift_ends_at <= Activity.cancelled_at)
    return or_(in_phase(phase, now), took_place) if phase == Phase.ENDED else in_phase(phase, now)


def before_in_queue(sign_up: SignUp) -> int:
    """How many wait longer than this one for a place of the shift."""
    longer = or_(
        SignUp.signed_up_at < sign_up.signed_up_at,
        and_(SignUp.signed_up_at == sign_up.signed_up_at, SignUp.id < sign_up.id),
    )
    query = select(func.count()).where(
        SignUp.shift_id == sign_up.shift_id, SignUp.state == SignUpState.WAITLISTED, longer
    )
    return session.scalar(query) or 0


def sign_up_of(activity: Activity, sign_up_id: int) -> SignUp | None:
    query = select(SignUp).where(SignUp.id == sign_up_id, SignUp.activity_id == activity.id)
    return session.scalar(query.options(joinedload(SignUp.volunteer)))


def sign_ups_of(activity: Activity, volunteer_id: int) -> dict[int, SignUp]:
    """The volunteer's sign-ups to the activity, by shift."""
    query = select(SignUp).where(SignUp.activity_id == activity.id, SignUp.volunteer_id == volunteer_id)
    return {row.shift_id: row for row in session.scalars(query)}


def counts(organization: Organization) -> int:
    query = select(func.count()).select_from(Activity).where(Activity.organization_id == organization.id)
    return session.scalar(query) or 0


@dataclass(frozen=True)
class Figures:
    """What an organisation's activities come to."""

    published: int
    ended: int
    places: int


def figures(organization: Organization, now: datetime) -> Figures:
    public = (Activity.organization_id == organization.id, Activity.state == ActivityState.PUBLISHED)
    ended = func.sum(case((Activity.ends_at <= now, 1), else_=0))
    count, over = session.execute(select(func.count(), ended).select_from(Activity).where(*public)).one()
    places = select(func.sum(Shift.places_taken)).join(Activity, Activity.id == Shift.activity_id).where(*public)
    return Figures(count, int(over or 0), int(session.scalar(places) or 0))
