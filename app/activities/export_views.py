"""导出名单: a sheet at once, or, of very many people, a wish that another admin approves or refuses."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.accounts.fresh_proof import fresh_proof
from app.accounts.guards import the_account
from app.activities import approving, exporting, roster_sheet, rosters
from app.activities.export_requests import ExportRequest, ExportState
from app.activities.publishing import bp, own_published_or_404
from app.activities.roster_forms import ExportForm, ExportVerdictForm
from app.activities.roster_sheet import Origin
from app.activities.roster_views import ROSTER, XLSX, act_page
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.organizations import permissions
from app.organizations.acting import admin_row
from app.organizations.guards import admins_only, reached, the_organization
from app.privacy import new_uid
from app.web import readers
from app.web.acts import attempt

__all__ = ["bp"]

WISH = "/organization/exports/<uid:uid>"
STATES = {
    ExportState.PENDING: "待审批",
    ExportState.APPROVED: "已同意",
    ExportState.REFUSED: "没有同意",
    ExportState.WITHDRAWN: "已由新的申请代替",
    ExportState.USED: "已下载",
}
INTRO = "表里是全部场次的人，有电话。谁在什么时候、为什么导出会记录下来。"


@bp.route(f"{ROSTER}/export", methods=["GET", "POST"])
@admins_only(permissions.EXPORT_ROSTER)
@fresh_proof
def export(activity_id: int) -> ResponseReturnValue:
    """导出名单: as a sheet, with a reason, written down; of very many people another one is asked first"""
    activity, form = own_published_or_404(activity_id), ExportForm(form_key=new_uid())
    form.offer(rosters.groups_of(activity))
    key = form.form_key.data = readers.form_key(form.form_key.data) or new_uid()
    asked: list[str] = []
    taken: list[int] = []

    def act() -> None:
        mine, actor_id, now = own_published_or_404(activity_id), the_account().id, here.clock.now()
        group, reason = form.group.data, form.reason.data
        if exporting.needs_approval(mine, group):
            asked.append(approving.ask(mine, group, reason, key, actor_id=actor_id, now=now).uid)
        else:
            taken[:] = exporting.note_export(mine, group, reason, actor_id=actor_id, now=now)

    if not attempt(form, act):
        most = here.config.limits.export_rows
        return act_page(form, "导出名单", activity, intro=f"{INTRO}超过 {most} 人时，要另一位管理员同意后才能下载。")
    if asked:
        flash("人数多，已请另一位管理员审批，有结果会通知您")
        return redirect(url_for(".export_request", uid=asked[-1]), 303)
    return _sheet(activity_id, taken, form.reason.data)


def _sheet(activity_id: int, sign_up_ids: Sequence[int], reason: str) -> ResponseReturnValue:
    """The file; that it is made was written down already."""
    row, now, activity = admin_row(), here.clock.now(), own_published_or_404(activity_id)
    origin = Origin(row.name if row else "", the_organization().name, reason, now)
    sheet = roster_sheet.write(activity, rosters.everybody(sign_up_ids), origin)
    name = f"名单-{activity.activity_no}.xlsx"
    return send_file(BytesIO(sheet), mimetype=XLSX, as_attachment=True, download_name=name)


@bp.get("/organization/exports")
@admins_only(permissions.JUDGE_EXPORTS)
def export_requests() -> ResponseReturnValue:
    """名单导出审批: what waits here and below, and what was decided lately"""
    organization, now = the_organization(), here.clock.now()
    waiting, settled = approving.waiting_for(organization), approving.settled(organization, now)
    facts = {"states": STATES, "groups": rosters.GROUPS, "hours": here.config.limits.export_approval_hours}
    return render_template("activities/export_requests.html", waiting=waiting, settled=settled, now=now, **facts)


@bp.route(WISH, methods=["GET", "POST"])
@admins_only(permissions.JUDGE_EXPORTS)
def export_request(uid: str) -> ResponseReturnValue:
    """One wish: 同意, 不同意, and 下载 for the one who asked"""
    wish_or_404(uid)
    return _answer(uid) if request.method == "POST" else _show(uid, ExportVerdictForm())


def wish_or_404(uid: str) -> ExportRequest:
    """A wish about a list of an organisation that the person acts for, or of one below. Strangers get NotFound."""
    wish = approving.find(uid)
    if wish is None:
        raise NotFound
    reached(wish.activity.organization, permissions.JUDGE_EXPORTS)
    return wish


@fresh_proof
def _answer(uid: str) -> ResponseReturnValue:
    form, action = ExportVerdictForm(), request.form.get("action")
    if not form.validate_on_submit():
        return _show(uid, form)
    actor_id, now = the_account().id, here.clock.now()
    try:
        if action == "download":
            # Of the organisation that the person acts for: from above one judges, and takes nothing out.
            activity_id = own_published_or_404(wish_or_404(uid).activity_id).id
            wish, sign_up_ids = in_transaction(lambda: approving.use(uid, by=actor_id, now=now))
            return _sheet(activity_id, sign_up_ids, wish.reason)
        if action not in ("accept", "refuse"):
            return _show(uid, form, 422)
        accept, words = action == "accept", form.reason.data
        seen = readers.number(request.form.get("people"))
        in_transaction(lambda: approving.judge(uid, accept=accept, words=words, by=actor_id, seen=seen, now=now))
    except NotFound:
        raise
    except AppError as error:
        form.refuse(error)
        return _show(uid, form, error.status)
    flash("已同意，对方会收到通知" if accept else "没有同意，对方会收到原因")
    return redirect(url_for(".export_requests"), 303)


def _show(uid: str, form: ExportVerdictForm, status: int = 0) -> ResponseReturnValue:
    wish, now = wish_or_404(uid), here.clock.now()
    is_mine = wish.account_id == the_account().id
    is_open = wish.state in (ExportState.PENDING, ExportState.APPROVED)
    people = approving.size(wish) if is_open else wish.people
    facts: dict[str, Any] = {
        "form": form,
        "now": now,
        "people": people,
        "grown": exporting.grown(people, wish.people) if people > wish.people else "",
        "is_mine": is_mine,
        "may_download": is_mine and wish.may_be_used(now) and wish.activity.organization_id == the_organization().id,
        "asker": approving.asker_of(wish),
        "group": rosters.GROUPS[wish.list_group][0],
        "state": STATES[ExportState(wish.state)],
        "hours": here.config.limits.export_approval_hours,
        "has_judge": not is_mine or bool(approving.judges_of(wish)[1]),
    }
    return render_template("activities/export_request.html", wish=wish, **facts), status or form.status
