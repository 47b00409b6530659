"""我的账号: phone, browsers, WeChat, consents, one's own data, and the way out."""

import json
from datetime import datetime, timedelta

import flask
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import agreements, sessions, visitor
from app.accounts import services as accounts
from app.accounts.guards import accounts_only, the_account
from app.accounts.phone_step import prove_code, send_code
from app.clock import Clock
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.own_data import services
from app.own_data.errors import ProofNeeded
from app.own_data.forms import CloseForm, NewPhoneForm, ProofForm
from app.own_data.labels import TABLES
from app.own_data.reading import rows_to_read
from app.volunteers import services as volunteers
from app.volunteers.guards import current_volunteer
from app.web import typed
from app.web.forms import Form

bp = Blueprint("own_data", __name__, url_prefix="/account")

#: What a code is asked for; one for the one is no good for the other.
PHONE, NEW_PHONE, DATA, CLOSE = "account.phone", "account.new-phone", "account.data", "account.close"
#: How long a proof counts in the browser that gave it.
PROOF_LIFE = timedelta(minutes=10)


def _note_proof(purpose: str) -> None:
    login = visitor.logged_in()
    assert login is not None
    flask.session["proof"] = [purpose, login.session_id, here.clock.now().timestamp()]


def _is_proved(purpose: str) -> bool:
    kept, login = flask.session.get("proof"), visitor.logged_in()
    if not kept or login is None:
        return False
    age = here.clock.now().timestamp() - kept[2]
    return bool(kept[:2] == [purpose, login.session_id] and 0 <= age < PROOF_LIFE.total_seconds())


@bp.get("")
@accounts_only
def show() -> ResponseReturnValue:
    account, login = the_account(), visitor.logged_in()
    facts = {
        "account": account,
        "login": login,
        "browsers": sessions.live(account.id, limits=here.config.limits, now=here.clock.now()),
        "is_tied": accounts.openid_of(account.id, here.config.wechat.app_id) is not None,
        "consents": accounts.consents_of(account.id),
        "titles": agreements.TITLES,
        "volunteer": current_volunteer(),
    }
    return render_template("own_data/show.html", form=Form(), **facts)


@bp.post("/sessions/<id:session_id>/end")
@accounts_only
def end_session(session_id: int) -> ResponseReturnValue:
    if not in_transaction(lambda: sessions.end_one(the_account().id, session_id, here.clock.now())):
        raise NotFound
    flash("已退出那台设备")
    return redirect(url_for(".show"), 303)


@bp.post("/sessions/end-others")
@accounts_only
def end_others() -> ResponseReturnValue:
    login = visitor.logged_in()
    mine = login.session_id if login else None
    in_transaction(lambda: sessions.end_all(the_account().id, here.clock.now(), but=mine))
    flash("其他设备都已退出")
    return redirect(url_for(".show"), 303)


@bp.post("/wechat/untie")
@accounts_only
def untie() -> ResponseReturnValue:
    in_transaction(lambda: accounts.untie(the_account().id))
    flash("已解除微信绑定；下次从微信进入要用手机号登录")
    return redirect(url_for(".show"), 303)


def _prove(form: ProofForm, purpose: str) -> str:
    """Send a code to the account's phone, or accept one; returns what to tell. Raises an AppError."""
    if request.form.get("action") == "send" and form.is_submitted():
        return send_code(the_account().phone, purpose)
    if form.validate_on_submit():
        prove_code(the_account().phone, purpose, form.code.data)
        _note_proof(purpose)
    return ""


@bp.route("/phone", methods=["GET", "POST"])
@accounts_only
def change_phone() -> ResponseReturnValue:
    """更换手机号: the old phone first, then the new one."""
    if _is_proved(PHONE):
        return _new_phone()
    form, sent = ProofForm(), ""
    try:
        sent = _prove(form, PHONE)
    except AppError as error:
        form.refuse(error)
    if _is_proved(PHONE):
        return redirect(url_for(".change_phone"), 303)
    return render_template("own_data/phone.html", form=form, sent=sent, account=the_account()), form.status


def _new_phone() -> ResponseReturnValue:
    form, sent = NewPhoneForm(), ""
    try:
        if request.form.get("action") == "send" and form.is_submitted():
            sent = send_code(form.phone.data, NEW_PHONE) if form.phone.validate(form) else ""
        elif form.validate_on_submit():
            prove_code(form.phone.data, NEW_PHONE, form.code.data)
            in_transaction(lambda: _put_phone(form.phone.data, here.clock))
            flask.session.pop("proof", None)
            flash("手机号已更换，其他设备都已退出")
            return redirect(url_for(".show"), 303)
    except AppError as error:
        form.refuse(error)
    return render_template("own_data/new_phone.html", form=form, sent=sent), form.status


def _put_phone(phone: str, clock: Clock) -> None:
    account, now = the_account(), clock.now()
    volunteers.check_own_phone(current_volunteer(), phone, now)
    accounts.change_phone(account, phone, now)
    visitor.begin_session(account, now)


@bp.route("/data", methods=["GET", "POST"])
@accounts_only
def data() -> ResponseReturnValue:
    """我的数据, to read."""
    form, sent = ProofForm(), ""
    if not _is_proved(DATA):
        try:
            sent = _prove(form, DATA)
        except AppError as error:
            form.refuse(error)
    if not _is_proved(DATA):
        return render_template("own_data/prove_data.html", form=form, sent=sent, account=the_account()), form.status
    if request.method == "POST":
        return redirect(url_for(".data"), 303)
    tables = rows_to_read(services.export(the_account()))
    return render_template("own_data/data.html", tables=tables, titles=TABLES)


@bp.get("/data.json")
@accounts_only
def download() -> ResponseReturnValue:
    """我的数据, as a file."""
    if not _is_proved(DATA):
        raise ProofNeeded
    account, now = the_account(), here.clock.now()
    in_transaction(lambda: accounts.note_audit(account.id, "data.export", "", actor_id=account.id, now=now))
    body = json.dumps(services.export(the_account()), ensure_ascii=False, indent=2)
    name = f"my-data-{_day(now)}.json"
    return Response(
        body, mimetype="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _day(now: datetime) -> str:
    return now.strftime("%Y%m%d")


@bp.route("/consents/<document>/withdraw", methods=["GET", "POST"])
@accounts_only
def withdraw_consent(document: str) -> ResponseReturnValue:
    """撤回同意: what follows is said first; without the agreement itself there is no account."""
    if document not in agreements.TITLES:
        raise NotFound
    if document != agreements.ID_NUMBER_CONSENT:
        return redirect(url_for(".close"), 303)
    form = Form()
    if form.validate_on_submit():
        in_transaction(lambda: services.forget_id_number(the_account(), now=here.clock.now()))
        flash("已撤回同意，证件号码已删除。没有证件号码不能报名；重新填写后就可以")
        return redirect(url_for(".show"), 303)
    return render_template("own_data/withdraw.html", form=form, title=agreements.TITLES[document])


@bp.route("/close", methods=["GET", "POST"])
@accounts_only
def close() -> ResponseReturnValue:
    """注销: what goes and what stays is said first."""
    form, sent = CloseForm(), ""
    try:
        if request.form.get("action") == "send" and form.is_submitted():
            sent = send_code(the_account().phone, CLOSE)
        elif form.validate_on_submit():
            prove_code(the_account().phone, CLOSE, form.code.data)
            in_transaction(lambda: services.close(the_account(), now=here.clock.now()))
            typed.forget()
            flask.session.clear()
            flash("账号已注销，您的个人信息已删除。感谢您做过的服务。")
            return redirect("/", 303)
    except AppError as error:
        form.refuse(error)
    page = render_template(
        "own_data/close.html", form=form, sent=sent, account=the_account(), volunteer=current_volunteer()
    )
    return page, form.status
