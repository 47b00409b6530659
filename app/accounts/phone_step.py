"""The page on which somebody proves their phone; registration of volunteers and organisations begin with it, too."""

import functools
from dataclasses import dataclass

import flask
from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from app import crypto
from app.accounts import oauth, phone_codes, puzzles, services, visitor
from app.accounts.forms import PhoneForm
from app.accounts.guards import to_owner_check
from app.accounts.phone_codes import Asker
from app.accounts.puzzles import Puzzle
from app.context import here
from app.database import in_transaction
from app.errors import AppError
from app.sms.provider import SmsOutcomeUnknown
from app.web import readers, typed
from app.web.forms import Form, Phone

PURPOSE = "login"
#: Where a browser's session says to which phone its last code went, and until when to wait for another.
WAITS = "code_wait"


@dataclass(frozen=True)
class Wording:
    """What differs from page to page."""

    title: str
    intro: str


def phone_step(wording: Wording, next_page: str) -> ResponseReturnValue:
    """Show the step, send a code or accept one; goes on to `next_page`, logged in."""
    if visitor.paused():
        return to_owner_check(typed.keep() or next_page)
    is_before_a_form = next_page.partition("?")[0] == request.path
    if is_before_a_form and "phone" not in typed.names() and (page := typed.keep()):
        # The form of the step behind this one, sent after the session had ended.
        return redirect(page, 303)
    form = PhoneForm()
    sent = ""
    status = 200
    if form.is_submitted():
        try:
            if request.form.get("action") == "send":
                sent = _send(form)
            elif form.validate():
                _prove(form)
                return to_owner_check(next_page) if visitor.paused() else redirect(next_page, 303)
        except AppError as error:
            form.refuse(error)
            status = error.status
        if status == 200:
            status = form.status
    facts = {"wording": wording, "sent": sent, "by_wechat": oauth.offers_wechat(), "next_page": next_page}
    facts["is_kept"] = typed.is_kept()
    page = render_template("accounts/phone.html", form=form, **facts)
    return page, status


def asker(phone: str, purpose: str, about: str = "") -> Asker:
    """Who asks for a code, and what for: it will be good for this browser, this purpose and this thing alone."""
    return Asker(phone, purpose, visitor.browser_key(), request.remote_addr or "", about)


def puzzle() -> Puzzle | None:
    """The puzzle that a code costs here and now, if it costs one."""
    now = here.clock.now()
    address = phone_codes.address_index(request.remote_addr or "")
    is_needed = puzzles.are_needed(address, here.config.limits, now)
    return puzzles.make(visitor.browser_key(), now) if is_needed else None


def send_code(phone: str, purpose: str, about: str = "") -> str:
    """Send a code; returns what to tell the person. `about` is what alone it confirms, where its words say so.

    Raises PuzzleUnsolved, CodeTooSoon, TooManyCodes, CodesUnavailable, SmsFailed.
    """
    limits, now = here.config.limits, here.clock.now()
    if puzzles.are_needed(phone_codes.address_index(request.remote_addr or ""), limits, now):
        puzzles.check(request.form, visitor.browser_key(), redis=here.redis, now=now)
    deliver = functools.partial(here.sms.send_code, about=about)
    try:
        phone_codes.send(asker(phone, purpose, about), deliver, redis=here.redis, limits=limits, now=now)
    except SmsOutcomeUnknown as error:
        _note_wait(phone)
        return error.message  # no fault of the person's, and the code may arrive: they wait for it like any other
    _note_wait(phone)
    return "验证码已发出，请查看短信，5 分钟内有效"


def _note_wait(phone: str) -> None:
    flask.session[WAITS] = [_mark(phone), _seconds() + here.config.limits.code_interval_seconds, request.path]


def wait_left(form: Form) -> int:
    """How many seconds this browser waits for another code to the phone that the form names, or to any."""
    mark, until = flask.session.get(WAITS, ("", 0))[:2]
    left = max(int(until) - _seconds(), 0)
    phones = [readers.phone(field.data or "") or "" for field in form if isinstance(field, Phone)]
    return left if left and all(_mark(phone) == mark for phone in phones) else 0


def was_sent_here() -> bool:
    """Whether the last code was sent from this page: that of another one is good for nothing here."""
    return request.path in flask.session.get(WAITS, ())


def _mark(phone: str) -> str:
    return crypto.ring().index("code key", f"{phone}:{visitor.browser_key()}")


def _seconds() -> int:
    return int(here.clock.now().timestamp())


def prove_code(phone: str, purpose: str, code: str, about: str = "") -> None:
    """Accept the code, once, for what it was sent about. Raises WrongCode, CodeExpired, CodesUnavailable."""
    now = here.clock.now()
    phone_codes.verify(asker(phone, purpose, about), code, redis=here.redis, limits=here.config.limits, now=now)


def _send(form: PhoneForm) -> str:
    """Returns what to tell the person; "" when the phone is not one."""
    form.code.data = ""
    if not form.phone.validate(form):
        return ""
    return send_code(form.phone.data, PURPOSE)


def _prove(form: PhoneForm) -> None:
    prove_code(form.phone.data, PURPOSE, form.code.data)
    now = here.clock.now()

    def log_in() -> None:
        account = services.get_or_create_account(form.phone.data, now)
        app_id, days = here.config.wechat.app_id, here.config.limits.owner_check_days
        if services.may_have_new_owner(account, app_id, visitor.openid(), days, now):
            services.check_active(account)
            visitor.begin_session(account, now, is_paused=True)
        else:
            visitor.enter(account, now)

    in_transaction(log_in)
