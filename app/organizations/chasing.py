"""Reminders of 开放下级注册: before and after the due date, to who made the list and to who has begun and not finished.

Units that have not begun have nobody whom we could write to: the page has words for them, to be sent by hand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update

from app.accounts.services import drafts_of
from app.clock import local, today
from app.database import rows_hit, session
from app.notices import services as notices
from app.organizations import expected
from app.organizations.chronicle import admins_of
from app.organizations.links import page_for
from app.organizations.models import Organization, OrganizationState
from app.organizations.names import folded
from app.organizations.services import DRAFT
from app.organizations.wishes import ExpectedUnit, RegistrationCall

SOON, LATE, UNFINISHED = "expected_soon", "expected_late", "expected_unfinished"
#: The column that remembers for which due date this was told.
TOLD = {SOON: "soon_told_for", LATE: "late_told_for"}
#: Nobody is told before this hour of the day in China.
MORNING = 9
#: A worker that rested tells what it missed for so many days after the due date.
LATEST = timedelta(days=3)


@dataclass(frozen=True)
class Begun:
    """A registration that its applicant has to go on with."""

    unit_id: int
    account_ids: Sequence[int]
    title: str
    what: str
    path: str


def due(now: datetime, *, days: int) -> Sequence[int]:
    """The lists of which somebody may have to be told: so many days before the due date, or the day after it."""
    if local(now).hour < MORNING:
        return []
    day, on = today(now), RegistrationCall.due_on
    soon = and_(on.between(day, day + timedelta(days=days)), _is_untold(SOON))
    late = and_(on.between(day - LATEST, day - timedelta(days=1)), _is_untold(LATE))
    query = select(RegistrationCall.id).join(RegistrationCall.organization).where(or_(soon, late))
    query = query.where(Organization.state == OrganizationState.APPROVED)
    return session.scalars(query.order_by(RegistrationCall.due_on, RegistrationCall.id)).all()


def _is_untold(kind: str) -> ColumnElement[bool]:
    told_for = getattr(RegistrationCall, TOLD[kind])
    return or_(told_for.is_(None), told_for != RegistrationCall.due_on)


def remind(call_id: int, *, now: datetime) -> int:
    """Tell those whom the list concerns, once for this due date; returns how many are told. Again is harmless."""
    call = session.get(RegistrationCall, call_id, populate_existing=True)
    if call is None:
        return 0
    day = today(now)
    kind = SOON if day <= call.due_on else LATE
    # Who made the list today knows it.
    if kind == SOON and today(call.opened_at) == day:
        return 0
    groups = expected.by_progress(expected.units_of(call))
    missing, on_the_way = groups[expected.NOT_BEGUN], groups[expected.ON_THE_WAY]
    # Of a list that is done nobody is told; a registration may still be refused, so that it is looked at again.
    if not (missing or on_the_way) or not _take(call, kind):
        return 0
    about = f"{call.uid}.{call.due_on:%Y%m%d}"
    until = f"{call.due_on.month}月{call.due_on.day}日"
    values = {
        "title": call.organization.name,
        "until": until,
        "path": page_for(call.organization, "/organization/expected"),
    }
    values["reason"] = _counted(missing, on_the_way)
    told = notices.add_many(kind, f"{kind}:{about}", admins_of(call.organization), values, now=now)
    for one in (*_returned(on_the_way), *_drafted(call, missing)):
        words = {"title": one.title, "other": call.organization.name, "until": until}
        words |= {"reason": one.what, "path": one.path}
        told += notices.add_many(UNFINISHED, f"{UNFINISHED}:{about}:{one.unit_id}", one.account_ids, words, now=now)
    return told


def _take(call: RegistrationCall, kind: str) -> bool:
    """Whether it is this worker that tells, and the due date still stands."""
    mine = update(RegistrationCall).where(RegistrationCall.id == call.id, RegistrationCall.due_on == call.due_on)
    return rows_hit(mine.where(_is_untold(kind)).values({TOLD[kind]: call.due_on})) == 1


def _counted(missing: Sequence[ExpectedUnit], on_the_way: Sequence[ExpectedUnit]) -> str:
    waits = sum(_state_of(unit) == OrganizationState.PENDING for unit in on_the_way)
    counts = [(len(missing), "未开始"), (len(on_the_way) - waits, "退回修改中"), (waits, "等您审核")]
    return "，".join(f"{number} 个{what}" for number, what in counts if number)


def _state_of(unit: ExpectedUnit) -> str:
    return unit.organization.state if unit.organization else ""


def _returned(units: Sequence[ExpectedUnit]) -> Iterator[Begun]:
    """Those whose registration was sent back to be mended."""
    for unit in units:
        if unit.organization and unit.organization.state == OrganizationState.RETURNED:
            what, path = "申请已退回，修改后重新提交就可以", page_for(unit.organization, "/organization/edit")
            yield Begun(unit.id, admins_of(unit.organization), unit.organization.name, what, path)


def _drafted(call: RegistrationCall, units: Sequence[ExpectedUnit]) -> Iterator[Begun]:
    """Those who began the form by a unit's link, or under the organisation by its name, and have not sent it."""
    by_link = {unit.uid: unit for unit in units}
    by_name = {unit.name_key: unit for unit in units}
    for account_id, form in drafts_of(DRAFT) if units else ():
        unit = by_link.get(_first(form, "link"))
        if unit is None and _first(form, "parent") == call.organization.uid:
            unit = by_name.get(folded(_first(form, "name")))
        if unit:
            what = "填过的都还在，接着填完提交就可以"
            yield Begun(unit.id, [account_id], unit.name, what, "/organization/register")


def _first(form: dict[str, object], field: str) -> str:
    """What was typed there: a kept form has a list for each field, or the text alone."""
    value = form.get(field) or ""
    return str(value[0] if isinstance(value, list) and value else value)
