"""活动发布."""

from datetime import datetime

from wtforms import BooleanField, HiddenField

from app import codes, files
from app.activities.facts import ActivityFacts
from app.activities.fields import Link, Position
from app.activities.models import APPROVAL_MODE_LABELS, PICTURES, Activity, ApprovalMode
from app.activities.shift_rows import ShiftRows
from app.config import Limits
from app.web.forms import (
    Chips,
    Choice,
    Form,
    LongText,
    Moment,
    Needed,
    PersonName,
    Phone,
    Radios,
    RegionField,
    Text,
    Title,
    WholeNumber,
    accepted,
)
from app.web.pictures import PicturesField

#: Why somebody does not come, to choose from.
LEAVING_REASONS = {
    "time": "时间安排不开",
    "health": "身体不舒服",
    "family": "家里有事",
    "way": "路太远、不方便",
    "mistake": "报错了",
    "other": "其他原因",
}


class LeavingForm(Form):
    """取消报名, 请假."""

    why = Radios("原因", [Needed("请选择一个原因")], codes=LEAVING_REASONS)
    note = Text("补充说明", longest=100)

    @property
    def words(self) -> str:
        """The reason as the organiser reads it."""
        return "：".join(filter(None, (LEAVING_REASONS[self.why.data], self.note.data)))


class ReasonForm(Form):
    """Why the organiser says no; the person reads it."""

    reason = Text("原因", [Needed("请写明原因，对方会看到")], shortest=2, longest=100)


MOST_PICTURES = 6


class ActivityForm(ShiftRows):
    form_key = HiddenField()
    #: Whose activity it was when the page was opened: the person may act for another organisation by now.
    organization = HiddenField()
    title = Title("活动名称", [Needed("请填写活动名称")], shortest=2, longest=50)
    scope_category = Choice("服务类别", [Needed("请选择服务类别")], codes=codes.SERVICE_SCOPES)
    region = RegionField("活动区域", [Needed("请选择活动区域")])
    address = Text("活动地点", [Needed("请填写活动地点")], shortest=2, longest=100)
    signup_end_at = Moment("报名截止时间")
    target_groups = Chips("服务对象", [Needed("请至少选择一类服务对象")], codes=codes.TARGET_GROUPS)
    leader_name = PersonName("负责人", [Needed("请填写负责人姓名")])
    leader_phone = Phone("联系电话", [Needed("请填写联系电话")])
    content = LongText("活动内容", [Needed("请填写活动内容")], longest=5000)
    pictures = PicturesField("活动图片", most=MOST_PICTURES)
    #: Which of the pictures comes first.
    cover = HiddenField()
    approval_mode = Choice("报名方式", codes=APPROVAL_MODE_LABELS, default=ApprovalMode.AT_ONCE)
    waitlist_limit = WholeNumber("候补人数", least=0, most=10_000)
    cancel_deadline_at = Moment("取消截止时间")
    position = Position("地图坐标")
    online_url = Link("线上活动的链接")
    notice = LongText("报名须知", longest=2000)
    provisions = Chips("志愿者保障", codes=codes.PROVISIONS)
    risk_text = LongText("活动风险", longest=500)
    min_age = WholeNumber("最小年龄", least=1, most=120)
    max_age = WholeNumber("最大年龄", least=1, most=120)
    skills_any = Chips("需要的专业技能", codes=codes.SKILLS)
    members_only = BooleanField("只招募本组织成员")
    is_phone_public = BooleanField("公开联系电话")
    declaration = BooleanField("我确认以上情形都不存在", [accepted("请确认这是一项志愿服务活动")])

    def facts(self, limits: Limits, now: datetime, *, editing: Activity | None = None) -> ActivityFacts | None:
        """What was sent, when it holds together; otherwise the fields carry the errors."""
        if "补录" in self.title.data:
            self.title.errors = ["活动名称不能含“补录”；补录时长有单独的办法"]
        self.check_shifts(limits.activity_days, now)
        shifts = self.shift_facts()
        start, last_start = min(shift.starts_at for shift in shifts), max(shift.starts_at for shift in shifts)
        closes = self.signup_end_at.instant or last_start
        opens = editing.signup_start_at if editing else now
        if closes > max(shift.ends_at for shift in shifts):
            self.signup_end_at.errors = ["报名截止时间不能晚于活动结束时间"]
        elif closes <= opens:
            field = self.signup_end_at if self.signup_end_at.instant else self.starts_at
            field.errors = [
                "报名截止时间要晚于现在" if self.signup_end_at.instant else "活动已经开始，请填写报名截止时间"
            ]
        leaves = self.cancel_deadline_at.instant
        if leaves and leaves > start:
            self.cancel_deadline_at.errors = ["取消截止时间不能晚于开始时间"]
        if self.min_age.number and self.max_age.number and self.min_age.number > self.max_age.number:
            self.max_age.errors = ["最大年龄不能小于最小年龄"]
        if self.errors:
            return None
        return ActivityFacts(
            title=self.title.data,
            scope_category=self.scope_category.data,
            target_groups=self.target_groups.data,
            region=self.region.data,
            address=self.address.data,
            content=self.content.data,
            leader_name=self.leader_name.data,
            leader_phone=self.leader_phone.data,
            signup_start_at=opens,
            signup_end_at=closes,
            shifts=shifts,
            removed=frozenset(self.removed.data),
            approval_mode=self.approval_mode.data,
            waitlist_limit=self.waitlist_limit.number or 0,
            cancel_deadline_at=leaves,
            position=self.position.point,
            online_url=self.online_url.data or "",
            notice=self.notice.data or "",
            provisions=self.provisions.data or [],
            risk_text=self.risk_text.data or "",
            min_age=self.min_age.number or None,
            max_age=self.max_age.number or None,
            skills_any=self.skills_any.data or [],
            members_only=self.members_only.data,
            is_phone_public=self.is_phone_public.data,
            pictures=tuple(sorted(self.pictures.data, key=lambda uid: uid != self.cover.data)),
        )

    @classmethod
    def of(cls, activity: Activity) -> "ActivityForm":
        """The form as it was sent for this activity; what was typed since comes first."""
        shifts, opened = activity.shifts, ActivityForm._opened(activity)
        form = cls(**opened)
        if not form.is_submitted() and not form.is_refilled:
            form.put_shifts(shifts)
            form.pictures.data = [file.uid for file in files.of(PICTURES, activity.id)]
        return form

    @staticmethod
    def _opened(activity: Activity) -> dict[str, object]:
        last_start = max(shift.starts_at for shift in activity.shifts)
        same = (
            *("title", "scope_category", "region", "address", "target_groups", "leader_name", "leader_phone"),
            *("content", "approval_mode", "online_url", "notice", "provisions", "risk_text", "skills_any"),
            *("members_only", "is_phone_public"),
        )
        closes, leaves = activity.signup_end_at, activity.cancel_deadline_at
        return {name: getattr(activity, name) for name in same} | {
            "organization": activity.organization.uid,
            # What was left to follow the times follows them still.
            "signup_end_at": "" if closes == last_start else Moment.text(closes),
            "cancel_deadline_at": "" if leaves == activity.starts_at else Moment.text(leaves),
            "waitlist_limit": str(activity.waitlist_limit),
            "position": Position.text((activity.lng, activity.lat)),
            "min_age": str(activity.min_age or ""),
            "max_age": str(activity.max_age or ""),
        }
