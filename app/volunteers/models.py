"""Volunteers and what they can and want to do."""

import enum
from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Account
from app.database import TABLE, Base, BigId, UtcDateTime
from app.privacy import NONE, PERSONAL, SECRET, SENSITIVE, Sealed, new_uid, sealed_info


class VolunteerState(enum.StrEnum):
    ACTIVE = "active"
    FROZEN = "frozen"
    EXITED = "exited"
    ERASED = "erased"


class Source(enum.StrEnum):
    SELF = "self"
    IMPORT = "import"
    MIGRATED = "migrated"


class Volunteer(Base):
    """A person who serves. The eight basic facts are those of order 67, article 5."""

    __tablename__ = "volunteers"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("account_id"),
        UniqueConstraint("volunteer_no"),
        # Whatever the type: one document is one person.
        UniqueConstraint("id_number_index"),
        Index(None, "residence_region"),
        {**TABLE, "info": {"person": "account_id"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    #: Stays after an erasure, so that sums and certificates keep their meaning.
    volunteer_no: Mapped[str | None] = mapped_column(String(20), info=NONE)
    name: Mapped[str] = mapped_column(String(50), info={**PERSONAL, "mask": "name"})
    gender: Mapped[str] = mapped_column(String(1), info=PERSONAL)
    birth_date: Mapped[date | None] = mapped_column(info=PERSONAL)
    id_type: Mapped[str] = mapped_column(String(2), info=NONE)
    id_number_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(SENSITIVE, "id_number"))
    id_number_index: Mapped[str | None] = mapped_column(String(32), info=SECRET)
    residence_region: Mapped[str] = mapped_column(String(6), info=PERSONAL)
    #: Where the volunteer would serve; a first filter of the list, no limit.
    service_region: Mapped[str] = mapped_column(String(6), default="", info=PERSONAL)
    kind: Mapped[str] = mapped_column(String(1), default="", info=PERSONAL)
    expertise: Mapped[list[str]] = mapped_column(JSON, default=list, info=PERSONAL)
    other_skills: Mapped[str] = mapped_column(String(50), default="", info=PERSONAL)
    target_groups: Mapped[list[str]] = mapped_column(JSON, default=list, info=PERSONAL)
    availability: Mapped[list[str]] = mapped_column(JSON, default=list, info=PERSONAL)
    #: These are nobody's business but in sums: optional, on no page but the person's own.
    political_status: Mapped[str] = mapped_column(String(2), default="", info=SENSITIVE)
    ethnicity: Mapped[str] = mapped_column(String(2), default="", info=SENSITIVE)
    education: Mapped[str] = mapped_column(String(2), default="", info=PERSONAL)
    employment: Mapped[str] = mapped_column(String(2), default="", info=PERSONAL)
    employer: Mapped[str] = mapped_column(String(100), default="", info=PERSONAL)
    title: Mapped[str] = mapped_column(String(1), default="", info=PERSONAL)
    address_sealed: Mapped[str | None] = mapped_column(String(500), info=sealed_info(PERSONAL, "text"))
    email_sealed: Mapped[str | None] = mapped_column(String(500), info=sealed_info(PERSONAL, "text"))
    emergency_name_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(PERSONAL, "name"))
    emergency_phone_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(PERSONAL, "phone"))
    #: 身心健康声明: that it was declared, never anything medical.
    health_declared_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=PERSONAL)
    guardian_consented_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=PERSONAL)
    guardian_name_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(SENSITIVE, "name"))
    guardian_phone_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(SENSITIVE, "phone"))
    state: Mapped[str] = mapped_column(String(16), default=VolunteerState.ACTIVE, info=NONE)
    source: Mapped[str] = mapped_column(String(16), default=Source.SELF, info=NONE)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)

    id_number = Sealed(index="id_number")
    guardian_name = Sealed()
    guardian_phone = Sealed()
    address = Sealed()
    email = Sealed()
    emergency_name = Sealed()
    emergency_phone = Sealed()

    account: Mapped[Account] = relationship()
    skills: Mapped[list["VolunteerSkill"]] = relationship(cascade="all, delete-orphan")
    services: Mapped[list["VolunteerService"]] = relationship(cascade="all, delete-orphan")


class VolunteerSkill(Base):
    """专业技能, one code of the list a row."""

    __tablename__ = "volunteer_skills"
    __table_args__ = (Index(None, "code"), {**TABLE, "info": {"person": "volunteer_id", "erase": "delete"}})

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), primary_key=True, info=NONE)
    code: Mapped[str] = mapped_column(String(4), primary_key=True, info=PERSONAL)


class VolunteerService(Base):
    """服务类别 that the volunteer is willing to give, one code a row."""

    __tablename__ = "volunteer_services"
    __table_args__ = (Index(None, "code"), {**TABLE, "info": {"person": "volunteer_id", "erase": "delete"}})

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), primary_key=True, info=NONE)
    code: Mapped[str] = mapped_column(String(4), primary_key=True, info=PERSONAL)
