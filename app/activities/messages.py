"""发消息: what an organiser writes to those on the list, to all of a group or to one."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.accounts.models import AuditEntry
from app.accounts.services import note_audit
from app.activities import rosters
from app.activities.errors import SaidLately, TooManyMessages, TooManyToOne
from app.activities.models import Activity, Shift, SignUp
from app.activities.texts import path_of, told_of
from app.clock import midnight
from app.context import here
from app.database import in_batches, session
from app.notices import services as notices
from app.notices.models import Notice
from app.volunteers.models import Volunteer

MESSAGE, MESSAGE_ONE = "activity.message", "activity.message_one"
KIND = "organizer_message"
#: Whoever writes the same words to somebody later than that means it; before, a browser may have gone back.
LATELY = timedelta(minutes=30)


def by_shift(now: datetime, *mine: ColumnElement[bool]) -> Iterator[tuple[Shift, list[int]]]:
    """The accounts of these sign-ups by shift, each once: with their next one, or the last one when all are over."""
    query = select(SignUp.shift_id, SignUp.shift_starts_at, SignUp.shift_ends_at, Volunteer.account_id)
    rows = session.execute(query.join(Volunteer, Volunteer.id == SignUp.volunteer_id).where(*mine)).all()
    own: dict[int, int] = {}
    for row in sorted(rows, key=lambda row: (row.shift_starts_at, row.shift_id), reverse=True):
        if row.shift_ends_at > now or row.account_id not in own:
            own[row.account_id] = row.shift_id
    found = select(Shift).where(Shift.id.in_(set(own.values()))).order_by(Shift.starts_at, Shift.id)
    for shift in session.scalars(found).all():
        yield shift, sorted(account_id for account_id, shift_id in own.items() if shift_id == shift.id)


def to_group(
    activity: Activity,
    group: str,
    words: str,
    form_key: str,
    *,
    shift_id: int | None = None,
    again: bool = False,
    actor_id: int,
    now: datetime,
) -> int:
    """Send a message to everybody of the group, or to those of one shift; returns to how many.

    The same form again sends nothing more.

    `again`: though they got the same words a moment ago. Raises TooManyMessages, SaidLately.
    """
    _hold(activity)
    if not _may_write(activity, now):
        raise TooManyMessages
    mine = rosters.conditions(activity, group, shift_id)
    how: dict[str, Any] = {"action": MESSAGE, "occasion": f"message:{form_key}", "again": again}
    return _send(activity, mine, words, **how, actor_id=actor_id, now=now)


def to_one(
    activity: Activity, sign_up: SignUp, words: str, form_key: str, *, again: bool = False, actor_id: int, now: datetime
) -> int:
    """Send a message to one person on the list. Raises TooManyToOne, SaidLately."""
    _hold(activity)
    if _written_today(activity, sign_up, now) >= here.config.limits.messages_per_activity_day:
        raise TooManyToOne
    how: dict[str, Any] = {"action": MESSAGE_ONE, "occasion": f"message-one:{form_key}", "again": again}
    return _send(activity, (SignUp.id == sign_up.id,), words, **how, actor_id=actor_id, now=now)


def _hold(activity: Activity) -> None:
    """Of two who write at one moment the second counts what the first has written."""
    session.execute(select(Activity.id).where(Activity.id == activity.id).with_for_update(key_share=True))


def _send(
    activity: Activity,
    mine: Iterable[ColumnElement[bool]],
    words: str,
    *,
    action: str,
    occasion: str,
    again: bool,
    actor_id: int,
    now: datetime,
) -> int:
    who = list(by_shift(now, *mine))
    everybody = [account_id for _, account_ids in who for account_id in account_ids]
    if not again and _was_said(activity, everybody, words, occasion, now):
        raise SaidLately
    sent = 0
    for shift, account_ids in who:
        values = told_of(activity, shift) | {"reason": words}
        sent += notices.add_many(KIND, occasion, account_ids, values, now=now)
    if sent:
        detail = f"{activity.title}，{sent} 人：{words}"
        note_audit(actor_id, action, detail, actor_id=actor_id, topic=_topic(activity), now=now)
    return sent


def _was_said(activity: Activity, account_ids: list[int], words: str, occasion: str, now: datetime) -> bool:
    """Whether one of them was owed the same words a moment ago, on another occasion."""
    query = select(Notice.occasion, Notice.values).where(Notice.kind == KIND, Notice.created_at > now - LATELY)
    same = (words, path_of(activity))
    return any(
        (values.get("reason"), values.get("path")) == same and not name.startswith(f"{occasion}:")
        for some in in_batches(account_ids)
        for name, values in session.execute(query.where(Notice.account_id.in_(some)))
    )


def _written_today(activity: Activity, sign_up: SignUp, now: datetime) -> int:
    """How often the person was written to by themselves today about the activity."""
    query = select(Notice.values).where(Notice.account_id == sign_up.volunteer.account_id, Notice.kind == KIND)
    query = query.where(Notice.occasion.startswith("message-one:"), Notice.created_at >= midnight(now))
    return sum(values.get("path") == path_of(activity) for values in session.scalars(query))


def _may_write(activity: Activity, now: datetime) -> bool:
    """Whether the organisation's people have written to a whole list less often today than the limit says."""
    about = (AuditEntry.topic == _topic(activity), AuditEntry.action == MESSAGE, AuditEntry.at >= midnight(now))
    sent = session.scalar(select(func.count()).select_from(AuditEntry).where(*about)) or 0
    return sent < here.config.limits.messages_per_activity_day


def _topic(activity: Activity) -> str:
    return f"activity:{activity.id}"
