"""What an admin sends about a member."""

from app.volunteers.revealing import ID_NUMBER, PHONE
from app.web.choices import Radios
from app.web.forms import Form, Needed, Text

REVEAL_REASONS = {
    "contact": "联系志愿者",
    "insurance": "办理保险",
    "check": "核对身份",
    "other": "其他原因",
}


class ReasonToMemberForm(Form):
    """Why somebody is not taken or has to go; the person reads it."""

    reason = Text("原因", [Needed("请写明原因，对方会看到")], shortest=2, longest=100)


class RevealMemberForm(Form):
    """What of a member is looked at, and why; the person can read it in their own data."""

    what = Radios("看什么", [Needed("请选择看什么")], codes={PHONE: "手机号", ID_NUMBER: "证件号码"})
    why = Radios("查看原因", [Needed("请选择原因")], codes=REVEAL_REASONS)
    note = Text("补充说明", longest=100)

    @property
    def words(self) -> str:
        return "：".join(filter(None, (REVEAL_REASONS[self.why.data], self.note.data)))
