"""确认本人: a phone may have a new owner. Who comes back after long by the phone alone says who they are first."""

import hmac

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app import crypto
from app.accounts import services as accounts
from app.accounts import visitor
from app.accounts.models import Account
from app.context import here
from app.database import in_transaction, session
from app.redis import RedisError
from app.volunteers.errors import NotTheOwner, OwnerNotChecked
from app.volunteers.forms import OwnerForm
from app.volunteers.models import Volunteer
from app.volunteers.proving import bp
from app.volunteers.services import find_volunteer
from app.web.guards import public
from app.web.urls import local_path

__all__ = ["bp"]

#: Wrong answers of one account a day, and how many characters of the ID number are asked for.
MOST_TRIES, DAY_SECONDS, ASKED = 5, 86_400, 6


@bp.route("/owner", methods=["GET", "POST"])
@public
def confirm_owner() -> ResponseReturnValue:
    """The last 6 of the ID number; until they are given, nothing of the account is shown and no role of it counts."""
    next_page = local_path(request.args.get("next"))
    login = visitor.paused()
    if login is None:
        return redirect(next_page, 303)
    account_id = login.account_id
    volunteer = find_volunteer(account_id)
    has_paper = volunteer is not None and bool(volunteer.id_number_index or volunteer.id_number_sealed)
    has_nothing = volunteer is None and not here.homes.acts_for_any(account_id)
    form = OwnerForm()
    if has_nothing:
        del form.last_six  # nothing to protect: a press is enough
    if (has_paper or has_nothing) and form.validate_on_submit():
        try:
            if volunteer:
                _check(volunteer, form.last_six.data)
        except (NotTheOwner, OwnerNotChecked) as error:
            form.refuse(error)
        else:
            in_transaction(lambda: _let_in(account_id))
            flash("已确认，欢迎回来")
            return redirect(next_page, 303)
    facts = {"has_paper": has_paper, "has_nothing": has_nothing, "days": here.config.limits.owner_check_days}
    return render_template("volunteers/owner.html", form=form, **facts), form.status


def _check(volunteer: Volunteer, answer: str) -> None:
    """Raises NotTheOwner, OwnerNotChecked."""
    given = answer.strip().upper()
    key = f"owner-tries:{volunteer.account_id}"
    try:
        # Counted before it is compared: many guesses at once are still few.
        with here.redis.pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, DAY_SECONDS, nx=True)
            tries = int(pipe.execute()[0])
    except RedisError as error:
        raise OwnerNotChecked from error
    if tries > MOST_TRIES:
        raise OwnerNotChecked("今天试的次数太多，请明天再试，或请您的组织、当地科协核对")
    ends_alike = len(given) == ASKED and hmac.compare_digest(
        volunteer.id_number[-ASKED:].upper().encode(), given.encode()
    )
    # Who withdrew the consent to keep the number may give it whole.
    is_whole = hmac.compare_digest(volunteer.id_number_index or "", crypto.ring().index("id_number", given))
    if not (ends_alike or is_whole):
        raise NotTheOwner


def _let_in(account_id: int) -> None:
    account, now = session.get_one(Account, account_id), here.clock.now()
    accounts.note_audit(account.id, "account.owner", "", actor_id=account.id, now=now)
    visitor.enter(account, now)
