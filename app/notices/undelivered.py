"""What we owed people and could not deliver: somebody may have to call them."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, case, func, or_, select

from app.database import session
from app.notices.models import Notice, NoticeState

#: What ended without anybody knowing that the person has read it.
MISSED = (NoticeState.UNREACHABLE, NoticeState.FAILED, NoticeState.UNKNOWN)


def concern(path: str, kinds: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """Which notices say whether word about the page arrived."""
    there = Notice.values["path"].as_string()
    is_about = or_(there == path, there.startswith(f"{path}#", autoescape=True))
    # As a value that no index has: PostgreSQL would take the one of states, and read all that was ever sent for each.
    state = func.coalesce(Notice.state, "")
    return Notice.kind.in_(kinds), state.in_((*MISSED, NoticeState.SENT)), is_about


def last_missed() -> ColumnElement[bool]:
    """Of somebody's notices, grouped: whether `since_last_sent` finds something, for none that came later arrived."""
    missed, arrived = (
        func.max(case((condition, Notice.id), else_=0))
        for condition in (Notice.state.in_(MISSED), Notice.state == NoticeState.SENT)
    )
    return missed > arrived


def since_last_sent(account_ids: Collection[int], path: str, kinds: Collection[str]) -> dict[int, list[Notice]]:
    """By account: the notices of these kinds about the page at `path` that did not arrive, the oldest first.

    One that came later and arrived makes up for those before it: the page that it leads to says it all.
    """
    query = select(Notice).where(
        Notice.account_id.in_(account_ids), Notice.kind.in_(kinds), Notice.state.in_((*MISSED, NoticeState.SENT))
    )
    missed: dict[int, list[Notice]] = {}
    for notice in session.scalars(query.order_by(Notice.id)):
        if notice.account_id is None or str(notice.values.get("path", "")).partition("#")[0] != path:
            continue
        if notice.state == NoticeState.SENT:
            missed.pop(notice.account_id, None)
        else:
            missed.setdefault(notice.account_id, []).append(notice)
    return missed
