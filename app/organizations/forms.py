"""What organisations send: 注册 with their facts, then their admin's; 编辑信息; a judgement."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from wtforms import BooleanField, HiddenField

from app import codes
from app.clock import today
from app.organizations import expected
from app.organizations.facts import AdminFacts, OrganizationFacts
from app.organizations.fields import AnyPhone, AreaField, CreditCode, number_faults
from app.organizations.models import Organization, OrganizationState
from app.organizations.names import folded
from app.organizations.papers import MOST_PAGES
from app.web import readers
from app.web.choices import Chips, Choice, Pick
from app.web.forms import Day, Form, LongText, Needed, PersonName, Phone, Text, Title, WholeNumber, accepted
from app.web.pictures import PicturesField
from app.web.places import Position

MOST_SERVICES = 4
NAME_LENGTHS = (2, 50)


#: What a form does not show again of what is kept.
HIDDEN = {"leader_id_number", "join_password"}


class FactsForm(Form):
    """What an organisation says of itself. The first ten suffice for most; the rest is folded away on the page."""

    name = Title("组织名称", [Needed("请填写组织名称")], shortest=4, longest=50)
    st_line = Choice("组织类型", [Needed("请选择组织类型")], codes=codes.ST_LINES)
    region = AreaField("所属区域", [Needed("请选择所属区域")])
    address = Text("详细地址", [Needed("请填写详细地址")], shortest=2, longest=100)
    position = Position("地图坐标")
    founded_on = Day("成立日期", [Needed("请填写成立日期")])
    leader_name = PersonName("负责人", [Needed("请填写负责人姓名")])
    leader_phone = Phone("负责人手机号", [Needed("请填写负责人手机号")])
    service_categories = Chips("服务类别", [Needed("请至少选择一项服务类别")], codes=codes.SERVICE_SCOPES)
    join_mode = Choice("加入方式", [Needed("请选择加入方式")], codes=codes.JOIN_MODES, default="1")
    join_password = Text("加入口令", shortest=4, longest=30)
    intro = LongText("组织简介", longest=1000)
    application = PicturesField("注册申请表扫描件", most=MOST_PAGES)
    logo = PicturesField("标志", most=1)
    org_class = Choice("登记情况", codes=codes.ORGANIZATION_CLASSES, default=codes.UNREGISTERED_GROUP)
    uscc = CreditCode("统一社会信用代码")
    unit_type = Choice("单位性质", codes=codes.UNIT_TYPES)
    backing_unit = Text("批准成立的单位", shortest=2, longest=100)
    backing_name = PersonName("批准单位的经办人")
    backing_phone = AnyPhone("批准单位的电话")
    is_social_organization = BooleanField("已登记为社会团体")
    registration_authority = Text("登记机关", longest=50)
    registration_no = Text("登记证号", longest=50)
    contact_name = PersonName("联系人")
    contact_phone = AnyPhone("联系电话")
    is_phone_public = BooleanField("公开联系电话")
    leader_id_number = Text("身份证号码", longest=30)
    leader_id_consent = BooleanField("本人同意")
    short_name = Text("简称", shortest=2, longest=20)
    planned_size = WholeNumber("计划人数", least=1, most=1_000_000)
    skills = Chips("队伍擅长", codes=codes.SKILLS)
    can_offer = Chips("能够提供", codes=codes.RESOURCES)
    needs = Chips("需要支持", codes=codes.RESOURCES)
    is_legacy = BooleanField("由原科普志愿者组织转入")
    #: The name of which the person said that it is none of those that are nearly the same.
    not_same = HiddenField()

    #: Whether there is one already, which an empty field leaves as it is.
    has_password = False
    #: Whether the organisation above is to judge what is handed in.
    is_judged = False
    is_edit = False

    def ask_for_all(self) -> None:
        """Let what the register asks for be needed, for the organisation above judges by it."""
        self.is_judged = self.intro.flags.needed = self.application.flags.needed = True

    @property
    def lacks_papers_alone(self) -> bool:
        """Whether nothing is wrong but that somebody has to go and fetch, or write, what the judge is to see."""
        return bool(self.errors) and set(self.errors) <= {"application", "intro"} and self.is_judged

    @property
    def is_of_group(self) -> bool:
        return self.org_class.data in (None, "", codes.UNREGISTERED_GROUP)

    @property
    def is_confirmed(self) -> bool:
        return bool(self.not_same.data == self.name.data)

    def is_consistent(self, now: datetime) -> bool:
        """Whether the fields hold, each and together; otherwise they carry all errors at once."""
        self.validate()
        for name, sentence in self._contradictions(now):
            self.complain(name, sentence)
        return not self.errors

    def _contradictions(self, now: datetime) -> Any:
        if self.founded_on.day and self.founded_on.day > today(now):
            yield "founded_on", "成立日期不能晚于今天"
        if self.join_mode.data == codes.JOIN_BY_WORD and not (self.join_password.data or self.has_password):
            yield "join_password", "凭口令加入的组织请设一个口令"
        if len(self.service_categories.data or []) > MOST_SERVICES:
            yield "service_categories", f"服务类别最多选 {MOST_SERVICES} 项"
        if self.org_class.data != codes.UNREGISTERED_GROUP and not self.uscc.data:
            yield "uscc", "单独登记的组织请填写统一社会信用代码"
        if self.backing_unit.data and not self.backing_name.data:
            yield "backing_name", "请填写批准单位的经办人"
        if self.backing_unit.data and not self.backing_phone.data:
            yield "backing_phone", "请填写批准单位的电话"
        if self.is_social_organization.data and not self.registration_no.data:
            yield "registration_no", "已登记为社会团体的，请填写登记证号"
        if self.contact_name.data and not self.contact_phone.data:
            yield "contact_phone", "请填写联系人的电话"
        if self.is_phone_public.data and not self.contact_phone.data:
            yield "contact_phone", "要公开联系电话，请先填写一个"
        if self.is_judged and not self.intro.data:
            yield "intro", "请填写组织简介，上级审核要看"
        if self.is_judged and self.is_of_group and not self.application.data:
            yield "application", "请上传注册申请表：把盖章的纸质表拍清楚就行，上级凭它审核"
        if self.leader_id_number.data:
            unagreed = "填写身份证号码要先得到负责人同意；不同意可以不填"
            yield from number_faults(self.leader_id_number, self.leader_id_consent, unagreed, now)

    def facts(self) -> OrganizationFacts:
        read: dict[str, Any] = {"founded_on": self.founded_on.day, "planned_size": self.planned_size.number or None}
        read["position"] = self.position.point
        read |= {"application": tuple(self.application.data), "logo": "".join(self.logo.data[:1])}
        names = [entry.name for entry in fields(OrganizationFacts)]
        return OrganizationFacts(**{name: read[name] if name in read else _said(self[name].data) for name in names})


def _said(data: Any) -> Any:
    return "" if data is None else data


def _cut(field: Any) -> Any:
    """What a form that is kept half-filled holds of a field: one sign more than is allowed still tells of it."""
    if isinstance(field.data, str):
        return field.data[: getattr(field, "longest", 50) + 1]
    return field.data[:50] if isinstance(field.data, list) else field.data


class ParentForm(FactsForm):
    """A form on which the organisation above is chosen."""

    REFRESHING = ("province", "parent")

    parent = Pick("上级组织", [Needed("请选择上级组织")])
    #: What an organisation above is searched by.
    parent_text = Text("名称或编号", longest=50)

    near_parents: Sequence[Organization] = ()
    is_under_the_root = False
    #: Whether the organisation above is the one whose link the person came by, and whether others are suggested.
    is_invited, suggests = False, True
    #: How many a search found; None when nothing was searched for.
    parent_found: int | None = None


class OrganizationForm(ParentForm):
    """注册, the first step."""

    #: The link that the person was handed by the organisation above: see expected.py.
    link = HiddenField()

    def draft(self) -> dict[str, Any]:
        """What was typed, to be read again by a form like this one. Only its own fields, and no more than they hold."""
        left_out = {"csrf_token", "parent_text"}
        if not self.leader_id_consent.data:
            # Nothing of it is kept before the person has agreed to that.
            left_out.add("leader_id_number")
        typed = {name: _cut(field) for name, field in self._fields.items() if name not in left_out}
        return {name: data for name, data in typed.items() if data}


class ExpectedForm(Form):
    """开放下级注册: which units are expected, one a line, and until when."""

    #: Which edition of the list is changed.
    edition = HiddenField()
    due_on = Day("截止日期", [Needed("请填写截止日期")])
    names = LongText("单位名单", longest=expected.MOST_UNITS * 51)

    def units(self) -> list[str] | None:
        """The names, once each; None when one of them is none, and the field tells which."""
        lines = [line.strip() for line in self.names.data.split("\n")]
        for number, line in enumerate(lines, 1):
            if line and not (NAME_LENGTHS[0] <= len(line) <= NAME_LENGTHS[1] and readers.says_something(line)):
                self.names.errors = [
                    f"第 {number} 行“{line[:20]}”不像单位名称：每行一个，{NAME_LENGTHS[0]} 到 {NAME_LENGTHS[1]} 个字"
                ]
                return None
        if not self._are_distinct(lines):
            return None
        names = list(dict.fromkeys(filter(None, lines)))
        if len(names) > expected.MOST_UNITS:
            self.names.errors = [f"一次最多 {expected.MOST_UNITS} 个单位，现在有 {len(names)} 个"]
            return None
        return names

    def _are_distinct(self, lines: Sequence[str]) -> bool:
        """Two names that differ by their ending alone would be one unit: whoever registers could be either."""
        first: dict[str, int] = {}
        for number, line in enumerate(lines, 1):
            earlier = first.setdefault(folded(line), number) if line else number
            if line and lines[earlier - 1] != line:
                self.names.errors = [
                    f"第 {number} 行“{line[:20]}”和第 {earlier} 行“{lines[earlier - 1][:20]}”会认成同一个单位"
                    "（只差空格、标点、上级地名或“服务队”“总队”这样的结尾），请改得能分清，或只留一行"
                ]
                return False
        return True


class AdminForm(Form):
    """注册, the second step."""

    #: What is kept of it; what is ticked is ticked when it is sent.
    KEPT = ("name", "position")

    form_key = HiddenField()
    #: Which edition of the organisation's facts the page showed.
    seen = HiddenField()
    name = PersonName("管理员姓名", [Needed("请填写管理员姓名")])
    position = Text("职务", longest=30)
    agreement = BooleanField("我已阅读并同意", [accepted("请阅读并同意注册协议")])
    privacy = BooleanField("我已阅读并同意", [accepted("请阅读并同意隐私政策")])

    def facts(self) -> AdminFacts:
        return AdminFacts(self.name.data, self.position.data)

    def draft(self) -> dict[str, Any]:
        """What was typed, no more of it than its fields hold."""
        return {name: data for name in self.KEPT if (data := _cut(self[name]))}


class ReviewForm(Form):
    #: Which edition of the facts the judge saw.
    revision = HiddenField()
    reason = Text("理由", longest=100)


class TeamForm(Form):
    name = Title("队伍名称", [Needed("请填写队伍名称")], shortest=2, longest=50)
    intro = LongText("队伍简介", longest=500)


class EditForm(ParentForm):
    """编辑信息: the same facts; the leader's ID number is not shown again, only replaced or taken out.

    The organisation above is chosen anew only for a registration that was sent back.
    """

    is_edit = True
    #: Which edition of the facts is edited.
    revision = HiddenField()
    drops_leader_id = BooleanField("不再保留已登记的身份证号码")

    @classmethod
    def of(cls, organization: Organization) -> "EditForm":
        """The form as the organisation stands; what was typed since comes first."""
        shown = {
            entry.name: getattr(organization, entry.name)
            for entry in fields(OrganizationFacts)
            if entry.name not in HIDDEN
        }
        shown["founded_on"] = organization.founded_on.isoformat() if organization.founded_on else ""
        shown["planned_size"] = str(organization.planned_size or "")
        shown |= {
            "application": list(organization.application),
            "logo": [organization.logo] if organization.logo else [],
        }
        shown["position"] = Position.text(organization.position or (None, None))
        shown["parent"] = organization.parent.uid if organization.parent else ""
        form = cls(revision=str(organization.revision), **shown)
        if organization.state != OrganizationState.RETURNED:
            del form.parent
            del form.parent_text
        for field in (form.application, form.logo):
            if field.raw_data == []:  # not asked about at all: a page always sends its field, if an empty one
                field.data = shown[field.name]
        form.has_password = organization.join_password_hash is not None
        return form

    def facts_for(self, organization: Organization) -> OrganizationFacts:
        kept = "" if self.drops_leader_id.data else organization.leader_id_number
        return replace(self.facts(), leader_id_number=self.leader_id_number.data or kept)
