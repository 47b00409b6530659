"""Log in and out, the way back from WeChat, the texts that people accept."""

import flask
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import agreements, fresh_proof, oauth, visitor
from app.accounts.forms import ProofForm
from app.accounts.guards import accounts_only, the_account
from app.accounts.oauth_states import Pending
from app.accounts.phone_step import Wording, phone_step, prove_code, send_code
from app.errors import AppError
from app.web import markdown
from app.web.guards import machine, public
from app.web.urls import local_path

bp = Blueprint("accounts", __name__)


@bp.route("/login", methods=["GET", "POST"])
@public
def log_in() -> ResponseReturnValue:
    """Prove a phone, for a visitor whom WeChat does not vouch for."""
    next_page = local_path(request.args.get("next"))
    if visitor.logged_in():
        return redirect(next_page, 303)
    return phone_step(Wording("登录", "用手机号和短信验证码登录；第一次来也可以"), next_page)


@bp.post("/login/wechat")
@public
def log_in_by_wechat() -> ResponseReturnValue:
    """用微信登录: what somebody presses who logged out before."""
    next_page = local_path(request.args.get("next"))
    if visitor.logged_in():
        return redirect(next_page, 303)
    if not oauth.offers_wechat():
        return redirect(url_for(".log_in", next=next_page), 303)
    return oauth.to_wechat(Pending(next_page, is_wanted=True))


@bp.route("/login/prove", methods=["GET", "POST"])
@accounts_only
def prove() -> ResponseReturnValue:
    """Prove the phone once more, before something that matters."""
    next_page = local_path(request.args.get("next"))
    form, sent, about = ProofForm(), "", flask.session.get(fresh_proof.ABOUT, "")
    try:
        if request.form.get("action") == "send" and form.is_submitted():
            sent = send_code(the_account().phone, fresh_proof.PURPOSE, about)
        elif form.validate_on_submit():
            prove_code(the_account().phone, fresh_proof.PURPOSE, form.code.data, about)
            fresh_proof.note_proof()
            return redirect(next_page, 303)
    except AppError as error:
        form.refuse(error)
    return render_template("accounts/prove.html", form=form, sent=sent, account=the_account()), form.status


@bp.post("/logout")
@public
def log_out() -> ResponseReturnValue:
    visitor.end_session()
    return redirect("/", 303)


@bp.get("/wechat/oauth")
@machine
def come_back() -> ResponseReturnValue:
    return oauth.come_back()


@bp.get("/agreements/<document>/<version>")
@public
def agreement(document: str, version: str) -> ResponseReturnValue:
    text = markdown.render(agreements.text(document, version))
    page = {"title": agreements.TITLES[document], "version": version, "versions": agreements.versions(document)}
    return render_template("accounts/agreement.html", document=document, text=text, **page)
