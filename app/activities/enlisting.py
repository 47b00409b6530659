"""Names that the organiser puts on the list by hand, and places given to somebody who waits, out of turn or in turn.

Both are written down with a reason: whoever is passed over may ask why.
"""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from app.accounts.services import find_account_by_phone
from app.activities import conditions, exclusions
from app.activities.errors import (
    AlreadyIn,
    Changed,
    Exclusive,
    MustSignUpOneself,
    NobodyFound,
    NobodyFoundHere,
    NoPlaceLeft,
    NotPublished,
    NotQualified,
    OrganizerPaused,
    ShiftEnded,
)
from app.activities.judging import note
from app.activities.models import LIVE, Activity, ActivityState, ApprovalMode, Shift, SignUp, SignUpState
from app.activities.sign_up import check_overlap, enter, find_sign_up, lock_volunteer
from app.activities.texts import tell
from app.activities.waiting import lock_shift, offer_place
from app.context import here
from app.database import rows_hit, session
from app.life_cycle import WrongMove
from app.organizations.models import Membership, MembershipState, Organization
from app.organizations.reviewing import refuse_oneself
from app.volunteers.models import Volunteer, VolunteerState


def find_person(text: str, organization: Organization, *, below: bool) -> Volunteer:
    """The member, here or (`below`) in an organisation under it, who has this 志愿者编号 or phone. Raises NobodyFound.

    Others are not found: numbers can be tried in order, and an organiser is not to learn who is a volunteer.
    """
    inside = (
        Membership.organization_path.startswith(organization.path, autoescape=True)
        if below
        else Membership.organization_id == organization.id
    )
    member = select(Membership.volunteer_id).where(Membership.state == MembershipState.ACTIVE, inside)
    account = find_account_by_phone(text)
    named = Volunteer.account_id == account.id if account else Volunteer.volunteer_no == text
    query = select(Volunteer).where(Volunteer.state == VolunteerState.ACTIVE, named, Volunteer.id.in_(member))
    volunteer = session.scalar(query)
    if volunteer is None:
        raise NobodyFound if below else NobodyFoundHere
    return volunteer


def put_on_list(
    activity: Activity, shift_id: int, person: Volunteer, reason: str, *, actor_id: int, now: datetime
) -> SignUp:
    """Sign the person up on their behalf, whatever the sign-up times are. They are told, and may withdraw.

    Raises NotPublished, Changed, OrganizerPaused, AlreadyIn, OwnRequest, MustSignUpOneself, ShiftEnded, NotQualified,
    Exclusive, Overlapping, NoPlaceLeft.
    """
    volunteer = lock_volunteer(person.id)
    assert volunteer is not None
    shift = lock_shift(shift_id)
    # Under the lock: it may have been called off or changed meanwhile.
    session.refresh(activity)
    if activity.state != ActivityState.PUBLISHED or now >= activity.ends_at:
        raise NotPublished
    if shift.removed_at:
        raise Changed
    if not activity.organization.may_publish:
        raise OrganizerPaused
    mine = find_sign_up(shift_id, volunteer.id)
    if mine and mine.state in LIVE:
        raise AlreadyIn
    if shift.waiting or activity.approval_mode != ApprovalMode.AT_ONCE:
        refuse_oneself(volunteer.account_id, actor_id, "有人在候补，或报名要审核、抽签，不能把自己直接加入名单")
    if activity.risk_text:
        raise MustSignUpOneself
    if now >= shift.ends_at:
        raise ShiftEnded
    lacking = conditions.lacking_oneself(activity, volunteer, shift.starts_at, now=now)
    if lacking:
        raise NotQualified("这位志愿者不符合报名条件，不能加入名单")
    if exclusions.clash(activity, volunteer.id):
        raise Exclusive("这位志愿者已报名与这个活动不能同时报名的活动", field="person")
    check_overlap(shift, volunteer.id, by_organizer=True)
    mine = enter(mine, shift, volunteer.id, SignUpState.CONFIRMED, now)
    mine.by_hand = True
    if not _take_seat(shift_id):
        raise NoPlaceLeft
    note(activity, volunteer.account_id, "sign_up.by_hand", reason, actor_id, now)
    tell(mine, "put_on_list", volunteer.account_id, now=now)
    return mine


def give_place(activity: Activity, sign_up_id: int, reason: str, *, actor_id: int, now: datetime) -> SignUp:
    """Offer a free place to one who waits. Again is harmless.

    Raises NobodyFound, OwnRequest, WrongMove, NotQualified, NoPlaceLeft.
    """
    sign_up = session.get(SignUp, sign_up_id)
    if sign_up is None or sign_up.activity_id != activity.id:
        raise NobodyFound
    lock_shift(sign_up.shift_id)
    session.refresh(sign_up)
    session.refresh(activity)
    if sign_up.state == SignUpState.OFFERED:
        return sign_up
    if activity.state != ActivityState.PUBLISHED or now >= sign_up.shift_starts_at:
        raise WrongMove
    if sign_up.state != SignUpState.WAITLISTED:
        raise WrongMove
    if conditions.removed_since(activity, [sign_up]):
        raise NotQualified("这位志愿者报名后被清退，这个活动只限成员，不能给名额")
    if next_in_turn(activity, sign_up.shift_id) is not sign_up:
        refuse_oneself(sign_up.volunteer.account_id, actor_id, "有人比您等得更久，要由另一位管理员决定")
    if not _take_seat(sign_up.shift_id):
        raise NoPlaceLeft
    rows_hit(update(Shift).where(Shift.id == sign_up.shift_id).values(waiting=Shift.waiting - 1))
    ends = min(now + timedelta(hours=here.config.limits.offer_hours), sign_up.shift_starts_at)
    account_id = offer_place(sign_up, ends, now=now)
    note(activity, account_id, "sign_up.place_given", reason, actor_id, now)
    return sign_up


def next_in_turn(activity: Activity, shift_id: int) -> SignUp | None:
    """Who waits longest for the shift, of those who were not removed from the organisation meanwhile."""
    query = select(SignUp).where(
        SignUp.activity_id == activity.id, SignUp.shift_id == shift_id, SignUp.state == SignUpState.WAITLISTED
    )
    rows = session.scalars(query.order_by(SignUp.signed_up_at, SignUp.id)).all()
    gone = conditions.removed_since(activity, rows)
    return next((row for row in rows if row.id not in gone), None)


def _take_seat(shift_id: int) -> bool:
    room = or_(Shift.quota == 0, Shift.places_taken < Shift.quota)
    seat = update(Shift).where(Shift.id == shift_id, room)
    return rows_hit(seat.values(places_taken=Shift.places_taken + 1)) == 1
