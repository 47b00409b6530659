"""`flask menu …`: the menu's files and the account's menu. Exit status: 0 done or the same, 1 differs or refused."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ParamSpec

import click
from flask.cli import AppGroup

from app.config import ConfigError, from_root
from app.context import here
from app.wechat import menu_history
from app.wechat.gateway import OutcomeUnknown, Refused, RetryLater, WeChatError
from app.wechat.menu_diff import differences, from_files, live, page_of, tree
from app.wechat.menu_files import DEFAULT, MenuFaults, MenuSet, normal, to_toml

P = ParamSpec("P")

menu = AppGroup("menu", help="The account's menu: from files to WeChat and back.")


def _told(command: Callable[P, None]) -> Callable[P, None]:
    """Say in one line what is wrong and what to do, and exit with 1."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (MenuFaults, ConfigError) as error:
            raise click.ClickException(str(error)) from None
        except OutcomeUnknown as error:
            raise click.ClickException(f"{error.reason}; see with `flask menu diff` what is live now") from None
        except Refused as error:
            raise click.ClickException(f"the menu is as before, WeChat refuses it: {error}; correct the file") from None
        except RetryLater as error:
            raise click.ClickException(f"the menu is as before: {error}; try again in a few minutes") from None
        except WeChatError as error:
            raise click.ClickException(f"the menu is as before: {error}") from None

    return run


@menu.command()
@_told
def check() -> None:
    """Check the files against every rule of WeChat's."""
    menus = from_files()
    click.echo(f"the menu is good; conditional menus: {len(menus.conditional)}")


@menu.command()
@_told
def show() -> None:
    """Print the menu of the files as the phone shows it."""
    for line in tree(from_files()):
        click.echo(line)


@menu.command()
@_told
def diff() -> None:
    """Compare the files with what is live; exit status 1 when they differ."""
    changes = differences(live(), from_files())
    _print(changes)
    if changes:
        raise SystemExit(1)
    click.echo("the live menu is that of the files")


@menu.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@_told
def push(yes: bool) -> None:
    """Put the menu of the files live; the present one is kept."""
    _put_live(from_files(), yes=yes)


@menu.command()
@click.option("--force", is_flag=True, help="Write over a file that differs.")
@_told
def pull(force: bool) -> None:
    """Write the live menu into the files."""
    menus = live()
    if menus.default is None:
        raise click.ClickException("the account has no menu")
    folder = from_root(here.config.content.menus)
    wanted = {folder / DEFAULT: to_toml(menus.default, page_of)}
    for number, one in enumerate(menus.conditional, 1):
        wanted[folder / f"conditional-{number}.toml"] = to_toml(one, page_of)
    if not _differ_from_files(menus):
        click.echo("the files have the live menu already")
        return
    in_the_way = [path.name for path in wanted if path.exists()]
    if in_the_way and not force:
        raise click.ClickException(f"{', '.join(in_the_way)} would be written over; say --force if that is right")
    for path, text in wanted.items():
        _write(path, text)
        click.echo(f"wrote {path.name}")


def _differ_from_files(menus: MenuSet) -> bool:
    try:
        return bool(differences(menus, from_files()))
    except MenuFaults:
        return True


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_text(text, encoding="utf-8")
    aside.rename(path)


@menu.command()
def history() -> None:
    """List the menus that were live before, the oldest first."""
    for name in menu_history.names():
        click.echo(name)


@menu.command()
@click.argument("name", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@_told
def rollback(name: str | None, yes: bool) -> None:
    """Put an earlier menu live again: the newest of the history, or the one you name."""
    chosen = menu_history.load(name) if name else _newest_other()
    if chosen is None:
        raise click.ClickException("there is no such menu in the history; see `flask menu history`")
    _put_live(chosen, yes=yes)


def _newest_other() -> MenuSet | None:
    """The newest menu of the history that is not live: a push that failed kept the live one."""
    present = live()
    for name in reversed(menu_history.names()):
        chosen = menu_history.load(name)
        if chosen is not None and differences(present, chosen):
            return chosen
    return None


def _put_live(wanted: MenuSet, *, yes: bool) -> None:
    present = live()
    changes = differences(present, wanted)
    if not changes:
        click.echo("nothing differs; nothing done")
        return
    _print(changes)
    if not yes:
        click.confirm("Put this live?", abort=True)
    kept = menu_history.keep(present, here.clock.now())
    done = 0
    try:
        for change in _changes(present, wanted):
            change()
            done += 1
    except WeChatError as error:
        if not done:
            raise
        back = f", or bring {kept} back with `flask menu rollback`" if kept else ""
        raise click.ClickException(f"only a part is live: {error}; do the same again{back}") from None
    click.echo("done" + (f"; the menu before is kept as {kept}" if kept else ""))
    click.echo("phones show it within 5 minutes; at once after un-following and following again")


def _changes(present: MenuSet, wanted: MenuSet) -> Iterator[Callable[[], object]]:
    """The calls that turn one into the other.

    Conditional menus cannot be changed: what differs is added anew first, then the old one is taken away.
    """
    assert wanted.default is not None
    if present.default is None or normal(present.default) != normal(wanted.default):
        yield functools.partial(here.wechat.create_menu, wanted.default)
    keep = [normal(one) for one in wanted.conditional]
    there = [normal(one) for one in present.conditional]
    for one in wanted.conditional:
        if normal(one) not in there:
            yield functools.partial(here.wechat.create_conditional_menu, one)
    for one in present.conditional:
        if normal(one) not in keep and "menuid" in one:
            yield functools.partial(here.wechat.delete_conditional_menu, str(one["menuid"]))


def _print(changes: list[str]) -> None:
    for line in changes:
        click.echo(line)
