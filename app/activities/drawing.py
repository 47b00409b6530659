"""抽签: seats go by lot among those who signed up before the end, and everybody can compute afterwards that they did.

The seed is made before anybody enters, and its fingerprint (SHA-256) is shown from then on. A ticket is the number of a
sign-up and of its round. The order of the draw is that of SHA-256(seed:ticket), so it follows from the seed and the
tickets alone: neither who presses nor when changes it.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from app.accounts.services import note_audit
from app.activities import conditions
from app.activities.errors import CannotDraw, OrganizerPaused
from app.activities.models import Activity, ActivityState, ApprovalMode, EndedBy, Shift, SignUp, SignUpState
from app.activities.texts import tell
from app.activities.waiting import lock_shift
from app.database import rows_hit, session
from app.organizations.models import Organization, OrganizationState
from app.volunteers.models import Volunteer

DRAWN = "activity.drawn"
#: Draws that the worker makes in one go.
BATCH = 50
#: What those read who entered a draw that nobody could make before the end.
TOO_LATE = "到活动结束也没有抽签"


def seal(activity: Activity) -> None:
    """Give each shift that will be drawn its seed, once."""
    for shift in activity.shifts if activity.approval_mode == ApprovalMode.LOTTERY else ():
        shift.draw_seed = shift.draw_seed or secrets.token_hex(16)
    session.flush()


def fingerprint(shift: Shift) -> str:
    """What is shown of the seed before the draw."""
    return hashlib.sha256(shift.draw_seed.encode()).hexdigest() if shift.draw_seed else ""


def in_order(seed: str, tickets: Iterable[str]) -> list[str]:
    """The tickets as they are drawn."""
    return sorted(tickets, key=lambda ticket: (hashlib.sha256(f"{seed}:{ticket}".encode()).hexdigest(), ticket))


def may_be_drawn(activity: Activity, now: datetime) -> bool:
    """Whether sign-up is over and a shift waits for its draw."""
    is_due = activity.approval_mode == ApprovalMode.LOTTERY and activity.state == ActivityState.PUBLISHED
    return is_due and now >= activity.signup_end_at and any(shift.drawn_at is None for shift in activity.shifts)


def draw(shift_id: int, *, now: datetime) -> int:
    """Draw the lots of one shift; returns how many were drawn. Again is harmless. Raises CannotDraw, OrganizerPaused.

    The first get the free seats, the next ones wait in the order of the draw, the others are told that they were not
    drawn. So are all once the shift is over.
    """
    shift = lock_shift(shift_id)
    activity = session.get_one(Activity, shift.activity_id, populate_existing=True)
    if shift.drawn_at is not None:
        return 0
    if not may_be_drawn(activity, now):
        raise CannotDraw
    is_over = now >= shift.ends_at
    if not (is_over or activity.organization.may_publish):
        raise OrganizerPaused("主办组织现在暂停，恢复以后再抽签")
    accounts = _accounts_of(shift_id)
    rows = _without_removed(activity, _entries(shift), accounts, now)
    free = max(shift.quota - shift.places_taken, 0) if shift.quota else len(rows)
    seats = 0 if is_over else free
    waits = activity.waitlist_limit if now < shift.starts_at else 0
    for number, row in enumerate(rows, 1):
        row.draw_order, row.draw_ticket = number, row.ticket
        if number <= seats:
            row.move_to(SignUpState.CONFIRMED)
        elif number <= seats + waits:
            row.move_to(SignUpState.WAITLISTED)
            # The queue goes by this time: the order of the draw is theirs.
            row.signed_up_at = now + timedelta(microseconds=number)
        else:
            row.end(SignUpState.NOT_DRAWN, EndedBy.TIME, TOO_LATE if is_over else "", now)
    session.flush()
    for row in rows:
        tell(row, TOLD[SignUpState(row.state)], accounts[row.volunteer_id], now=now, is_new=True)
    won, queued = min(seats, len(rows)), sum(row.state == SignUpState.WAITLISTED for row in rows)
    counts = {"places_taken": Shift.places_taken + won, "waiting": Shift.waiting + queued}
    rows_hit(update(Shift).where(Shift.id == shift_id).values(**counts, entered=0, drawn_at=now, drawn_places=seats))
    session.refresh(shift)
    return len(rows)


TOLD = {
    SignUpState.CONFIRMED: "sign_up_confirmed",
    SignUpState.WAITLISTED: "sign_up_waitlisted",
    SignUpState.NOT_DRAWN: "sign_up_not_drawn",
}


def _entries(shift: Shift) -> list[SignUp]:
    """Those that wait for the draw, in its order. The shift is locked, so nobody enters or leaves meanwhile."""
    query = select(SignUp).where(SignUp.shift_id == shift.id, SignUp.state == SignUpState.ENTERED)
    query = query.order_by(SignUp.id).with_for_update().execution_options(populate_existing=True)
    found = {row.ticket: row for row in session.scalars(query)}
    return [found[ticket] for ticket in in_order(shift.draw_seed, found)]


def _without_removed(activity: Activity, rows: list[SignUp], accounts: dict[int, int], now: datetime) -> list[SignUp]:
    """Whoever was removed from the organisation since they entered is told so, and their lot is not drawn."""
    gone = conditions.removed_since(activity, rows)
    for row in (one for one in rows if one.id in gone):
        row.end(SignUpState.WITHDRAWN, EndedBy.TIME, gone[row.id], now)
        tell(row, "sign_up_removed", accounts[row.volunteer_id], now=now)
    return [row for row in rows if row.id not in gone]


def _accounts_of(shift_id: int) -> dict[int, int]:
    """By volunteer: whom to tell."""
    query = select(Volunteer.id, Volunteer.account_id).join(SignUp, SignUp.volunteer_id == Volunteer.id)
    rows = session.execute(query.where(SignUp.shift_id == shift_id, SignUp.state == SignUpState.ENTERED))
    return {row.id: row.account_id for row in rows}


def draw_all(activity: Activity, *, actor_id: int, now: datetime) -> int:
    """Draw each shift of the activity that was not drawn; returns how many lots that were.

    Raises CannotDraw, OrganizerPaused.
    """
    if not may_be_drawn(activity, now):
        raise CannotDraw
    number = sum(draw(shift.id, now=now) for shift in sorted(activity.shifts, key=lambda shift: shift.id))
    detail = f"{activity.title}，{number} 人"
    note_audit(actor_id, DRAWN, detail, actor_id=actor_id, topic=f"activity:{activity.id}", now=now)
    return number


def due(now: datetime) -> list[int]:
    """The shifts whose lots are to be drawn, or never will be: while the organisation rests nobody gets a place."""
    query = (
        select(Shift.id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(Organization, Organization.id == Activity.organization_id)
        .where(
            or_(Organization.state == OrganizationState.APPROVED, Shift.ends_at <= now),
            Activity.state == ActivityState.PUBLISHED,
            Activity.approval_mode == ApprovalMode.LOTTERY,
            Activity.signup_end_at <= now,
            Shift.drawn_at.is_(None),
            Shift.removed_at.is_(None),
        )
    )
    return list(session.scalars(query.order_by(Activity.signup_end_at, Shift.id).limit(BATCH)))


def drawn(shift: Shift) -> Sequence[SignUp]:
    """Those who were drawn, in the order of the draw, whatever became of them since."""
    query = select(SignUp).where(SignUp.shift_id == shift.id, SignUp.draw_order.is_not(None))
    return session.scalars(query.order_by(SignUp.draw_order)).all()


def proof(activity: Activity) -> str:
    """All that is needed to compute the draw again, with no name in it."""
    lines = ["抽签的次序：把每个抽签号按 SHA-256(种子:抽签号) 的十六进制从小到大排。", f"活动：{activity.title}"]
    for shift in activity.shifts:
        lines += ["", f"场次：{shift.title or shift.uid}", f"种子的指纹（SHA-256）：{fingerprint(shift)}"]
        if shift.drawn_at is None:
            lines.append("还没有抽签，种子在抽签后公布。")
            continue
        lines += [f"种子：{shift.draw_seed}", f"名额：{shift.drawn_places}", "次序,抽签号"]
        lines += [f"{row.draw_order},{row.draw_ticket}" for row in drawn(shift)]
    return "\n".join(lines) + "\n"


def is_fair(shift: Shift) -> bool:
    """Whether the order that is kept is the one that follows from the seed."""
    kept = [row.draw_ticket for row in drawn(shift)]
    return kept == in_order(shift.draw_seed, kept)
