"""`flask privacy …`: keys, and what one person may ask for."""

import json

import click
from flask.cli import AppGroup

from app import config, crypto, files
from app.accounts import services as accounts
from app.accounts.models import Account
from app.context import here
from app.database import in_transaction
from app.models import metadata
from app.own_data import retention
from app.own_data.services import export, seal_anew, take_out
from app.privacy import sealed_columns
from app.web import readers

privacy = AppGroup("privacy", help="Personal data and the keys it is sealed with.")


@privacy.command("new-key")
def new_key() -> None:
    """Print a new random key for [privacy] keys or index_key."""
    click.echo(crypto.new_key())


@privacy.command()
def rotate() -> None:
    """Seal all personal data under the first key of the ring. Safe to stop and to repeat."""
    for table in metadata.sorted_tables:
        if next(sealed_columns(table), None) is None:
            continue
        last, total = 0, 0
        while True:
            last, changed = in_transaction(lambda table=table, last=last: seal_anew(table, last))  # type: ignore[misc]
            total += changed
            if not last:
                break
        click.echo(f"{table.name}: {total} sealed anew")
    pictures = files.seal_anew(config.from_root(here.config.content.uploads))
    click.echo(f"pictures: {pictures} sealed anew")


def _account(phone: str) -> Account:
    number = readers.phone(phone)
    account = accounts.find_account_by_phone(number) if number else None
    if account is None:
        raise click.ClickException("there is no account with this phone")
    return account


@privacy.command("export")
@click.option("--phone", required=True)
def export_command(phone: str) -> None:
    """Print all data of one person as JSON."""
    click.echo(json.dumps(export(_account(phone)), ensure_ascii=False, indent=2))


@privacy.command("erase")
@click.option("--phone", required=True)
@click.confirmation_option(prompt="This cannot be undone. Erase the person's data?")
def erase_command(phone: str) -> None:
    """Erase one person's data; the volunteer number and sums stay."""
    in_transaction(lambda: take_out(_account(phone), now=here.clock.now()))
    click.echo("erased")


@privacy.command("expire")
@click.option("--dry-run", is_flag=True, help="Only say how much would go.")
def expire_command(dry_run: bool) -> None:
    """Take out what is older than [retention] allows; the worker does it by itself."""
    for rule in retention.rules(here.config.retention, here.config.limits, here.clock.now()):
        rows = retention.count(rule) if dry_run else retention.apply(rule)
        click.echo(f"{rule.what}: {rows} {'would go' if dry_run else 'gone'}")
