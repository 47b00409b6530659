"""分支队伍 on the phone."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.guards import the_account
from app.context import here
from app.database import in_transaction
from app.errors import NotFound
from app.organizations import permissions, teams
from app.organizations.forms import TeamForm
from app.organizations.guards import admins_only, is_allowed, the_organization
from app.organizations.models import Team
from app.web import readers
from app.web.acts import attempt
from app.web.forms import Form

bp = Blueprint("teams", __name__, url_prefix="/organization/teams")


def own_team_or_404(uid: str) -> Team:
    team = teams.find(the_organization(), uid)
    if team is None:
        raise NotFound
    return team


@bp.get("")
@admins_only(permissions.VIEW_TEAMS)
def index() -> ResponseReturnValue:
    rows = teams.of_organization(the_organization())
    return render_template("teams/index.html", rows=rows, manages=is_allowed(permissions.MANAGE_TEAMS))


@bp.route("/new", methods=["GET", "POST"])
@admins_only(permissions.MANAGE_TEAMS)
def new() -> ResponseReturnValue:
    form, made = TeamForm(), []

    def act() -> None:
        name, actor, now = form.name.data, the_account(), here.clock.now()
        made.append(teams.create(the_organization(), name, form.intro.data, actor=actor, now=now).uid)

    if attempt(form, act):
        flash("队伍已建立，下一步添加队员")
        return redirect(url_for(".show", uid=made[-1]), 303)
    return render_template("teams/form.html", form=form, team=None), form.status


@bp.get("/<uid:uid>")
@admins_only(permissions.VIEW_TEAMS)
def show(uid: str) -> ResponseReturnValue:
    team, manages = own_team_or_404(uid), is_allowed(permissions.MANAGE_TEAMS)
    text = readers.search_text(request.args.get("q"))
    others = teams.others(team, text) if manages else []
    part = teams.members_of(team, text, after=readers.page_key(request.args.get("after")))
    facts = {"part": part, "count": teams.count_members(team), "others": others, "text": text, "manages": manages}
    return render_template("teams/show.html", team=team, form=Form(), **facts)


@bp.route("/<uid:uid>/edit", methods=["GET", "POST"])
@admins_only(permissions.MANAGE_TEAMS)
def edit(uid: str) -> ResponseReturnValue:
    team = own_team_or_404(uid)
    form = TeamForm(obj=team)

    def act() -> None:
        name, actor, now = form.name.data, the_account(), here.clock.now()
        teams.rename(own_team_or_404(uid), name, form.intro.data, actor=actor, now=now)

    if attempt(form, act):
        flash("已保存")
        return redirect(url_for(".show", uid=uid), 303)
    return render_template("teams/form.html", form=form, team=own_team_or_404(uid)), form.status


#: What becomes of a sub-team by one press.
CHANGES: dict[str, tuple[Callable[..., None], str]] = {
    "dissolve": (teams.dissolve, "队伍已解散"),
    "restore": (teams.restore, "队伍已恢复"),
}


@bp.post("/<uid:uid>/state/<change>")
@admins_only(permissions.MANAGE_TEAMS)
def change_state(uid: str, change: str) -> ResponseReturnValue:
    """解散, 恢复"""
    if change not in CHANGES:
        raise NotFound
    act, words = CHANGES[change]
    in_transaction(lambda: act(own_team_or_404(uid), actor=the_account(), now=here.clock.now()))
    flash(words)
    return redirect(url_for(".show", uid=uid), 303)


def _appoint(team: Team, volunteer_uid: str, *, leads: bool) -> None:
    teams.appoint(team, volunteer_uid, leads=leads, now=here.clock.now())


#: What is done with one member by one press.
MEMBER_CHANGES: dict[str, tuple[Callable[[Team, str], None], str]] = {
    "add": (lambda team, volunteer_uid: teams.add(team, volunteer_uid, now=here.clock.now()), "已加入队伍"),
    "remove": (lambda team, volunteer_uid: teams.remove(team, volunteer_uid, now=here.clock.now()), "已移出队伍"),
    "lead": (lambda team, volunteer_uid: _appoint(team, volunteer_uid, leads=True), "已设为队长"),
    "follow": (lambda team, volunteer_uid: _appoint(team, volunteer_uid, leads=False), "已改为队员"),
}


@bp.post("/<uid:uid>/members/<uid:volunteer_uid>/<change>")
@admins_only(permissions.MANAGE_TEAMS)
def change_member(uid: str, volunteer_uid: str, change: str) -> ResponseReturnValue:
    """加入, 移出, 设为队长, 改为队员"""
    if change not in MEMBER_CHANGES:
        raise NotFound
    act, words = MEMBER_CHANGES[change]
    in_transaction(lambda: act(own_team_or_404(uid), volunteer_uid))
    flash(words)
    return redirect(url_for(".show", uid=uid), 303)
