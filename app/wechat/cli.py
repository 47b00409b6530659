"""`flask menu …`: the menu's files and the account's menu. Exit status: 0 done or the same, 1 differs or refused."""

import functools
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import ParamSpec

import click
from flask.cli import AppGroup

from app.config import ConfigError
from app.context import here
from app.wechat import menu_history
from app.wechat.errcodes import DAY_USED_UP, MENU_FILE
from app.wechat.gateway import OutcomeUnknown, Refused, RetryLater, WeChatError
from app.wechat.menu_diff import differences, from_files, live, rule_of, to_files, tree
from app.wechat.menu_files import Menu, MenuFaults, MenuSet, normal

P = ParamSpec("P")
#: What a call makes of the menu, once it is done, and the call.
Step = tuple[str, Callable[[], object]]

menu = AppGroup("menu", help="The account's menu: from files to WeChat and back.")


def _told(command: Callable[P, None]) -> Callable[P, None]:
    """Say in one line what is wrong and what to do, and exit with 1."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (MenuFaults, ConfigError) as error:
            raise click.ClickException(str(error)) from None
        except WeChatError as error:
            # What fails while the menu is changed is told by _tell_what_became.
            told = f"the live menu cannot be read, and nothing was changed: {error}{_advice(error)}"
            raise click.ClickException(told) from None
        except OSError as error:
            raise click.ClickException(f"{error}; nothing was sent to WeChat") from None

    return run


def _advice(error: WeChatError) -> str:
    """What the operator does about it, where the error's own words do not say so already."""
    if isinstance(error, RetryLater):
        return "; try again tomorrow" if error.errcode == DAY_USED_UP else "; try again in a few minutes"
    if isinstance(error, Refused):
        known = error.errcode in MENU_FILE
        return "; correct the file" if known else "; look the number up in WeChat's list of error codes"
    return ""


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
    steps = list(_steps(present, wanted))
    done = 0
    try:
        for _, act in steps:
            act()
            done += 1
    except WeChatError as error:
        _tell_what_became(present, wanted, [name for name, _ in steps], done, error)
    _tell_who_stays(present, wanted)
    click.echo("done" + (f"; the menu before is kept as {kept}" if kept else ""))
    click.echo("phones show it within 5 minutes; at once after un-following and following again")


def _steps(present: MenuSet, wanted: MenuSet) -> Iterator[Step]:
    """The calls that make the wanted menus live, in their order."""
    if wanted.default is not None and normal(present.default or {}) != normal(wanted.default):
        yield "default menu replaced", partial(here.wechat.create_menu, wanted.default)
    if _extra(wanted.conditional, present.conditional):
        # They cannot be changed, and the newest that fits a person is shown. So all are made anew, in the order of the
        # files, and only then the old ones go: nobody is without their menu in between.
        for one in wanted.conditional:
            yield f"menu for {rule_of(one)} added", partial(here.wechat.create_conditional_menu, one)
    for one in _to_go(present, wanted):
        if "menuid" in one:
            told = f"old menu for {rule_of(one)} removed"
            yield told, partial(here.wechat.delete_conditional_menu, str(one["menuid"]))


def _to_go(present: MenuSet, wanted: MenuSet) -> list[Menu]:
    """The live conditional menus that are wanted no more, or made anew."""
    if _extra(wanted.conditional, present.conditional):
        return list(present.conditional)
    return _extra(present.conditional, wanted.conditional)


def _tell_who_stays(present: MenuSet, wanted: MenuSet) -> None:
    stay = sum("menuid" not in one for one in _to_go(present, wanted))
    if stay:
        told = f"WeChat does not tell the menuid of {stay} old conditional menus: they stay"
        raise click.ClickException(f"{told}; remove them in WeChat's console")


def _tell_what_became(present: MenuSet, wanted: MenuSet, steps: list[str], done: int, error: WeChatError) -> None:
    """After a fault nothing is said of the live menu but what is certain. Raises ClickException unless all is live.

    A refusal is certain. After anything else, be it silence, the error page of a proxy or "system busy", WeChat may
    have done what it was asked: only a look tells.
    """
    before, rest = "; ".join(steps[:done]), "; ".join(steps[done + 1 :])
    if not isinstance(error, OutcomeUnknown | RetryLater):
        if not done:
            refused = ", WeChat refuses it" if isinstance(error, Refused) else ""
            raise click.ClickException(f"the menu is as before{refused}: {error}{_advice(error)}") from None
        told = f"only a part is live ({before}), still to do: {'; '.join(steps[done:])}: {error}{_advice(error)}"
        raise click.ClickException(f"{told}; see `flask menu diff`, then push again or roll back") from None
    try:
        after = live()
    except WeChatError:
        told = f"{error}: whether the menu changed is not known"
        if len(steps) > 1:
            told += f" (done: {before or 'nothing'}, not known: {steps[done]}, still to do: {rest or 'nothing'})"
        raise click.ClickException(f"{told}; see with `flask menu diff` what is live now") from None
    missing = differences(after, wanted)
    if not missing:
        click.echo(f"{error}, but the menu is live")
        return
    if differences(after, present):
        click.echo("missing of the new menu:")
        _print(missing)
        told = f"only a part is live{f' ({before})' if before else ''}, the rest is shown above: {error}"
        raise click.ClickException(f"{told}; see `flask menu diff` in a minute, then push again or roll back") from None
    # Silent, WeChat may still be at it.
    advice = "; see with `flask menu diff` in a minute, then push again"
    raise click.ClickException(
        f"the menu is as before: {error}{advice if isinstance(error, OutcomeUnknown) else _advice(error)}"
    ) from None


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
