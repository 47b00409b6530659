"""确认注册: somebody whom an organisation put on its list sees what was entered, corrects it, and agrees or not."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import agreements
from app.accounts import services as accounts
from app.accounts.guards import accounts_only, the_account
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.group_registration import inviting
from app.group_registration.errors import NotWaiting
from app.group_registration.forms import ActivationForm, InvitationForm
from app.group_registration.models import ImportRow
from app.organizations.models import MembershipState
from app.volunteers import tries
from app.volunteers.errors import AlreadyRegistered
from app.volunteers.guards import current_volunteer
from app.volunteers.services import Identity, Registration
from app.web.acts import attempt

bp = Blueprint("invited", __name__, url_prefix="/volunteer/invited")

#: What somebody who is a volunteer already reads after saying yes.
ANSWERS = {MembershipState.ACTIVE: "已加入", MembershipState.PENDING: "已申请加入，等组织核对"}
DOCUMENTS = (agreements.VOLUNTEER_AGREEMENT, agreements.PRIVACY_NOTICE, agreements.ID_NUMBER_CONSENT)


def _invitation_or_404() -> ImportRow | None:
    """The one that the form names, of those that wait for the phone that the person proved; at first the oldest.

    None when it waits no more: what waits beside it is another organisation's, and nobody has been shown it.
    """
    rows = inviting.waiting_for(the_account(), here.clock.now())
    if not rows and not (request.method == "POST" and current_volunteer()):
        raise NotFound("没有等您确认的注册，可能已经确认过、已过期或被组织撤回")
    if request.method != "POST":
        return rows[0]
    named = request.form.get("invitation")
    return next((row for row in rows if row.uid == named), None)


@bp.route("", methods=["GET", "POST"])
@accounts_only
def show() -> ResponseReturnValue:
    row = _invitation_or_404()
    if row is None:
        return _waits_no_more()
    return _join(row) if current_volunteer() else _activate(row)


@bp.post("/refuse")
@accounts_only
def refuse() -> ResponseReturnValue:
    """不同意: what was entered goes at once"""
    row, now = _invitation_or_404(), here.clock.now()
    if row is None:
        return _waits_no_more()
    uid = row.uid
    in_transaction(lambda: inviting.refuse(uid, the_account(), now=now))
    flash("已删除组织为您填写的内容")
    return redirect(url_for("volunteers.show" if current_volunteer() else "links.home"), 303)


def _waits_no_more() -> ResponseReturnValue:
    """Say so where what waits beside it is shown, too."""
    flash(NotWaiting.message)
    return redirect(url_for("volunteers.show" if current_volunteer() else ".show"), 303)


def _activate(row: ImportRow) -> ResponseReturnValue:
    uid, facts = row.uid, inviting.entered(row)
    # The number is not filled in: a list may have the wrong phone, and the person knows their own.
    names = ("name", "id_type", "region", "skills", "services")
    form = ActivationForm(**{name: facts[name] for name in names})
    form.invitation.data = uid
    form.region.offer(here.config.site.region)
    if form.is_to_be_judged():
        identity = form.identity(here.clock.now())
        try:
            if identity:
                _register(uid, form, identity)
                flash("注册成功，您已加入组织")
                return redirect(url_for("volunteers.registered"), 303)
        except AlreadyRegistered:
            return redirect(url_for("volunteers.show"), 303)
        except AppError as error:
            form.refuse(error)
    page = {"row": row, "ends": facts["id_number"][-4:], "documents": agreements.current(*DOCUMENTS)}
    return render_template("group_registration/activate.html", form=form, **page), form.status


def _register(uid: str, form: Any, identity: Identity) -> None:
    now, limits = here.clock.now(), here.config.limits
    facts = Registration(
        identity=identity,
        residence_region=form.region.data,
        skills=form.skills.data,
        services=form.services.data,
    )

    def act() -> None:
        account = the_account()
        inviting.activate(uid, account, facts, limits=limits, now=now)
        accounts.record_consents(account, agreements.current(*DOCUMENTS), now)

    with tries.counted(identity):
        in_transaction(act)


def _join(row: ImportRow) -> ResponseReturnValue:
    """Somebody who became a volunteer meanwhile only says whether they join."""
    uid, form = row.uid, InvitationForm()
    form.invitation.data = uid
    states: list[str] = []
    if attempt(form, lambda: states.append(_accept(uid, here.config.limits.home_organizations, here.clock.now()))):
        flash(ANSWERS.get(MembershipState(states[-1]), "您在这个组织的身份没有变"))
        return redirect(url_for("volunteers.show"), 303)
    return render_template("group_registration/join.html", row=row, form=form), form.status


def _accept(uid: str, most: int, now: Any) -> str:
    """As what the person is in the organisation now."""
    volunteer = current_volunteer()
    assert volunteer is not None
    return inviting.accept(uid, the_account(), volunteer, most_homes=most, now=now).state
