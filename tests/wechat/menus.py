"""An account in memory that has menus and fails as a test says, and the menu commands over it."""

import itertools
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from flask import Flask

from app.context import NAME
from app.wechat import menu_history, replies
from app.wechat.cli import menu
from tests.conftest import FixedClock, make_settings


class Account:
    """The part of OfficialAccount that menus use."""

    def __init__(self) -> None:
        self.default: dict | None = None
        self.conditional: list[dict] = []
        self.calls: list[str] = []
        self.fails: dict[str, Exception] = {}
        self.tells_menuid = True
        self._numbers = itertools.count(100)

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if what in self.fails:
            raise self.fails[what]

    def live_menu(self) -> tuple[dict | None, list[dict]]:
        self._called("get")
        hidden = () if self.tells_menuid else ("menuid",)
        return self.default, [{k: v for k, v in one.items() if k not in hidden} for one in self.conditional]

    def create_menu(self, menu: dict) -> None:
        self._called("create")
        self.default = {**menu, "menuid": 1}

    def create_conditional_menu(self, menu: dict) -> str:
        self._called("add")
        menuid = str(next(self._numbers))
        self.conditional.append({**menu, "menuid": menuid})
        return menuid

    def delete_conditional_menu(self, menuid: str) -> None:
        self._called("delete")
        self.conditional = [one for one in self.conditional if one["menuid"] != menuid]


def site_with(account: Account, folder: Path, history: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The menu commands alone, over the account in memory."""
    monkeypatch.setattr(menu_history, "FOLDER", str(history))
    bare = Flask("bare")
    bare.add_url_rule("/activities", "activities.index", str)
    bare.add_url_rule("/activities/<number>", "activities.show", str)
    bare.add_url_rule("/out", "accounts.leave", str, methods=["POST"])
    bare.cli.add_command(menu)
    settings = make_settings(content={"menus": str(folder)})
    bare.extensions[NAME] = SimpleNamespace(config=settings, clock=FixedClock(), wechat=account)
    bare.extensions[replies.NAME] = SimpleNamespace(taps={"help": "…"})
    return bare


def run(site: Flask, *words: str, typed: str = "") -> Result:
    return site.test_cli_runner().invoke(args=["menu", *words], input=typed)


def write(folder, name: str = "default", *, button: str = "甲", tag: str = "", action: str = 'reply = "help"') -> None:
    rule = f'[matchrule]\ntag_id = "{tag}"\n' if tag else ""
    (folder / f"{name}.toml").write_text(f'{rule}[[button]]\nname = "{button}"\n{action}\n', encoding="utf-8")


def names(menus: list[dict]) -> list[str]:
    return [one["button"][0]["name"] for one in menus]


def last(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)
    return result.output.strip().splitlines()[-1]
