"""The outbox: written in the transaction of the change it reports, sent by the worker afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, insert, or_, select, update

from app.accounts.services import find_account_by_phone
from app.context import here
from app.database import after_commit, in_batches, rows_hit, session
from app.notices.models import OPEN_QUESTIONS, Notice, NoticeState

#: How long a worker may hold a notice before it calls anybody; then another one takes it.
CLAIM = timedelta(minutes=2)
#: Waits after each failed try.
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360)]
JOB = "notices.deliver"
#: A phone that somebody named is kept only as long as it may be written to.
NO_PHONE: dict[str, Any] = {"phone_sealed": None, "phone_index": None}


def add(
    account_id: int,
    kind: str,
    occasion: str,
    values: dict[str, str],
    *,
    now: datetime,
    is_new: bool = False,
    text_until: datetime | None = None,
    text_by: datetime | None = None,
) -> Notice:
    """Owe the person a notice. `occasion` names what happened: one occasion is told once.

    `is_new` says that it cannot have been told yet, so that nobody need look. What cannot wait has `text_until`: so
    long it goes as a text message to whom nothing else reaches; at night it waits for the morning only where that is
    well before `text_by`.
    """
    told = None if is_new else _find(occasion)
    return told or _owe(kind, occasion, values, now, account_id=account_id, text_until=text_until, text_by=text_by)


def add_for_phone(
    phone: str, kind: str, occasion: str, values: dict[str, str], *, now: datetime, text_until: datetime
) -> Notice:
    """Owe a notice to whoever has the phone, with an account or without one."""
    account = find_account_by_phone(phone)
    if account:
        return add(account.id, kind, occasion, values, now=now, text_until=text_until)
    return _find(occasion) or _owe(kind, occasion, values, now, phone=phone, text_until=text_until)


def _find(occasion: str) -> Notice | None:
    return session.scalar(select(Notice).where(Notice.occasion == occasion))


def _owe(kind: str, occasion: str, values: dict[str, str], now: datetime, **whom: Any) -> Notice:
    notice = Notice(
        kind=kind,
        occasion=occasion,
        values=values,
        state=NoticeState.WAITING,
        created_at=now,
        due_at=now,
        **whom,
    )
    session.add(notice)
    after_commit(JOB, lambda: here.jobs.wake(JOB))
    return notice


def add_many(
    kind: str,
    occasion: str,
    account_ids: Sequence[int],
    values: dict[str, str],
    *,
    now: datetime,
    text_until: datetime | None = None,
    text_by: datetime | None = None,
) -> int:
    """Owe all these people the same notice; returns how many are owed it by this call. One occasion is told once."""
    if not account_ids:
        return 0
    occasions = {f"{occasion}:{account_id}": account_id for account_id in account_ids}
    for some in in_batches(list(occasions)):
        for told in session.scalars(select(Notice.occasion).where(Notice.occasion.in_(some))):
            del occasions[told]
    if not occasions:
        return 0
    add_new(kind, occasions, values, now=now, text_until=text_until, text_by=text_by)
    return len(occasions)


def add_new(kind: str, occasions: Mapping[str, int], values: dict[str, str], *, now: datetime, **more: Any) -> None:
    """Owe people the same notice, each for an occasion that cannot have been told yet; `occasions` says whose."""
    common = {"kind": kind, "values": values, "created_at": now, "due_at": now, **more}
    rows = [common | {"occasion": name, "account_id": account_id} for name, account_id in occasions.items()]
    session.execute(insert(Notice), rows)
    after_commit(JOB, lambda: here.jobs.wake(JOB))


def claim_due(now: datetime) -> int | None:
    """Take one notice that is due, so that no other worker sends it; returns its id."""
    due = or_(
        (Notice.state == NoticeState.WAITING) & (Notice.due_at <= now),
        (Notice.state == NoticeState.CLAIMED) & (Notice.claimed_until <= now),
    )
    for notice_id in session.scalars(select(Notice.id).where(due).order_by(Notice.due_at, Notice.id).limit(20)):
        take = update(Notice).where(Notice.id == notice_id, due)
        if rows_hit(take.values(state=NoticeState.CLAIMED, claimed_until=now + CLAIM)):
            return notice_id
    return None


def note_sending(notice_id: int, channel: str) -> Notice | None:
    """Write down that the call is about to be made; None when somebody else took the notice meanwhile."""
    mine = update(Notice).where(Notice.id == notice_id, Notice.state == NoticeState.CLAIMED)
    change = {"state": NoticeState.SENDING, "channel": channel, "attempts": Notice.attempts + 1}
    if not rows_hit(mine.values(change)):
        return None
    return session.get_one(Notice, notice_id)


def put_off(notice_id: int, until: datetime) -> None:
    """Nothing was tried: it waits until then."""
    mine = update(Notice).where(Notice.id == notice_id, Notice.state == NoticeState.CLAIMED)
    rows_hit(mine.values(state=NoticeState.WAITING, due_at=until))


def note_sent(notice_id: int, now: datetime) -> None:
    _finish(notice_id, NoticeState.SENT, sent_at=now, **NO_PHONE)


def note_unknown(notice_id: int, trouble: str) -> None:
    _finish(notice_id, NoticeState.UNKNOWN, trouble=trouble[:200])


def note_failed(notice_id: int, trouble: str) -> None:
    _finish(notice_id, NoticeState.FAILED, trouble=trouble[:200])


def note_unreachable(notice_id: int) -> None:
    _finish(notice_id, NoticeState.UNREACHABLE, **NO_PHONE)


def try_next_channel(notice: Notice, channel: str, now: datetime) -> None:
    """This channel cannot reach the person; the next try takes another one."""
    tried = f"{notice.tried} {channel}".strip()
    _finish(notice.id, NoticeState.WAITING, tried=tried, due_at=now)


def try_again_later(notice: Notice, trouble: str, *, patience: timedelta, now: datetime) -> None:
    """Nothing was sent: wait a little longer each time, and give up after `patience`."""
    if now - notice.created_at >= patience:
        note_failed(notice.id, trouble)
        return
    wait = BACK_OFF[min(notice.attempts, len(BACK_OFF)) - 1]
    _finish(notice.id, NoticeState.WAITING, due_at=now + wait, trouble=trouble[:200])


def open_questions(most: int) -> Sequence[Notice]:
    """What failed or ended nobody knows how, the oldest first."""
    query = select(Notice).where(Notice.state.in_(OPEN_QUESTIONS)).order_by(Notice.created_at, Notice.id)
    return session.scalars(query.limit(most)).all()


def send_again(notice_id: int, *, now: datetime) -> bool:
    """Have an open one sent anew, with all its patience; False when it is not open."""
    anew = {"state": NoticeState.WAITING, "tried": "", "attempts": 0, "created_at": now, "due_at": now}
    if not rows_hit(_open(notice_id).values(anew)):
        return False
    after_commit(JOB, lambda: here.jobs.wake(JOB))
    return True


def drop(notice_id: int) -> bool:
    """Let an open one be; False when it is not open."""
    return rows_hit(_open(notice_id).values(state=NoticeState.DROPPED, **NO_PHONE)) == 1


def _open(notice_id: int) -> Update:
    return update(Notice).where(Notice.id == notice_id, Notice.state.in_(OPEN_QUESTIONS))


def stuck(now: datetime) -> list[Notice]:
    """Notices whose worker died while it was calling: nobody can say whether the call arrived."""
    query = select(Notice).where(Notice.state == NoticeState.SENDING, Notice.claimed_until <= now)
    return list(session.scalars(query))


def _finish(notice_id: int, state: NoticeState, **values: object) -> None:
    session.execute(update(Notice).where(Notice.id == notice_id).values(state=state, **values))
