"""The shifts of a published activity while they are changed: people may be signing up at that moment."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update

from app import files
from app.activities.errors import Changed, NeedsReview, QuotaBeyondReview, QuotaTooLow, ShiftTaken
from app.activities.facts import ActivityFacts, ShiftFacts
from app.activities.models import PICTURES, Activity, Shift, SignUp
from app.activities.waiting import pass_on
from app.database import rows_hit, session
from app.privacy import new_uid


def made_of(facts: ActivityFacts) -> list[Shift]:
    """New shifts. A name that is another's already, which no form of ours gives, is replaced."""
    names = [shift.uid for shift in facts.shifts]
    taken = set(session.scalars(select(Shift.uid).where(Shift.uid.in_(names))))
    return [_new(shift, new_uid() if shift.uid in taken else shift.uid) for shift in facts.shifts]


def _new(facts: ShiftFacts, uid: str) -> Shift:
    values = {"starts_at": facts.starts_at, "ends_at": facts.ends_at, "quota": facts.quota}
    return Shift(uid=uid, title=facts.title, place=facts.place, places_taken=0, **values)


#: What the organisation above said yes to, and how the form calls it.
REVIEWED = {
    "title": "活动名称",
    "scope_category": "服务类别",
    "target_groups": "服务对象",
    "content": "活动内容",
    "region": "活动区域",
    "address": "活动地点",
    "venue_name": "场地名称",
    "mode": "活动方式",
    "online_url": "线上活动的链接",
    "risk_level": "风险等级",
    "risk_text": "活动风险",
    "agreement": "服务协议",
    "co_organizers": "协办单位",
    "campaign": "主题活动日",
    "is_major": "重大活动",
}
#: And what is compared by itself.
POINT, TIMES, SHOWN = "地图坐标", "场次的名称、时间和地点", "活动图片"


#: So many times the places that were let pass an activity may have later.
MOST_GROWTH = 2


def check_reviewed(activity: Activity, facts: ActivityFacts) -> None:
    """Nothing that was reviewed is other than it was, and not many more come. Raises NeedsReview, QuotaBeyondReview."""
    changed = [label for name, label in REVIEWED.items() if _sorted(activity, name) != _sorted(facts, name)]
    if (activity.lng, activity.lat) != (facts.position or (None, None)):
        changed.append(POINT)
    there = _named(activity, facts)
    # By name: another one at the same time would have as many places as it likes.
    if facts.removed or _reviewed_shifts(there) != _reviewed_shifts({one.uid: one for one in facts.shifts}):
        changed.append(TIMES)
    # Another of them may come first.
    if {file.uid for file in files.of(PICTURES, activity.id)} != set(facts.pictures):
        changed.append(SHOWN)
    if changed:
        raise NeedsReview(changed)
    for number, wanted in enumerate(facts.shifts):
        shift = there[wanted.uid]
        reviewed = shift.quota_reviewed if shift.quota != wanted.quota else None
        # 0 has no limit.
        if reviewed and not 0 < wanted.quota <= reviewed * MOST_GROWTH:
            raise QuotaBeyondReview(number, reviewed, reviewed * MOST_GROWTH)


def _sorted(what: Activity | ActivityFacts, name: str) -> object:
    value = getattr(what, name)
    return sorted(value) if isinstance(value, list) else value


def _named(activity: Activity, facts: ActivityFacts) -> dict[str, Shift]:
    """The shifts there are, by the names that the facts have for them."""
    if len(activity.shifts) == len(facts.shifts) == 1 and not facts.removed:
        # The plain case: whoever sends no name means the only one there is.
        return {facts.shifts[0].uid: activity.shifts[0]}
    return {shift.uid: shift for shift in activity.shifts}


def _reviewed_shifts(shifts: Mapping[str, Shift | ShiftFacts]) -> dict[str, tuple[datetime, datetime, str, str]]:
    """To the minute, as forms have them."""
    return {uid: (_minute(one.starts_at), _minute(one.ends_at), one.title, one.place) for uid, one in shifts.items()}


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def hold(activity: Activity) -> None:
    """Begin to change what people sign up to: wait for those who do so now, and let nobody in on what they read before.

    The shifts stay locked until the commit. The first one is locked by itself: two who change an activity meet there,
    so that the second sees the shifts that the first has added. The activity's own row is locked after them, as by
    those who sign up.
    """
    query = select(Shift).where(Shift.activity_id == activity.id).order_by(Shift.id).with_for_update(key_share=True)
    session.scalars(query.limit(1)).all()
    session.scalars(query.execution_options(populate_existing=True)).all()
    rows_hit(update(Shift).where(Shift.activity_id == activity.id).values(edition=Shift.edition + 1))


def change(activity: Activity, facts: ActivityFacts, *, now: datetime) -> list[Shift]:
    """Make the shifts what the facts say, and give those back whose people must be told: other times or place.

    Raises QuotaTooLow, ShiftTaken, Changed.
    """
    there = _named(activity, facts)
    moved = []
    # Locked in one order, whoever changes them.
    for uid, shift in sorted(there.items(), key=lambda pair: pair[1].id):
        if uid in facts.removed:
            _remove(shift, now)
    for number, wanted in sorted(enumerate(facts.shifts), key=lambda pair: _order(there, pair[1])):
        known = there.get(wanted.uid)
        if known is None:
            activity.shifts.append(_fresh(wanted))
        elif _set(known, wanted, number):
            moved.append(known)
    session.flush()
    session.refresh(activity, ["shifts"])
    if not activity.shifts:
        raise Changed
    return moved


def _order(there: Mapping[str, Shift], wanted: ShiftFacts) -> int:
    return there[wanted.uid].id if wanted.uid in there else 0


def _fresh(wanted: ShiftFacts) -> Shift:
    """Raises Changed when the name is that of a shift that was taken away, or another activity's."""
    if session.scalar(select(Shift.id).where(Shift.uid == wanted.uid)):
        raise Changed
    return _new(wanted, wanted.uid)


def _remove(shift: Shift, now: datetime) -> None:
    """Raises ShiftTaken."""
    free = update(Shift).where(Shift.id == shift.id, Shift.places_taken == 0, Shift.waiting == 0, Shift.entered == 0)
    if not rows_hit(free.values(removed_at=now)):
        raise ShiftTaken


def _set(shift: Shift, wanted: ShiftFacts, number: int) -> bool:
    """Change the shift; whether people who hold a place must be told. Raises QuotaTooLow."""
    was = (shift.starts_at, shift.ends_at, shift.place)
    # Conditional, because people may be signing up while the organiser lowers the quota.
    fits = (Shift.places_taken <= wanted.quota) if wanted.quota else (Shift.quota >= 0)
    times = {"starts_at": wanted.starts_at, "ends_at": wanted.ends_at}
    values = times | {"quota": wanted.quota, "title": wanted.title, "place": wanted.place}
    if not rows_hit(update(Shift).where(Shift.id == shift.id, fits).values(values)):
        raise QuotaTooLow(number)
    session.refresh(shift)
    if was[:2] != (wanted.starts_at, wanted.ends_at):
        copied = {f"shift_{name}": moment for name, moment in times.items()}
        rows_hit(update(SignUp).where(SignUp.shift_id == shift.id).values(copied))
    return was != (wanted.starts_at, wanted.ends_at, wanted.place)


def hand_on(activity: Activity, *, now: datetime) -> None:
    """Offer the places that a larger quota has made."""
    for shift in sorted(activity.shifts, key=lambda shift: shift.id):
        pass_on(shift.id, now=now)
