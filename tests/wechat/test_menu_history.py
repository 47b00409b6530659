"""Menus that were live before: kept whole, never lost, readable again."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from app.config import ConfigError
from app.wechat import menu_history
from app.wechat.menu_files import MenuSet

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def menu(name: str) -> dict:
    return {"button": [{"name": name, "type": "click", "key": "k"}]}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(menu_history, "FOLDER", str(tmp_path / "history"))
    return tmp_path / "history"


def test_a_kept_menu_reads_back_without_wechats_own_numbers(folder):
    conditional = {**menu("乙"), "menuid": "7", "matchrule": {"tag_id": "1", "sex": ""}}
    name = menu_history.keep(MenuSet({**menu("甲"), "menuid": 1}, [conditional]), NOW)
    assert name == "20261123T020000.000000Z"
    assert menu_history.load(name) == MenuSet(menu("甲"), [{**menu("乙"), "matchrule": {"tag_id": "1"}}])
    assert "甲" in (folder / f"{name}.json").read_text(encoding="utf-8")


def test_without_a_live_menu_nothing_is_kept(folder):
    assert menu_history.keep(MenuSet(None), NOW) is None
    assert menu_history.names() == []


def test_the_newest_is_not_kept_twice_but_an_older_one_again():
    first = menu_history.keep(MenuSet(menu("甲")), NOW)
    assert menu_history.keep(MenuSet(menu("甲")), NOW + timedelta(hours=1)) == first
    menu_history.keep(MenuSet(menu("乙")), NOW + timedelta(hours=2))
    menu_history.keep(MenuSet(menu("甲")), NOW + timedelta(hours=3))
    assert len(menu_history.names()) == 3


def test_two_menus_of_one_instant_are_both_kept_in_order():
    names = [menu_history.keep(MenuSet(menu(name)), NOW) for name in ("甲", "乙", "丙")]
    assert menu_history.names() == names
    assert [menu_history.load(name).default["button"][0]["name"] for name in names] == ["甲", "乙", "丙"]


def test_a_fault_while_writing_leaves_no_half_menu(folder, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        menu_history.keep(MenuSet(menu("甲")), NOW)
    assert menu_history.names() == []


@pytest.mark.parametrize("name", ["gone", "../secret", "", "/etc/passwd"])
def test_a_name_that_is_not_in_the_history_is_refused(folder, name):
    folder.mkdir()
    (folder.parent / "secret.json").write_text("{}")
    with pytest.raises(ConfigError, match="in the history"):
        menu_history.load(name)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null", '{"default": [], "conditional": []}', "\ufffd"])
def test_a_spoilt_file_is_told_in_one_line(folder, content):
    folder.mkdir()
    (folder / "a.json").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a\.json cannot be read") as told:
        menu_history.load("a")
    assert "\n" not in str(told.value)


def test_a_spoilt_newest_file_does_not_stop_the_next_push(folder):
    folder.mkdir()
    (folder / "20261122T000000.000000Z.json").write_bytes(b"\xff{")
    assert menu_history.keep(MenuSet(menu("甲")), NOW)


def test_the_file_is_json_of_both_kinds_of_menus(folder):
    name = menu_history.keep(MenuSet(menu("甲")), NOW)
    assert json.loads((folder / f"{name}.json").read_text()) == {"default": menu("甲"), "conditional": []}
