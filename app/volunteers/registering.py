"""志愿者注册: 手机号 → 验证码 → who I am → (the guardian) → where and what → agreements → 完成."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import regions
from app.accounts import agreements
from app.accounts import services as accounts
from app.accounts.guards import the_account
from app.accounts.phone_step import Wording, phone_step
from app.accounts.visitor import logged_in
from app.context import here
from app.database import in_transaction
from app.errors import AppError
from app.volunteers import answers as answered
from app.volunteers import services, tries
from app.volunteers.answers import ABILITY, FINISH, FORMS, GUARDIAN, WHO, Answers
from app.volunteers.errors import AlreadyRegistered, IdNumberNotAccepted, TooManyPasswords
from app.volunteers.forms import GuardianForm
from app.volunteers.guardian import prove_guardian
from app.volunteers.guards import current_volunteer, the_volunteer, volunteers_only
from app.volunteers.services import Registration
from app.volunteers.views import bp
from app.web import typed
from app.web.guards import public
from app.web.urls import local_path

__all__ = ["bp"]

WORDING = Wording("志愿者注册", "两分钟完成注册，先验证您的手机号")
DOCUMENTS = (agreements.VOLUNTEER_AGREEMENT, agreements.PRIVACY_NOTICE, agreements.ID_NUMBER_CONSENT)
#: Under which name a form that was begun is kept.
DRAFT = "volunteer"


@bp.route("/volunteer/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    if logged_in() is None:
        step = request.args.get("step", "")
        return phone_step(WORDING, url_for(".register", step=step if step in FORMS else None, next=_next_page()))
    if current_volunteer():
        return redirect(_next_page() or url_for(".show"), 303)
    step = request.args.get("step", "")
    if request.method == "GET" and step not in FORMS and here.homes.is_invited(the_account(), now=here.clock.now()):
        return redirect(url_for("invited.show"), 303)
    return _send(step) if request.method == "POST" else _look(step)


def _next_page() -> str | None:
    return local_path(request.args.get("next"), "") or None


def _go(step: str) -> ResponseReturnValue:
    return redirect(url_for(".register", step=step, next=_next_page()), 303)


def begun() -> Answers:
    return answered.read(accounts.load_draft(the_account(), DRAFT))


def _keep(answers: Answers) -> None:
    in_transaction(lambda: accounts.save_draft(the_account(), DRAFT, answers.to_keep(), here.clock.now()))


def _look(step: str) -> ResponseReturnValue:
    """Show a step; nobody gets past one that does not hold."""
    answers, now = begun(), here.clock.now()
    wanted = step if step in FORMS else WHO
    first, _ = next(answers.unfinished(here.config.limits, now), (FINISH, None))
    order = list(FORMS)
    if order.index(wanted) > order.index(first):
        return _go(first)
    if wanted == GUARDIAN and not answers.needs_guardian(now):
        return _go(ABILITY)
    form = FORMS[wanted]()
    # What was typed and could not be taken as it came is newer than what was kept.
    return _page(wanted, answers, form if form.is_refilled else answers.form(wanted))


def _send(step: str) -> ResponseReturnValue:
    """Keep what was sent, and go on, back, or nowhere. A form without a step is the whole of it."""
    answers, now = begun().with_sent(step, request.form), here.clock.now()
    _keep(answers)
    action = request.form.get("action")
    if action == "keep":
        return "", 204
    if action == "save":
        flash("已保存，下次打开可以接着填")
        return _go(step if step in FORMS else WHO)
    if action == "back":
        return _go(answers.step_before(step, now))
    if step == GUARDIAN:
        return _guardian(answers)
    shown = step if step in FORMS else FINISH
    form = answers.form(shown)
    typed.note_sent(form)
    if form.is_refresh():
        return _page(shown, answers, form)
    if step in (WHO, ABILITY):
        form = answers.judged(step, here.config.limits, now)
        return _page(step, answers, form) if form.errors else _go(answers.step_after(step, now))
    return _finish(answers)


def _guardian(answers: Answers) -> ResponseReturnValue:
    """The guardian proves their phone; whoever did so already and was not changed is not asked again."""
    if answers.guardian.consented_at and request.form.get("action") != "send":
        return _go(ABILITY)
    form, sent = GuardianForm(), ""
    try:
        who = answers.judged(WHO, here.config.limits, here.clock.now())
        sent, guardian = prove_guardian(form, name=who.name.data or "", phone=the_account().phone)
        if guardian:
            _keep(answers.with_guardian(guardian))
            return _go(ABILITY)
    except AppError as error:
        form.refuse(error)
    return _page(GUARDIAN, answers, form, sent=sent)


def _finish(answers: Answers) -> ResponseReturnValue:
    missing = next(answers.unfinished(here.config.limits, here.clock.now()), None)
    if missing:
        step, form = missing
        if step == GUARDIAN:
            return _go(step)
        return _page(step, answers, form)
    form = answers.form(FINISH)
    _offer(form, answers)
    if form.validate():
        try:
            _register(answers, form)
        except IdNumberNotAccepted as error:
            who = answers.form(WHO)
            who.refuse(error)
            return _page(WHO, answers, who, needs_check=True)
        except AppError as error:
            form.refuse(error)
        else:
            return redirect(url_for(".registered", next=_next_page()), 303)
    return _page(FINISH, answers, form)


def _register(answers: Answers, form: Any) -> None:
    """Raises what `services.register` and the joining of an organisation raise; pressed twice is harmless."""
    now = here.clock.now()
    facts = _facts(answers, form)

    def register() -> None:
        account = the_account()
        volunteer = services.register(account, facts, limits=here.config.limits, now=now)
        accounts.record_consents(account, agreements.current(*DOCUMENTS), now)
        accounts.drop_draft(account, DRAFT)
        if form.organization.data:
            here.homes.join(volunteer, form.organization.data, form.join_password.data, now=now)

    password = form.join_password.data if form.organization.data else ""
    try:
        with (
            tries.counted_password(form.organization.data, password, TooManyPasswords),
            tries.counted(facts.identity),
        ):
            in_transaction(register)
    except AlreadyRegistered:
        pass  # the first press did it


def _facts(answers: Answers, form: Any) -> Registration:
    now, limits = here.clock.now(), here.config.limits
    ability = answers.judged(ABILITY, limits, now)
    identity = answers.judged(WHO, limits, now).identity(now)
    assert identity is not None
    return Registration(
        identity=identity,
        residence_region=ability.region.data,
        skills=ability.skills.data,
        services=ability.services.data,
        guardian=answers.guardian,
        profile=form.profile,
    )


def _offer(form: Any, answers: Answers) -> None:
    """Fill in the lists that depend on what was answered before."""
    home = (answers.values.get("region") or [""])[0]
    if not regions.exists(home):
        home = here.config.site.region
    aims = [*answers.values.get("services", []), *answers.values.get("skills", [])]
    found = here.homes.choices(home, aims, form.searched, form.organization.data or "")
    form.organization.offers = [("", "暂不加入"), *found]
    form.offer_service_regions(home)


def _page(step: str, answers: Answers, form: Any, *, sent: str = "", needs_check: bool = False) -> ResponseReturnValue:
    if step == ABILITY:
        form.region.offer(here.config.site.region)
    elif step == FINISH:
        _offer(form, answers)
    facts = {"sent": sent, "needs_check": needs_check, "is_proved": answers.guardian.consented_at is not None}
    facts |= {"documents": agreements.current(*DOCUMENTS), "next_page": _next_page(), "step": step}
    return render_template(f"volunteers/register_{step}.html", form=form, **facts), form.status


@bp.get("/volunteer/registered")
@volunteers_only
def registered() -> ResponseReturnValue:
    return render_template("volunteers/registered.html", volunteer=the_volunteer(), next_page=_next_page() or "")
