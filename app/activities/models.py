"""Activities, their shifts, and the sign-ups to them."""

from datetime import date, datetime

from sqlalchemy import JSON, Double, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.activities.audiences import Audience
from app.activities.calling_off import CalledOff
from app.activities.description import Description
from app.activities.draws import Drawn, Lot
from app.activities.states import (
    LIVE,
    NEXT_SIGN_UP_STATES,
    NEXT_STATES,
    SEATED,
    TAKEN,
    ActivityState,
    ApprovalMode,
    EndedBy,
    Mode,
    Phase,
    RecruitScope,
    RiskLevel,
    SignUpState,
    WaitlistMode,
)
from app.database import TABLE, Base, BigId, LongText, UtcDateTime
from app.life_cycle import LifeCycle
from app.organizations.models import Organization, Team
from app.privacy import NONE, PERSONAL, SECRET, Sealed, new_uid, sealed_info
from app.volunteers.models import Volunteer

__all__ = [
    "LIVE",
    "PICTURES",
    "SEATED",
    "TAKEN",
    "Activity",
    "ActivityState",
    "ApprovalMode",
    "Audience",
    "EndedBy",
    "Mode",
    "Phase",
    "RecruitScope",
    "RiskLevel",
    "Shift",
    "SignUp",
    "SignUpState",
    "WaitlistMode",
]

#: The kind of stored file that an activity's pictures are.
PICTURES = "activity_picture"
#: What the lists of all activities are narrowed to, and what their order and phase are read from.
LISTED_BY: tuple[tuple[str, ...], ...] = ((), ("province",), ("city",), ("region",), ("scope_category",))
WHEN = ("starts_at", "id", "signup_end_at", "signup_start_at")


class Activity(LifeCycle, Description, CalledOff, Base):
    NEXT = NEXT_STATES

    __tablename__ = "activities"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("activity_no"),
        UniqueConstraint("form_key"),
        Index(None, "organization_id", "starts_at"),
        Index(None, "leader_phone_index"),
        # The lists, in their order, by province, city, district or kind. Whether sign-up is open is read there, too.
        # The state is not: nearly all are published, and 全部 wants two states at once.
        *(Index(f"ix_activities_by_{'_'.join(by) or 'start'}", *by, *WHEN) for by in LISTED_BY),
        # What goes on now is between many that are over and many to come.
        Index(None, "ends_at", "id", "starts_at"),
        # Those near a place.
        Index(None, "state", "lat", "lng"),
        {**TABLE, "info": {"merge": "move"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    activity_no: Mapped[str | None] = mapped_column(String(20), info=NONE)
    form_key: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    region: Mapped[str] = mapped_column(String(6), info=NONE)
    city: Mapped[str] = mapped_column(String(6), info=NONE)
    province: Mapped[str] = mapped_column(String(6), info=NONE)
    address: Mapped[str] = mapped_column(String(200), info=NONE)
    leader_name: Mapped[str] = mapped_column(String(50), info={**PERSONAL, "mask": "name"})
    leader_phone_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(PERSONAL, "phone"))
    leader_phone_index: Mapped[str | None] = mapped_column(String(32), info=SECRET)
    signup_start_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    signup_end_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    #: Start of the first and end of the last shift, kept with them.
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    #: Until then one cancels by oneself; after it one asks for leave. Not after the start.
    cancel_deadline_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    approval_mode: Mapped[str] = mapped_column(String(16), default=ApprovalMode.AT_ONCE, info=NONE)
    #: How many may wait for a place of a shift; 0 means that nobody may.
    waitlist_limit: Mapped[int] = mapped_column(default=0, info=NONE)
    waitlist_mode: Mapped[str] = mapped_column(String(8), default=WaitlistMode.IN_TURN, info=NONE)
    #: Where it is, in GCJ-02 as maps in China have it; None when nobody said.
    lng: Mapped[float | None] = mapped_column(Double, info=NONE)
    lat: Mapped[float | None] = mapped_column(Double, info=NONE)
    #: What may happen; who signs up has read and accepted it (volunteer service regulations, articles 12, 15).
    risk_text: Mapped[str] = mapped_column(String(500), default="", info=NONE)
    min_age: Mapped[int | None] = mapped_column(info=NONE)
    max_age: Mapped[int | None] = mapped_column(info=NONE)
    #: One of these skills is needed; none: anybody.
    skills_any: Mapped[list[str]] = mapped_column(JSON, default=list, info=NONE)
    members_only: Mapped[bool] = mapped_column(default=False, info=NONE)
    #: A training or a certificate that whoever signs up says they have (regulations, article 16); empty: none.
    training_required: Mapped[str] = mapped_column(String(200), default="", info=NONE)
    #: Of these and of this one a person signs up to one; each of them names this one, too.
    exclusive_with: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True), info=NONE)
    is_phone_public: Mapped[bool] = mapped_column(default=False, info=NONE)
    #: The sub-team that runs it.
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), info=NONE)
    recruit_scope: Mapped[str] = mapped_column(String(8), default=RecruitScope.OPEN, info=NONE)
    password_hash: Mapped[str] = mapped_column(String(200), default="", info=SECRET)
    risk_level: Mapped[str] = mapped_column(String(8), default=RiskLevel.NONE, info=NONE)
    insurer: Mapped[str] = mapped_column(String(100), default="", info=NONE)
    insurance_policy_no: Mapped[str] = mapped_column(String(64), default="", info=NONE)
    insured_from: Mapped[date | None] = mapped_column(info=NONE)
    insured_to: Mapped[date | None] = mapped_column(info=NONE)
    #: Others of the organisation are begun as copies of it.
    is_template: Mapped[bool] = mapped_column(default=False, info=NONE)
    #: What was typed into a form that is not published yet; a phone number may be in it.
    draft_sealed: Mapped[str | None] = mapped_column(LongText, info=sealed_info(PERSONAL, "text"))
    #: How often it was changed since it was published: calendars ask.
    revision: Mapped[int] = mapped_column(default=0, info=NONE)
    #: Which version of the "not a volunteer activity" check list the publisher ticked.
    declaration_version: Mapped[str] = mapped_column(String(20), info=NONE)
    state: Mapped[str] = mapped_column(String(16), default=ActivityState.DRAFT, info=NONE)
    #: Why it was cancelled, or not let pass, in words for everybody concerned.
    state_reason: Mapped[str] = mapped_column(String(200), default="", info=NONE)
    #: Whose press handed it in for review: they do not judge it.
    handed_in_by_id: Mapped[int | None] = mapped_column(BigId, info=NONE)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)

    leader_phone = Sealed(index="phone")
    draft = Sealed()

    organization: Mapped[Organization] = relationship()
    team: Mapped[Team | None] = relationship()
    audiences: Mapped[list[Audience]] = relationship(cascade="all, delete-orphan", order_by="Audience.id")
    #: Those that were not taken away.
    shifts: Mapped[list["Shift"]] = relationship(
        primaryjoin="and_(Activity.id == Shift.activity_id, Shift.removed_at.is_(None))",
        order_by="Shift.starts_at, Shift.id",
        back_populates="activity",
    )

    def cancel_deadline_of(self, shift_starts_at: datetime) -> datetime:
        """Until when one leaves a shift by oneself: as long before it as was said for the first one."""
        return shift_starts_at - (self.starts_at - self.cancel_deadline_at)

    @property
    def opens_later(self) -> bool:
        """Whether sign-up was set to begin at a time of its own, not with the publishing."""
        return self.published_at is not None and self.signup_start_at > self.published_at

    def phase(self, now: datetime) -> Phase:
        """Half-open intervals, first match wins."""
        if now >= self.ends_at:
            return Phase.ENDED
        if now >= self.starts_at:
            return Phase.ONGOING
        if now >= self.signup_end_at:
            return Phase.SIGNUP_CLOSED
        if now >= self.signup_start_at:
            return Phase.SIGNUP_OPEN
        return Phase.NOT_OPEN

    def takes_sign_ups(self, now: datetime) -> bool:
        """Phase and permission are two things: an organiser may take sign-ups until the end (domain facts 6.5)."""
        return (
            self.state == ActivityState.PUBLISHED
            and self.organization.may_publish
            and self.signup_start_at <= now < self.signup_end_at
            and now < self.ends_at
        )


class Shift(Drawn, Base):
    """场次 or 岗位: what one signs up to. A plain activity has one and nobody notices."""

    __tablename__ = "shifts"
    __table_args__ = (UniqueConstraint("uid"), Index(None, "activity_id"), TABLE)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    #: The form gives it, so that the same form again makes no second shift.
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), info=NONE)
    title: Mapped[str] = mapped_column(String(50), default="", info=NONE)
    #: Where, when it is not where the activity is.
    place: Mapped[str] = mapped_column(String(100), default="", info=NONE)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    #: How many may come; 0 is no limit.
    quota: Mapped[int] = mapped_column(info=NONE)
    #: What the organisation above said yes to, where it reviews.
    quota_reviewed: Mapped[int | None] = mapped_column(info=NONE)
    #: Sign-ups that hold a seat; never more than the quota.
    places_taken: Mapped[int] = mapped_column(default=0, info=NONE)
    #: Sign-ups that wait for a seat; never more than the activity's limit.
    waiting: Mapped[int] = mapped_column(default=0, info=NONE)
    #: How often what people sign up to was changed or called off: who read an older edition takes no place of it.
    edition: Mapped[int] = mapped_column(default=0, info=NONE)
    #: Taken away by the organiser while nobody held a place; sign-ups that ended before still lead here.
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)

    activity: Mapped[Activity] = relationship(back_populates="shifts")

    @property
    def is_wanted(self) -> bool:
        """Whether somebody holds a seat, waits, or is in its draw."""
        return bool(self.places_taken or self.waiting or self.entered)

    @property
    def places_left(self) -> int | None:
        return None if self.quota == 0 else max(self.quota - self.places_taken, 0)

    @property
    def has_room(self) -> bool:
        """Whether a place can be taken at once: those who wait come first."""
        return self.places_left != 0 and not self.waiting


class SignUp(LifeCycle, Lot, Base):
    NEXT = NEXT_SIGN_UP_STATES

    __tablename__ = "sign_ups"
    __table_args__ = (
        UniqueConstraint("shift_id", "volunteer_id"),
        # 我参加的活动: mine, by time, without a look at the shifts.
        Index(None, "volunteer_id", "shift_ends_at"),
        Index(None, "activity_id", "state"),
        # The organiser's list, in the order of signing up.
        Index(None, "activity_id", "signed_up_at"),
        # Who waits for this shift, in their order.
        Index(None, "shift_id", "state", "signed_up_at"),
        Index(None, "offer_ends_at"),
        {**TABLE, "info": {"person": "volunteer_id"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"), info=NONE)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), info=NONE)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), info=NONE)
    state: Mapped[str] = mapped_column(String(16), info=NONE)
    #: Copied from the shift, and kept with it.
    shift_starts_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    shift_ends_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    signed_up_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    #: How often the person signed up to this shift: names the occasion of what they are told.
    round: Mapped[int] = mapped_column(default=1, info=NONE)
    #: Until when the place is kept for somebody who waited; None when nothing is offered.
    offer_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    ended_by: Mapped[str] = mapped_column(String(16), default="", info=NONE)
    #: Why it ended, in the words of who ended it.
    reason: Mapped[str] = mapped_column(String(200), default="", info=PERSONAL)
    #: When the person accepted the activity's risks, if it has any.
    risk_accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    #: When the person said that they have the training or the certificate that is asked for.
    training_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    #: A leave that was asked for and is not judged yet.
    leave_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    leave_reason: Mapped[str] = mapped_column(String(200), default="", info=PERSONAL)
    #: Put on the list by the organiser: the person gave them neither name nor phone.
    by_hand: Mapped[bool] = mapped_column(default=False, server_default=false(), info=NONE)

    shift: Mapped[Shift] = relationship()
    activity: Mapped[Activity] = relationship()
    volunteer: Mapped[Volunteer] = relationship()

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def may_come_back(self) -> bool:
        """Whether the person may sign up once more by themselves."""
        return self.state == SignUpState.WITHDRAWN

    @property
    def asks_leave(self) -> bool:
        return self.state == SignUpState.CONFIRMED and self.leave_asked_at is not None

    def end(self, state: str, by: EndedBy, reason: str, now: datetime) -> None:
        """Raises WrongMove."""
        self.move_to(state)
        self.ended_at, self.ended_by, self.reason = now, by, reason
        self.offer_ends_at = self.leave_asked_at = None
