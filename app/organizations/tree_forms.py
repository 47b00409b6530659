"""What is said when an organisation is moved, merged or suspended, and when somebody is to act for one."""

from datetime import datetime

from wtforms import BooleanField

from app.organizations.admins import ROLE_WORDS, may_grant
from app.organizations.fields import number_faults
from app.organizations.models import Role
from app.web.choices import Pick, Radios
from app.web.forms import Code, Form, Needed, PersonName, Phone, Text, accepted


class WhyForm(Form):
    """What is done to an organisation is told with a reason."""

    reason = Text("原因", [Needed("请写明原因，对方会看到")], longest=100, shortest=2)


class MoveForm(WhyForm):
    parent = Pick("新的上级组织", [Needed("请选择新的上级组织")])


class MergeForm(WhyForm):
    successor = Pick("并入哪个组织", [Needed("请选择并入哪个组织")])
    admins = Radios(
        "原来的管理员",
        [Needed("请选择原来的管理员怎么安排")],
        codes={"keep": "转为新组织的管理员", "drop": "不再担任管理员"},
        default="keep",
    )
    understood = BooleanField("我已看明白，确定合并", [accepted("合并不能撤回，请看完说明再勾选")])


def _roles(*roles: str) -> dict[str, str]:
    return {role: ROLE_WORDS[role] for role in roles}


class RoleForm(Form):
    role = Radios("角色", [Needed("请选择角色")], codes=_roles(Role.ADMIN, Role.LEAD, Role.HELPER))

    def offer(self, granter: str) -> None:
        """Only what the person may grant."""
        self.role.offers = [(role, words) for role, words in self.role.offers if role and may_grant(granter, role)]


class InviteForm(RoleForm):
    phone = Phone("对方手机号")


class AcceptForm(Form):
    name = PersonName("您的姓名", [Needed("请填写姓名")])
    position = Text("职务", longest=30)


class SelfForm(AcceptForm):
    """我的管理员资料: the number is not shown again, only replaced or taken out."""

    id_number = Text("身份证号码", longest=30)
    id_consent = BooleanField("本人同意")
    drops_id_number = BooleanField("不再保留已登记的身份证号码")

    def is_consistent(self, now: datetime) -> bool:
        """Whether the fields hold, each and together; otherwise they carry all errors at once."""
        self.validate()
        if self.id_number.data:
            unagreed = "填写身份证号码要先同意；不同意可以不填"
            for name, sentence in number_faults(self.id_number, self.id_consent, unagreed, now):
                self.complain(name, sentence)
        return not self.errors


class HandOverForm(Form):
    phone = Phone("新所有者的手机号", [Needed("请填写新所有者的手机号")])
    name = PersonName("新所有者的姓名", [Needed("请填写新所有者的姓名")])
    code = Code("验证码", [Needed("请填写对方收到的验证码")])
    stays = Radios(
        "移交以后您",
        [Needed("请选择")],
        codes={"admin": "留下来当管理员", "leave": "不再担任管理人员"},
        default="admin",
    )


class AppointForm(WhyForm):
    admin = Pick("由谁担任所有者")
    phone = Phone("或者邀请这个手机号")

    def is_consistent(self) -> bool:
        """Whether the fields hold, each and together; otherwise they carry all errors at once."""
        self.validate()
        if bool(self.admin.data) == bool(self.phone.data):
            self.complain("phone", "请在上面选一位现有的管理员，或者填写一个手机号，二选一")
        return not self.errors
