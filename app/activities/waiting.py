"""The waiting list: who waits longest gets the place that comes free, as an offer that ends by itself.

Always in the transaction that frees the place, after the shift was locked: the sign-ups of others come last in the
order of locks (app/activities/sign_up.py).
"""

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, or_, select, update
from sqlalchemy.orm import contains_eager

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
from app.organizations.models import Membership, MembershipState, Organization, OrganizationState
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
        why = conditions.removed_since(activity, [first]).get(first.id)
        if why:
            _end_of_removed(first, why, now=now)
            session.refresh(shift)
            continue
        place = update(Shift).where(Shift.id == shift_id, or_(Shift.quota == 0, Shift.places_taken < Shift.quota))
        rows_hit(place.values(places_taken=Shift.places_taken + 1, waiting=Shift.waiting - 1))
        offer_place(first, ends, now=now)
        session.refresh(shift)


def _end_of_removed(sign_up: SignUp, reason: str, *, now: datetime) -> None:
    """Of somebody who cannot take the place any more: kept for them, it would wait in vain."""
    was = sign_up.state
    sign_up.end(SignUpState.WITHDRAWN, EndedBy.TIME, reason, now)
    session.flush()
    tell(sign_up, "sign_up_removed", _account_of(sign_up), now=now)
    free_place(sign_up, was=was, now=now)


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
    # Papers or guardian may have gone while they waited. Conditions were asked when they came, and who meets them no
    # longer keeps the place unless the organiser takes it: all but those who were removed from the organisation.
    lacking = [*conditions.lacking_papers(volunteer, now), *conditions.removed_since(activity, [mine]).values()]
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


def offers_of_removed(now: datetime) -> list[int]:
    """The sign-ups of those who have an offer still, and were removed from the organisation whose members it is for."""
    is_gone = exists().where(
        Membership.volunteer_id == SignUp.volunteer_id,
        Membership.state == MembershipState.REMOVED,
        Membership.ended_at >= SignUp.signed_up_at,
    )
    query = select(SignUp).join(SignUp.activity).options(contains_eager(SignUp.activity))
    query = query.where(SignUp.offer_ends_at > now, SignUp.state == SignUpState.OFFERED, is_gone)
    rows = session.scalars(query.order_by(SignUp.id)).all()
    return [row.id for row in rows if conditions.removed_since(row.activity, [row])]


def end_offer(sign_up_id: int, *, now: datetime) -> None:
    """End an offer whose time is over or whose person was removed, and pass the place on. Safe to do twice."""
    sign_up = session.get(SignUp, sign_up_id)
    if sign_up is None:
        return
    lock_shift(sign_up.shift_id)
    session.refresh(sign_up)
    if sign_up.state != SignUpState.OFFERED or sign_up.offer_ends_at is None:
        return
    if now < sign_up.offer_ends_at:
        why = conditions.removed_since(sign_up.activity, [sign_up]).get(sign_up.id)
        if why:
            _end_of_removed(sign_up, why, now=now)
        return
    sign_up.end(SignUpState.WITHDRAWN, EndedBy.TIME, "逾期未确认", now)
    session.flush()
    tell(sign_up, "offer_ended", _account_of(sign_up), now=now)
    free_place(sign_up, was=SignUpState.OFFERED, now=now)
