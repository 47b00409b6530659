"""Reading 名单: who is in, who waits and who left, in parts, however many they are."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from app.activities import calls, listed, marks, misfits
from app.activities.models import LIVE, SEATED, Activity, ApprovalMode, Shift, SignUp, SignUpState
from app.database import in_batches, session
from app.keyset import Page, beyond, key_of
from app.volunteers.models import Volunteer

PART = 50

LEFT = (SignUpState.WITHDRAWN, SignUpState.REJECTED, SignUpState.REMOVED, SignUpState.EXCUSED, SignUpState.NOT_DRAWN)
#: What the organiser can look at; the first is what the page opens with.
GROUPS: dict[str, tuple[str, frozenset[str]]] = {
    "in": ("全部在册", SEATED),
    "confirmed": ("已报名", frozenset({SignUpState.CONFIRMED})),
    "pending": ("待审核", frozenset({SignUpState.PENDING})),
    "entered": ("待抽签", frozenset({SignUpState.ENTERED})),
    "leave": ("请假待批", frozenset({SignUpState.CONFIRMED})),
    "risk": ("未确认风险", LIVE),
    "unfit": ("不符合条件", LIVE),
    "missed": ("未送达", LIVE),
    "waiting": ("候补", frozenset({SignUpState.WAITLISTED, SignUpState.OFFERED})),
    "left": ("已退出", frozenset(LEFT)),
}
FIRST = "in"


def groups_of(activity: Activity) -> list[str]:
    """Those that make sense for the activity: not every one has a risk, or conditions."""
    without = set() if activity.approval_mode == ApprovalMode.LOTTERY else {"entered"}
    without |= (set() if activity.risk_text else {"risk"}) | (set() if misfits.may_be(activity) else {"unfit"})
    return [key for key in GROUPS if key not in without]


def part(
    activity: Activity, group: str, *, shift_id: int | None = None, text: str = "", after: tuple[int, int] | None = None
) -> Page:
    """A part of the list, in the order of signing up; `text` is looked for in the names."""
    query = select(SignUp).where(*conditions(activity, group, shift_id)).options(joinedload(SignUp.shift))
    query = query.options(joinedload(SignUp.volunteer).joinedload(Volunteer.account))
    if text:
        # A name that is shown masked is not found: it could be guessed.
        called = Volunteer.name.icontains(text, autoescape=True)
        query = query.join(SignUp.volunteer).where(called, ~listed.is_stranger(activity))
    if after:
        query = query.where(beyond(SignUp.signed_up_at, SignUp.id, after, forward=True))
    rows = list(session.scalars(query.order_by(SignUp.signed_up_at, SignUp.id).limit(PART + 1)))
    more = rows[PART - 1] if len(rows) > PART else None
    return Page(rows[:PART], key_of(more.signed_up_at, more.id) if more else None)


def _of(activity: Activity, shift_id: int | None = None) -> tuple[ColumnElement[bool], ...]:
    """Those of the activity, or of one shift of it."""
    return SignUp.activity_id == activity.id, *((SignUp.shift_id == shift_id,) if shift_id else ())


def _in(activity: Activity, group: str) -> tuple[ColumnElement[bool], ...]:
    states = SignUp.state.in_(sorted(GROUPS[group][1]))
    if group == "leave":
        return states, SignUp.leave_asked_at.is_not(None)
    if group == "risk":
        return states, SignUp.risk_accepted_at.is_(None)
    if group == "unfit":
        return states, marks.unfit(activity)
    if group == "missed":
        return states, SignUp.id.in_(session.scalars(marks.unreached(activity)).all())
    return (states,)


def counts(activity: Activity, shift_id: int | None = None) -> Mapping[str, int]:
    """How many sign-ups each group has, in all or of one shift; `marked` counts who is unfit or was not reached."""
    asks = and_(SignUp.state == SignUpState.CONFIRMED, SignUp.leave_asked_at.is_not(None))
    unread = SignUp.risk_accepted_at.is_(None)
    query = select(SignUp.state, asks, unread, func.count()).where(*_of(activity, shift_id))
    found: list[tuple[str, bool, bool, int]] = [
        (row[0], bool(row[1]), bool(row[2]), row[3])
        for row in session.execute(query.group_by(SignUp.state, asks, unread))
    ]
    sums = {key: sum(row[3] for row in found if row[0] in states) for key, (_, states) in GROUPS.items()}
    sums["leave"] = sum(count for _, asking, _, count in found if asking)
    sums["risk"] = sum(count for state, _, is_unread, count in found if is_unread and state in LIVE)
    del sums["unfit"], sums["missed"]
    return sums


def marked(activity: Activity, shift_id: int | None = None) -> Mapping[str, int]:
    """How many of those on the list do not meet the conditions, and how many word of the activity did not reach."""
    missed = marks.unreached(activity).subquery()
    those = select(func.count()).select_from(missed)
    if shift_id:
        those = those.join(SignUp, SignUp.id == missed.c.id).where(SignUp.shift_id == shift_id)
    found = {"missed": session.scalar(those) or 0}
    if misfits.may_be(activity):
        found["unfit"] = size(activity, "unfit", shift_id)
    return found


def ids(activity: Activity, group: str) -> Sequence[int]:
    """The ids of the whole group, by shift and in the order of signing up."""
    query = select(SignUp.id).where(*conditions(activity, group)).join(SignUp.shift)
    return session.scalars(query.order_by(Shift.starts_at, SignUp.signed_up_at, SignUp.id)).all()


def everybody(ordered: Sequence[int]) -> Iterator[SignUp]:
    """The sign-ups with these ids, for a sheet: a part at a time."""
    query = select(SignUp).options(joinedload(SignUp.volunteer).joinedload(Volunteer.account))
    query = query.options(joinedload(SignUp.shift), joinedload(SignUp.volunteer).selectinload(Volunteer.skills))
    for some in in_batches(ordered):
        rows = {row.id: row for row in session.scalars(query.where(SignUp.id.in_(some)))}
        yield from (rows[one] for one in some if one in rows)


def size(activity: Activity, group: str, shift_id: int | None = None) -> int:
    query = select(func.count()).select_from(SignUp).where(*conditions(activity, group, shift_id))
    return session.scalar(query) or 0


def conditions(activity: Activity, group: str, shift_id: int | None = None) -> tuple[ColumnElement[bool], ...]:
    """What a query for the sign-ups of the group asks, in all or of one shift."""
    return *_of(activity, shift_id), *_in(activity, group)


def notes(activity: Activity, rows: Sequence[SignUp], now: datetime) -> dict[int, list[str]]:
    """By sign-up: what an organiser should know of the person beside their state."""
    unfit, missed = misfits.of(activity, rows), calls.missed(activity, rows, now)
    found: dict[int, list[str]] = {}
    for row in rows:
        said = [f"不符合报名条件：{misfits.words(activity, unfit[row.id])}"] if row.id in unfit else []
        if activity.risk_text and row.is_live and row.risk_accepted_at is None:
            said.append("还没有确认活动风险")
        said += [missed[row.id]] if row.id in missed else []
        if said:
            found[row.id] = said
    return found
