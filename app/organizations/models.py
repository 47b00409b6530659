"""Organisations, the tree they form, their admins and members."""

from datetime import date, datetime

from sqlalchemy import JSON, Double, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from app import codes
from app.accounts.models import Account
from app.database import TABLE, Base, BigId, UtcDateTime
from app.files import StoredFile
from app.life_cycle import LifeCycle
from app.organizations.states import (
    NEXT_MEMBERSHIP_STATES,
    NEXT_STATES,
    MembershipState,
    OrganizationState,
    Role,
    TeamState,
)
from app.privacy import NONE, PERSONAL, SECRET, SENSITIVE, Sealed, new_uid, sealed_info
from app.volunteers.models import Volunteer

__all__ = [
    "APPLICATION",
    "LOGO",
    "Membership",
    "MembershipState",
    "Organization",
    "OrganizationAdmin",
    "OrganizationState",
    "Role",
    "Team",
    "TeamMember",
    "TeamState",
]

#: The kinds of stored file that an organisation has: the pages of its paper form (注册申请表), and its 标志.
APPLICATION, LOGO = "organization_application", "organization_logo"


class Organization(LifeCycle, Base):
    NEXT = NEXT_STATES

    __tablename__ = "organizations"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("organization_no"),
        UniqueConstraint("held_name"),
        UniqueConstraint("form_key"),
        Index(None, "path"),
        Index(None, "leader_phone_index"),
        Index(None, "contact_phone_index"),
        Index(None, "backing_phone_index"),
        Index(None, "parent_id"),
        # The directory: by district, city or province, the oldest first.
        Index(None, "state", "region"),
        Index(None, "state", "city", "id"),
        Index(None, "state", "province", "id"),
        Index(None, "name_key"),
        TABLE,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    organization_no: Mapped[str | None] = mapped_column(String(20), info=NONE)
    #: The form that made it: sending the same form again finds this one.
    form_key: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    name: Mapped[str] = mapped_column(String(100), info=NONE)
    #: The name again, while nobody else may have it: one that was refused for good holds its name no longer.
    held_name: Mapped[str | None] = mapped_column(String(100), info=NONE)
    #: The name as names.folded() makes it, to find names that are nearly the same.
    name_key: Mapped[str] = mapped_column(String(100), default="", info=NONE)
    short_name: Mapped[str] = mapped_column(String(30), default="", info=NONE)
    st_line: Mapped[str] = mapped_column(String(1), info=NONE)
    #: 4.14: 1 志愿服务团体, 2 志愿服务组织, 3 其他法人组织; and what the unit behind it is.
    org_class: Mapped[str] = mapped_column(String(1), default=codes.UNREGISTERED_GROUP, info=NONE)
    unit_type: Mapped[str] = mapped_column(String(2), default="99", info=NONE)
    #: 统一社会信用代码: its own when it is a legal body, else that of the unit behind it.
    uscc: Mapped[str] = mapped_column(String(18), default="", info=NONE)
    is_social_organization: Mapped[bool] = mapped_column(default=False, info=NONE)
    registration_authority: Mapped[str] = mapped_column(String(50), default="", info=NONE)
    registration_no: Mapped[str] = mapped_column(String(50), default="", info=NONE)
    #: Who agreed to a 志愿服务团体; empty: the organisation above it did.
    backing_unit: Mapped[str] = mapped_column(String(100), default="", info=NONE)
    backing_name: Mapped[str] = mapped_column(String(50), default="", info={**PERSONAL, "mask": "name"})
    backing_phone_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(PERSONAL, "phone"))
    backing_phone_index: Mapped[str | None] = mapped_column(String(32), info=SECRET)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    #: The ids from the root down to this one, as /1/5/9/: a prefix of it is a subtree.
    path: Mapped[str] = mapped_column(String(200), default="", info=NONE)
    depth: Mapped[int] = mapped_column(default=1, info=NONE)
    region: Mapped[str] = mapped_column(String(6), info=NONE)
    city: Mapped[str] = mapped_column(String(6), default="", info=NONE)
    province: Mapped[str] = mapped_column(String(6), default="", info=NONE)
    address: Mapped[str] = mapped_column(String(200), default="", info=NONE)
    #: Where that is on a map, in GCJ-02 as Chinese maps have it.
    lng: Mapped[float | None] = mapped_column(Double, info=NONE)
    lat: Mapped[float | None] = mapped_column(Double, info=NONE)
    founded_on: Mapped[date | None] = mapped_column(info=NONE)
    leader_name: Mapped[str] = mapped_column(String(50), default="", info={**PERSONAL, "mask": "name"})
    leader_phone_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(PERSONAL, "phone"))
    leader_phone_index: Mapped[str | None] = mapped_column(String(32), info=SECRET)
    leader_id_number_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(SENSITIVE, "id_number"))
    #: Whom to ask; empty: the leader.
    contact_name: Mapped[str] = mapped_column(String(50), default="", info={**PERSONAL, "mask": "name"})
    contact_phone_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(PERSONAL, "phone"))
    contact_phone_index: Mapped[str | None] = mapped_column(String(32), info=SECRET)
    #: Whether everybody may see the phone of whom to ask.
    is_phone_public: Mapped[bool] = mapped_column(default=False, info=NONE)
    service_categories: Mapped[list[str]] = mapped_column(JSON, default=list, info=NONE)
    skills: Mapped[list[str]] = mapped_column(JSON, default=list, info=NONE)
    planned_size: Mapped[int | None] = mapped_column(info=NONE)
    can_offer: Mapped[list[str]] = mapped_column(JSON, default=list, info=NONE)
    needs: Mapped[list[str]] = mapped_column(JSON, default=list, info=NONE)
    #: 由原科普志愿者组织转入.
    is_legacy: Mapped[bool] = mapped_column(default=False, info=NONE)
    intro: Mapped[str] = mapped_column(Text, default="", info=NONE)
    #: The uid of its picture, kept for lists.
    logo: Mapped[str] = mapped_column(String(32), default="", info=NONE)
    #: 4.14: 1 审核加入, 2 实名即可加入, 3 不对外招募, 4 口令免审加入.
    join_mode: Mapped[str] = mapped_column(String(1), default="1", info=NONE)
    join_password_hash: Mapped[str | None] = mapped_column(String(255), info=SECRET)
    state: Mapped[str] = mapped_column(String(16), default=OrganizationState.PENDING, info=NONE)
    state_reason: Mapped[str] = mapped_column(String(200), default="", info=NONE)
    state_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    #: Which organisation suspended it, while it is suspended: it, or one above that one, lifts the suspension.
    suspended_by_id: Mapped[int | None] = mapped_column(BigId, info=NONE)
    #: Where its members, sub-teams and activities went, once it was merged; never one that was merged itself.
    merged_into_id: Mapped[int | None] = mapped_column(BigId, info=NONE)
    #: Active members of its own, and of it and all below it: kept with the memberships, under the lock of the tree.
    members_count: Mapped[int] = mapped_column(default=0, info=NONE)
    subtree_members_count: Mapped[int] = mapped_column(default=0, info=NONE)
    #: Since when it waits to be judged, or when it last did.
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)

    #: Counts the changes of what is written above: who edits an older one is told.
    revision: Mapped[int] = mapped_column(default=1, info=NONE)

    leader_phone = Sealed(index="phone")
    leader_id_number = Sealed()
    contact_phone = Sealed(index="phone")
    backing_phone = Sealed(index="phone")

    parent: Mapped["Organization | None"] = relationship(remote_side=[id])
    pages: Mapped[list[StoredFile]] = relationship(
        primaryjoin=lambda: (Organization.id == foreign(StoredFile.owner_id)) & (StoredFile.kind == APPLICATION),
        order_by=lambda: (StoredFile.position, StoredFile.id),
        viewonly=True,
    )
    successor: Mapped["Organization | None"] = relationship(
        primaryjoin="foreign(Organization.merged_into_id) == remote(Organization.id)", viewonly=True
    )

    def is_below(self, other: "Organization") -> bool:
        """Whether it lies below the other one, at whatever depth; nothing lies below itself."""
        return self.path.startswith(other.path) and self.id != other.id

    @property
    def application(self) -> tuple[str, ...]:
        """The uids of the pages of its 注册申请表, in their order."""
        return tuple(file.uid for file in self.pages)

    @property
    def position(self) -> tuple[float, float] | None:
        """Longitude and latitude."""
        return None if self.lng is None or self.lat is None else (self.lng, self.lat)

    @position.setter
    def position(self, point: tuple[float, float] | None) -> None:
        self.lng, self.lat = point or (None, None)

    @property
    def may_publish(self) -> bool:
        return self.state == OrganizationState.APPROVED


class OrganizationAdmin(Base):
    """A person who acts for an organisation, and as what."""

    __tablename__ = "organization_admins"
    __table_args__ = (
        UniqueConstraint("organization_id", "account_id"),
        Index(None, "account_id"),
        # Who is gone acts for nobody, and must not count as one more owner.
        {**TABLE, "info": {"person": "account_id", "erase": "delete"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    role: Mapped[str] = mapped_column(String(16), default=Role.OWNER, info=NONE)
    name: Mapped[str] = mapped_column(String(50), info={**PERSONAL, "mask": "name"})
    position: Mapped[str] = mapped_column(String(50), default="", info=PERSONAL)
    #: What the seal of the number is bound to; rows that are older than it have none until there is something to seal.
    uid: Mapped[str | None] = mapped_column(String(32), default=new_uid, info=NONE)
    id_number_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(SENSITIVE, "id_number"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)

    id_number = Sealed()

    organization: Mapped[Organization] = relationship()
    account: Mapped[Account] = relationship()


class Membership(LifeCycle, Base):
    """A volunteer in an organisation. Its state moves by app/organizations/membership.py, which keeps the counters."""

    NEXT = NEXT_MEMBERSHIP_STATES

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("organization_id", "volunteer_id"),
        Index(None, "volunteer_id"),
        Index(None, "organization_path", "id"),
        Index(None, "organization_id", "state", "id"),
        Index(None, "initial", "organization_path", "id"),
        {**TABLE, "info": {"person": "volunteer_id"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    #: Copied from the organisation, so that the members of a whole subtree are one range of an index.
    organization_path: Mapped[str] = mapped_column(String(200), info=NONE)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), info=NONE)
    #: What the name begins with, while it is active (app/organizations/member_names.py).
    initial: Mapped[str] = mapped_column(String(1), default="", info=PERSONAL)
    state: Mapped[str] = mapped_column(String(16), info=NONE)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    #: When it ended, and why, in the words of who ended it.
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    reason: Mapped[str] = mapped_column(String(200), default="", info=PERSONAL)
    #: The organisation that was merged into this one, when the membership came with it.
    came_from_id: Mapped[int | None] = mapped_column(BigId, info=NONE)

    organization: Mapped[Organization] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


class Team(LifeCycle, Base):
    """分支队伍: some members of an organisation, by need and skill, with leaders (article 11 of the measures)."""

    NEXT = {TeamState.ACTIVE: {TeamState.DISSOLVED}, TeamState.DISSOLVED: {TeamState.ACTIVE}}

    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("uid"), UniqueConstraint("organization_id", "name"), TABLE)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    name: Mapped[str] = mapped_column(String(50), info=NONE)
    intro: Mapped[str] = mapped_column(String(500), default="", info=NONE)
    state: Mapped[str] = mapped_column(String(16), default=TeamState.ACTIVE, info=NONE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)

    organization: Mapped[Organization] = relationship()


class TeamMember(Base):
    __tablename__ = "team_members"
    __table_args__ = (
        Index(None, "volunteer_id"),
        {**TABLE, "info": {"person": "volunteer_id", "erase": "delete"}},
    )

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True, info=NONE)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), primary_key=True, info=NONE)
    is_leader: Mapped[bool] = mapped_column(default=False, info=NONE)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)

    team: Mapped[Team] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
