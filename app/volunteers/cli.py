"""flask accounts: what an operator does for somebody whose papers they have looked at."""

import click
from flask.cli import AppGroup

from app.accounts import services as accounts
from app.accounts.models import Account
from app.context import here
from app.database import in_transaction
from app.volunteers.services import check_own_phone, find_volunteer
from app.web import readers

owners = AppGroup("accounts", help="People's accounts.")


def account_of(phone: str) -> Account:
    """Raises ClickException when nobody has the phone."""
    account = accounts.find_account_by_phone(readers.phone(phone) or "")
    if account is None:
        raise click.ClickException("nobody has an account with this phone")
    return account


@owners.command("confirm")
@click.option("--phone", required=True, help="Mobile number of the account.")
def confirm(phone: str) -> None:
    """Say that a phone still belongs to its account, after you have looked at the person's papers."""

    def act() -> None:
        row, now = account_of(phone), here.clock.now()
        row.last_login_at = now
        accounts.note_audit(row.id, "account.owner", "by the operator", actor_id=row.id, now=now)

    in_transaction(act)
    click.echo("confirmed; the person logs in with the phone as usual")


@owners.command("change-phone")
@click.option("--phone", required=True, help="Mobile number of the account, which the person has lost.")
@click.option("--to", "new", required=True, help="The number they have now.")
def change_phone(phone: str, new: str) -> None:
    """Give an account another phone, after you have looked at the person's papers: the old number is lost."""
    number = readers.phone(new)
    if number is None:
        raise click.ClickException("--to is no mobile number")

    def act() -> None:
        row, now = account_of(phone), here.clock.now()
        if row.phone == number:
            raise click.ClickException("the account has that number already")
        newer = accounts.find_account_by_phone(number)
        check_own_phone(find_volunteer(row.id), number, now)
        if newer is None:
            accounts.untie(row.id)
            accounts.change_phone(row, number, now)
        elif find_volunteer(newer.id) is None and not here.homes.acts_for_any(newer.id):
            # They began to register anew with it: that account has nothing of its own, and ends.
            accounts.take_over_phone(row, newer, now)
        else:
            raise click.ClickException("the new number has an account of its own: close that one first")
        row.last_login_at = now
        accounts.note_audit(row.id, "account.owner", "by the operator", actor_id=row.id, now=now)

    in_transaction(act)
    click.echo("changed; every log-in has ended, and the person logs in with the new number")
