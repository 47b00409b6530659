"""微信扫码登录, on the computer and on the phone."""

import hmac
from datetime import UTC, datetime

import flask
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import late
from app.accounts import scans, services, visitor
from app.accounts.errors import ScanGone, ScannedByAnother, ScanUnavailable
from app.accounts.guards import accounts_only, the_account
from app.accounts.models import Account
from app.accounts.views import bp
from app.context import here
from app.database import in_transaction, session
from app.web.forms import Form
from app.web.guards import public
from app.web.urls import local_path
from app.wechat.gateway import WeChatError, scan_proof

__all__ = ["bp"]

#: The entry of the cookie: name and secret of the log-in that this browser asked for.
ASKED = "scan"


@bp.get("/login/scan")
@public
def scan() -> ResponseReturnValue:
    """The page on the computer: the code to scan, and a way on once it was confirmed."""
    next_page = local_path(request.args.get("next"))
    if visitor.logged_in():
        return redirect(next_page, 303)
    address = request.remote_addr or ""
    try:
        asked, secret = scans.begin(
            browser=visitor.browser_label(), address=address, redis=here.redis, now=here.clock.now()
        )
        link = here.wechat.scene_code(f"login_{asked.name}", scans.LIFE)
    except WeChatError as error:
        raise ScanUnavailable from error
    flask.session[ASKED] = [asked.name, secret]
    code = late.segno.make(link, error="m").png_data_uri(scale=6, border=3)
    return render_template("accounts/scan.html", code=code, form=Form(), next_page=next_page)


@bp.get("/login/scan/state")
@public
def scan_state() -> ResponseReturnValue:
    """Asked by the page every two seconds: waiting, confirmed or gone."""
    name = (flask.session.get(ASKED) or [""])[0]
    try:
        return {"state": "confirmed" if scans.find(name, redis=here.redis).account_id else "waiting"}
    except ScanGone:
        return {"state": "gone"}


@bp.post("/login/scan")
@public
def finish_scan() -> ResponseReturnValue:
    """The computer's browser is logged in, if the person has confirmed."""
    next_page = local_path(request.args.get("next"))
    name, secret = flask.session.get(ASKED) or ("", "")
    try:
        account_id = scans.finish(name, secret, redis=here.redis)
    except ScanGone:
        flask.flash("还没有在手机上确认，或登录码已失效，请重新扫码")
        return redirect(url_for(".scan", next=next_page), 303)
    now = here.clock.now()

    def log_in() -> None:
        account = session.get_one(Account, account_id)
        services.note_log_in(account, now)
        visitor.begin_session(account, now)

    in_transaction(log_in)
    flask.session.pop(ASKED, None)
    return redirect(next_page, 303)


@bp.route("/login/confirm/", defaults={"name": ""}, methods=["GET"])
@bp.route("/login/confirm/<name>", methods=["GET", "POST"])
@accounts_only
def confirm_log_in(name: str) -> ResponseReturnValue:
    """The page on the phone of who scanned: who asks, from where and when; the press that confirms."""
    name, _, proof = name.partition(".")
    asked = scans.find(name, redis=here.redis)
    _check_scanner(name, proof)
    form = Form()
    if form.validate_on_submit():
        scans.confirm(name, the_account().id, redis=here.redis)
        return render_template("accounts/scan_done.html")
    moment = datetime.fromtimestamp(asked.asked_at, UTC)
    facts = {"asked": asked, "moment": moment, "address": _masked(asked.address)}
    return render_template("accounts/scan_confirm.html", form=form, **facts)


def _check_scanner(name: str, proof: str) -> None:
    """Raises ScannedByAnother unless it was the WeChat of this account that scanned."""
    openid = services.openid_of(the_account().id, here.config.wechat.app_id)
    if openid is None or not hmac.compare_digest(scan_proof(name, openid).encode(), proof.encode()):
        raise ScannedByAnother


def _masked(address: str) -> str:
    """Enough of a network address to know one's own by."""
    parts = address.split(".")
    return ".".join([*parts[:2], "*", "*"]) if len(parts) == 4 else address[:9] + "…"
