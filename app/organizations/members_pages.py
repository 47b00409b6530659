"""查看全部志愿者 on the phone."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import codes
from app.accounts.fresh_proof import fresh_proof
from app.accounts.guards import the_account
from app.context import here
from app.database import in_transaction
from app.errors import NotFound
from app.life_cycle import WrongMove
from app.organizations import members, permissions, queries, teams
from app.organizations.guards import admins_only, is_allowed, own_row, the_organization
from app.organizations.members import Wanted
from app.organizations.members_forms import ReasonToMemberForm, RevealMemberForm
from app.organizations.models import Membership
from app.volunteers.revealing import reveal
from app.web import readers
from app.web.acts import attempt
from app.web.forms import Form

bp = Blueprint("members", __name__, url_prefix="/organization/volunteers")


def member_or_404(volunteer_uid: str, *, below: bool = True) -> Membership:
    """Somebody who belongs to the organisation that the person acts for, or (`below`) to one under it."""
    row = members.find(the_organization(), volunteer_uid, below=below)
    if row is None:
        raise NotFound
    return row


def _asked() -> dict[str, str]:
    """The filters as the address has them; nonsense asks for nothing."""
    given = request.args
    skill, group, team = given.get("skill", ""), given.get("group", ""), given.get("team", "")
    return {
        "below": "1" if given.get("below") == "1" else "",
        "skill": skill if skill in codes.SKILLS else "",
        "group": group if group in codes.TARGET_GROUPS else "",
        "team": team if readers.form_key(team) else "",
        "q": readers.search_text(given.get("q")),
    }


@bp.get("")
@admins_only(permissions.VIEW_MEMBERS)
def index() -> ResponseReturnValue:
    """查看全部志愿者"""
    organization, asked = the_organization(), _asked()
    offered = [row.team for row in teams.of_organization(organization)]
    team = next((row for row in offered if row.uid == asked["team"]), None)
    wanted = Wanted(bool(asked["below"]), asked["skill"], asked["group"], team.id if team else None, asked["q"])
    # A number that is masked could be found by trying all in order.
    is_clear = permissions.sight(own_row().role, "volunteer_no", below=True) == permissions.Sight.CLEAR
    wanted = replace(wanted, numbers_below=is_clear)
    part = members.part(organization, wanted, after=readers.row_id(request.args.get("after")))
    facts: dict[str, Any] = {"asked": asked, "teams": offered, "judges": is_allowed(permissions.JUDGE_MEMBERS)}
    facts["imports"] = is_allowed(permissions.IMPORT)
    facts["homes"] = members.homes_of(organization, part.rows) if wanted.below else {}
    waiting = members.count_requests(organization) if facts["judges"] else 0
    return render_template("members/index.html", organization=organization, part=part, waiting=waiting, **facts)


@bp.get("/<uid:uid>")
@admins_only(permissions.VIEW_MEMBERS)
def show(uid: str) -> ResponseReturnValue:
    """One of them"""
    row = member_or_404(uid)
    own = row.organization_id == the_organization().id
    facts = {"own": own, "teams": members.teams_of(row)}
    facts |= {
        "removes": own and is_allowed(permissions.REMOVE_MEMBERS),
        "reveals": own and is_allowed(permissions.REVEAL),
    }
    return render_template("members/show.html", row=row, volunteer=row.volunteer, **facts)


@bp.get("/requests")
@admins_only(permissions.JUDGE_MEMBERS)
def requests() -> ResponseReturnValue:
    """入队申请"""
    organization = the_organization()
    rows, count = members.requests(organization), members.count_requests(organization)
    return render_template("members/requests.html", rows=rows, count=count, organization=organization, form=Form())


@bp.post("/requests/<id:membership_id>/accept")
@admins_only(permissions.JUDGE_MEMBERS)
def accept(membership_id: int) -> ResponseReturnValue:
    """同意加入"""
    try:
        in_transaction(lambda: _judge(membership_id, accept=True))
    except WrongMove:
        return _judged_already(membership_id)
    flash("已同意，对方会收到通知")
    return redirect(url_for(".requests"), 303)


def _judged_already(membership_id: int) -> ResponseReturnValue:
    """Back to the list, with what became of the wish. Raises NotFound when there never was one."""
    if not members.is_judged(the_organization(), membership_id):
        raise NotFound
    flash("这个申请已由其他管理员处理，或者对方已经撤回")
    return redirect(url_for(".requests"), 303)


def _judge(membership_id: int, *, accept: bool, reason: str = "") -> Membership:
    actor_id, now = the_account().id, here.clock.now()
    return members.judge(the_organization(), membership_id, accept=accept, reason=reason, actor_id=actor_id, now=now)


@bp.route("/requests/<id:membership_id>/reject", methods=["GET", "POST"])
@admins_only(permissions.JUDGE_MEMBERS)
def reject(membership_id: int) -> ResponseReturnValue:
    """不同意, with the reason that the person reads"""
    row = members.find_request(the_organization(), membership_id)
    if row is None:
        return _judged_already(membership_id)
    form = ReasonToMemberForm()
    if attempt(form, lambda: _judge(membership_id, accept=False, reason=form.reason.data)):
        flash("没有同意，对方会收到原因")
        return redirect(url_for(".requests"), 303)
    return _act_page(form, "不同意加入", row, back=url_for(".requests"))


@bp.route("/<uid:uid>/remove", methods=["GET", "POST"])
@admins_only(permissions.REMOVE_MEMBERS)
def remove(uid: str) -> ResponseReturnValue:
    """清退, with the reason that the person reads and may appeal against"""
    if members.is_no_member_now(the_organization(), uid):
        flash("这位志愿者已经不是本组织的成员，可能已由其他管理员清退")
        return redirect(url_for(".index"), 303)
    row = member_or_404(uid, below=False)
    form, membership_id = ReasonToMemberForm(), row.id
    actor_id, now = the_account().id, here.clock.now()

    def act() -> object:
        return members.remove(the_organization(), membership_id, form.reason.data, actor_id=actor_id, now=now)

    if attempt(form, act):
        flash(f"已清退，对方会收到原因，{_who_judges()}")
        return redirect(url_for(".index"), 303)
    intro = f"清退后对方不再是本组织成员，服务记录保留。对方会收到原因，{_who_judges()}。"
    return _act_page(form, "清退", row, back=url_for(".show", uid=uid), intro=intro)


def _who_judges() -> str:
    """To whom one may appeal against a removal: nobody stands above the root."""
    organization = the_organization()
    if organization.parent_id:
        return "可以向上级组织申诉"
    if len(queries.who_may(organization.id, permissions.JUDGE_APPEALS)) > 1:
        return "可以申诉，由本组织另一位管理员处理"
    return "可以申诉；申诉不能由您自己处理，请先邀请另一位管理员"


@bp.route("/<uid:uid>/reveal", methods=["GET", "POST"])
@admins_only(permissions.REVEAL)
@fresh_proof
def reveal_facts(uid: str) -> ResponseReturnValue:
    """看电话或证件: with a reason, written down"""
    row, form = member_or_404(uid, below=False), RevealMemberForm()
    shown: list[str] = []

    def act() -> None:
        one, actor_id, now = member_or_404(uid, below=False), the_account().id, here.clock.now()
        detail, topic = f"{one.organization.name}：{form.words}", f"organization:{one.organization_id}"
        shown.append(reveal(one.volunteer, form.what.data, detail, topic=topic, actor_id=actor_id, now=now))

    if attempt(form, act):
        page = {"value": shown[-1], "what": form.what.data, "row": member_or_404(uid, below=False)}
        return render_template("members/revealed.html", **page)
    intro = "谁在什么时候、为什么看了会记录下来，本人可以查到。"
    return _act_page(form, "查看", row, back=url_for(".show", uid=uid), intro=intro)


def _act_page(form: Form, words: str, row: Membership, *, back: str, intro: str = "") -> ResponseReturnValue:
    """A page with one form of a few fields about somebody, and the way back."""
    facts = {"words": f"{words}：{row.volunteer.name}", "about": row.organization.name, "intro": intro, "back": back}
    return render_template("layouts/act.html", form=form, **facts), form.status
