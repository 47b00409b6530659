"""`flask menu …`: the menu's files and the account's menu. Exit status: 0 done or the same, 1 differs or refused."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

import click
from flask.cli import AppGroup

from app.config import ConfigError
from app.context import here
from app.wechat import menu_history
from app.wechat.gateway import OutcomeUnknown, Refused, RetryLater, WeChatError
from app.wechat.menu_diff import differences, from_files, live, to_files, tree
from app.wechat.menu_files import Menu, MenuFaults, MenuSet, normal

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
            raise click.ClickException(f"{error.reason}; nothing was sent, try again in a few minutes") from None
        except Refused as error:
            raise click.ClickException(f"the menu is as before, WeChat refuses it: {error}; correct the file") from None
        except RetryLater as error:
            raise click.ClickException(f"the menu is as before: {error}; try again in a few minutes") from None
        except WeChatError as error:
            raise click.ClickException(f"the menu is as before: {error}") from None
        except OSError as error:
            raise click.ClickException(f"{error}; nothing was sent to WeChat") from None

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
    wanted, others = to_files(menus)
    for path in others:
        click.echo(f"{path.name} is not live: remove it, or put it live with `flask menu push`")
    if not wanted:
        click.echo("the files have the live menu already")
        return
    in_the_way = [path.name for path in wanted if path.exists()]
    if in_the_way and not force:
        raise click.ClickException(f"{', '.join(in_the_way)} would be written over; say --force if that is right")
    for path, text in wanted.items():
        if path.exists():
            kept = menu_history.keep_file(path, here.clock.now())
            click.echo(f"the {path.name} of before, with its comments, is kept as {kept}")
        _write(path, text)
        click.echo(f"wrote {path.name}")


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
    """Put an earlier menu live again: the one you name, or the newest that is not live."""
    _put_live(menu_history.load(name) if name else _newest_other(live()), yes=yes)


def _newest_other(present: MenuSet) -> MenuSet:
    """The newest kept menu that is not the live one: a push that failed has kept the live one."""
    for name in reversed(menu_history.names()):
        kept = menu_history.load(name)
        if differences(present, kept):
            return kept
    raise ConfigError("the history has no other menu than the live one; see `flask menu history`")


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
    done: list[str] = []
    try:
        _replace(present, wanted, done)
    except OutcomeUnknown as error:
        _look_what_became(present, wanted, done, error)
    except WeChatError as error:
        if not done:
            raise
        # What came before the fault is live: the old menu may not be said to be.
        told = f"only a part is live ({', '.join(done)}): {error}"
        raise click.ClickException(f"{told}; see `flask menu diff`, then push again or roll back") from None
    click.echo("done" + (f"; the menu before is kept as {kept}" if kept else ""))
    click.echo("phones show it within 5 minutes; at once after un-following and following again")


def _look_what_became(present: MenuSet, wanted: MenuSet, done: list[str], error: OutcomeUnknown) -> None:
    """No answer came to a change: nothing is said of the live menu but what WeChat shows. Raises ClickException."""
    try:
        after = live()
    except WeChatError:
        told = f"{error.reason}: whether the menu changed is not known"
        raise click.ClickException(f"{told}; see with `flask menu diff` what is live now") from None
    if not differences(after, wanted):
        click.echo(f"{error.reason}, but the menu is live")
        return
    part = f"only a part is live ({', '.join(done) or 'see the difference'})"
    state = part if differences(after, present) else "the menu is as before"
    raise click.ClickException(f"{error.reason}; {state}: see with `flask menu diff` in a minute, then push again")


def _replace(present: MenuSet, wanted: MenuSet, done: list[str]) -> None:
    """Make the wanted menus live, step by step; each finished step is written down."""
    if wanted.default is not None and normal(present.default or {}) != normal(wanted.default):
        here.wechat.create_menu(wanted.default)
        done.append("default menu replaced")
    extra = _extra(present.conditional, wanted.conditional)
    if _extra(wanted.conditional, present.conditional):
        # They cannot be changed, and the newest that fits a person is shown. So all are made anew, in the order of the
        # files, and only then the old ones go: nobody is without their menu in between.
        for one in wanted.conditional:
            here.wechat.create_conditional_menu(one)
            done.append("conditional menu added")
        extra = list(present.conditional)
    for one in extra:
        if "menuid" in one:
            here.wechat.delete_conditional_menu(str(one["menuid"]))
            done.append("conditional menu removed")
    stay = sum("menuid" not in one for one in extra)
    if stay:
        told = f"WeChat does not tell the menuid of {stay} old conditional menus: they stay"
        raise click.ClickException(f"{told}; remove them in WeChat's console")


def _extra(menus: list[Menu], others: list[Menu]) -> list[Menu]:
    """The menus that have no like among the others; of several alike, those too many."""
    left = [normal(one) for one in others]
    extra = []
    for one in menus:
        if normal(one) in left:
            left.remove(normal(one))
        else:
            extra.append(one)
    return extra


def _print(changes: list[str]) -> None:
    for line in changes:
        click.echo(line)
