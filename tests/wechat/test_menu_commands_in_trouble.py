"""`flask menu …` when the file or WeChat is not as it should be: nothing lost, one line that is true."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from werkzeug.wrappers import Request, Response

from app import create_app
from app.wechat import menu_history
from tests.conftest import make_settings
from tests.wechat.test_menu_commands import CREATE, MenuWeChat

ADD = "/cgi-bin/menu/addconditional"
BUSY = {"errcode": -1, "errmsg": "system error"}


def cut(request: Request) -> Response:
    """The connection is closed without an answer."""
    raise ConnectionError


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MenuWeChat]:
    monkeypatch.setattr(menu_history, "FOLDER", str(tmp_path / "history"))
    played = MenuWeChat()
    yield played
    played.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "menus"
    made.mkdir()
    return made


def product(folder: Path, api_url: str) -> Flask:
    return create_app(
        make_settings(
            wechat={"api_url": api_url},
            database={"url": f"sqlite:///{folder.parent / 'test.db'}"},
            content={"menus": str(folder)},
        )
    )


def names(live: MenuWeChat) -> list[str]:
    return [button["name"] for button in live.menu["button"]] if live.menu else []


def run(app: Flask, *words: str, answer: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=["menu", *words], input=answer)


def write(folder: Path, name: str, *, file: str = "default.toml", rest: str = "") -> None:
    (folder / file).write_text(f'[[button]]\nname = "{name}"\nurl = "https://x.example.org/"\n{rest}', encoding="utf-8")


def last_line(result: Result) -> str:
    return result.output.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (BUSY, "the menu is as before: system error (-1); try again in a few minutes"),
        ({"errcode": 40018, "errmsg": "invalid button name size"}, "the menu is as before, WeChat refuses it"),
        (cut, "see with `flask menu diff`"),
    ],
    ids=["busy", "refused", "cut"],
)
def test_a_push_that_fails_leaves_the_old_menu_and_says_what_to_do(
    live: MenuWeChat, folder: Path, trouble: Any, said: str
) -> None:
    app = product(folder, live.url)
    write(folder, "old")
    assert run(app, "push", "--yes").exit_code == 0
    write(folder, "new")
    live.answers[CREATE] = trouble
    result = run(app, "push", "--yes")
    assert result.exit_code == 1
    assert said in result.output
    assert names(live) == ["old"]


def test_a_push_that_stops_half_way_does_not_say_that_nothing_was_changed(live: MenuWeChat, folder: Path) -> None:
    app = product(folder, live.url)
    write(folder, "old")
    run(app, "push", "--yes")
    write(folder, "new")
    write(folder, "staff", file="staff.toml", rest='[matchrule]\ntag_id = "100"\n')
    live.answers[ADD] = BUSY
    result = run(app, "push", "--yes")
    assert result.exit_code == 1
    assert names(live) == ["new"]
    assert "only a part is live" in last_line(result)
    live.answers[ADD] = live._add
    assert run(app, "push", "--yes").exit_code == 0
    assert run(app, "diff").exit_code == 0


def test_a_rollback_after_failed_pushes_brings_back_the_menu_before(live: MenuWeChat, folder: Path) -> None:
    app = product(folder, live.url)
    for name in ("first", "second"):
        write(folder, name)
        run(app, "push", "--yes")
    write(folder, "third")
    live.answers[CREATE] = BUSY
    for _ in range(3):
        run(app, "push", "--yes")
    assert len(run(app, "history").output.split()) == 2
    live.answers[CREATE] = live._create
    assert run(app, "rollback", "--yes").exit_code == 0
    assert names(live) == ["first"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[[button]]\nname = "\\U0001F600\\U0001F600\\U0001F600\\U0001F600x"\nurl = "https://x.cn/"\n',
            ":2: 😀😀😀😀x: the name has 17",
        ),
        ('[[button]]\nname = "a"\nreply = ["b"]\n', ":2: a: the reply"),
        ('# name = "a"\n[[button]]\nname = "a"\nurl = "ftp://x"\n', ":3: a: the address"),
        ('[[button]]\n"name" = "a"\nurl = "ftp://x"\n', ":2: a: the address"),
    ],
)
def test_a_fault_is_told_in_one_line_with_its_place(live: MenuWeChat, folder: Path, text: str, said: str) -> None:
    (folder / "default.toml").write_text(text, encoding="utf-8")
    result = run(product(folder, live.url), "check")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert said in result.output
