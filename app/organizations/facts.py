"""What organisations and their admins are described by, already read and checked field by field."""

from dataclasses import dataclass, field
from datetime import date

from app import codes

#: What goes from the facts into the row as it is.
AS_WRITTEN = (
    *("name", "short_name", "st_line", "org_class", "unit_type", "uscc", "region", "address", "founded_on"),
    *("is_social_organization", "registration_authority", "registration_no"),
    *("backing_unit", "backing_name", "backing_phone", "leader_name", "leader_phone", "leader_id_number"),
    *("contact_name", "contact_phone", "is_phone_public", "service_categories", "skills", "intro", "planned_size"),
    *("join_mode", "can_offer", "needs", "is_legacy"),
)


@dataclass(frozen=True)
class OrganizationFacts:
    """What an organisation registers with (domain facts 6.1)."""

    name: str
    st_line: str
    region: str
    address: str
    founded_on: date | None
    leader_name: str
    leader_phone: str
    service_categories: list[str]
    intro: str
    join_mode: str
    short_name: str = ""
    org_class: str = codes.UNREGISTERED_GROUP
    unit_type: str = ""
    uscc: str = ""
    is_social_organization: bool = False
    registration_authority: str = ""
    registration_no: str = ""
    backing_unit: str = ""
    backing_name: str = ""
    backing_phone: str = ""
    leader_id_number: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    is_phone_public: bool = False
    skills: list[str] = field(default_factory=list)
    planned_size: int | None = None
    can_offer: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    is_legacy: bool = False


@dataclass(frozen=True)
class AdminFacts:
    name: str
    position: str
