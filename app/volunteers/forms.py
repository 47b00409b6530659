"""注册 of a volunteer."""

import re
from datetime import datetime
from typing import Any

from wtforms import BooleanField

from app import codes
from app.clock import today
from app.volunteers.identity import InvalidId, read_resident_id
from app.volunteers.services import Registration
from app.web import readers
from app.web.forms import Chips, Choice, Day, Form, Needed, PersonName, Phone, Pick, RegionField, Text, accepted


class IdNumber(Text):
    """The number of a document. A resident ID's own rules are checked with its type known."""

    PATTERN = re.compile(r"[0-9A-Z㐀-鿿]{5,30}")

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        number = readers.id_number(self.data)
        if len(number) <= self.longest:
            self.number = number

    number = ""


class EditForm(Form):
    """编辑信息: what a volunteer changes freely. Name and papers are what the register rests on; they stay."""

    region = RegionField("所在区域", [Needed("请选择所在区域")])
    skills = Chips("专业技能", [Needed("请至少选择一项专业技能")], codes=codes.SKILLS)
    services = Chips("服务类别", [Needed("请至少选择一项服务类别")], codes=codes.SERVICE_SCOPES)


class RegistrationForm(EditForm):
    """注册."""

    name = PersonName("姓名", [Needed("请填写姓名")])
    id_type = Choice("证件类型", [Needed("请选择证件类型")], codes=codes.ID_TYPES, default=codes.RESIDENT_ID)
    id_number = IdNumber("证件号码", [Needed("请填写证件号码")], longest=30)
    gender = Choice("性别", codes={code: codes.GENDERS[code] for code in "12"})
    birth_date = Day("出生日期")
    organization = Pick("所属组织")
    guardian_name = PersonName("监护人姓名", longest=30)
    guardian_phone = Phone("监护人手机号")
    agreement = BooleanField("我已阅读并同意", [accepted("请阅读并同意注册协议")])
    privacy = BooleanField("我已阅读并同意", [accepted("请阅读并同意隐私政策")])
    id_consent = BooleanField("同意", [accepted("没有证件号码无法注册，请阅读说明并同意")])

    def facts(self, now: datetime) -> Registration | None:
        """What was sent, when it holds together; otherwise the fields carry the errors."""
        gender, born, number = self.gender.data, self.birth_date.day, self.id_number.number
        if self.id_type.data == codes.RESIDENT_ID:
            try:
                identity = read_resident_id(number, now)
            except InvalidId as error:
                self.id_number.errors = [str(error)]
                return None
            # The number says both; asking as well would only allow two answers.
            gender, born, number = identity.gender, identity.birth_date, identity.number
        elif not IdNumber.PATTERN.fullmatch(number):
            self.id_number.errors = ["证件号码请照证件填写 5 到 30 个字母、数字或汉字"]
        if not gender:
            self.gender.errors = ["请选择性别"]
        if born is None:
            self.birth_date.errors = ["请填写出生日期"]
        elif born > today(now):
            self.birth_date.errors = ["出生日期不能晚于今天"]
            born = None
        if not gender or born is None or self.id_number.errors:
            return None
        return Registration(
            name=self.name.data,
            gender=gender,
            birth_date=born,
            id_type=self.id_type.data,
            id_number=number,
            residence_region=self.region.data,
            skills=self.skills.data,
            services=self.services.data,
            guardian_name=self.guardian_name.data or "",
            guardian_phone=self.guardian_phone.data or "",
        )
