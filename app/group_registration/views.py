"""团体注册 on the pages of an organisation: the template, the sheet, the dry run, 确认导入 and the undo."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.accounts.fresh_proof import fresh_proof
from app.accounts.guards import the_account
from app.config import from_root
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.group_registration import services, sheet
from app.group_registration.errors import SheetRefused
from app.group_registration.forms import SheetForm
from app.group_registration.models import WORKING, ImportBatch
from app.organizations import chronicle, permissions
from app.organizations.guards import admins_only, own_row, the_organization
from app.web.forms import Form
from app.web.pictures import takes_sheet

bp = Blueprint("group_registration", __name__, url_prefix="/organization/volunteers/import")

#: So many seconds after it was shown, the page of a sheet that the worker has in hand is shown anew.
LOOKS_AGAIN = 3
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _batch_or_404(uid: str, *, lock: bool = False) -> ImportBatch:
    """A sheet of the organisation that the person acts for."""
    batch = services.find(the_organization(), uid, lock=lock)
    if batch is None:
        raise NotFound
    return batch


@bp.route("", methods=["GET", "POST"])
@admins_only(permissions.IMPORT)
@fresh_proof
@takes_sheet
def index() -> ResponseReturnValue:
    """团体注册: what it is, the sheet to send, and those sent before"""
    form = SheetForm()
    if form.validate_on_submit():
        try:
            uid = _send(form)
        except AppError as error:
            form.refuse(error)
        else:
            return redirect(url_for(".show", uid=uid), 303)
    batches, now = services.latest(the_organization()), here.clock.now()
    facts: dict[str, Any] = {"batches": batches, "waiting": services.unanswered(batches, now)}
    facts |= {"days": here.config.retention.invited_days}
    facts |= {"rows": here.config.limits.sheet_rows, "megabytes": here.config.limits.sheet_bytes // 1_000_000}
    return render_template("group_registration/index.html", form=form, **facts), form.status


def _send(form: SheetForm) -> str:
    """Raises SheetRefused and what `services.send` raises."""
    limits, now, folder = here.config.limits, here.clock.now(), from_root(here.config.content.uploads)
    data = form.sheet.data.stream.read(limits.sheet_bytes + 1)
    if len(data) > limits.sheet_bytes:
        raise SheetRefused(f"文件最大 {limits.sheet_bytes // 1_000_000} MB，请分成几份上传")
    sheet.inspect(data)

    def act() -> str:
        return services.send(the_organization(), the_account(), data, folder=folder, limits=limits, now=now).uid

    return in_transaction(act)


@bp.get("/template.xlsx")
@admins_only(permissions.IMPORT)
def template() -> ResponseReturnValue:
    """下载模板"""
    made = sheet.write_template(the_organization().name, the_organization().region)
    return send_file(BytesIO(made), mimetype=XLSX, as_attachment=True, download_name="团体注册模板.xlsx")


@bp.get("/<uid:uid>")
@admins_only(permissions.IMPORT)
def show(uid: str) -> ResponseReturnValue:
    """One sheet: under way, checked, imported or taken back"""
    batch, now = _batch_or_404(uid), here.clock.now()
    facts: dict[str, Any] = {"is_open": services.is_open(batch, now), "may_undo": services.may_undo(batch, now)}
    facts["waiting"] = services.unanswered([batch], now).get(batch.id, 0)
    facts |= {"works": batch.state in WORKING, "days": here.config.retention.invited_days}
    facts |= {"rows_left": not facts["works"] and services.has_rows(batch)}
    answer = make_response(render_template("group_registration/show.html", batch=batch, form=Form(), **facts))
    if facts["works"]:
        answer.headers["Refresh"] = str(LOOKS_AGAIN)
    return answer


@bp.post("/<uid:uid>/confirm")
@admins_only(permissions.IMPORT)
@fresh_proof
def confirm(uid: str) -> ResponseReturnValue:
    """确认导入"""
    now = here.clock.now()
    return _acted(uid, lambda batch: services.confirm(batch, the_account(), now=now))


@bp.post("/<uid:uid>/discard")
@admins_only(permissions.IMPORT)
def discard(uid: str) -> ResponseReturnValue:
    """放弃"""
    return _acted(uid, services.discard)


@bp.route("/<uid:uid>/undo", methods=["GET", "POST"])
@admins_only(permissions.IMPORT)
@fresh_proof
def undo(uid: str) -> ResponseReturnValue:
    """撤销, asked once more"""
    batch, now = _batch_or_404(uid), here.clock.now()
    if request.method == "POST":
        return _acted(uid, lambda batch: services.undo(batch, the_account(), now=now))
    if not services.may_undo(batch, now):
        return redirect(url_for(".show", uid=uid), 303)
    return render_template("group_registration/undo.html", batch=batch, form=Form())


def _acted(uid: str, act: Callable[[ImportBatch], None]) -> ResponseReturnValue:
    try:
        in_transaction(lambda: act(_batch_or_404(uid, lock=True)))
    except AppError as error:
        if error.status in (403, 404):
            raise
        flash(error.message)
    return redirect(url_for(".show", uid=uid), 303)


@bp.post("/<uid:uid>/checked")
@admins_only(permissions.IMPORT)
@fresh_proof
def checked(uid: str) -> ResponseReturnValue:
    """The sheet as it was sent, with what is wrong with each row; written down"""
    batch, now = _batch_or_404(uid), here.clock.now()
    cells = [(json.loads(row.content)["cells"], row.problem) for row in services.rows(batch) if row.content]
    if not cells:
        raise NotFound("这份名单的内容已过期删除")
    origin = sheet.Origin(own_row().name, the_organization().name, now)
    made = sheet.write_checked(cells, [("人数", str(len(cells)))], origin)
    words = f"{len(cells)} 行"
    in_transaction(lambda: chronicle.note(the_organization(), "import.downloaded", words, actor=the_account(), now=now))
    return send_file(BytesIO(made), mimetype=XLSX, as_attachment=True, download_name="名单-核对结果.xlsx")
