"""What an operator types about activities."""

import click
from flask.cli import AppGroup

from app.activities import drawing, queries, titles
from app.activities import recount as recounting
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


@activities.command("check-draw")
@click.argument("activity_id", type=int)
def check_draw(activity_id: int) -> None:
    """Compute the draw of an activity again from its seed; status 1 if it came out otherwise."""
    activity = queries.find(activity_id)
    drawn = [shift for shift in activity.shifts if shift.drawn_at] if activity else []
    if not drawn:
        raise click.ClickException("nothing was drawn")
    for shift in drawn:
        if not drawing.is_fair(shift):
            raise click.ClickException(f"shift {shift.id}: the order is not that of its seed")
        click.echo(f"shift {shift.id}: {len(drawing.drawn(shift))} drawn, as the seed says")
