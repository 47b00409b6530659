"""What an operator types: every command, and the worker."""

import time
from copy import copy
from typing import Any

import click
import structlog
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from app import late, migrate
from app.activities.cli import activities
from app.context import here
from app.crypto import CannotOpen
from app.demo.cli import demo
from app.doctor import doctor
from app.errors import AppError
from app.links.cli import policies
from app.migrate import db
from app.notices.cli import notices
from app.organizations.cli import organizations
from app.own_data.cli import privacy
from app.redis import RedisError
from app.seals import KeysDoNotFit
from app.volunteers.cli import owners
from app.wechat.cli import menu

log = structlog.get_logger()
LONGEST_WAIT_SECONDS = 30


@click.command()
@with_appcontext
def worker() -> None:
    """Do later work (messages to people) until stopped."""
    if told := _lack_once_it_is_there():
        raise click.ClickException(told)
    here.jobs.work()


def _lack_once_it_is_there() -> str | None:
    """What the database lacks; while it is out of reach, a line now and then, further and further apart."""
    wait = 1
    while True:
        try:
            return migrate.lack(here.engine)
        except OperationalError as error:
            log.warning("worker_waits_for_the_database", seconds=wait, reason=type(error.orig).__name__)
        time.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_SECONDS)


def register_commands(app: Flask) -> None:
    for command in (activities, menu, db, doctor, demo, notices, organizations, owners, policies, privacy, worker):
        app.cli.add_command(_plain(app, command))


def _plain(app: Flask, command: click.Command) -> click.Command:
    """The command, with what an operator can mend told in one line instead of a traceback."""
    command, invoke = copy(command), command.invoke

    def told(ctx: click.Context) -> Any:
        try:
            return invoke(ctx)
        except AppError as error:
            raise click.ClickException(error.message) from None
        except (CannotOpen, KeysDoNotFit, late.alembic.util.CommandError) as error:
            raise click.ClickException(" ".join(str(error).split())) from None
        except RedisError as error:
            raise click.ClickException(f"Redis cannot be reached: {error}") from None
        except SQLAlchemyError as error:
            with app.app_context():
                raise click.ClickException(_database_fault(error)) from None

    command.invoke = told  # type: ignore[method-assign]
    return command


def _database_fault(error: SQLAlchemyError) -> str:
    try:
        if told := migrate.lack(here.engine):
            return told
    except SQLAlchemyError:
        pass
    reason = str(getattr(error, "orig", None) or error).splitlines()[0][:200]
    return f"the database cannot do it: {reason}; see `flask doctor`"
