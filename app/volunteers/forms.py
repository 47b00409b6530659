"""注册 of a volunteer."""

import re
from dataclasses import fields
from typing import Any

from wtforms import BooleanField, ValidationError

from app import codes, regions
from app.volunteers.fields import AbilityForm, IdentityFields
from app.volunteers.models import Volunteer
from app.volunteers.services import Profile
from app.web.choices import Chips, Choice, Pick
from app.web.forms import Code, Form, Needed, PersonName, Phone, Text, accepted


class Email(Text):
    PATTERN = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data and not self.PATTERN.fullmatch(self.data):
            raise ValidationError("邮箱请按 name@example.org 的样子填写")


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

    def validate(self, extra_validators: Any = None) -> bool:
        """Whom to call is a name and a phone, or nobody."""
        is_right = bool(super().validate(extra_validators))
        name, phone = self.emergency_name.data, self.emergency_phone.data
        if name and not phone:
            self.complain("emergency_phone", "请填写紧急联系人的手机号，或把姓名也清空")
        if phone and not name:
            self.complain("emergency_name", "请填写紧急联系人的姓名，或把手机号也清空")
        return is_right and bool(name) == bool(phone)

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
