"""名单: what an organiser does with those who signed up to an activity."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.guards import the_account
from app.activities import drawing, enlisting, judging, listed, messages, queries, rosters
from app.activities.models import Activity, SignUp
from app.activities.publishing import bp, own_published_or_404, rights
from app.activities.roster_forms import (
    ALL_SHIFTS,
    GivePlaceForm,
    GroupMessageForm,
    MessageForm,
    PutOnListForm,
    ReasonForm,
    RevealForm,
)
from app.activities.views import list_filter
from app.context import here
from app.database import in_transaction
from app.errors import Forbidden, NotFound
from app.organizations import permissions
from app.organizations.guards import admins_only, is_allowed, is_allowed_below, shown, the_organization
from app.privacy import new_uid
from app.volunteers.revealing import PHONE, reveal
from app.web import readers
from app.web.acts import attempt
from app.web.forms import Form
from app.web.templating import span_text

__all__ = ["bp"]

ROSTER = "/organization/activities/<id:activity_id>/roster"
SIGN_UP = "/organization/activities/<id:activity_id>/sign-ups/<id:sign_up_id>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get(ROSTER)
@admins_only(permissions.VIEW_ROSTER)
def roster(activity_id: int) -> ResponseReturnValue:
    """名单"""
    activity = own_published_or_404(activity_id)
    group = request.args.get("group", rosters.FIRST)
    groups = rosters.groups_of(activity)
    group = group if group in groups else rosters.FIRST
    wanted = readers.row_id(request.args.get("shift"))
    shift = next((row for row in activity.shifts if row.id == wanted), None)
    only = shift.id if shift else None
    page = rosters.part(activity, group, shift_id=only, **list_filter())
    counts = {**rosters.counts(activity, only), **rosters.marked(activity, only)}
    labels = {key: f"{rosters.GROUPS[key][0]} {counts.get(key, '')}".strip() for key in groups}
    facts: dict[str, Any] = {"group": group, "shift": shift, "labels": labels, "now": here.clock.now(), "form": Form()}
    facts["strangers"] = listed.strangers(activity, page.rows)
    facts["notes"] = rosters.notes(activity, page.rows, here.clock.now())
    return render_template("activities/roster.html", activity=activity, page=page, rights=rights(), **facts)


def sign_up_or_404(activity_id: int, sign_up_id: int) -> SignUp:
    """A sign-up to an activity of the organisation that the person acts for."""
    sign_up = queries.sign_up_of(own_published_or_404(activity_id), sign_up_id)
    if sign_up is None:
        raise NotFound
    return sign_up


def live_sign_up_or_404(activity_id: int, sign_up_id: int) -> SignUp:
    """One of somebody who is in or waits: whoever left is not called or written to any more."""
    sign_up = sign_up_or_404(activity_id, sign_up_id)
    if not sign_up.is_live:
        raise NotFound
    return sign_up


def name_of(sign_up: SignUp) -> str:
    """As the person who acts may see it."""
    return shown("name", sign_up.volunteer.name, below=bool(listed.strangers(sign_up.activity, [sign_up])))


def _shifts(activity: Activity) -> list[tuple[str, str]]:
    return [(str(row.id), f"{row.title} {span_text(row.starts_at, row.ends_at)}".strip()) for row in activity.shifts]


def _list_of(activity_id: int) -> str:
    """The list that the person came from: its addresses tell theirs which part it was."""
    part: dict[str, Any] = {name: request.args.get(name) or None for name in ("group", "shift")}
    return url_for(".roster", activity_id=activity_id, **part)


def act_page(form: Form, words: str, activity: Activity, *, intro: str = "", to: str = "") -> ResponseReturnValue:
    """A page with one form of a few fields, and the way back."""
    back = to or _list_of(activity.id)
    facts = {"words": words, "about": activity.title, "intro": intro, "back": back}
    return render_template("layouts/act.html", form=form, **facts), form.status


def to_roster(activity_id: int, words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(_list_of(activity_id), 303)


#: What an organiser answers with one press.
ANSWERS = {
    "approve": (judging.approve, "已通过，对方会收到通知"),
    "grant-leave": (judging.grant_leave, "已同意请假，名额会让给候补的人"),
    "refuse-leave": (judging.refuse_leave, "没有同意请假，对方会收到通知"),
}
#: What needs a reason that the person reads.
REFUSALS = {"reject": (judging.reject, "不通过"), "remove": (judging.remove, "移出名单")}


@bp.post(f"{SIGN_UP}/answer/<answer>")
@admins_only(permissions.JUDGE_SIGN_UPS)
def answer_sign_up(activity_id: int, sign_up_id: int, answer: str) -> ResponseReturnValue:
    """通过, 准假, 不准假"""
    if answer not in ANSWERS:
        raise NotFound
    act, words = ANSWERS[answer]
    actor_id, now = the_account().id, here.clock.now()
    in_transaction(lambda: act(own_published_or_404(activity_id), sign_up_id, actor_id=actor_id, now=now))
    return to_roster(activity_id, words)


@bp.route(f"{SIGN_UP}/refuse/<refusal>", methods=["GET", "POST"])
@admins_only(permissions.JUDGE_SIGN_UPS)
def refuse_sign_up(activity_id: int, sign_up_id: int, refusal: str) -> ResponseReturnValue:
    """不通过, 移出名单: with a reason"""
    if refusal not in REFUSALS:
        raise NotFound
    act, words = REFUSALS[refusal]
    sign_up, form = sign_up_or_404(activity_id, sign_up_id), ReasonForm()

    def end() -> None:
        actor_id, now = the_account().id, here.clock.now()
        act(own_published_or_404(activity_id), sign_up_id, form.reason.data, actor_id=actor_id, now=now)

    if attempt(form, end):
        return to_roster(activity_id, f"已{words}，对方会收到通知")
    intro = "对方会收到这句话，请客气、写清楚。"
    return act_page(form, f"{words}：{name_of(sign_up)}", sign_up.activity, intro=intro)


@bp.route(f"{ROSTER}/add", methods=["GET", "POST"])
@admins_only(permissions.ENLIST)
def put_on_list(activity_id: int) -> ResponseReturnValue:
    """加入名单, by hand"""
    activity, form = own_published_or_404(activity_id), PutOnListForm(shift=request.args.get("shift", ""))
    form.shift.offers = _shifts(activity)
    if len(activity.shifts) == 1:
        form.shift.data = str(activity.shifts[0].id)

    def act() -> None:
        text = form.person.data
        number, below = readers.phone(text) or readers.digits(text), is_allowed_below(permissions.ENLIST)
        person = enlisting.find_person(number, the_organization(), below=below)
        mine, shift_id, reason = own_published_or_404(activity_id), int(form.shift.data), form.reason.data
        enlisting.put_on_list(mine, shift_id, person, reason, actor_id=the_account().id, now=here.clock.now())

    if attempt(form, act):
        return to_roster(activity_id, "已加入名单，对方会收到通知")
    intro = "先征得对方同意。对方会收到通知，来不了可以自己取消。"
    return act_page(form, "加入名单", activity, intro=intro)


@bp.route(f"{SIGN_UP}/give-place", methods=["GET", "POST"])
@admins_only(permissions.JUDGE_SIGN_UPS)
def give_place(activity_id: int, sign_up_id: int) -> ResponseReturnValue:
    """给名额: out of turn, with a reason"""
    sign_up, form = sign_up_or_404(activity_id, sign_up_id), GivePlaceForm()

    def act() -> None:
        mine, reason = own_published_or_404(activity_id), form.reason.data
        enlisting.give_place(mine, sign_up_id, reason, actor_id=the_account().id, now=here.clock.now())

    if attempt(form, act):
        return to_roster(activity_id, "名额已给这位，等对方确认")
    intro = "其他人可能已经等了更久。原因会记录下来，可以被查问。"
    return act_page(form, f"给名额：{name_of(sign_up)}", sign_up.activity, intro=intro)


@bp.post("/organization/activities/<id:activity_id>/shifts/<id:shift_id>/next")
@admins_only(permissions.JUDGE_SIGN_UPS)
def next_in_turn(activity_id: int, shift_id: int) -> ResponseReturnValue:
    """请下一位"""

    def act() -> str:
        activity = own_published_or_404(activity_id)
        first = enlisting.next_in_turn(activity, shift_id)
        if first is None:
            return "没有人在候补"
        now = here.clock.now()
        enlisting.give_place(activity, first.id, "按先后顺序", actor_id=the_account().id, now=now)
        return "名额已给排在最前的一位，等对方确认"

    return to_roster(activity_id, in_transaction(act))


@bp.post("/organization/activities/<id:activity_id>/draw")
@admins_only(permissions.JUDGE_SIGN_UPS)
def draw(activity_id: int) -> ResponseReturnValue:
    """抽签"""

    def act() -> int:
        return drawing.draw_all(own_published_or_404(activity_id), actor_id=the_account().id, now=here.clock.now())

    return to_roster(activity_id, f"已抽签，{in_transaction(act)} 人会收到结果")


def callable_or_403(sign_up: SignUp) -> SignUp:
    """One whose phone the person may ask for. Who was put on the list by hand did not give it to the organiser."""
    if sign_up.by_hand and (not is_allowed(permissions.REVEAL) or listed.strangers(sign_up.activity, [sign_up])):
        raise Forbidden("这位是组织者加入名单的，没有把手机号给这个活动；请发消息，或请所在组织的管理员联系")
    return sign_up


@bp.route(f"{SIGN_UP}/phone", methods=["GET", "POST"])
@admins_only(permissions.CONTACT)
def reveal_phone(activity_id: int, sign_up_id: int) -> ResponseReturnValue:
    """看电话: with a reason, written down"""
    sign_up, form = callable_or_403(live_sign_up_or_404(activity_id, sign_up_id)), RevealForm()
    shown: list[str] = []

    def act() -> None:
        actor_id, now = the_account().id, here.clock.now()
        one = callable_or_403(live_sign_up_or_404(activity_id, sign_up_id))
        detail, topic = f"{one.activity.title}：{form.words}", f"activity:{activity_id}"
        shown.append(reveal(one.volunteer, PHONE, detail, topic=topic, actor_id=actor_id, now=now))

    if attempt(form, act):
        sign_up = sign_up_or_404(activity_id, sign_up_id)
        return render_template("activities/phone.html", sign_up=sign_up, activity=sign_up.activity, phone=shown[-1])
    intro = "谁在什么时候、为什么看了电话会记录下来，本人可以查到。"
    return act_page(form, f"看电话：{sign_up.volunteer.name}", sign_up.activity, intro=intro)


@bp.route(f"{SIGN_UP}/message", methods=["GET", "POST"])
@admins_only(permissions.CONTACT)
def message_one(activity_id: int, sign_up_id: int) -> ResponseReturnValue:
    """发消息 to one"""
    sign_up, form = live_sign_up_or_404(activity_id, sign_up_id), MessageForm(form_key=new_uid())
    key = form.form_key.data = readers.form_key(form.form_key.data) or new_uid()

    def act() -> None:
        actor_id, now = the_account().id, here.clock.now()
        one = live_sign_up_or_404(activity_id, sign_up_id)
        again = form.again.data
        messages.to_one(one.activity, one, form.words.data, key, again=again, actor_id=actor_id, now=now)

    if attempt(form, act):
        return to_roster(activity_id, "消息已发出")
    return act_page(form, f"发消息：{name_of(sign_up)}", sign_up.activity)


@bp.route(f"{ROSTER}/message", methods=["GET", "POST"])
@admins_only(permissions.CONTACT)
def message_all(activity_id: int) -> ResponseReturnValue:
    """发消息 to all of a group"""
    activity = own_published_or_404(activity_id)
    # A message would not reach those whom none has reached.
    groups = [group for group in rosters.groups_of(activity) if group != "missed"]
    # For whom one has just looked at, unless nobody is left there.
    group, shift = request.args.get("group", ""), request.args.get("shift", "")
    looked_at = group in groups and rosters.size(activity, group, readers.row_id(shift))
    form = GroupMessageForm(form_key=new_uid(), group=group if looked_at else rosters.FIRST, shift=shift or ALL_SHIFTS)
    form.offer(groups)
    form.shift.offers = [(ALL_SHIFTS, "全部场次"), *(_shifts(activity) if len(activity.shifts) > 1 else ())]
    key = form.form_key.data = readers.form_key(form.form_key.data) or new_uid()
    sent: list[int] = []

    def act() -> None:
        actor_id, now = the_account().id, here.clock.now()
        mine = own_published_or_404(activity_id)
        shift_id = None if form.shift.data == ALL_SHIFTS else int(form.shift.data)
        how: dict[str, Any] = {"shift_id": shift_id, "again": form.again.data, "actor_id": actor_id, "now": now}
        sent.append(messages.to_group(mine, form.group.data, form.words.data, key, **how))

    if attempt(form, act):
        return to_roster(activity_id, f"消息已发给 {sent[-1]} 人" if sent[-1] else "这些人里没有要发的，或者已经发过了")
    return act_page(form, "给大家发消息", activity)
