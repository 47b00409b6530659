"""注册 of a volunteer."""

import re
from dataclasses import fields
from datetime import datetime
from typing import Any

from wtforms import BooleanField, ValidationError

from app import codes, regions
from app.clock import today
from app.volunteers.identity import InvalidId, read_resident_id
from app.volunteers.models import Volunteer
from app.volunteers.services import Identity, Profile
from app.web import readers
from app.web.forms import Chips, Choice, Code, Day, Form, Needed, PersonName, Phone, Pick, RegionField, Text, accepted


class IdNumber(Text):
    """The number of a document. A resident ID's own rules are checked with its type known."""

    PATTERN = re.compile(r"[0-9A-Z㐀-鿿]{5,30}")

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        number = readers.id_number(self.data)
        if len(number) <= self.longest:
            self.number = number

    number = ""


class Email(Text):
    PATTERN = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data and not self.PATTERN.fullmatch(self.data):
            raise ValidationError("邮箱请按 name@example.org 的样子填写")


class AbilityForm(Form):
    """Where somebody is, what they can and what they want to do: asked of everybody."""

    region = RegionField("所在区域", [Needed("请选择所在区域")])
    skills = Chips("专业技能", [Needed("请至少选择一项专业技能")], codes=codes.SKILLS)
    services = Chips("服务类别", [Needed("请至少选择一项服务类别")], codes=codes.SERVICE_SCOPES, most=4)


class ProfileForm(Form):
    """What a volunteer may tell of themselves; nothing of it is asked of everybody."""

    kind = Choice("志愿者类别", codes=codes.VOLUNTEER_KINDS)
    expertise = Chips("学科领域", codes=codes.EXPERTISE)
    other_skills = Text("其他特长", longest=50)
    target_groups = Chips("愿意服务的对象", codes=codes.TARGET_GROUPS)
    availability = Chips("可服务时间", codes=codes.AVAILABILITY)
    service_region = Choice("服务区域", codes={})
    education = Choice("最高学历", codes=codes.EDUCATIONS)
    employment = Choice("从业状况", codes=codes.EMPLOYMENTS)
    employer = Text("工作单位", longest=100)
    title = Choice("职称", codes=codes.TITLES)
    political_status = Choice("政治面貌", codes=codes.POLITICAL_STATUSES)
    ethnicity = Choice("民族", codes=codes.ETHNICITIES)
    address = Text("详细地址", longest=100)
    email = Email("邮箱", longest=100)
    emergency_name = PersonName("紧急联系人", longest=30)
    emergency_phone = Phone("紧急联系人手机号")
    declares_health = BooleanField("我身心健康，适合参加志愿服务")

    def offer_service_regions(self, home: str) -> None:
        """Offer the districts of the province of `home`."""
        groups = regions.districts_by_city(regions.province_of(home), regions.city_of(home))
        places = [("", "请选择"), *((code, f"{city}{name}") for city, rows in groups for code, name in rows)]
        kept = self.service_region.data
        if kept and kept not in dict(places) and regions.exists(kept):
            places.append((kept, regions.full_name(kept)))
        self.service_region.offers = places

    @property
    def profile(self) -> Profile:
        filled = {entry.name: self[entry.name].data for entry in fields(Profile)}
        return Profile(**{name: value for name, value in filled.items() if value})


class EditForm(AbilityForm, ProfileForm):
    """编辑信息: what a volunteer changes freely; 注册 has the same fields."""

    def offer_places(self, home: str) -> None:
        """Fill in the lists of places: of the province that was chosen, or of `home`."""
        self.region.offer(home)
        self.offer_service_regions(home)

    @classmethod
    def of(cls, volunteer: Volunteer) -> "EditForm":
        """The form as it stands in the register; what was typed since comes first."""
        names = [entry.name for entry in fields(Profile) if entry.name != "declares_health"]
        kept = {name: getattr(volunteer, name) for name in names}
        return cls(
            region=volunteer.residence_region,
            skills=[skill.code for skill in volunteer.skills],
            services=[service.code for service in volunteer.services],
            declares_health=volunteer.health_declared_at is not None,
            **kept,
        )


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
        if not self.id_number.errors and _is_resident_id(number, now):
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


def _is_resident_id(number: str, now: datetime) -> bool:
    try:
        read_resident_id(number, now)
    except InvalidId:
        return False
    return True


class IdentityForm(IdentityFields):
    """更正姓名或证件: with a code that proves that it is the person themself."""

    code = Code("验证码", [Needed("请填写验证码")])


class OwnerForm(Form):
    """确认本人."""

    last_six = Text("证件号码后 6 位", [Needed("请填写登记时用的证件号码的后 6 位")], longest=30)


class RecoverForm(Form):
    """找回: the phone that somebody registered with before."""

    phone = Phone("原手机号", [Needed("请填写原手机号")])
    code = Code("验证码", [Needed("请填写短信里的验证码")])


class GuardianForm(Form):
    """Who answers for somebody under 18: proved by a code to their own phone."""

    guardian_name = PersonName("监护人姓名", [Needed("请填写监护人姓名")], longest=30)
    guardian_phone = Phone("监护人手机号", [Needed("请填写监护人手机号")])
    code = Code("验证码", [Needed("请填写监护人收到的验证码")])
    guardian_consent = BooleanField("同意", [accepted("请监护人看过注册协议和隐私政策，并在这里勾选同意")])


class FinishForm(ProfileForm):
    """The last step of 注册: an organisation, more about oneself, and the agreements."""

    REFRESHING = ("province", "find")

    organization = Pick("所属组织")
    organization_name = Text("按名称找组织", longest=50)
    join_password = Text("加入口令", longest=30)
    agreement = BooleanField("我已阅读并同意", [accepted("请阅读并同意注册协议")])
    privacy = BooleanField("我已阅读并同意", [accepted("请阅读并同意隐私政策")])

    @property
    def searched(self) -> str:
        """What to look for among the names of organisations."""
        return str(self.organization_name.data or "")[:50] if self.organization_name.validate(self) else ""
