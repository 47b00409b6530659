"""志愿者 on the phone: 注册 and 志愿者信息."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.accounts import agreements
from app.accounts import services as accounts
from app.accounts.guards import the_account
from app.accounts.phone_step import Wording, phone_step
from app.accounts.visitor import logged_in
from app.context import here
from app.database import in_transaction
from app.errors import AppError
from app.volunteers import completeness, services, tries
from app.volunteers.errors import AlreadyRegistered, IdNumberNotAccepted
from app.volunteers.forms import EditForm, RegistrationForm
from app.volunteers.guards import current_volunteer, the_volunteer, volunteers_only
from app.volunteers.services import Registration
from app.web.guards import public
from app.web.urls import local_path

bp = Blueprint("volunteers", __name__)

WORDING = Wording("志愿者注册", "两分钟完成注册，先验证您的手机号")
#: Boxes that nobody finds ticked.
CONSENTS = ("agreement", "privacy", "id_consent", "guardian_consent")
DOCUMENTS = (agreements.VOLUNTEER_AGREEMENT, agreements.PRIVACY_NOTICE, agreements.ID_NUMBER_CONSENT)


#: Under which name a form that was begun is kept.
DRAFT = "volunteer"


@bp.route("/volunteer/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    """手机号 → 验证码 → 个人信息 → 完成."""
    next_page = local_path(request.args.get("next"), "")
    if logged_in() is None:
        return phone_step(WORDING, url_for(".register", next=next_page or None))
    if current_volunteer():
        return redirect(next_page or url_for(".show"), 303)
    form = _begun() if request.method == "GET" else RegistrationForm()
    form.organization.offers = [("", "暂不加入"), *here.homes.choices()]
    form.offer_places(here.config.site.region)
    if request.method == "POST":
        in_transaction(lambda: accounts.save_draft(the_account(), DRAFT, _typed(), here.clock.now()))
        if request.form.get("action") == "keep":
            return "", 204
        if request.form.get("action") == "save":
            flash("已保存，下次打开可以接着填")
            return redirect(url_for(".register", next=next_page or None), 303)
    needs_check = False
    if form.validate_on_submit():
        facts = form.facts(here.clock.now())
        try:
            if facts and _register(form, facts):
                return redirect(url_for(".registered", next=next_page or None), 303)
        except IdNumberNotAccepted as error:
            form.refuse(error)
            needs_check = True
    documents = agreements.current(*DOCUMENTS)
    page = render_template("volunteers/register.html", form=form, documents=documents, needs_check=needs_check)
    return page, form.status


def _typed() -> dict[str, list[str]]:
    """What was typed, but for what belongs to this one sending of it."""
    left_out = {"csrf_token", "action"}
    if not request.form.get("id_consent"):
        # Nothing of it is kept before the person has agreed to that.
        left_out.add("id_number")
    return {name: values for name, values in request.form.lists() if name not in left_out}


def _begun() -> RegistrationForm:
    """The form as it was left; consents are given anew each time."""
    form = RegistrationForm()
    if form.is_refilled:
        return form
    draft = accounts.load_draft(the_account(), DRAFT)
    kept = {name: values for name, values in draft.items() if name not in CONSENTS}
    return RegistrationForm(MultiDict(kept)) if kept else form


def _register(form: RegistrationForm, facts: Registration) -> bool:
    """Raises IdNumberNotAccepted."""
    now = here.clock.now()

    def register() -> None:
        account = the_account()
        volunteer = services.register(account, facts, limits=here.config.limits, now=now)
        accounts.record_consents(account, agreements.current(*DOCUMENTS), now)
        accounts.drop_draft(account, DRAFT)
        if form.organization.data:
            here.homes.join(volunteer, form.organization.data, now=now)

    try:
        with tries.counted(the_account().id, here.redis):
            in_transaction(register)
    except AlreadyRegistered:
        pass  # pressed twice: the first press did it
    except IdNumberNotAccepted:
        raise  # the page then shows the way to an older registration
    except AppError as error:
        form.refuse(error)
        return False
    return True


@bp.get("/volunteer/registered")
@volunteers_only
def registered() -> ResponseReturnValue:
    next_page = local_path(request.args.get("next"), "")
    return render_template("volunteers/registered.html", volunteer=the_volunteer(), next_page=next_page)


@bp.get("/volunteer")
@volunteers_only
def show() -> ResponseReturnValue:
    """志愿者信息"""
    volunteer = the_volunteer()
    facts = {"account": the_account(), "homes": here.homes.of(volunteer.id)}
    facts |= {"percent": completeness.percent(volunteer), "lacking": completeness.lacking(volunteer)}
    return render_template("volunteers/show.html", volunteer=volunteer, **facts)


@bp.route("/volunteer/edit", methods=["GET", "POST"])
@volunteers_only
def edit() -> ResponseReturnValue:
    """编辑信息"""
    volunteer = the_volunteer()
    form = EditForm.of(volunteer)
    form.offer_places(here.config.site.region)
    if form.validate_on_submit():
        chosen = {"region": form.region.data, "skills": form.skills.data, "services": form.services.data}
        in_transaction(lambda: services.edit(the_volunteer(), form.profile, **chosen, now=here.clock.now()))
        flash("已保存")
        return redirect(url_for(".show"), 303)
    return render_template("volunteers/edit.html", form=form, volunteer=volunteer), form.status
