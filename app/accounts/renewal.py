"""New versions of what people accepted: shown before the next page that needs a log-in, until they say yes or go."""

from typing import Any

import flask
from flask import Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from app.accounts import agreements, services, visitor
from app.accounts.guards import accounts_only, the_account
from app.accounts.views import bp
from app.context import here
from app.database import in_transaction
from app.web import markdown
from app.web.forms import Form, accepted
from app.web.guards import audience_of
from app.web.urls import local_path

#: The entry of the cookie: the versions in force that the person has answered to, so that not every page asks again.
ANSWERED = "agreed"
#: Whoever does not agree may still see, take along and erase what is theirs.
OPEN_BLUEPRINTS, OPEN_ENDPOINTS = {"own_data"}, {"accounts.renew"}


def init_app(app: Flask) -> None:
    @app.before_request
    def _show_what_is_new() -> ResponseReturnValue | None:
        is_open = request.blueprint in OPEN_BLUEPRINTS or request.endpoint in OPEN_ENDPOINTS
        if request.method != "GET" or is_open or audience_of(app, request.endpoint) in ("", "public", "machine"):
            return None
        login = visitor.logged_in()
        if login is None or flask.session.get(ANSWERED) == _in_force() or not agreements.any_renewed():
            return None
        if services.renewed_texts(login.account_id):
            return redirect(url_for("accounts.renew", next=local_path(request.full_path.rstrip("?"))), 303)
        flask.session[ANSWERED] = _in_force()
        return None


@bp.route("/agreements/renew", methods=["GET", "POST"])
@accounts_only
def renew() -> ResponseReturnValue:
    """The new texts, each with a box of its own, and what somebody can do who does not agree."""
    next_page = local_path(request.args.get("next"))
    account = the_account()
    renewed = services.renewed_texts(account.id)
    form = _form(renewed)
    if renewed and form.validate_on_submit():
        in_transaction(lambda: services.record_consents(the_account(), renewed, here.clock.now()))
        flask.session[ANSWERED] = _in_force()
        flash("已记录您的同意")
        return redirect(next_page, 303)
    texts = [
        (form[_field(document)], document, version, markdown.render(agreements.text(document, version)))
        for document, version in renewed.items()
    ]
    return render_template("accounts/renew.html", form=form, texts=texts, next_page=next_page), form.status


def _field(document: str) -> str:
    return document.replace("-", "_")


def _form(renewed: dict[str, str]) -> Form:
    fields: dict[str, Any] = {
        _field(document): BooleanField(agreements.TITLES[document], [accepted("请阅读后勾选")]) for document in renewed
    }
    form: Form = type("RenewForm", (Form,), fields)()
    return form


def _in_force() -> str:
    return " ".join(agreements.current(*agreements.TITLES).values())
