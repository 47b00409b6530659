"""What we owed people and could not deliver: somebody may have to call them."""

from collections.abc import Collection

from sqlalchemy import select

from app.database import session
from app.notices.models import Notice, NoticeState

#: What ended without anybody knowing that the person has read it.
MISSED = (NoticeState.UNREACHABLE, NoticeState.FAILED, NoticeState.UNKNOWN)


def newest(account_ids: Collection[int], path: str, kinds: Collection[str]) -> dict[int, Notice]:
    """By account: the last notice of these kinds about the page at `path`, where it did not arrive.

    One that came later and arrived makes up for those before it.
    """
    query = select(Notice).where(
        Notice.account_id.in_(account_ids), Notice.kind.in_(kinds), Notice.state.in_((*MISSED, NoticeState.SENT))
    )
    last = {
        notice.account_id: notice
        for notice in session.scalars(query.order_by(Notice.id))
        if str(notice.values.get("path", "")).partition("#")[0] == path and notice.account_id
    }
    return {account_id: notice for account_id, notice in last.items() if notice.state in MISSED}
