"""Tables of what is asked and not settled yet: changes of facts, units expected to register, people asked to help."""

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import TABLE, Base, BigId, UtcDateTime
from app.life_cycle import LifeCycle
from app.organizations.models import Organization
from app.privacy import NONE, PERSONAL, SECRET, SENSITIVE, Sealed, new_uid, sealed_info


class ChangeState(enum.StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    #: Taken back, or replaced by a newer one.
    WITHDRAWN = "withdrawn"


class OrganizationChange(LifeCycle, Base):
    """A wish to change what the organisation above has a say in: each fact with what it was and is to be."""

    NEXT = {
        ChangeState.PENDING: {ChangeState.ACCEPTED, ChangeState.REFUSED, ChangeState.WITHDRAWN},
        ChangeState.ACCEPTED: set(),
        ChangeState.REFUSED: set(),
        ChangeState.WITHDRAWN: set(),
    }

    __tablename__ = "organization_changes"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("open_for"),
        Index(None, "organization_id"),
        {**TABLE, "info": {"person": "account_id"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    #: The organisation again, while the wish waits: one has one that waits, or none.
    open_for: Mapped[int | None] = mapped_column(BigId, info=NONE)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    #: JSON: name of the fact -> [what it was, what it is to be].
    values_sealed: Mapped[str | None] = mapped_column(Text, info=sealed_info(SENSITIVE, "text"))
    state: Mapped[str] = mapped_column(String(16), default=ChangeState.PENDING, info=NONE)
    reason: Mapped[str] = mapped_column(String(200), default="", info=NONE)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    judged_by_id: Mapped[int | None] = mapped_column(BigId, info=NONE)

    values = Sealed()

    organization: Mapped[Organization] = relationship()


class RegistrationCall(Base):
    """An organisation expects these units to register below it, until a day. Its uid is the link that is handed out."""

    __tablename__ = "registration_calls"
    __table_args__ = (UniqueConstraint("uid"), UniqueConstraint("organization_id"), TABLE)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    due_on: Mapped[date] = mapped_column(info=NONE)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    #: For which due dates it was told that the day comes, and that it is past.
    soon_told_for: Mapped[date | None] = mapped_column(info=NONE)
    late_told_for: Mapped[date | None] = mapped_column(info=NONE)

    organization: Mapped[Organization] = relationship()


class ExpectedUnit(Base):
    """A unit that is expected, and the organisation that it became. Its uid is a link for this unit alone."""

    __tablename__ = "expected_units"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("call_id", "name_key"),
        Index(None, "organization_id"),
        {**TABLE, "info": {"merge": "move"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    call_id: Mapped[int] = mapped_column(ForeignKey("registration_calls.id"), info=NONE)
    name: Mapped[str] = mapped_column(String(100), info=NONE)
    #: As names.folded() makes it.
    name_key: Mapped[str] = mapped_column(String(100), info=NONE)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), info=NONE)

    call: Mapped[RegistrationCall] = relationship()
    organization: Mapped[Organization | None] = relationship()


class InvitationState(enum.StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


class Invitation(LifeCycle, Base):
    """A wish that somebody act for an organisation: for one phone, or for whoever opens the link first."""

    NEXT = {
        InvitationState.OPEN: {InvitationState.ACCEPTED, InvitationState.REVOKED},
        InvitationState.ACCEPTED: set(),
        InvitationState.REVOKED: set(),
    }

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("token_hash"),
        Index(None, "organization_id", "state"),
        Index(None, "phone_index"),
        {**TABLE, "info": {"person": "invited_by_id", "erase": "delete"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    role: Mapped[str] = mapped_column(String(16), info=NONE)
    #: Of the link, which is told once and kept nowhere.
    token_hash: Mapped[str] = mapped_column(String(64), info=SECRET)
    #: Of the phone that it is bound to, if any; the number itself is not kept, only what a mask leaves of it.
    phone_index: Mapped[str | None] = mapped_column(String(32), info=SECRET)
    masked_phone: Mapped[str] = mapped_column(String(20), default="", info=NONE)
    #: Why there is to be a new owner, in the words of the organisation above, for all admins to read.
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="", info=PERSONAL)
    state: Mapped[str] = mapped_column(String(16), default=InvitationState.OPEN, info=NONE)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)

    organization: Mapped[Organization] = relationship()
