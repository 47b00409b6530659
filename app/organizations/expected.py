"""开放下级注册: which units an organisation expects below it, which of them came, and the links that are handed out."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import contains_eager, joinedload

from app.database import rows_hit, session
from app.errors import NotFound
from app.organizations import states, tree
from app.organizations.errors import ListChanged
from app.organizations.models import Organization, OrganizationState
from app.organizations.names import folded, nearly
from app.organizations.states import CAME_TO_NOTHING, GONE
from app.organizations.wishes import ExpectedUnit, RegistrationCall
from app.web import readers

MOST_UNITS = 300
NOT_BEGUN, ON_THE_WAY, DONE = "未开始", "进行中", "已完成"


@dataclass(frozen=True)
class Handed:
    """What a link that somebody was handed says."""

    uid: str
    parent: Organization
    due_on: date
    #: Of the unit that it is for; empty for the link for all.
    name: str = ""
    #: The organisation that came for that unit already.
    came: str = ""


def find_call(organization: Organization) -> RegistrationCall | None:
    return session.scalar(select(RegistrationCall).where(RegistrationCall.organization_id == organization.id))


def find_link(token: str | None) -> Handed | None:
    uid = readers.form_key(token)
    if uid is None:
        return None
    with_parent = contains_eager(ExpectedUnit.call).joinedload(RegistrationCall.organization)
    query = select(ExpectedUnit).where(ExpectedUnit.uid == uid).join(ExpectedUnit.call)
    unit = session.scalar(query.options(with_parent, joinedload(ExpectedUnit.organization)))
    if unit:
        came = unit.organization.name if unit.organization and unit.organization.state not in GONE else ""
        return Handed(uid, unit.call.organization, unit.call.due_on, unit.name, came)
    calls = select(RegistrationCall).where(RegistrationCall.uid == uid)
    call = session.scalar(calls.options(joinedload(RegistrationCall.organization)))
    return Handed(uid, call.organization, call.due_on) if call else None


def units_of(call: RegistrationCall) -> Sequence[ExpectedUnit]:
    query = select(ExpectedUnit).where(ExpectedUnit.call_id == call.id).order_by(ExpectedUnit.id)
    return session.scalars(query.options(joinedload(ExpectedUnit.organization).joinedload(Organization.parent))).all()


def by_progress(units: Sequence[ExpectedUnit]) -> dict[str, list[ExpectedUnit]]:
    """未开始, 进行中, 已完成. Whose registration was refused or taken back has not begun."""
    groups: dict[str, list[ExpectedUnit]] = {NOT_BEGUN: [], ON_THE_WAY: [], DONE: []}
    for unit in units:
        state = unit.organization.state if unit.organization else OrganizationState.REJECTED
        waits, is_nothing = state in states.ON_THE_WAY, state in CAME_TO_NOTHING
        groups[ON_THE_WAY if waits else NOT_BEGUN if is_nothing else DONE].append(unit)
    return groups


def edition_of(call: RegistrationCall | None) -> str:
    """Which list it is, in a few letters: another one when a unit or the day is another."""
    if call is None:
        return ""
    uids = session.scalars(select(ExpectedUnit.uid).where(ExpectedUnit.call_id == call.id).order_by(ExpectedUnit.id))
    return sha256(f"{call.due_on}:{','.join(uids)}".encode()).hexdigest()[:16]


def call_for(
    organization: Organization, names: Sequence[str], due_on: date, *, seen: str | None = None, now: datetime
) -> None:
    """Expect exactly these units until that day; those that began stay. No names end the call.

    `seen` is the edition of the list that was changed, where it is known. Raises ListChanged when it is another by now.
    """
    tree.lock_tree()
    if seen is not None and seen != edition_of(find_call(organization)):
        raise ListChanged
    call = _made(organization, due_on, now)
    wanted = {folded(name): name for name in names}
    kept = {unit.name_key for unit in units_of(call)}
    unwanted = delete(ExpectedUnit).where(ExpectedUnit.call_id == call.id, _is_free())
    session.execute(
        unwanted.where(ExpectedUnit.name_key.not_in(list(wanted))), execution_options={"synchronize_session": False}
    )
    came = _below(organization, [key for key in wanted if key not in kept])
    for key, name in wanted.items():
        if key not in kept:
            session.add(ExpectedUnit(call_id=call.id, name=name, name_key=key, organization_id=came.get(key)))
    session.flush()
    _take_nearly(call, wanted.keys() - kept)
    if not wanted and not session.scalar(select(ExpectedUnit.id).where(ExpectedUnit.call_id == call.id).limit(1)):
        session.delete(call)
        session.flush()


def _made(organization: Organization, due_on: date, now: datetime) -> RegistrationCall:
    """The call, made if there is none. Two who save at once, or who save and register, come one after the other."""
    call = find_call(organization)
    if call is None:
        call = RegistrationCall(organization_id=organization.id, due_on=due_on, opened_at=now)
        session.add(call)
    call.due_on = due_on
    session.flush()
    return call


def _below(organization: Organization, keys: Sequence[str]) -> dict[str, int]:
    """Those that registered below before they were expected; of several of one name the one that is nearest."""
    query = select(Organization.name_key, Organization.id).where(
        _inside(organization.path),
        Organization.id != organization.id,
        Organization.name_key.in_(keys),
        Organization.state.not_in(CAME_TO_NOTHING),
    )
    query = query.order_by(Organization.depth.desc(), Organization.id.desc())
    return {row[0]: row[1] for row in session.execute(query)}


def _take_nearly(call: RegistrationCall, keys: Collection[str]) -> None:
    """Of those directly below which had no name of the list, the one that has nearly the name of a new unit.

    If it could be several nobody can tell.
    """
    mine = ExpectedUnit.call_id == call.id
    query = select(ExpectedUnit.name_key, ExpectedUnit.id).where(mine, _is_free(), ExpectedUnit.name_key.in_(keys))
    free = {row.name_key: row.id for row in session.execute(query)}
    came = select(ExpectedUnit.organization_id).where(mine, ExpectedUnit.organization_id.is_not(None))
    near = select(Organization.id, Organization.name, Organization.region).where(
        Organization.parent_id == call.organization_id, Organization.state.not_in(GONE), Organization.id.not_in(came)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for row in session.execute(near) if free else ():
        its = nearly(row.name, row.region) & free.keys()
        if len(its) == 1:
            found[free[its.pop()]].append(row.id)
    for unit_id, organization_ids in found.items():
        if len(organization_ids) == 1:
            taken = update(ExpectedUnit).where(ExpectedUnit.id == unit_id)
            rows_hit(taken.values(organization_id=organization_ids[0]))


def _inside(path: str) -> ColumnElement[bool]:
    """The organisation of this path, and all below it."""
    return Organization.path.startswith(path, autoescape=True)


def _is_free() -> ColumnElement[bool]:
    """Nobody has come for it, or what came has come to nothing."""
    nothing = select(Organization.id).where(Organization.state.in_(CAME_TO_NOTHING))
    return or_(ExpectedUnit.organization_id.is_(None), ExpectedUnit.organization_id.in_(nothing))


def end(organization: Organization) -> None:
    """The organisation expects nobody any more."""
    call = find_call(organization)
    if call:
        session.execute(delete(ExpectedUnit).where(ExpectedUnit.call_id == call.id))
        session.delete(call)
        session.flush()


def part(caller: Organization, unit_uid: str) -> None:
    """Say that what was ticked off is not this unit, which has not begun then. Again is harmless. Raises NotFound."""
    call = find_call(caller)
    unit = ExpectedUnit.uid == unit_uid, ExpectedUnit.call_id == (call.id if call else 0)
    if session.scalar(select(ExpectedUnit.id).where(*unit)) is None:
        raise NotFound
    rows_hit(update(ExpectedUnit).where(*unit).values(organization_id=None))


def let_go(branch: Organization) -> Sequence[Organization]:
    """Those that expected what is on the way in the branch, and have it no longer below them, do so anew.

    Returns them. Who expected what was accepted since has it as done, wherever it goes.
    """
    path = session.scalar(select(Organization.path).where(Organization.id == branch.id)) or ""
    on_the_way = select(Organization.id).where(_inside(path), Organization.state.in_(states.ON_THE_WAY))
    calls = select(RegistrationCall.id).join(RegistrationCall.organization)
    calls = calls.where(Organization.id.not_in(tree.ids_above(path)), ~_inside(path))
    units = (ExpectedUnit.organization_id.in_(on_the_way), ExpectedUnit.call_id.in_(calls))
    query = select(Organization).join(RegistrationCall, RegistrationCall.organization_id == Organization.id)
    query = query.where(RegistrationCall.id.in_(select(ExpectedUnit.call_id).where(*units)))
    found = session.scalars(query.order_by(Organization.id)).all()
    rows_hit(update(ExpectedUnit).where(*units).values(organization_id=None))
    return found


def settle_branch(branch: Organization) -> None:
    """See anew which units a branch that hangs elsewhere now, and those in it, are."""
    let_go(branch)
    settle(branch)
    wanted = select(ExpectedUnit.name_key).join(ExpectedUnit.call)
    wanted = wanted.where(RegistrationCall.organization_id.in_(tree.ids_above(branch.path)[:-1]), _is_free())
    inside = select(Organization).where(
        _inside(branch.path), Organization.id != branch.id, Organization.name_key.in_(wanted)
    )
    for one in session.scalars(inside.order_by(Organization.depth, Organization.id)).all():
        settle(one)


def settle(organization: Organization, link: str = "") -> None:
    """See which units it is that organisations above expect: when it registers, or has another name or place.

    Of each list the one of its very name; else the one that it is already, that its link is for, or that has nearly
    its name.
    """
    if organization.state in GONE:
        return
    handed = find_link(link)
    for _, units in groupby(_open_to(organization), key=lambda unit: unit.call_id):
        mine = list(units)
        # Who came by the link of one list is for that one: there may be a 图书馆 on the list of each above.
        is_near = mine[0].caller_id == organization.parent_id
        if is_near or handed is None or handed.parent.id == mine[0].caller_id:
            _settle(organization, mine, link)


def _settle(organization: Organization, units: Sequence[Any], link: str) -> None:
    mine = [unit for unit in units if unit.organization_id == organization.id]
    of_its_name = [unit for unit in units if unit.name_key == organization.name_key]
    handed = [unit for unit in units if unit.uid == link]
    chosen = next(iter((*of_its_name, *mine, *handed, *_nearly(organization, units, link))), None)
    if chosen is None or chosen in mine:
        return
    free = update(ExpectedUnit).where(ExpectedUnit.id == chosen.id, _is_free())
    if rows_hit(free.values(organization_id=organization.id)):
        rows_hit(
            update(ExpectedUnit).where(ExpectedUnit.id.in_([unit.id for unit in mine])).values(organization_id=None)
        )


def _open_to(organization: Organization) -> Sequence[Any]:
    """Of the units that organisations above expect those for which nobody else has come, list by list."""
    above = tree.ids_above(organization.path)[:-1]
    its = or_(_is_free(), ExpectedUnit.organization_id == organization.id)
    query = select(
        ExpectedUnit.id,
        ExpectedUnit.uid,
        ExpectedUnit.name_key,
        ExpectedUnit.organization_id,
        ExpectedUnit.call_id,
        RegistrationCall.uid.label("call_uid"),
        RegistrationCall.organization_id.label("caller_id"),
    ).join(ExpectedUnit.call)
    query = query.where(RegistrationCall.organization_id.in_(above), its)
    return session.execute(query.order_by(ExpectedUnit.call_id, ExpectedUnit.id)).all()


def _nearly(organization: Organization, units: Sequence[Any], link: str) -> Sequence[Any]:
    """The one whose name lacks the place, or has it besides. If it could be several nobody can tell.

    Further down there may be many a 第一中学: there only who came by the link of the list is known so.
    """
    keys = nearly(organization.name, organization.region)
    found = [unit for unit in units if unit.name_key in keys]
    is_near = any(unit.caller_id == organization.parent_id or link == unit.call_uid for unit in units)
    return found if len(found) == 1 and is_near else []
