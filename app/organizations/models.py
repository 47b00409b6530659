"""Organisations, the tree they form, their admins and members."""

import enum
from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Account
from app.database import TABLE, Base, BigId, UtcDateTime
from app.life_cycle import LifeCycle
from app.privacy import NONE, PERSONAL, SECRET, Sealed, new_uid, sealed_info
from app.volunteers.models import Volunteer


class OrganizationState(enum.StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUSPENDED = "suspended"


NEXT_STATES = {
    OrganizationState.PENDING: {OrganizationState.APPROVED, OrganizationState.REJECTED},
    OrganizationState.REJECTED: {OrganizationState.PENDING},
    OrganizationState.APPROVED: {OrganizationState.SUSPENDED},
    OrganizationState.SUSPENDED: {OrganizationState.APPROVED},
}


class Organization(LifeCycle, Base):
    NEXT = NEXT_STATES

    __tablename__ = "organizations"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("organization_no"),
        UniqueConstraint("name"),
        UniqueConstraint("form_key"),
        Index(None, "path"),
        Index(None, "leader_phone_index"),
        Index(None, "parent_id"),
        Index(None, "state", "region"),
        TABLE,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    organization_no: Mapped[str | None] = mapped_column(String(20), info=NONE)
    #: The form that made it: sending the same form again finds this one.
    form_key: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    name: Mapped[str] = mapped_column(String(100), info=NONE)
    st_line: Mapped[str] = mapped_column(String(1), info=NONE)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    #: The ids from the root down to this one, as /1/5/9/: a prefix of it is a subtree.
    path: Mapped[str] = mapped_column(String(200), default="", info=NONE)
    depth: Mapped[int] = mapped_column(default=1, info=NONE)
    region: Mapped[str] = mapped_column(String(6), info=NONE)
    address: Mapped[str] = mapped_column(String(200), default="", info=NONE)
    founded_on: Mapped[date | None] = mapped_column(info=NONE)
    leader_name: Mapped[str] = mapped_column(String(50), default="", info={**PERSONAL, "mask": "name"})
    leader_phone_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(PERSONAL, "phone"))
    leader_phone_index: Mapped[str | None] = mapped_column(String(32), info=SECRET)
    service_categories: Mapped[list[str]] = mapped_column(JSON, default=list, info=NONE)
    intro: Mapped[str] = mapped_column(Text, default="", info=NONE)
    #: 4.14: 1 审核加入, 2 实名即可加入, 3 不对外招募, 4 口令免审加入.
    join_mode: Mapped[str] = mapped_column(String(1), default="1", info=NONE)
    state: Mapped[str] = mapped_column(String(16), default=OrganizationState.PENDING, info=NONE)
    state_reason: Mapped[str] = mapped_column(String(200), default="", info=NONE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)

    leader_phone = Sealed(index="phone")

    parent: Mapped["Organization | None"] = relationship(remote_side=[id])

    @property
    def may_publish(self) -> bool:
        return self.state == OrganizationState.APPROVED


class Role(enum.StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    LEAD = "lead"
    HELPER = "helper"


class OrganizationAdmin(Base):
    """A person who acts for an organisation, and as what."""

    __tablename__ = "organization_admins"
    __table_args__ = (
        UniqueConstraint("organization_id", "account_id"),
        Index(None, "account_id"),
        {**TABLE, "info": {"person": "account_id"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    role: Mapped[str] = mapped_column(String(16), default=Role.OWNER, info=NONE)
    name: Mapped[str] = mapped_column(String(50), info={**PERSONAL, "mask": "name"})
    position: Mapped[str] = mapped_column(String(50), default="", info=PERSONAL)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)

    organization: Mapped[Organization] = relationship()
    account: Mapped[Account] = relationship()


class MembershipState(enum.StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    REJECTED = "rejected"
    LEFT = "left"
    REMOVED = "removed"


class Membership(Base):
    """A volunteer in an organisation."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("organization_id", "volunteer_id"),
        Index(None, "volunteer_id"),
        Index(None, "organization_path", "id"),
        {**TABLE, "info": {"person": "volunteer_id"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    #: Copied from the organisation, so that the members of a whole subtree are one range of an index.
    organization_path: Mapped[str] = mapped_column(String(200), info=NONE)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), info=NONE)
    state: Mapped[str] = mapped_column(String(16), info=NONE)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)

    organization: Mapped[Organization] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
