"""What an operator types about organisations."""

import click
from flask.cli import AppGroup

from app import codes
from app.accounts import services as accounts
from app.context import here
from app.database import in_transaction
from app.organizations import member_names, services
from app.organizations import recount as recounting
from app.organizations.services import OrganizationFacts
from app.web import readers

organizations = AppGroup("organizations", help="Organisations.")


@organizations.command("create-root")
@click.option("--name", required=True, help="Name of the 总队.")
@click.option("--phone", required=True, help="Mobile number of its owner, who logs in with it.")
def create_root(name: str, phone: str) -> None:
    """Make the 总队, the root of all organisations, and its owner."""
    number = readers.phone(phone)
    if number is None:
        raise click.BadParameter("not a mainland mobile number", param_hint="--phone")
    try:
        clean = readers.clean(name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--name") from None
    if not 2 <= len(clean) <= 50:
        raise click.BadParameter("2 to 50 characters", param_hint="--name")
    if not readers.says_something(clean):
        raise click.BadParameter("at least two letters, digits or characters", param_hint="--name")

    def create() -> str:
        now = here.clock.now()
        facts = root_facts(clean, here.config.site.region)
        owner = accounts.get_or_create_account(number, now)
        return services.create_root(facts, owner, now=now).name

    click.echo(f"created {in_transaction(create)}; its owner logs in with the phone you gave")


def root_facts(name: str, region: str) -> OrganizationFacts:
    """A 总队 of which only the name is known yet; its owner fills in the rest."""
    return OrganizationFacts(
        name=name,
        st_line="A",
        region=region,
        address="",
        founded_on=None,
        leader_name="",
        leader_phone="",
        service_categories=list(codes.SERVICE_SCOPES)[:4],
        intro="",
        join_mode="1",
    )


@organizations.command()
@click.option("--mend", is_flag=True, help="Put right what is wrong.")
def recount(mend: bool) -> None:
    """Compare what is kept of the tree and of members' names with what would be counted; status 1 if it differs.

    Of the tree: paths, copies and counters.
    """
    found = in_transaction(lambda: recounting.recount(mends=mend))
    for one in found:
        click.echo(f"organization {one.organization_id}: {one.what} is {one.kept}, should be {one.true}")
    names_wrong = member_names.KEPT.recount(mends=mend)
    for membership_id in names_wrong:
        click.echo(f"membership {membership_id}: what its name is found by is not the name")
    count = len(found) + len(names_wrong)
    if not count:
        click.echo("nothing differs")
    elif mend:
        click.echo(f"put right: {count}")
    else:
        raise click.ClickException(f"{count} differences; --mend puts them right")
