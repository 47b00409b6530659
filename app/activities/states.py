"""States of activities and of sign-ups, which may follow which, and what people read."""

import enum


class ActivityState(enum.StrEnum):
    """What is stored. What a visitor sees follows from it, the times and the clock: see Phase."""

    DRAFT = "draft"
    PENDING_REVIEW = "pending_review"
    REJECTED = "rejected"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


NEXT_STATES = {
    ActivityState.DRAFT: {ActivityState.PENDING_REVIEW, ActivityState.PUBLISHED},
    ActivityState.PENDING_REVIEW: {ActivityState.PUBLISHED, ActivityState.REJECTED, ActivityState.DRAFT},
    ActivityState.REJECTED: {ActivityState.DRAFT},
    ActivityState.PUBLISHED: {ActivityState.CANCELLED, ActivityState.ARCHIVED},
    ActivityState.CANCELLED: set(),
    ActivityState.ARCHIVED: set(),
}


#: What can still be written on: drafts, and what was sent back.
MENDABLE = (ActivityState.DRAFT, ActivityState.REJECTED)


class Phase(enum.StrEnum):
    """Where a published activity stands at an instant (domain facts 6.5)."""

    NOT_OPEN = "not_open"
    SIGNUP_OPEN = "signup_open"
    SIGNUP_CLOSED = "signup_closed"
    ONGOING = "ongoing"
    ENDED = "ended"


PHASE_LABELS = {
    Phase.NOT_OPEN: "未开始报名",
    Phase.SIGNUP_OPEN: "报名中",
    Phase.SIGNUP_CLOSED: "报名结束",
    Phase.ONGOING: "活动中",
    Phase.ENDED: "活动结束",
}


class ApprovalMode(enum.StrEnum):
    """Whether a sign-up stands at once, or when the organiser has said yes (domain facts 6.3)."""

    AT_ONCE = "at_once"
    REVIEW = "review"
    #: Seats go by lot among all who signed up before the end.
    LOTTERY = "lottery"


class WaitlistMode(enum.StrEnum):
    """Who passes a free place on to those who wait."""

    IN_TURN = "in_turn"
    BY_HAND = "by_hand"


WAITLIST_MODE_LABELS: dict[str, str] = {WaitlistMode.IN_TURN: "按先后自动递补", WaitlistMode.BY_HAND: "由组织者递补"}
APPROVAL_MODE_LABELS: dict[str, str] = {
    ApprovalMode.AT_ONCE: "报名即成功",
    ApprovalMode.REVIEW: "审核后成功",
    ApprovalMode.LOTTERY: "报名截止后抽签",
}


class RecruitScope(enum.StrEnum):
    """招募范围: who may sign up (domain facts 4.16)."""

    OPEN = "open"
    DIRECTED = "directed"
    PASSWORD = "password"  # noqa: S105 - a kind of recruiting, not a password
    CLOSED = "closed"


RECRUIT_SCOPE_LABELS: dict[str, str] = {
    RecruitScope.OPEN: "公开招募",
    RecruitScope.DIRECTED: "定向招募",
    RecruitScope.PASSWORD: "凭口令报名",
    RecruitScope.CLOSED: "不公开",
}


class Mode(enum.StrEnum):
    OFFLINE = "offline"
    ONLINE = "online"


MODE_LABELS: dict[str, str] = {Mode.OFFLINE: "线下", Mode.ONLINE: "线上"}


class RiskLevel(enum.StrEnum):
    """What may happen to those who serve; danger to life or limb asks for an insurance before (article 9(6))."""

    NONE = "none"
    GENERAL = "general"
    DANGER = "danger"


RISK_LABELS: dict[str, str] = {
    RiskLevel.NONE: "没有特别的风险",
    RiskLevel.GENERAL: "一般风险",
    RiskLevel.DANGER: "可能有人身危险",
}


#: Two more axes of recruiting (article 11 of the measures): nothing is decided by them.
RHYTHMS = {"regular": "经常性", "phased": "阶段性"}
RECRUITS = {"persons": "个人", "groups": "集体"}


class SignUpState(enum.StrEnum):
    PENDING = "pending"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    #: Waits for the draw.
    ENTERED = "entered"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    REMOVED = "removed"
    EXCUSED = "excused"
    NOT_DRAWN = "not_drawn"


SIGN_UP_LABELS = {
    SignUpState.PENDING: "审核中",
    SignUpState.WAITLISTED: "候补",
    SignUpState.OFFERED: "候补转正待确认",
    SignUpState.ENTERED: "待抽签",
    SignUpState.CONFIRMED: "已报名",
    SignUpState.WITHDRAWN: "已取消",
    SignUpState.REJECTED: "未通过",
    SignUpState.REMOVED: "被移出",
    SignUpState.EXCUSED: "已请假",
    SignUpState.NOT_DRAWN: "未抽中",
}

#: The same beside a phase of the activity, where 已取消 would read as if the activity were: it is oneself who left.
OWN_SIGN_UP_LABELS = SIGN_UP_LABELS | {
    SignUpState.WITHDRAWN: "我已取消",
    SignUpState.REJECTED: "报名未通过",
    SignUpState.REMOVED: "我被移出名单",
    SignUpState.EXCUSED: "我已请假",
}


def sign_up_word(state: str, ended_by: str, *, own: bool = False) -> str:
    """What a sign-up is, for the person (`own`) or for others: what ended by itself nobody took back."""
    if state == SignUpState.WITHDRAWN and ended_by == EndedBy.TIME:
        return "报名已失效" if own else "已失效"
    return (OWN_SIGN_UP_LABELS if own else SIGN_UP_LABELS)[SignUpState(state)]


#: Those that hold a seat.
SEATED = frozenset({SignUpState.PENDING, SignUpState.OFFERED, SignUpState.CONFIRMED})
LIVE = SEATED | {SignUpState.WAITLISTED, SignUpState.ENTERED}
#: Those that a person has taken: of two at one time only one may be. An offer is not taken yet; a lot is, so that
#: whoever is drawn can come.
TAKEN = frozenset({SignUpState.PENDING, SignUpState.CONFIRMED, SignUpState.ENTERED})

NEXT_SIGN_UP_STATES = {
    SignUpState.PENDING: {SignUpState.CONFIRMED, SignUpState.REJECTED, SignUpState.WITHDRAWN, SignUpState.REMOVED},
    SignUpState.WAITLISTED: {SignUpState.OFFERED, SignUpState.WITHDRAWN, SignUpState.REMOVED},
    SignUpState.OFFERED: {SignUpState.PENDING, SignUpState.CONFIRMED, SignUpState.WITHDRAWN, SignUpState.REMOVED},
    SignUpState.CONFIRMED: {SignUpState.WITHDRAWN, SignUpState.REMOVED, SignUpState.EXCUSED},
    SignUpState.ENTERED: {
        SignUpState.CONFIRMED,
        SignUpState.WAITLISTED,
        SignUpState.NOT_DRAWN,
        SignUpState.WITHDRAWN,
        SignUpState.REMOVED,
    },
    SignUpState.WITHDRAWN: {
        SignUpState.PENDING,
        SignUpState.WAITLISTED,
        SignUpState.ENTERED,
        SignUpState.CONFIRMED,
    },
    # Back by the organiser's hand alone.
    SignUpState.REJECTED: {SignUpState.CONFIRMED},
    SignUpState.REMOVED: {SignUpState.CONFIRMED},
    SignUpState.EXCUSED: {SignUpState.CONFIRMED},
    SignUpState.NOT_DRAWN: {SignUpState.CONFIRMED},
}


class EndedBy(enum.StrEnum):
    """Who ended a sign-up: the volunteer, the organiser, or time."""

    VOLUNTEER = "volunteer"
    ORGANIZER = "organizer"
    TIME = "time"
