"""The waiting list: who waits longest gets the place that comes free, as an offer that ends by itself.

Always in the transaction that frees the place, after the shift was locked: the sign-ups of others come last in the
order of locks (app/activities/sign_up.py).
"""

from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select, update

from app.activities import conditions, exclusions
from app.activities.errors import NotQualified, NotSignedUp, OfferEnded
from app.activities.models import (
    TAKEN,
    Activity,
    ActivityState,
    ApprovalMode,
    EndedBy,
    Shift,
    SignUp,
    SignUpState,
    WaitlistMode,
)
from app.activities.sign_up import TOLD, check_overlap, find_sign_up, lock_volunteer
from app.activities.texts import tell
from app.context import here
from app.database import rows_hit, session
from app.organizations.models import Organization, OrganizationState
from app.volunteers.models import Volunteer

#: Offers that are ended in one go of the job.
BATCH = 100


def lock_shift(shift_id: int) -> Shift:
    """Without hindering those who only insert sign-ups to it."""
    query = select(Shift).where(Shift.id == shift_id).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def free_place(sign_up: SignUp, *, was: str, now: datetime) -> None:
    """Give back what the sign-up held when it was in the state `was`. The shift must be locked."""
    if was == SignUpState.ENTERED:
        rows_hit(update(Shift).where(Shift.id == sign_up.shift_id).values(entered=Shift.entered - 1))
        return
    if was == SignUpState.WAITLISTED:
        rows_hit(update(Shift).where(Shift.id == sign_up.shift_id).values(waiting=Shift.waiting - 1))
        return
    rows_hit(update(Shift).where(Shift.id == sign_up.shift_id).values(places_taken=Shift.places_taken - 1))
    pass_on(sign_up.shift_id, now=now)


def pass_on(shift_id: int, *, now: datetime) -> None:
    """Offer each free place to whoever waits longest. The shift must be locked.

    While the organisation rests nobody gets a place; once it goes on, `app/activities/jobs.py` offers what came free.
    """
    shift = session.scalars(select(Shift).where(Shift.id == shift_id).execution_options(populate_existing=True)).one()
    activity = session.get_one(Activity, shift.activity_id)
    by_hand = activity.waitlist_mode == WaitlistMode.BY_HAND
    if by_hand or activity.state != ActivityState.PUBLISHED or now >= shift.starts_at:
        return
    if not session.get_one(Organization, activity.organization_id).may_publish:
        return
    ends = min(now + timedelta(hours=here.config.limits.offer_hours), shift.starts_at)
    while shift.waiting and (not shift.quota or shift.places_taken < shift.quota):
        first = session.scalars(_queue_of(shift_id).limit(1).with_for_update()).one()
        why = conditions.not_of_them(activity, first.volunteer_id)
        if why:
            _end_waiting(first, f"{why}，您现在不是", now=now)
            session.refresh(shift)
            continue
        place = update(Shift).where(Shift.id == shift_id, or_(Shift.quota == 0, Shift.places_taken < Shift.quota))
        rows_hit(place.values(places_taken=Shift.places_taken + 1, waiting=Shift.waiting - 1))
        offer_place(first, ends, now=now)
        session.refresh(shift)


def _end_waiting(sign_up: SignUp, reason: str, *, now: datetime) -> None:
    """Of somebody who could not take the place: offered to them, it would wait in vain."""
    sign_up.end(SignUpState.WITHDRAWN, EndedBy.TIME, reason, now)
    session.flush()
    tell(sign_up, "sign_up_removed", _account_of(sign_up), now=now)
    free_place(sign_up, was=SignUpState.WAITLISTED, now=now)


def left_free(now: datetime) -> list[int]:
    """Shifts with free places and people who wait for them: none, unless an organisation rested when they came free."""
    query = (
        select(Shift.id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(Organization, Organization.id == Activity.organization_id)
        .where(Shift.waiting > 0, Shift.removed_at.is_(None), Shift.starts_at > now)
        .where(or_(Shift.quota == 0, Shift.places_taken < Shift.quota))
        .where(Activity.state == ActivityState.PUBLISHED, Activity.waitlist_mode != WaitlistMode.BY_HAND)
        .where(Organization.state == OrganizationState.APPROVED)
    )
    return list(session.scalars(query.order_by(Shift.id)))


def offer_what_is_free(shift_id: int, *, now: datetime) -> None:
    """Safe to do twice."""
    lock_shift(shift_id)
    pass_on(shift_id, now=now)


def offer_place(sign_up: SignUp, ends: datetime, *, now: datetime) -> int:
    """Offer a seat that was taken for them to one who waits; returns whom that tells. Raises WrongMove."""
    sign_up.move_to(SignUpState.OFFERED)
    sign_up.offer_ends_at = ends
    session.flush()
    account_id = _account_of(sign_up)
    tell(sign_up, "place_offered", account_id, now=now)
    return account_id


def _queue_of(shift_id: int) -> Select[SignUp]:
    query = select(SignUp).where(SignUp.shift_id == shift_id, SignUp.state == SignUpState.WAITLISTED)
    return query.order_by(SignUp.signed_up_at, SignUp.id).execution_options(populate_existing=True)


def _account_of(sign_up: SignUp) -> int:
    return session.scalars(select(Volunteer.account_id).where(Volunteer.id == sign_up.volunteer_id)).one()


def accept(shift_id: int, volunteer_id: int, *, now: datetime) -> SignUp:
    """确认参加: take the offered place. Again is harmless.

    Raises NotSignedUp, OfferEnded, NotQualified, Exclusive, Overlapping.
    """
    volunteer = lock_volunteer(volunteer_id)
    shift = session.get(Shift, shift_id)
    mine = find_sign_up(shift_id, volunteer_id)
    if volunteer is None or shift is None or mine is None:
        raise NotSignedUp
    if mine.state in TOLD:
        return mine
    shift = lock_shift(shift_id)
    session.refresh(mine)
    if mine.state != SignUpState.OFFERED or mine.offer_ends_at is None or now >= mine.offer_ends_at:
        raise OfferEnded
    activity = session.get_one(Activity, mine.activity_id)
    # Papers, guardian or conditions may have changed while they waited. Whom it is meant for was asked when they came,
    # and an organiser may give a place to others.
    lacking = conditions.lacking_oneself(activity, volunteer, shift.starts_at, now=now)
    if lacking:
        raise NotQualified("；".join(lacking))
    exclusions.check(activity, volunteer_id, TAKEN)
    check_overlap(shift, volunteer_id)
    judged_first = activity.approval_mode == ApprovalMode.REVIEW
    mine.move_to(SignUpState.PENDING if judged_first else SignUpState.CONFIRMED)
    mine.offer_ends_at = None
    session.flush()
    tell(mine, TOLD[SignUpState(mine.state)], volunteer.account_id, now=now)
    return mine


def ended_offers(now: datetime) -> list[int]:
    """The sign-ups whose offer nobody took in time."""
    query = select(SignUp.id).where(SignUp.offer_ends_at <= now, SignUp.state == SignUpState.OFFERED)
    return list(session.scalars(query.order_by(SignUp.offer_ends_at).limit(BATCH)))


def end_offer(sign_up_id: int, *, now: datetime) -> None:
    """End an offer whose time is over, and pass the place on. Safe to do twice."""
    sign_up = session.get(SignUp, sign_up_id)
    if sign_up is None:
        return
    lock_shift(sign_up.shift_id)
    session.refresh(sign_up)
    if sign_up.state != SignUpState.OFFERED or sign_up.offer_ends_at is None or now < sign_up.offer_ends_at:
        return
    sign_up.end(SignUpState.WITHDRAWN, EndedBy.TIME, "逾期未确认", now)
    session.flush()
    tell(sign_up, "offer_ended", _account_of(sign_up), now=now)
    free_place(sign_up, was=SignUpState.OFFERED, now=now)
