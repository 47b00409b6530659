"""Lists of activities: keyset pages over an index, whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app import regions
from app.activities import distance
from app.activities.models import LIVE, Activity, ActivityState, Phase, Shift, SignUp, SignUpState
from app.database import session
from app.organizations.models import Organization

PAGE = 20
#: How far "near" reaches, how many of a crowded place are measured, and how many are shown.
REACH_M, MOST_IN_BOX, NEAREST = 50_000.0, 500, 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: What the filters of the manual are called in an address. 全部 also shows what was cancelled.
ALL = "all"
PHASES = {phase.value: phase for phase in Phase}
#: What only the organisation itself sees, and what was called off.
UNPUBLISHED = {
    "draft": (ActivityState.DRAFT, ActivityState.REJECTED),
    "review": (ActivityState.PENDING_REVIEW,),
    "cancelled": (ActivityState.CANCELLED,),
}


@dataclass(frozen=True)
class Page:
    """A part of a list, and the key that its next part begins after."""

    rows: Sequence[Any]
    next_key: str | None


def key_of(moment: datetime, row_id: int) -> str:
    return f"{(moment - EPOCH) // timedelta(microseconds=1)}-{row_id}"


def _moment(key: tuple[int, int]) -> datetime:
    # A key is whatever somebody put into the address; beyond our calendar it just finds nothing.
    return EPOCH + timedelta(microseconds=min(key[0], 10**16))


def in_phase(phase: Phase, now: datetime) -> Any:
    """The phase as a condition: the same half-open intervals as Activity.phase, first match wins."""
    live = and_(Activity.state == ActivityState.PUBLISHED, Activity.ends_at > now)
    before_start = and_(live, Activity.starts_at > now)
    return {
        Phase.ENDED: and_(Activity.state == ActivityState.PUBLISHED, Activity.ends_at <= now),
        Phase.ONGOING: and_(live, Activity.starts_at <= now),
        Phase.SIGNUP_CLOSED: and_(before_start, Activity.signup_end_at <= now),
        Phase.SIGNUP_OPEN: and_(before_start, Activity.signup_end_at > now, Activity.signup_start_at <= now),
        Phase.NOT_OPEN: and_(before_start, Activity.signup_end_at > now, Activity.signup_start_at > now),
    }[phase]


def containing(text: str) -> Any:
    """Titles with the text in them; % and _ are plain characters."""
    return Activity.title.icontains(text, autoescape=True)


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


def _matching(wanted: Wanted, now: datetime) -> Select[Activity]:
    query = select(Activity).options(joinedload(Activity.organization), selectinload(Activity.shifts))
    if wanted.phase in PHASES:
        query = query.where(in_phase(PHASES[wanted.phase], now))
    else:
        query = query.where(Activity.state.in_((ActivityState.PUBLISHED, ActivityState.CANCELLED)))
    if wanted.region:
        query = query.where(getattr(Activity, regions.column_for(wanted.region)) == wanted.region)
    if wanted.category:
        query = query.where(Activity.scope_category == wanted.category)
    if wanted.between:
        query = query.where(Activity.starts_at < wanted.between[1], Activity.ends_at > wanted.between[0])
    if wanted.with_room:
        has_room = or_(Shift.quota == 0, and_(Shift.places_taken < Shift.quota, Shift.waiting == 0))
        query = query.where(Activity.shifts.any(has_room))
    if wanted.text:
        query = query.where(containing(wanted.text))
    return query


def published(wanted: Wanted, now: datetime, *, after: tuple[int, int] | None = None) -> Page:
    """Activities for everybody: what is to come soonest first, the whole list newest first."""
    soonest_first = wanted.phase in PHASES and wanted.phase != Phase.ENDED
    return _page(_matching(wanted, now), after, soonest_first=soonest_first)


def near(wanted: Wanted, lng: float, lat: float, now: datetime) -> list[tuple[Activity, float]]:
    """The nearest activities within REACH_M that match, with their distance in metres, nearest first.

    Of very many in the box only the soonest are looked at.
    """
    west, south, east, north = distance.box(lng, lat, REACH_M)
    inside = (Activity.lat.between(south, north), Activity.lng.between(west, east))
    query = _matching(wanted, now).where(*inside).order_by(Activity.starts_at, Activity.id).limit(MOST_IN_BOX)
    found = [(row, distance.metres(lng, lat, row.lng or 0, row.lat or 0)) for row in session.scalars(query)]
    return sorted((pair for pair in found if pair[1] <= REACH_M), key=lambda pair: pair[1])[:NEAREST]


def of_organization(
    organization: Organization,
    phase: str,
    now: datetime,
    *,
    only_public: bool = False,
    text: str = "",
    after: tuple[int, int] | None = None,
) -> Page:
    """What the organisation published, newest first; what is not yet for everybody only if it is asked for."""
    query = select(Activity).where(Activity.organization_id == organization.id)
    if only_public:
        query = query.where(Activity.state.in_((ActivityState.PUBLISHED, ActivityState.CANCELLED)))
    query = query.options(joinedload(Activity.organization), selectinload(Activity.shifts))
    if phase in PHASES:
        query = query.where(in_phase(PHASES[phase], now))
    elif phase in UNPUBLISHED:
        query = query.where(Activity.state.in_(UNPUBLISHED[phase]))
    if text:
        query = query.where(containing(text))
    return _page(query, after, soonest_first=False)


def beyond(moment: Any, row_id: Any, after: tuple[int, int], *, forward: bool) -> Any:
    """Rows after the key. Not a row comparison, which MySQL and MariaDB do not look up in an index."""
    mark = _moment(after)
    if forward:
        return and_(moment >= mark, or_(moment > mark, row_id > after[1]))
    return and_(moment <= mark, or_(moment < mark, row_id < after[1]))


def _page(query: Any, after: tuple[int, int] | None, *, soonest_first: bool) -> Page:
    order = (Activity.starts_at, Activity.id)
    if after:
        query = query.where(beyond(*order, after, forward=soonest_first))
    query = query.order_by(*(column if soonest_first else column.desc() for column in order))
    rows = list(session.scalars(query.limit(PAGE + 1)))
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(rows[:PAGE], key_of(more.starts_at, more.id) if more else None)


def find(activity_id: int) -> Activity | None:
    query = select(Activity).where(Activity.id == activity_id)
    return session.scalar(query.options(joinedload(Activity.organization), selectinload(Activity.shifts)))


WAITING, DONE = "waiting", "done"


def mine(
    volunteer_id: int,
    tab: str,
    now: datetime,
    *,
    phase: str = ALL,
    text: str = "",
    after: tuple[int, int] | None = None,
) -> Page:
    """我参加的活动. Each row is in exactly one of 待参加 and 已结束 (domain facts 6.5); a phase narrows it further."""
    waiting = and_(SignUp.state.in_(LIVE), Activity.state == ActivityState.PUBLISHED, Activity.ends_at > now)
    query = (
        select(SignUp)
        .join(SignUp.activity)
        .where(SignUp.volunteer_id == volunteer_id)
        .options(contains_eager(SignUp.activity).joinedload(Activity.organization), joinedload(SignUp.shift))
    )
    if tab == WAITING:
        query = query.where(waiting)
    elif tab == DONE:
        query = query.where(~waiting)
    if phase in PHASES:
        query = query.where(in_phase(PHASES[phase], now))
    if text:
        query = query.where(containing(text))
    if after:
        query = query.where(beyond(SignUp.shift_ends_at, SignUp.id, after, forward=False))
    rows = list(session.scalars(query.order_by(SignUp.shift_ends_at.desc(), SignUp.id.desc()).limit(PAGE + 1)))
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(rows[:PAGE], key_of(more.shift_ends_at, more.id) if more else None)


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
