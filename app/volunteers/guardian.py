"""监护人: who answers for somebody under 18 says yes by a code to their own phone."""

import flask
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.guards import the_account
from app.accounts.phone_step import prove_code, send_code
from app.context import here
from app.database import in_transaction
from app.errors import AppError
from app.sms.provider import GUARDIAN
from app.volunteers import services
from app.volunteers.errors import NoGuardianNeeded
from app.volunteers.forms import GuardianForm
from app.volunteers.guards import the_volunteer, volunteers_only
from app.volunteers.services import Guardian
from app.volunteers.views import bp

__all__ = ["bp"]

#: In the cookie of who corrects their papers and turns out to be a minor: the guardian consents before that is written.
AWAITED = "guardian_awaited"


def await_guardian() -> None:
    """Let the person name a guardian although the register has them as a grown-up."""
    flask.session[AWAITED] = True


def prove_guardian(form: GuardianForm, *, name: str, phone: str) -> tuple[str, Guardian | None]:
    """Send a code to the guardian of the person with this name and phone, or accept one.

    Returns what to tell, and the guardian once they have consented. Raises NotAGuardian and what codes raise.
    """
    is_sending = request.form.get("action") == "send" and form.is_submitted()
    if is_sending:
        form.code.data = ""
        # Both, so that each has its sentence.
        wrong = [field for field in (form.guardian_name, form.guardian_phone) if not field.validate(form)]
        if wrong:
            return "", None
    elif not form.validate_on_submit():
        return "", None
    given = Guardian(form.guardian_name.data, form.guardian_phone.data, here.clock.now())
    services.check_guardian(given, name=name, phone=phone)
    if is_sending:
        return send_code(given.phone, GUARDIAN), None
    prove_code(given.phone, GUARDIAN, form.code.data)
    return "", given


def _check_needed() -> None:
    """Nobody is sent a code to answer for a grown-up. Raises NoGuardianNeeded."""
    if not (services.is_minor(the_volunteer().birth_date, here.clock.now()) or AWAITED in flask.session):
        raise NoGuardianNeeded


@bp.route("/volunteer/guardian", methods=["GET", "POST"])
@volunteers_only
def change_guardian() -> ResponseReturnValue:
    """填写或更换监护人"""
    volunteer = the_volunteer()
    form = GuardianForm(guardian_name=volunteer.guardian_name, guardian_phone=volunteer.guardian_phone)
    sent = ""
    try:
        if form.is_submitted():
            _check_needed()
        sent, guardian = prove_guardian(form, name=volunteer.name, phone=the_account().phone)
        if guardian:
            now = here.clock.now()
            in_transaction(lambda: services.change_guardian(the_volunteer(), guardian, now=now))
            flask.session.pop(AWAITED, None)
            flash("已记下监护人的同意")
            return redirect(url_for(".show"), 303)
    except AppError as error:
        form.refuse(error)
    return render_template("volunteers/guardian.html", form=form, sent=sent), form.status
