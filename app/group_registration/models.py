"""团体注册: sheets of people that an organisation brings, and each row of them until the person has answered."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Account
from app.database import TABLE, Base, BigId, UtcDateTime
from app.life_cycle import LifeCycle
from app.organizations.models import Organization
from app.privacy import NONE, PERSONAL, SECRET, Sealed, new_uid, sealed_info


class BatchState(enum.StrEnum):
    CHECKING = "checking"
    UNREADABLE = "unreadable"
    CHECKED = "checked"
    DISCARDED = "discarded"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"


#: What the worker has to do something about.
WORKING = (BatchState.CHECKING, BatchState.APPLYING, BatchState.UNDOING)
NEXT_STATES = {
    BatchState.CHECKING: {BatchState.CHECKED, BatchState.UNREADABLE},
    BatchState.UNREADABLE: set(),
    BatchState.CHECKED: {BatchState.APPLYING, BatchState.DISCARDED},
    BatchState.DISCARDED: set(),
    BatchState.APPLYING: {BatchState.APPLIED},
    BatchState.APPLIED: {BatchState.UNDOING},
    BatchState.UNDOING: {BatchState.UNDONE},
    BatchState.UNDONE: set(),
}


class ImportBatch(LifeCycle, Base):
    """A sheet that was sent. It holds counts only, and stays when its rows are gone."""

    NEXT = NEXT_STATES

    __tablename__ = "import_batches"
    __table_args__ = (
        UniqueConstraint("uid"),
        Index(None, "organization_id", "id"),
        Index(None, "state"),
        {**TABLE, "info": {"merge": "move"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    #: Who sent it.
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    state: Mapped[str] = mapped_column(String(16), default=BatchState.CHECKING, info=NONE)
    #: Why the sheet cannot be read, for the person who sent it.
    refusal: Mapped[str] = mapped_column(String(200), default="", info=NONE)
    #: What the dry run found: new people, volunteers who only become members, rows that change nothing, bad rows.
    fresh_count: Mapped[int] = mapped_column(default=0, info=NONE)
    merged_count: Mapped[int] = mapped_column(default=0, info=NONE)
    double_count: Mapped[int] = mapped_column(default=0, info=NONE)
    bad_count: Mapped[int] = mapped_column(default=0, info=NONE)
    #: What was done: people asked, memberships added, rows left out since something had changed.
    invited_count: Mapped[int] = mapped_column(default=0, info=NONE)
    joined_count: Mapped[int] = mapped_column(default=0, info=NONE)
    left_out_count: Mapped[int] = mapped_column(default=0, info=NONE)
    #: Who said yes, or came back, by themselves: an undo leaves them alone.
    confirmed_count: Mapped[int] = mapped_column(default=0, info=NONE)
    #: What was taken back, people and memberships together.
    undone_count: Mapped[int] = mapped_column(default=0, info=NONE)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    #: Until when a worker that took it may hold it; then another one goes on.
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)

    organization: Mapped[Organization] = relationship()
    account: Mapped[Account] = relationship()


class RowState(enum.StrEnum):
    #: Found by the dry run.
    FRESH = "fresh"
    MERGED = "merged"
    DOUBLE = "double"
    BAD = "bad"
    #: Done: 待本人确认, a membership of an existing volunteer, or nothing.
    INVITED = "invited"
    JOINED = "joined"
    LEFT_OUT = "left_out"
    #: The person confirmed; nothing of what was entered for them is left here.
    ACTIVATED = "activated"


#: What 确认导入 does something about.
TO_APPLY = (RowState.FRESH, RowState.MERGED)


class ImportRow(Base):
    """A row of the sheet. A person who has not confirmed is no account and no volunteer: they are this row alone."""

    __tablename__ = "import_rows"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("batch_id", "number"),
        Index(None, "phone_index"),
        Index(None, "id_number_index"),
        Index(None, "account_id"),
        Index(None, "expires_at"),
        {**TABLE, "info": {"person": "account_id", "erase": "delete", "merge": "move"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id"), info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    #: The line of the sheet.
    number: Mapped[int] = mapped_column(info=NONE)
    state: Mapped[str] = mapped_column(String(16), info=NONE)
    problem: Mapped[str] = mapped_column(String(200), default="", info=NONE)
    #: The cells as they were sent and, of a good row, what was read in them, as JSON.
    content_sealed: Mapped[str | None] = mapped_column(Text, info=sealed_info(PERSONAL, "text"))
    phone_index: Mapped[str | None] = mapped_column(String(32), info=SECRET)
    id_type: Mapped[str] = mapped_column(String(2), default="", info=NONE)
    id_number_index: Mapped[str | None] = mapped_column(String(32), info=SECRET)
    #: Whose it is, once that is known.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    #: The membership that it added.
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("memberships.id"), info=NONE)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)

    content = Sealed()

    organization: Mapped[Organization] = relationship()
