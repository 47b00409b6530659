"""`flask demo`: fill an empty database with made-up people, organisations and activities in every phase."""

import click
from flask.cli import with_appcontext

from app.config import from_root
from app.context import here
from app.database import in_transaction
from app.demo.content import PLANS, POLICY, TEAMS
from app.demo.world import PEOPLE, fill
from app.organizations import services as organizations


@click.command()
@with_appcontext
def demo() -> None:
    """Fill an empty database with made-up data. Only for the sandbox; does nothing the second time."""
    if not here.config.wechat.is_sandbox:
        raise click.ClickException("demonstration data belong to a sandbox; this is set up for the real WeChat")
    if organizations.find_root():
        click.echo("the demonstration data (or real data) are there already; nothing changed")
        return
    now = here.clock.now().replace(second=0, microsecond=0)
    in_transaction(lambda: fill(now))
    folder = from_root(here.config.content.policies)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "demo.md").write_text(POLICY, encoding="utf-8")
    click.echo(f"made {len(TEAMS)} organisations, {PEOPLE} volunteers and {len(PLANS)} activities")
