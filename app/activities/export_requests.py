"""The table of wishes to take a long list out of here: a second person says yes or no (security 7)."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Account
from app.activities.models import Activity
from app.database import TABLE, Base, BigId, UtcDateTime
from app.life_cycle import LifeCycle
from app.privacy import NONE, new_uid


class ExportState(enum.StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    #: A newer one of the same person for the same list took its place.
    WITHDRAWN = "withdrawn"
    #: The sheet was made; it is made once.
    USED = "used"


class ExportRequest(LifeCycle, Base):
    """Somebody asks for the list of an activity that has more people than one person may take out alone."""

    NEXT = {
        ExportState.PENDING: {ExportState.APPROVED, ExportState.REFUSED, ExportState.WITHDRAWN},
        ExportState.APPROVED: {ExportState.USED},
        ExportState.REFUSED: set(),
        ExportState.WITHDRAWN: set(),
        ExportState.USED: set(),
    }

    __tablename__ = "export_requests"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("form_key"),
        Index(None, "activity_id", "state"),
        Index(None, "account_id", "state"),
        {**TABLE, "info": {"person": "account_id"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    #: Of the form that asked: sent twice, it asks once.
    form_key: Mapped[str] = mapped_column(String(32), info=NONE)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), info=NONE)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    #: Which part of the list: a key of rosters.GROUPS.
    list_group: Mapped[str] = mapped_column(String(16), info=NONE)
    #: How many were on it then; of an approved one, how many whoever approved it saw.
    people: Mapped[int] = mapped_column(info=NONE)
    reason: Mapped[str] = mapped_column(String(100), info=NONE)
    state: Mapped[str] = mapped_column(String(16), default=ExportState.PENDING, info=NONE)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    judged_by_id: Mapped[int | None] = mapped_column(BigId, info=NONE)
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    decision: Mapped[str] = mapped_column(String(100), default="", info=NONE)
    #: Until when an approved one may be used.
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)

    activity: Mapped[Activity] = relationship()
    account: Mapped[Account] = relationship()

    def may_be_used(self, now: datetime) -> bool:
        return self.state == ExportState.APPROVED and self.expires_at is not None and now < self.expires_at
