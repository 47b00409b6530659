"""下级组织: what an organisation sees of those below it and does with them; and a pause of one's own."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.fresh_proof import fresh_proof
from app.accounts.guards import the_account
from app.context import here
from app.database import in_transaction
from app.errors import NotFound
from app.organizations import chronicle, merging, moving, permissions, queries, suspending, teams
from app.organizations.guards import admins_only, is_allowed_below, organization_below, the_organization
from app.organizations.models import Organization
from app.organizations.states import GONE
from app.organizations.tree_forms import MergeForm, MoveForm, WhyForm
from app.web import readers
from app.web.acts import attempt
from app.web.forms import Form

bp = Blueprint("tree", __name__, url_prefix="/organization")


@bp.get("/below")
@admins_only(permissions.VIEW_BELOW)
def index() -> ResponseReturnValue:
    """下级组织"""
    top, text = the_organization(), readers.search_text(request.args.get("q"))
    part = queries.below(top, text, after=readers.page_key(request.args.get("after")))
    return render_template("tree/index.html", top=top, part=part, text=text)


@bp.get("/below/<uid:uid>")
@admins_only(permissions.VIEW_BELOW)
def show(uid: str) -> ResponseReturnValue:
    return _page(organization_below(uid, permissions.VIEW_BELOW))


def _page(organization: Organization, *, form: WhyForm | None = None, reveals: bool = False) -> str:
    acts = {
        name: is_allowed_below(permission)
        for name, permission in {
            "move": permissions.MOVE_BELOW,
            "merge": permissions.MERGE_BELOW,
            "suspend": permissions.SUSPEND_BELOW,
            "contacts": permissions.VIEW_CONTACTS,
            "papers": permissions.VIEW_APPLICATION,
            "appoint": permissions.APPOINT_BELOW,
        }.items()
    }
    facts = {
        "admins": queries.admins_of(organization),
        "children": queries.below(organization, after=readers.page_key(request.args.get("after"))),
        "number_below": queries.count_below(organization),
        "teams": teams.of_organization(organization),
        "acts": acts,
        "may_resume": suspending.may_resume(the_organization(), organization),
        "permits_owner": organization.state not in GONE,
        "reveals": reveals,
    }
    return render_template("tree/show.html", organization=organization, form=form or WhyForm(), **facts)


@bp.post("/below/<uid:uid>/contacts")
@admins_only(permissions.VIEW_CONTACTS)
@fresh_proof
def reveal_contacts(uid: str) -> ResponseReturnValue:
    """显示电话: for a reason that is written down and that they can read."""
    form, now = WhyForm(), here.clock.now()

    def note() -> None:
        organization = organization_below(uid, permissions.VIEW_CONTACTS)
        chronicle.note_contacts_seen(organization, form.reason.data, actor=the_account(), now=now)

    is_shown = attempt(form, note)
    page = _page(organization_below(uid, permissions.VIEW_CONTACTS), form=form, reveals=is_shown)
    return page, form.status


@bp.route("/below/<uid:uid>/move", methods=["GET", "POST"])
@admins_only(permissions.MOVE_BELOW)
def move(uid: str) -> ResponseReturnValue:
    """调整上级"""
    form, text = MoveForm(), readers.search_text(request.args.get("q"))
    form.parent.offers = _places(organization_below(uid, permissions.MOVE_BELOW), text)
    if attempt(form, lambda: _move(uid, form)):
        flash("上级已调整，有关的管理员会收到通知")
        return redirect(url_for(".show", uid=uid), 303)
    branch = organization_below(uid, permissions.MOVE_BELOW)
    return render_template("tree/move.html", form=form, organization=branch, text=text), form.status


def _places(branch: Organization, text: str) -> list[tuple[str, str]]:
    """Where in the own part of the tree the branch can go."""
    return [("", "请选择"), *queries.choices_inside(the_organization(), outside=branch, text=text)]


def _move(uid: str, form: MoveForm) -> Organization:
    return moving.move(
        the_organization(),
        uid,
        form.parent.data,
        reason=form.reason.data,
        actor=the_account(),
        deepest=here.config.limits.organization_depth,
        now=here.clock.now(),
    )


@bp.route("/below/<uid:uid>/merge", methods=["GET", "POST"])
@admins_only(permissions.MERGE_BELOW)
@fresh_proof
def merge(uid: str) -> ResponseReturnValue:
    """合并"""
    form, text = MergeForm(), readers.search_text(request.args.get("q"))
    form.successor.offers = _places(organization_below(uid, permissions.MERGE_BELOW), text)
    if attempt(form, lambda: _merge(uid, form)):
        flash("已合并，有关的人会收到通知")
        return redirect(url_for(".show", uid=uid), 303)
    merged = organization_below(uid, permissions.MERGE_BELOW)
    return render_template("tree/merge.html", form=form, organization=merged, text=text), form.status


def _merge(uid: str, form: MergeForm) -> Organization:
    return merging.merge(
        the_organization(),
        uid,
        form.successor.data,
        keeps_admins=form.admins.data == "keep",
        reason=form.reason.data,
        actor=the_account(),
        deepest=here.config.limits.organization_depth,
        now=here.clock.now(),
    )


#: What an organisation above does to the standing of one below: the act, the words for it, and what follows.
STANDINGS = {
    "suspend": (
        suspending.suspend,
        "暂停",
        "暂停期间它不能发布活动，已发布的活动不再接受报名；已报名的人和服务记录不变。它的管理员会看到您写的原因。",
    ),
    "resume": (suspending.resume, "恢复", "恢复后它可以发布活动，已发布的活动继续接受报名。"),
}


@bp.route("/below/<uid:uid>/standing/<change>", methods=["GET", "POST"])
@admins_only(permissions.SUSPEND_BELOW)
def change_standing(uid: str, change: str) -> ResponseReturnValue:
    """暂停, 恢复: with a reason"""
    organization = organization_below(uid, permissions.SUSPEND_BELOW)
    if change not in STANDINGS:
        raise NotFound
    act, words, consequences = STANDINGS[change]
    form = WhyForm()

    def carry_out() -> None:
        act(the_organization(), uid, reason=form.reason.data, actor=the_account(), now=here.clock.now())

    if attempt(form, carry_out):
        flash(f"已{words}，它的管理员会收到通知")
        return redirect(url_for(".show", uid=uid), 303)
    organization = organization_below(uid, permissions.SUSPEND_BELOW)
    return _standing_page(form, f"{words}组织", organization, consequences, back=url_for(".show", uid=uid))


@bp.route("/pause", methods=["GET", "POST"])
@admins_only(permissions.PAUSE)
@fresh_proof
def pause() -> ResponseReturnValue:
    """停用: by one's own wish"""
    form = WhyForm()

    def act() -> None:
        actor, now = the_account(), here.clock.now()
        suspending.deactivate(the_organization(), reason=form.reason.data, actor=actor, now=now)

    if attempt(form, act):
        flash("组织已停用")
        return redirect(url_for("organizations.show"), 303)
    consequences = "停用后不能发布活动，已发布的活动不再接受报名；成员、报名和服务记录都保留，您可以随时恢复。"
    return _standing_page(form, "停用组织", the_organization(), consequences, back=url_for("organizations.show"))


def _standing_page(
    form: WhyForm, words: str, organization: Organization, consequences: str, *, back: str
) -> ResponseReturnValue:
    facts = {"words": words, "about": organization.name, "intro": consequences, "back": back}
    return render_template("layouts/act.html", form=form, **facts), form.status


@bp.post("/resume")
@admins_only(permissions.PAUSE)
def resume() -> ResponseReturnValue:
    """恢复: after a pause of one's own"""
    form = Form()
    if form.validate_on_submit():
        now = here.clock.now()
        in_transaction(lambda: suspending.reactivate(the_organization(), actor=the_account(), now=now))
        flash("组织已恢复")
    return redirect(url_for("organizations.show"), 303)
