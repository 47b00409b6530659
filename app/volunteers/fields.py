"""Fields and forms about who somebody is and what they can do, for every page that asks for them."""

import re
from datetime import datetime
from typing import Any

from wtforms import BooleanField

from app import codes
from app.clock import today
from app.volunteers.identity import InvalidId, read_resident_id
from app.volunteers.services import Identity
from app.web import readers
from app.web.choices import Chips, Choice, RegionField
from app.web.forms import Day, Form, Needed, PersonName, Text, accepted


class IdNumber(Text):
    """The number of a document. A resident ID's own rules are checked with its type known."""

    PATTERN = re.compile(r"[0-9A-Z㐀-鿿]{5,30}")

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        number = readers.id_number(self.data)
        if len(number) <= self.longest:
            self.number = number

    number = ""


class AbilityForm(Form):
    """Where somebody is, what they can and what they want to do: asked of everybody."""

    region = RegionField("所在区域", [Needed("请选择所在区域")])
    skills = Chips("专业技能", [Needed("请至少选择一项专业技能")], codes=codes.SKILLS)
    services = Chips("服务类别", [Needed("请至少选择一项服务类别")], codes=codes.SERVICE_SCOPES, most=4)


class IdentityFields(Form):
    """Who somebody is, by a document."""

    name = PersonName("姓名", [Needed("请填写姓名")])
    id_type = Choice("证件类型", [Needed("请选择证件类型")], codes=codes.ID_TYPES, default=codes.RESIDENT_ID)
    id_number = IdNumber("证件号码", [Needed("请填写证件号码")], longest=30)
    gender = Choice("性别", codes={code: codes.GENDERS[code] for code in "12"})
    birth_date = Day("出生日期")
    id_consent = BooleanField("同意", [accepted("没有证件号码无法注册，请阅读说明并同意")])

    def identity(self, now: datetime) -> Identity | None:
        """What was sent, when all of it holds; otherwise the fields carry all errors at once."""
        found = self.by_document(now)
        return None if self.errors else found

    def by_document(self, now: datetime) -> Identity | None:
        """Judge the whole; whom the document speaks of, though something else, like the consent, be wrong."""
        self.validate()
        if self.id_type.errors:
            return None  # by which rules to read the number is not known yet
        if self.id_type.data == codes.RESIDENT_ID:
            return self._by_resident_id(now)
        return self._by_other_document(now)

    def _by_resident_id(self, now: datetime) -> Identity | None:
        try:
            found = read_resident_id(self.id_number.number, now)
        except InvalidId as error:
            self.complain("id_number", str(error))
            return None
        if self.id_number.errors:
            return None
        # The number says both; asking as well would only allow two answers.
        return Identity(self.name.data, found.gender, found.birth_date, self.id_type.data, found.number)

    def _by_other_document(self, now: datetime) -> Identity | None:
        gender, born, number = self.gender.data, self.birth_date.day, self.id_number.number
        if not self.id_number.errors and is_resident_id(number, now):
            # Else one person could have an account under each type.
            self.complain("id_type", "这是身份证号码，证件类型请选内地居民身份证")
            return None
        if not IdNumber.PATTERN.fullmatch(number):
            self.complain("id_number", "证件号码请照证件填写 5 到 30 个字母、数字或汉字")
        if not gender:
            self.complain("gender", "请选择性别")
        if born is None:
            self.complain("birth_date", "请填写出生日期")
        elif born > today(now):
            self.complain("birth_date", "出生日期不能晚于今天")
        if born is None or self.id_number.errors or self.gender.errors or self.birth_date.errors:
            return None
        return Identity(self.name.data, gender, born, self.id_type.data, number)


def is_resident_id(number: str, now: datetime) -> bool:
    try:
        read_resident_id(number, now)
    except InvalidId:
        return False
    return True
