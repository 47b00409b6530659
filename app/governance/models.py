"""What people ask to be looked at again: so far, appeals against a removal (measures, article 9)."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Account
from app.database import TABLE, Base, BigId, UtcDateTime
from app.life_cycle import LifeCycle
from app.organizations.models import Membership
from app.privacy import NONE, PERSONAL, Sealed, new_uid, sealed_info


class AppealState(enum.StrEnum):
    OPEN = "open"
    #: The removal was wrong: the membership is back.
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    #: Whoever appealed closed their account before anybody judged it.
    WITHDRAWN = "withdrawn"


class Appeal(LifeCycle, Base):
    """A removal that the person asks the organisation above to look at again; one for each removal."""

    NEXT = {
        AppealState.OPEN: {AppealState.UPHELD, AppealState.DISMISSED, AppealState.WITHDRAWN},
        AppealState.UPHELD: set(),
        AppealState.DISMISSED: set(),
        AppealState.WITHDRAWN: set(),
    }

    __tablename__ = "appeals"
    __table_args__ = (
        UniqueConstraint("uid"),
        # One removal, one appeal: when it was is part of its name.
        UniqueConstraint("membership_id", "against_at"),
        Index(None, "account_id"),
        Index(None, "state", "organization_path"),
        {**TABLE, "info": {"person": "account_id"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    #: After a merge the one in the successor, where what an organisation did is undone.
    membership_id: Mapped[int] = mapped_column(ForeignKey("memberships.id"), info={**NONE, "merge": "follow"})
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    #: Of the organisation that removed the person, when they appealed: those above it judge.
    organization_path: Mapped[str] = mapped_column(String(200), info=NONE)
    against_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    words_sealed: Mapped[str | None] = mapped_column(Text, info=sealed_info(PERSONAL, "text"))
    state: Mapped[str] = mapped_column(String(16), default=AppealState.OPEN, info=NONE)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    decision: Mapped[str] = mapped_column(String(200), default="", info=PERSONAL)

    words = Sealed()

    membership: Mapped[Membership] = relationship()
    account: Mapped[Account] = relationship(foreign_keys=[account_id])
