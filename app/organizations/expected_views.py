"""开放下级注册: the list of units that are expected, who of them came, and the link and code that are handed out."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app import late
from app.clock import today
from app.context import here
from app.database import in_transaction
from app.organizations import expected, permissions
from app.organizations.errors import ListChanged, NothingExpected
from app.organizations.forms import ExpectedForm
from app.organizations.guards import admins_only, the_organization
from app.organizations.names import folded
from app.organizations.suspending import check_may_prepare
from app.organizations.wishes import ExpectedUnit, RegistrationCall
from app.web.templating import day_text
from app.web.urls import absolute

bp = Blueprint("organization_expected", __name__)

#: So many links at most stand in one message; a longer one is hard to find oneself in.
MOST_LINKS = 20


@bp.route("/organization/expected", methods=["GET", "POST"])
@admins_only(permissions.REVIEW_BELOW)
def index() -> ResponseReturnValue:
    """开放下级注册"""
    organization = the_organization()
    check_may_prepare(organization)
    call = expected.find_call(organization)
    units = expected.units_of(call) if call else []
    known = {"due_on": call.due_on.isoformat() if call else "", "names": "\n".join(unit.name for unit in units)}
    form = ExpectedForm(edition=expected.edition_of(call), **known)
    if form.validate_on_submit() and (names := form.units()) is not None:
        due_on = form.due_on.day
        how: dict[str, Any] = {"seen": form.edition.data, "now": here.clock.now()}
        assert due_on is not None
        try:
            in_transaction(lambda: expected.call_for(the_organization(), names, due_on, **how))
        except ListChanged as error:
            return _show_changed(form, names, error)
        flash("已保存" if names else "已结束，未开始的单位已从名单移除")
        return redirect(url_for(".index"), 303)
    return _show(form, call, units), form.status


def _show_changed(form: ExpectedForm, names: Sequence[str], error: ListChanged) -> ResponseReturnValue:
    """Somebody else changed the list meanwhile: what stands there and not here. Sent once more, this one holds."""
    call = expected.find_call(the_organization())
    units = expected.units_of(call) if call else []
    form.refuse(error)
    mine = {folded(name) for name in names}
    others = [unit.name for unit in units if unit.name_key not in mine]
    if others:
        form.form_errors.append(f"现在的名单里另有：{'、'.join(others)}；要保留，请加进来再保存")
    gone = mine - {unit.name_key for unit in units}
    if gone:
        words = "、".join(name for name in names if folded(name) in gone)
        form.form_errors.append(f"现在的名单里没有：{words}")
    if call and form.due_on.day != call.due_on:
        form.form_errors.append(f"现在的截止日期是{day_text(call.due_on)}")
    form.edition.data = expected.edition_of(call)
    return _show(form, call, units), error.status


def _show(form: ExpectedForm, call: RegistrationCall | None, units: Sequence[ExpectedUnit]) -> str:
    groups = expected.by_progress(units)
    missing = groups[expected.NOT_BEGUN]
    is_open = the_organization().may_publish
    appeal = _appeal(call, missing) if call and missing and is_open else ""
    facts: dict[str, Any] = {"call": call, "groups": groups, "link_of": _link, "is_open": is_open, "appeal": appeal}
    facts["today"] = today(here.clock.now())
    return render_template("organizations/expected.html", form=form, **facts)


def _appeal(call: RegistrationCall, missing: Sequence[ExpectedUnit]) -> str:
    """Words to send to those who have not begun: with the link of each, or of many with the one for all."""
    link_of_each = len(missing) <= MOST_LINKS
    lines = [f"各位好，请在{day_text(call.due_on)}前完成“{call.organization.name}”的下级组织注册。"]
    if link_of_each:
        lines.append("以下单位还没有开始，点自己单位的链接，验证手机号后填写：")
        lines += [f"{unit.name} {_link(unit.uid)}" for unit in missing]
    else:
        lines.append(f"以下单位还没有开始，点链接，验证手机号后填写：{_link(call.uid)}")
        lines += [unit.name for unit in missing]
    return "\n".join(lines)


def _link(uid: str) -> str:
    return absolute(here.config.site, url_for("organizations.register", link=uid))


@bp.post("/organization/expected/<uid:uid>/part")
@admins_only(permissions.REVIEW_BELOW)
def part(uid: str) -> ResponseReturnValue:
    """不是这个单位: it was ticked off by somebody else's registration"""
    in_transaction(lambda: expected.part(the_organization(), uid))
    flash("已改为“未开始”")
    return redirect(url_for(".index"), 303)


@bp.get("/organization/expected/qr.png")
@admins_only(permissions.REVIEW_BELOW)
def qr_code() -> ResponseReturnValue:
    """The link for all as a picture, to send or to print."""
    call = expected.find_call(the_organization())
    if call is None or not the_organization().may_publish:
        raise NothingExpected
    picture = BytesIO()
    late.segno.make(_link(call.uid), error="m").save(picture, kind="png", scale=10, border=4)
    return Response(picture.getvalue(), mimetype="image/png")
