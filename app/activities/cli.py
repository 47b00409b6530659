"""What an operator types about activities."""

import click
from flask.cli import AppGroup

from app.activities import recount as recounting
from app.activities import titles
from app.database import in_transaction

activities = AppGroup("activities", help="Activities.")


@activities.command()
@click.option("--mend", is_flag=True, help="Put right what is wrong.")
def recount(mend: bool) -> None:
    """Compare what is kept of activities with what would be counted; status 1 if it differs.

    The places that shifts count as taken and waited for with their sign-ups, and what titles are found by with them.
    """
    found = in_transaction(lambda: recounting.recount(mends=mend))
    for one in found:
        click.echo(f"shift {one.shift_id}: {one.what} is {one.kept}, should be {one.true}")
    titles_wrong = titles.KEPT.recount(mends=mend)
    for activity_id in titles_wrong:
        click.echo(f"activity {activity_id}: what its title is found by is not its title")
    count = len(found) + len(titles_wrong)
    if not count:
        click.echo("nothing differs")
    elif mend:
        click.echo(f"put right: {count}")
    else:
        raise click.ClickException(f"{count} differences; --mend puts them right")
