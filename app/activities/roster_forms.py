"""What an organiser sends about the people on the list."""

from collections.abc import Collection

from wtforms import BooleanField, HiddenField

from app.activities.rosters import GROUPS
from app.web.choices import Choice, Pick, Radios
from app.web.forms import Form, LongText, Moment, Needed, Text

REVEAL_REASONS = {
    "confirm": "确认能否到场",
    "change": "通知时间或地点变动",
    "safety": "现场安全或紧急情况",
    "other": "其他原因",
}
#: Groups that a message or a sheet is for.
GROUP_LABELS = {key: label for key, (label, _) in GROUPS.items() if key != "left"}


class Asked(BooleanField):
    """A tick that is shown where it is asked for."""


class RevealForm(Form):
    """Why somebody's phone is looked at; the person can read it in their own data."""

    why = Radios("查看原因", [Needed("请选择原因")], codes=REVEAL_REASONS)
    note = Text("补充说明", longest=100)

    @property
    def words(self) -> str:
        return "：".join(filter(None, (REVEAL_REASONS[self.why.data], self.note.data)))


class MessageForm(Form):
    form_key = HiddenField()
    words = LongText("消息内容", [Needed("请填写消息内容")], shortest=2, longest=200)
    #: The same words once more are meant.
    again = Asked("确实再发一次")


class ForGroup(Form):
    """What is for one group of the list."""

    def offer(self, groups: Collection[str]) -> None:
        """Those that the activity has; to be called before the form is judged."""
        field = self["group"]
        field.offers = [(key, label) for key, label in field.offers if key in groups]


ALL_SHIFTS = "all"


class GroupMessageForm(ForGroup, MessageForm):
    group = Choice("发给谁", codes=GROUP_LABELS, default="in")
    #: With one shift there is nothing to choose.
    shift = Pick("场次", default=ALL_SHIFTS)


class ExportForm(ForGroup):
    form_key = HiddenField()
    group = Choice("导出哪些人", codes=GROUP_LABELS, default="in")
    reason = Text("用途", [Needed("请写明用途，会记录下来")], shortest=2, longest=100)


class ExportVerdictForm(Form):
    """What another admin says of a wish to take a long list out."""

    reason = Text("意见", longest=100)


class PutOnListForm(Form):
    """加入名单; with one shift there is nothing to choose."""

    shift = Pick("场次", [Needed("请选择场次")])
    person = Text("志愿者编号或手机号", [Needed("请填写成员的志愿者编号或手机号")], longest=20)
    reason = Text("原因", [Needed("请写明原因，会记录下来")], shortest=2, longest=100)


class GivePlaceForm(Form):
    reason = Text("原因", [Needed("请写明为什么先给这位，会记录下来")], shortest=2, longest=100)


class CancelForm(Form):
    reason = Text("取消原因", [Needed("请写明原因，报名的人会收到")], shortest=2, longest=100)


class DeadlineForm(Form):
    #: Whether there is a sign-up to be ended by one press.
    closes_now = False
    #: Of which edition of the activity the page is.
    revision = HiddenField()
    #: Until it is there.
    signup_start_at = Moment("报名开始时间")
    signup_end_at = Moment("报名截止时间", [Needed("请填写报名截止时间")])


class ReasonForm(Form):
    """Why the organiser says no; the person reads it."""

    reason = Text("原因", [Needed("请写明原因，对方会看到")], shortest=2, longest=100)
