"""What organisations and their admins are described by, already read and checked field by field."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app import codes, regions
from app.privacy import mask_id_number, mask_phone

#: What goes from the facts into the row as it is.
AS_WRITTEN = (
    *("name", "short_name", "st_line", "org_class", "unit_type", "uscc", "region", "address", "position"),
    *("founded_on", "is_social_organization", "registration_authority", "registration_no"),
    *("backing_unit", "backing_name", "backing_phone", "leader_name", "leader_phone", "leader_id_number"),
    *("contact_name", "contact_phone", "is_phone_public", "service_categories", "skills", "intro", "planned_size"),
    *("join_mode", "can_offer", "needs", "is_legacy", "logo"),
)
#: All that is compared, and told of when it changes: the pages of 注册申请表 stand in a table of their own.
TOLD = (*AS_WRITTEN, "application")

#: What the organisation above has a say in, once it let the organisation in.
KEY = ("name", "st_line", "org_class", "uscc", "leader_name", "leader_phone", "leader_id_number")
#: As the form calls them.
LABELS = {
    "name": "组织名称",
    "short_name": "简称",
    "st_line": "组织类型",
    "org_class": "登记情况",
    "unit_type": "单位性质",
    "uscc": "统一社会信用代码",
    "region": "所属区域",
    "address": "详细地址",
    "position": "地图坐标",
    "founded_on": "成立日期",
    "is_social_organization": "已登记为社会团体",
    "registration_authority": "登记机关",
    "registration_no": "登记证号",
    "backing_unit": "批准成立的单位",
    "backing_name": "批准单位的经办人",
    "backing_phone": "批准单位的电话",
    "leader_name": "负责人",
    "leader_phone": "负责人手机号",
    "leader_id_number": "身份证号码",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
    "is_phone_public": "公开联系电话",
    "service_categories": "服务类别",
    "skills": "队伍擅长",
    "intro": "组织简介",
    "application": "注册申请表扫描件",
    "logo": "标志",
    "planned_size": "计划人数",
    "join_mode": "加入方式",
    "can_offer": "能够提供",
    "needs": "需要支持",
    "is_legacy": "由原科普志愿者组织转入",
}
_WORDS = {
    "st_line": codes.ST_LINES,
    "org_class": codes.ORGANIZATION_CLASSES,
    "unit_type": codes.UNIT_TYPES,
    "service_categories": codes.SERVICE_SCOPES,
    "skills": codes.SKILLS,
    "join_mode": codes.JOIN_MODES,
    "can_offer": codes.RESOURCES,
    "needs": codes.RESOURCES,
}


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
    #: In clear, on its way to be hashed; for those who are joined by password.
    join_password: str = ""
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
    #: Longitude and latitude of the address, in GCJ-02.
    position: tuple[float, float] | None = None
    #: The uids of pictures: the pages of 注册申请表 in their order, and 标志.
    application: tuple[str, ...] = ()
    logo: str = ""


@dataclass(frozen=True)
class AdminFacts:
    name: str
    position: str


def in_words(name: str, value: Any) -> str:
    """A fact as people read it; phones and papers masked."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return codes.labels(_WORDS[name], value)
    if not value:
        return ""
    if name.endswith("_phone"):
        return mask_phone(value)
    if name == "leader_id_number":
        return mask_id_number(value)
    if name == "application":
        return f"{len(value)} 页"
    if name == "logo":
        return f"图片 {value[:4]}"
    if name == "position":
        return f"{value[0]:.6f},{value[1]:.6f}"
    if name == "region":
        return regions.full_name(value)
    return _WORDS.get(name, {}).get(value, str(value))
