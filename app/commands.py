"""What an operator types: every command, and the worker."""

import click
from flask import Flask

from app.context import here
from app.demo.cli import demo
from app.doctor import doctor
from app.migrate import db
from app.organizations.cli import organizations
from app.own_data import privacy
from app.wechat.cli import menu


@click.command()
def worker() -> None:
    """Do later work (messages to people) until stopped."""
    here.jobs.work()


def register_commands(app: Flask) -> None:
    for command in (menu, db, doctor, demo, organizations, privacy, worker):
        app.cli.add_command(command)
