"""Migrations: `flask db …`, and whether any are waiting. The steps themselves are in migrations/versions/."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Connection, Engine, NullPool, create_engine, text

from app import late
from app.config import ROOT
from app.database import make_file, missing_file

if TYPE_CHECKING:
    from alembic.config import Config

#: Two machines that are upgraded at once must not do the same step twice. Any number, and the same for ever.
LOCK = 7_817_001
LOCK_SECONDS = 600

db = AppGroup("db", help="Bring the database's tables to what this version needs.")


def upgrade(engine: Engine, revision: str = "head") -> None:
    make_file(engine)
    with _connect(engine) as connection:
        late.alembic.command.upgrade(_alembic(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    with _connect(engine) as connection:
        late.alembic.command.downgrade(_alembic(connection), revision)


def check(engine: Engine) -> None:
    """Raises alembic.util.CommandError when the models differ from what the migrations made."""
    with _connect(engine) as connection:
        late.alembic.command.check(_alembic(connection))


def current(engine: Engine) -> str | None:
    """The revision that the database is at; None when it has no tables of ours."""
    with engine.connect() as connection:
        return late.alembic.runtime.migration.MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    return late.alembic.script.ScriptDirectory.from_config(_alembic()).get_current_head()


def lack(engine: Engine) -> str | None:
    """What the tables lack before the program can work with them, as a line for the operator.

    A database that a newer version has migrated already lacks nothing: steps only add while an old version runs.
    """
    path = missing_file(engine)
    if path:
        return f"there is no database {path}: `flask db upgrade` makes it, if the path is right"
    known = {step.revision for step in late.alembic.script.ScriptDirectory.from_config(_alembic()).walk_revisions()}
    revision = current(engine)
    if revision is None or (revision in known and revision != newest()):
        return "the database needs `flask db upgrade`"
    return None


def pending(engine: Engine) -> bool:
    """Whether the program needs migrations that the database has not had."""
    return current(engine) != newest()


def _existing(context: click.Context, parameter: click.Parameter, revision: str) -> str:
    """The revision, before anything is asked, made or opened. Steps from here ("+1") are Alembic's to judge."""
    steps = late.alembic.script.ScriptDirectory.from_config(_alembic())
    if revision[:1] in ("+", "-"):
        return revision
    try:
        steps.get_revisions(revision)
    except late.alembic.util.CommandError:
        names = ", ".join(["base", *(step.revision for step in reversed(list(steps.walk_revisions())))])
        told = f"there is no revision {revision}: there are {names}"
        raise click.ClickException(f"{told}; `flask db current` tells where the database is") from None
    return revision


@db.command("upgrade")
@click.argument("revision", default="head", callback=_existing)
def upgrade_command(revision: str) -> None:
    """Make what is missing; nothing happens when nothing is."""
    make_file(_engine())
    before = current(_engine())
    upgrade(_engine(), revision)
    _report(before)


@db.command("downgrade")
@click.argument("revision", callback=_existing, is_eager=True)
@click.confirmation_option(prompt="Going down drops columns or tables with what is in them. Go on?")
def downgrade_command(revision: str) -> None:
    """Go back to a revision, or to "base": nothing."""
    before = current(_engine())
    downgrade(_engine(), revision)
    _report(before)


@db.command("current")
def current_command() -> None:
    """Tell where the database is; exit status 1 when migrations are waiting."""
    click.echo(f"database: {current(_engine()) or 'empty'}, program: {newest() or 'none'}")
    if pending(_engine()):
        raise click.exceptions.Exit(1)


@db.command("revision")
@click.option("-m", "--message", required=True, help="What the step does, as a headline.")
def revision_command(message: str) -> None:
    """Write the next migration from the difference between models and database (for developers)."""
    number = sum(1 for _ in late.alembic.script.ScriptDirectory.from_config(_alembic()).walk_revisions()) + 1
    with _connect(_engine()) as connection:
        late.alembic.command.revision(_alembic(connection), message, autogenerate=True, rev_id=f"{number:04d}")


def _engine() -> Engine:
    engine: Engine = current_app.extensions["database"]
    return engine


def _report(before: str | None) -> None:
    after = current(_engine())
    click.echo(
        f"nothing to do: the database is at {after or 'empty'}"
        if before == after
        else f"{before or 'empty'} -> {after or 'empty'}"
    )


def _alembic(connection: Connection | None = None) -> "Config":
    settings = late.alembic.config.Config()
    settings.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


@contextmanager
def _connect(engine: Engine) -> Iterator[Connection]:
    """A connection that waits as long as a large table takes, and that nobody else migrates beside."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection, _without_foreign_keys(connection):
            yield connection
        return
    # A new engine: the application's connections give up after seconds.
    patient = create_engine(engine.url, poolclass=NullPool, hide_parameters=True)
    with patient.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SET lock_timeout = '{LOCK_SECONDS}s'"))
            connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
            # A step that waits for a table makes everybody else wait behind it: rather it fails and is run again.
            connection.execute(text("SET lock_timeout = '10s'"))
        else:
            got = connection.execute(text(f"SELECT GET_LOCK('stvs.migrate.{LOCK}', {LOCK_SECONDS})")).scalar()
            if got != 1:
                raise click.ClickException("another migration is running")
        connection.commit()
        yield connection


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making a new one and dropping the old, which must not take the rows that point to it.

    The setting works outside a transaction only, so it is made below SQLAlchemy, which would begin one.
    """
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        connection.rollback()
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise click.ClickException(f"rows of {sorted({row[0] for row in broken})} point to rows that are gone")
    finally:
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=ON")
