"""What an operator types about activities."""

import click
from flask.cli import AppGroup

from app.activities import recount as recounting
from app.database import in_transaction

activities = AppGroup("activities", help="Activities.")


@activities.command()
@click.option("--mend", is_flag=True, help="Put right what is wrong.")
def recount(mend: bool) -> None:
    """Compare the places that shifts count as taken and waited for with their sign-ups; status 1 if they differ."""
    found = in_transaction(lambda: recounting.recount(mends=mend))
    for one in found:
        click.echo(f"shift {one.shift_id}: {one.what} is {one.kept}, should be {one.true}")
    if not found:
        click.echo("nothing differs")
    elif mend:
        click.echo(f"put right: {len(found)}")
    else:
        raise click.ClickException(f"{len(found)} differences; --mend puts them right")
