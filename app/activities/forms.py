"""活动发布."""

from datetime import datetime
from typing import Any

from wtforms import BooleanField, HiddenField

from app import codes, files
from app.activities import campaigns, exclusions, recruiting
from app.activities.facts import ActivityFacts, Insurance
from app.activities.fields import Link
from app.activities.models import PICTURES, Activity
from app.activities.shift_rows import ShiftRows
from app.activities.states import (
    APPROVAL_MODE_LABELS,
    MODE_LABELS,
    RECRUIT_SCOPE_LABELS,
    RECRUITS,
    RHYTHMS,
    RISK_LABELS,
    WAITLIST_MODE_LABELS,
    ApprovalMode,
    Mode,
    RecruitScope,
    RiskLevel,
    WaitlistMode,
)
from app.config import Limits
from app.organizations.models import Organization
from app.web import readers
from app.web.choices import Chips, Choice, Pick, Radios, RegionField
from app.web.forms import Day, LongText, Moment, Needed, PersonName, Phone, Text, Title, WholeNumber, accepted
from app.web.pictures import PicturesField
from app.web.places import Position

MOST_PICTURES = 6
#: Fields whose data go into the facts, and come back from the activity, as they are.
TEXTS = (
    *("title", "scope_category", "leader_name", "leader_phone", "content", "approval_mode", "online_url", "notice"),
    *("risk_text", "co_organizers", "campaign", "mode", "venue_name", "agreement", "recruit_scope", "risk_level"),
    *("training_required", "rhythm", "recruits"),
)
LISTS = ("target_groups", "provisions", "skills_any", "topics", "forms", "purposes", "places")
TICKS = ("members_only", "is_phone_public", "is_major")
#: What a choice is that somebody left empty.
USUAL: dict[str, str] = {
    "approval_mode": ApprovalMode.AT_ONCE,
    "mode": Mode.OFFLINE,
    "recruit_scope": RecruitScope.OPEN,
    "risk_level": RiskLevel.NONE,
}
#: The address of what takes place on the web.
ON_THE_WEB = "线上"


class NeededOffline(Needed):
    """Needed where people meet."""

    def __call__(self, form: Any, field: Any) -> None:
        if form.mode.data != Mode.ONLINE:
            super().__call__(form, field)


class ActivityForm(ShiftRows):
    REFRESHING = (*ShiftRows.REFRESHING, "audience")

    #: How many organisations below a search found; None when nothing was searched for.
    audience_found: int | None = None
    has_more_below = False

    form_key = HiddenField()
    #: Which edition of the activity is edited.
    revision = HiddenField()
    #: The page's own name, which what it writes into a draft has, and which words stood there when it was opened.
    edition = HiddenField()
    seen = HiddenField()
    #: Whether another page has written the draft meanwhile.
    is_taken = False
    #: Why the page's own keeping stopped, where it is not that.
    not_kept = ""
    #: The number of the activity that this form has published with other words, and of the like that somebody published
    #: a moment ago.
    beside = HiddenField()
    lately: int | None = None
    lately_edits = False
    #: One more is meant all the same.
    again = BooleanField("确实再发布一个活动")
    title = Title("活动名称", [Needed("请填写活动名称")], shortest=2, longest=50)
    scope_category = Choice("服务类别", [Needed("请选择服务类别")], codes=codes.SERVICE_SCOPES)
    region = RegionField("活动区域", [NeededOffline("请选择活动区域")])
    address = Text("活动地点", [NeededOffline("请填写活动地点")], shortest=2, longest=100)
    signup_start_at = Moment("报名开始时间")
    signup_end_at = Moment("报名截止时间")
    target_groups = Chips("服务对象", [Needed("请至少选择一类服务对象")], codes=codes.TARGET_GROUPS)
    leader_name = PersonName("负责人", [Needed("请填写负责人姓名")])
    leader_phone = Phone("联系电话", [Needed("请填写联系电话")])
    content = LongText("活动内容", [Needed("请填写活动内容")], longest=5000)
    pictures = PicturesField("活动图片", most=MOST_PICTURES)
    #: Which of the pictures comes first.
    cover = HiddenField()
    mode = Radios("活动方式", codes=MODE_LABELS, default=Mode.OFFLINE)
    online_url = Link("线上活动的链接")
    venue_name = Text("场地名称", longest=100)
    position = Position("地图坐标")
    notice = LongText("报名须知", longest=2000)
    provisions = Chips("志愿者保障", codes=codes.PROVISIONS)
    agreement = LongText("服务协议", longest=5000)
    is_phone_public = BooleanField("公开联系电话")
    risk_level = Radios("风险等级", codes=RISK_LABELS, default=RiskLevel.NONE)
    risk_text = LongText("活动风险", longest=500)
    insurer = Text("保险公司", longest=100)
    insurance_policy_no = Text("保险单号", longest=64)
    insured_from = Day("保险生效日")
    insured_to = Day("保险到期日")
    recruit_scope = Choice("招募范围", codes=RECRUIT_SCOPE_LABELS, default=RecruitScope.OPEN)
    audience = Chips("定向招募哪些组织", codes={})
    #: What an organisation below is searched by.
    audience_text = Text("组织名称或编号", longest=50)
    password = Text("报名口令", longest=50)
    rhythm = Choice("招募时间", codes=RHYTHMS)
    recruits = Choice("招募对象", codes=RECRUITS)
    min_age = WholeNumber("最小年龄", least=1, most=120)
    max_age = WholeNumber("最大年龄", least=1, most=120)
    skills_any = Chips("需要的专业技能", codes=codes.SKILLS)
    members_only = BooleanField("只招募本组织成员")
    training_required = Text("需要的培训或证书", longest=200)
    exclusive_with = Chips("不能同时报名的活动", codes={})
    approval_mode = Choice("报名方式", codes=APPROVAL_MODE_LABELS, default=ApprovalMode.AT_ONCE)
    waitlist_limit = WholeNumber("候补人数", least=0, most=10_000)
    waitlist_mode = Choice("候补方式", codes=WAITLIST_MODE_LABELS, default=WaitlistMode.IN_TURN)
    cancel_deadline_at = Moment("取消截止时间")
    co_organizers = Text("协办单位", longest=200)
    team = Pick("分支队伍")
    campaign = Pick("主题活动日")
    topics = Chips("活动主题", codes=codes.TOPICS)
    forms = Chips("服务形式", codes=codes.FORMS)
    purposes = Chips("服务方向", codes=codes.PURPOSES)
    places = Chips("走进哪里", codes=codes.PLACES)
    is_major = BooleanField("重大活动")
    declaration = BooleanField("我确认以上情形都不存在", [accepted("请确认这是一项志愿服务活动")])

    @property
    def there(self) -> int | None:
        """The number of the activity that is there already, and why this one is published only when it is ticked."""
        return self.lately or readers.row_id(self.beside.data)

    def offer(self, organization: Organization, home: str, chosen: Activity | None = None, *, now: datetime) -> None:
        """What can be chosen, and what `chosen` has already; to be called before the form is judged."""
        self.whose = organization
        self.region.offer(home)
        kept = chosen.team if chosen else None
        teams = ({kept.uid: kept.name} if kept else {}) | recruiting.teams_of(organization)
        self._offer_audience(organization, chosen)
        self.exclusive_with.codes = exclusions.offers(organization, chosen, now)
        self.team.offers = [("", "不指定"), *teams.items()]
        self.campaign.offers = [("", "不属于"), *campaigns.offers()]

    def _offer_audience(self, organization: Organization, chosen: Activity | None) -> None:
        """Their own, the first of those below, what was chosen, and what was searched for."""
        picked = [key for key in self.audience.data or [] if readers.form_key(key)]
        known = (recruiting.kept(chosen) if chosen else {}) | recruiting.picked(picked, organization)
        text = readers.search_text(self.audience_text.data)
        found = recruiting.found(text, organization) if text else {}
        self.audience_found = len(found) if text else None
        self.has_more_below = bool(text) or recruiting.has_more(organization)
        self.audience.codes = known | found | recruiting.offers(organization)

    def facts(self, limits: Limits, now: datetime, *, editing: Activity | None = None) -> ActivityFacts | None:
        """What was sent, when it holds, each field and all together; otherwise they carry all errors at once."""
        self.validate()
        self.check_shifts(limits.activity_days, now, editing)
        opens = self._opens(now, editing)
        closes = self._check_times(opens, now, editing)
        self._check_choices()
        risk = self._risk()
        if self.errors:
            return None
        same: dict[str, Any] = {name: getattr(self, name).data or USUAL.get(name, "") for name in TEXTS}
        same |= {name: getattr(self, name).data or [] for name in LISTS}
        same |= {name: bool(getattr(self, name).data) for name in TICKS}
        return ActivityFacts(
            **same | risk,
            region=self.region.data or self.whose.region,
            address=self.address.data or ON_THE_WEB,
            signup_start_at=opens,
            signup_end_at=closes,
            shifts=self.shift_facts(),
            removed=frozenset(self.removed.data),
            waitlist_limit=self.waitlist_limit.number or 0,
            waitlist_mode=self.waitlist_mode.data,
            cancel_deadline_at=self.cancel_deadline_at.instant,
            position=self._position(),
            min_age=self.min_age.number or None,
            max_age=self.max_age.number or None,
            audience=recruiting.audience_of(self.audience.data or [], self.whose),
            password=self.password.data or "",
            exclusive_with=exclusions.ids_of(self.exclusive_with.data or [], self.whose),
            team_id=recruiting.team_id_of(self.team.data, self.whose),
            pictures=tuple(sorted(self.pictures.data, key=lambda uid: uid != self.cover.data)),
        )

    def _position(self) -> tuple[float, float] | None:
        """That of the organisation stood there at first: where only the address was changed, it does not hold."""
        point, ours = self.position.point, self.whose.position
        is_elsewhere = (self.region.data, self.address.data) != (self.whose.region, self.whose.address)
        return None if self.mode.data == Mode.ONLINE or (point == ours and is_elsewhere) else point

    def _opens(self, now: datetime, editing: Activity | None) -> datetime:
        """When sign-up begins: at once if nothing is said, or if what is said is past."""
        asked = self.signup_start_at.instant
        was = editing.signup_start_at if editing else now
        if asked and Moment.text(asked) == Moment.text(was):
            return was
        return asked if asked and asked > now else min(was, now)

    def _check_times(self, opens: datetime, now: datetime, editing: Activity | None) -> datetime:
        """Returns when sign-up ends. What cannot be told before all times of the shifts are known is told then."""
        spans = self.spans if self.has_all_times else []
        asked: datetime | None = self.signup_end_at.instant
        if asked and editing and Moment.text(asked) == Moment.text(editing.signup_end_at):
            # Untouched: forms know no seconds, and sign-up may have been ended in the minute when it began.
            asked = editing.signup_end_at
        closes = asked or max((start for start, _ in spans), default=None)
        if asked and spans and asked > max(end for _, end in spans):
            self.complain("signup_end_at", "报名截止时间不能晚于活动结束时间")
        elif asked and asked <= opens:
            self.complain("signup_end_at", f"报名截止时间要晚于{'报名开始时间' if opens > now else '现在'}")
        elif closes and closes <= opens and opens > now:
            self.complain("signup_start_at", "报名开始时间要早于报名截止时间；截止时间不填，就是最后一场开始时")
        elif closes and closes <= opens and not self.signup_end_at.errors:
            self.complain("starts_at", "活动已经开始，请填写报名截止时间")
        leaves = self.cancel_deadline_at.instant
        if leaves and spans and leaves > min(start for start, _ in spans):
            self.complain("cancel_deadline_at", "取消截止时间不能晚于开始时间")
        return closes or opens

    def _check_choices(self) -> None:
        """What one choice means for another field."""
        if "补录" in (self.title.data or ""):
            self.complain("title", "活动名称不能含“补录”；补录时长有单独的办法")
        if self.min_age.number and self.max_age.number and self.min_age.number > self.max_age.number:
            self.complain("max_age", "最大年龄不能小于最小年龄")
        if self.mode.data == Mode.ONLINE and not self.online_url.data:
            self.complain("online_url", "线上活动请填写链接；它只给报名成功的人看")
        if self.approval_mode.data == ApprovalMode.LOTTERY:
            self._check_lottery()
        if self.recruit_scope.data == RecruitScope.DIRECTED and not self.audience.data:
            self.complain("audience", "定向招募请选择面向哪些组织")
        if self.recruit_scope.data == RecruitScope.CLOSED and self.risk_text.data:
            self.complain("recruit_scope", "有风险要告知的活动，要本人看过后自己报名，不能选“不公开”；可以选“定向招募”")

    def _check_lottery(self) -> None:
        for row in self.rows:
            if row.quota.data and not row.quota.number:
                row.quota.errors = row.quota.errors or ["抽签要有招募人数，不能不限"]
        self.gather_errors()
        starts = [start for start, _ in self.spans]
        last = max(starts, default=None)
        closes = self.signup_end_at.instant or last
        # Of several that are published apart, each ends when it begins where nothing else is said, else as long before
        # or after it as the first.
        by_itself = bool(self.is_apart.data) and len(self.rows) > 1 and closes == last
        if closes and starts and self.has_all_times and closes > min(starts) and not by_itself:
            self.complain("signup_end_at", "抽签的报名截止时间不能晚于第一场开始")

    def _risk(self) -> dict[str, Any]:
        """The level and the insurance. A risk that is written down is one, whatever the level says."""
        level = self.risk_level.data or RiskLevel.NONE
        if level == RiskLevel.NONE and self.risk_text.data:
            level = RiskLevel.GENERAL
        if level != RiskLevel.NONE and not self.risk_text.data:
            self.complain("risk_text", "请写清楚有什么风险、怎样防范；报名的人会先看到")
        if level != RiskLevel.DANGER:
            return {"risk_level": level}
        for field in (self.insurer, self.insurance_policy_no, self.insured_from, self.insured_to):
            if not field.data:
                self.complain(field.name, f"可能有人身危险的活动要先买好意外险，请填写{field.label.text}")
        first, last = self.insured_from.day, self.insured_to.day
        if first is None or last is None:
            return {}
        return {
            "risk_level": level,
            "insurance": Insurance(self.insurer.data, self.insurance_policy_no.data, first, last),
        }

    @classmethod
    def of(cls, activity: Activity, **opened: Any) -> "ActivityForm":
        """The form as it was sent for this activity; what was typed since comes first."""
        shifts = activity.shifts
        form = cls(**opened)
        if not form.is_submitted() and not form.is_refilled:
            form.put_shifts(shifts)
            form.pictures.data = [file.uid for file in files.of(PICTURES, activity.id)]
        return form
