"""The outbox: what we owe people, written with the change that it reports."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TABLE, Base, BigId, UtcDateTime
from app.privacy import NONE, PERSONAL, SECRET, Sealed, new_uid, sealed_info


class NoticeState(enum.StrEnum):
    WAITING = "waiting"
    #: Claimed by a worker that has not called anybody yet.
    CLAIMED = "claimed"
    #: The call is under way; a worker that dies here leaves the question open.
    SENDING = "sending"
    SENT = "sent"
    #: No channel reaches the person; they find it on their pages.
    UNREACHABLE = "unreachable"
    #: The call may have arrived or not: never repeated blindly.
    UNKNOWN = "unknown"
    #: Given up after many tries: the operator looks at it.
    FAILED = "failed"
    #: The operator decided that it need not be sent any more.
    DROPPED = "dropped"
    #: Told or given up long ago; its words are gone.
    EMPTIED = "emptied"


#: What waits for the operator's decision: `flask notices`.
OPEN_QUESTIONS = (NoticeState.FAILED, NoticeState.UNKNOWN)
#: Those that nobody sends any more.
FINISHED = (NoticeState.SENT, NoticeState.UNREACHABLE, NoticeState.DROPPED, *OPEN_QUESTIONS)


class Notice(Base):
    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("occasion"),
        Index(None, "state", "due_at"),
        Index(None, "account_id"),
        Index(None, "phone_index"),
        {**TABLE, "info": {"person": "account_id", "erase": "delete"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    #: What a receiver that can tell a repeat is given, so that it can.
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    #: Whom it is owed; empty for somebody who has no account, and is reached by the phone that somebody named.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    phone_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(PERSONAL, "phone"))
    phone_index: Mapped[str | None] = mapped_column(String(32), info=SECRET)
    kind: Mapped[str] = mapped_column(String(40), info=NONE)
    #: What happened, named so that telling it twice is impossible.
    occasion: Mapped[str] = mapped_column(String(100), info=NONE)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, info=PERSONAL)
    state: Mapped[str] = mapped_column(String(16), default=NoticeState.WAITING, info=NONE)
    #: The channels that were tried and cannot reach the person.
    tried: Mapped[str] = mapped_column(String(100), default="", info=NONE)
    channel: Mapped[str] = mapped_column(String(20), default="", info=NONE)
    attempts: Mapped[int] = mapped_column(default=0, info=NONE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    #: It cannot wait: until then it is sent as a text message when nothing else reaches the person.
    text_until: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    #: When whoever is told must have decided, where that is before `text_until`: the beginning of what is changed.
    text_by: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    trouble: Mapped[str] = mapped_column(String(200), default="", info=NONE)

    phone = Sealed(index="phone")
