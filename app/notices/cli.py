"""`flask notices …`: messages that did not arrive for sure, and what the operator decides about them."""

import click
from flask.cli import AppGroup

from app.clock import local
from app.context import here
from app.database import in_transaction
from app.notices import services
from app.notices.models import NoticeState

notices = AppGroup("notices", help="Messages that failed, or of which nobody knows whether they arrived.")
MOST_SHOWN = 200


@notices.command("list")
def list_command() -> None:
    """Show what waits for a decision: number, state, when it was owed, kind, channel, tries, and what went wrong."""
    rows = services.open_questions(MOST_SHOWN)
    for row in rows:
        when = f"{local(row.created_at):%Y-%m-%d %H:%M}"
        channel = row.channel or "-"
        click.echo(
            f"{row.id}  {row.state}  {when}  {row.kind}  {channel}  {row.attempts} tries  {row.trouble}".rstrip()
        )
    if not rows:
        click.echo("nothing failed, and nothing is unknown")


@notices.command()
@click.argument("numbers", type=click.IntRange(min=1), nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask about those that may have arrived.")
def retry(numbers: tuple[int, ...], yes: bool) -> None:
    """Send these again, beginning with the first channel."""
    rows = {row.id: row for row in services.open_questions(MOST_SHOWN)}
    in_doubt = [number for number in numbers if number in rows and rows[number].state == NoticeState.UNKNOWN]
    if in_doubt and not yes:
        click.confirm(f"{_named(in_doubt)} may have arrived already and would be told twice. Send again?", abort=True)
    done = in_transaction(lambda: [one for one in numbers if services.send_again(one, now=here.clock.now())])
    _tell(numbers, done, "sent again by the worker")


@notices.command()
@click.argument("numbers", type=click.IntRange(min=1), nargs=-1, required=True)
def drop(numbers: tuple[int, ...]) -> None:
    """Do not send these any more."""
    _tell(numbers, in_transaction(lambda: [one for one in numbers if services.drop(one)]), "dropped")


def _tell(asked: tuple[int, ...], done: list[int], what: str) -> None:
    if done:
        click.echo(f"{_named(done)}: {what}")
    left = [number for number in asked if number not in done]
    if left:
        raise click.ClickException(f"{_named(left)}: neither failed nor unknown; see `flask notices list`")


def _named(numbers: list[int]) -> str:
    return ", ".join(str(number) for number in numbers)
