"""注册 of an organisation: its own facts, then its admin's."""

from datetime import datetime
from typing import Any

from wtforms import BooleanField, HiddenField

from app import codes
from app.clock import today
from app.organizations.services import AdminFacts, OrganizationFacts
from app.web.forms import (
    Chips,
    Choice,
    Day,
    Form,
    LongText,
    Needed,
    PersonName,
    Phone,
    Pick,
    RegionField,
    Text,
    Title,
    accepted,
)


class OrganizationForm(Form):
    name = Title("组织名称", [Needed("请填写组织名称")], shortest=4, longest=50)
    st_line = Choice("组织类型", [Needed("请选择组织类型")], codes=codes.ST_LINES)
    parent = Pick("上级组织", [Needed("请选择上级组织")])
    region = RegionField("所属区域", [Needed("请选择所属区域")])
    address = Text("详细地址", [Needed("请填写详细地址")], shortest=2, longest=100)
    founded_on = Day("成立日期", [Needed("请填写成立日期")])
    leader_name = PersonName("负责人", [Needed("请填写负责人姓名")])
    leader_phone = Phone("负责人手机号", [Needed("请填写负责人手机号")])
    service_categories = Chips("服务类别", [Needed("请至少选择一项服务类别")], codes=codes.SERVICE_SCOPES)
    join_mode = Choice("加入方式", [Needed("请选择加入方式")], codes=codes.JOIN_MODES, default="1")
    intro = LongText("组织简介", longest=1000)

    def is_consistent(self, now: datetime) -> bool:
        if self.founded_on.day and self.founded_on.day > today(now):
            self.founded_on.errors = ["成立日期不能晚于今天"]
            return False
        if len(self.service_categories.data) > 4:
            self.service_categories.errors = ["服务类别最多选 4 项"]
            return False
        return True

    def draft(self) -> dict[str, Any]:
        """What was typed, to be read again by a form like this one. Only its own fields."""
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token" and field.data}

    def facts(self) -> OrganizationFacts:
        return OrganizationFacts(
            name=self.name.data,
            st_line=self.st_line.data,
            region=self.region.data,
            address=self.address.data,
            founded_on=self.founded_on.day,
            leader_name=self.leader_name.data,
            leader_phone=self.leader_phone.data,
            service_categories=self.service_categories.data,
            intro=self.intro.data,
            join_mode=self.join_mode.data,
        )


class AdminForm(Form):
    form_key = HiddenField()
    name = PersonName("管理员姓名", [Needed("请填写管理员姓名")])
    position = Text("职务", longest=30)
    agreement = BooleanField("我已阅读并同意", [accepted("请阅读并同意注册协议")])
    privacy = BooleanField("我已阅读并同意", [accepted("请阅读并同意隐私政策")])

    def facts(self) -> AdminFacts:
        return AdminFacts(self.name.data, self.position.data)


class ReviewForm(Form):
    reason = Text("理由", longest=100)


class TeamForm(Form):
    name = Title("队伍名称", [Needed("请填写队伍名称")], shortest=2, longest=50)
    intro = LongText("队伍简介", longest=500)
