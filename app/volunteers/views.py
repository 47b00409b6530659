"""志愿者信息 on the phone: what is kept of a volunteer, and 编辑信息."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts import agreements
from app.accounts import services as accounts
from app.accounts.guards import the_account
from app.context import here
from app.database import in_transaction
from app.volunteers import completeness, services
from app.volunteers.forms import EditForm
from app.volunteers.guards import the_volunteer, volunteers_only

bp = Blueprint("volunteers", __name__)


@bp.get("/volunteer")
@volunteers_only
def show() -> ResponseReturnValue:
    """志愿者信息"""
    volunteer = the_volunteer()
    facts = {"account": the_account(), "homes": here.homes.of(volunteer.id)}
    now = here.clock.now()
    facts |= {"is_minor": services.is_minor(volunteer.birth_date, now)}
    facts |= {"lacks_guardian": services.lacks_guardian(volunteer, now)}
    facts |= {"agreement": accounts.standing_consent(volunteer.account_id, agreements.VOLUNTEER_AGREEMENT)}
    facts |= {"is_invited": here.homes.is_invited(the_account(), now=now)}
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
