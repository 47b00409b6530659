"""注册 of a volunteer."""

from datetime import datetime

from wtforms import BooleanField

from app import codes
from app.volunteers.identity import InvalidId, read_resident_id
from app.volunteers.services import Registration
from app.web.forms import Chips, Choice, Day, Form, Needed, PersonName, Phone, Pick, RegionField, Text, accepted


class EditForm(Form):
    """编辑信息: what a volunteer changes freely. Name and papers are what the register rests on; they stay."""

    region = RegionField("所在区域", [Needed("请选择所在区域")])
    skills = Chips("专业技能", [Needed("请至少选择一项专业技能")], codes=codes.SKILLS)
    services = Chips("服务类别", [Needed("请至少选择一项服务类别")], codes=codes.SERVICE_SCOPES)


class RegistrationForm(EditForm):
    """注册."""

    name = PersonName("姓名", [Needed("请填写姓名")])
    id_type = Choice("证件类型", [Needed("请选择证件类型")], codes=codes.ID_TYPES, default=codes.RESIDENT_ID)
    id_number = Text("证件号码", [Needed("请填写证件号码")], longest=30)
    gender = Choice("性别", codes={code: codes.GENDERS[code] for code in "12"})
    birth_date = Day("出生日期")
    organization = Pick("所属组织")
    guardian_name = PersonName("监护人姓名")
    guardian_phone = Phone("监护人手机号")
    agreement = BooleanField("我已阅读并同意", [accepted("请阅读并同意注册协议")])
    privacy = BooleanField("我已阅读并同意", [accepted("请阅读并同意隐私政策")])
    id_consent = BooleanField("同意", [accepted("没有证件号码无法注册，请阅读说明并同意")])

    def facts(self, now: datetime) -> Registration | None:
        """What was sent, when it holds together; otherwise the fields carry the errors."""
        gender, born, number = self.gender.data, self.birth_date.day, self.id_number.data.upper()
        if self.id_type.data == codes.RESIDENT_ID:
            try:
                identity = read_resident_id(self.id_number.data, now)
            except InvalidId as error:
                self.id_number.errors = [str(error)]
                return None
            # The number says both; asking as well would only allow two answers.
            gender, born, number = identity.gender, identity.birth_date, identity.number
        if not gender:
            self.gender.errors = ["请选择性别"]
        if born is None:
            self.birth_date.errors = ["请填写出生日期"]
        elif born > now.date():
            self.birth_date.errors = ["出生日期不能晚于今天"]
            born = None
        if not gender or born is None:
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
