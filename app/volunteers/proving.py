"""更正姓名或证件, and 找回: what needs a code first."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import agreements, visitor
from app.accounts import services as accounts
from app.accounts.guards import accounts_only, the_account
from app.accounts.models import Account, AccountState
from app.accounts.phone_step import prove_code, send_code
from app.context import here
from app.database import in_transaction, session
from app.errors import AppError
from app.volunteers import services, tries
from app.volunteers.answers import WHO
from app.volunteers.errors import GuardianNeeded, NotAGuardian, NotRecoverable
from app.volunteers.forms import IdentityForm, RecoverForm
from app.volunteers.guardian import await_guardian
from app.volunteers.guards import current_volunteer, the_volunteer, volunteers_only
from app.volunteers.models import Volunteer
from app.volunteers.registering import begun
from app.volunteers.services import Identity
from app.volunteers.views import bp

__all__ = ["bp"]

CORRECT, RECOVER = "identity", "recover"


@bp.route("/volunteer/identity", methods=["GET", "POST"])
@volunteers_only
def correct_identity() -> ResponseReturnValue:
    """更正姓名或证件"""
    volunteer = the_volunteer()
    form = IdentityForm(
        name=volunteer.name,
        id_type=volunteer.id_type,
        gender=volunteer.gender,
        birth_date=volunteer.birth_date.isoformat() if volunteer.birth_date else "",
    )
    sent, needs_guardian = "", False
    try:
        if request.form.get("action") == "send" and form.is_submitted():
            sent = send_code(the_account().phone, CORRECT)
        elif form.is_to_be_judged():
            identity = form.identity(here.clock.now())
            if identity:
                prove_code(the_account().phone, CORRECT, form.code.data)
                with tries.counted(identity):
                    in_transaction(lambda: _correct(identity))
                flash("已更正")
                return redirect(url_for(".show"), 303)
    except AppError as error:
        form.refuse(error)
        needs_guardian = isinstance(error, GuardianNeeded | NotAGuardian)
        if needs_guardian:
            await_guardian()
    facts = {"sent": sent, "needs_guardian": needs_guardian, "account": the_account()}
    facts["documents"] = agreements.current(agreements.ID_NUMBER_CONSENT)
    return render_template("volunteers/identity.html", form=form, **facts), form.status


def _correct(identity: Identity) -> None:
    now = here.clock.now()
    services.correct_identity(the_volunteer(), identity, limits=here.config.limits, now=now)
    accounts.record_consents(the_account(), agreements.current(agreements.ID_NUMBER_CONSENT), now)


@bp.route("/volunteer/recover", methods=["GET", "POST"])
@accounts_only
def recover() -> ResponseReturnValue:
    """找回: whoever registered with another phone proves it, and goes on with this one.

    Whether somebody is registered is told to nobody: a code goes to every phone that is named, so that words and time
    are the same, and only who has proved the phone learns whether it fits.
    """
    if current_volunteer():
        return redirect(url_for(".show"), 303)
    form = RecoverForm()
    sent = ""
    try:
        if request.form.get("action") == "send" and form.is_submitted():
            if form.phone.validate(form):
                sent = send_code(form.phone.data, RECOVER)
        elif form.validate_on_submit():
            prove_code(form.phone.data, RECOVER, form.code.data)
            in_transaction(lambda: _take_over(form.phone.data))
            flash("已找回您的志愿者资料，以后请用现在的手机号登录")
            return redirect(url_for(".show"), 303)
    except AppError as error:
        form.refuse(error)
    return render_template("volunteers/recover.html", form=form, sent=sent), form.status


def _holder(phone: str) -> Volunteer | None:
    """The volunteer with the ID number of the form that was begun, if the phone is theirs."""
    form = begun().form(WHO)
    form.id_number.validate(form)
    holder = services.find_by_id_number(form.id_number.number)
    account = accounts.find_account_by_phone(phone)
    return holder if holder and account and holder.account_id == account.id else None


def _take_over(phone: str) -> None:
    newer, holder, now = the_account(), _holder(phone), here.clock.now()
    if holder is None or here.homes.acts_for_any(newer.id):
        raise NotRecoverable
    account = session.get_one(Account, holder.account_id)
    if account.state != AccountState.ACTIVE:
        raise NotRecoverable
    services.check_own_phone(holder, newer.phone, now)
    accounts.take_over_phone(account, newer, now)
    openid = visitor.openid()
    if openid:
        accounts.tie_openid(account, here.config.wechat.app_id, openid, now)
    visitor.begin_session(account, now)
