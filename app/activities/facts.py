"""What an activity is published with, already read and checked field by field."""

from dataclasses import dataclass, field
from datetime import date, datetime

from app.activities.states import ApprovalMode, Mode, RecruitScope, RiskLevel, WaitlistMode
from app.privacy import new_uid


@dataclass(frozen=True)
class ShiftFacts:
    starts_at: datetime
    ends_at: datetime
    #: 0: no limit.
    quota: int
    title: str = ""
    #: Where, when it is not where the activity is.
    place: str = ""
    uid: str = field(default_factory=new_uid)


@dataclass(frozen=True)
class AudienceFacts:
    organization_id: int
    with_below: bool = False
    #: Only those of this sub-team of it.
    team_id: int | None = None


@dataclass(frozen=True)
class Insurance:
    insurer: str
    policy_no: str
    #: The first and the last day.
    insured_from: date
    insured_to: date


@dataclass(frozen=True)
class ActivityFacts:
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
    shifts: tuple[ShiftFacts, ...]
    #: The shifts that are to go, by uid.
    removed: frozenset[str] = frozenset()
    approval_mode: str = ApprovalMode.AT_ONCE
    #: How many may wait for a place of a shift; 0: nobody.
    waitlist_limit: int = 0
    waitlist_mode: str = WaitlistMode.IN_TURN
    #: Until when one leaves the first shift by oneself; None: until it starts.
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
    training_required: str = ""
    #: Activities of the organisation, by id, that nobody signs up to together with this one.
    exclusive_with: tuple[int, ...] = ()
    is_phone_public: bool = False
    co_organizers: str = ""
    #: The sub-team of the organisation that runs it.
    team_id: int | None = None
    topics: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    purposes: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    campaign: str = ""
    mode: str = Mode.OFFLINE
    rhythm: str = ""
    recruits: str = ""
    venue_name: str = ""
    agreement: str = ""
    is_major: bool = False
    recruit_scope: str = RecruitScope.OPEN
    #: Whom a directed one is meant for.
    audience: tuple[AudienceFacts, ...] = ()
    #: A new password in clear; empty: the one there was.
    password: str = ""
    risk_level: str = RiskLevel.NONE
    insurance: Insurance | None = None
    #: Stored pictures by uid, the cover first.
    pictures: tuple[str, ...] = ()

    @property
    def starts_at(self) -> datetime:
        return min(shift.starts_at for shift in self.shifts)

    @property
    def ends_at(self) -> datetime:
        return max(shift.ends_at for shift in self.shifts)


#: What goes from the facts into the row as it is.
AS_WRITTEN = (
    *("title", "scope_category", "target_groups", "region", "address", "content", "leader_name", "leader_phone"),
    *(
        "signup_end_at",
        "approval_mode",
        "waitlist_limit",
        "waitlist_mode",
        "online_url",
        "notice",
        "provisions",
        "risk_text",
    ),
    *(
        "min_age",
        "max_age",
        "skills_any",
        "members_only",
        "training_required",
        "is_phone_public",
        "co_organizers",
        "topics",
        "forms",
    ),
    *("purposes", "places", "campaign", "mode", "venue_name", "agreement", "is_major", "recruit_scope"),
    *("risk_level", "team_id", "rhythm", "recruits"),
)
