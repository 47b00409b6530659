"""Menus that were live before, kept as files, so that any of them can come back."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from app.config import from_root
from app.wechat.menu_files import MenuSet, normal

FOLDER = "var/menu-history"


def folder() -> Path:
    return from_root(FOLDER)


def names() -> list[str]:
    """The oldest first."""
    return sorted(path.stem for path in folder().glob("*.json"))


def keep(menus: MenuSet, now: datetime) -> str | None:
    """Keep a menu; returns its name, None when there is nothing to keep. The file is there whole or not at all.

    A push that fails and is tried again keeps the same menu once.
    """
    if menus.default is None:
        return None
    content = {"default": normal(menus.default), "conditional": [normal(menu) for menu in menus.conditional]}
    known = names()
    if known and _content(known[-1]) == content:
        return known[-1]
    folder().mkdir(parents=True, exist_ok=True)
    name = now.strftime("%Y%m%dT%H%M%S.%fZ")
    aside = folder() / f"{name}.part"
    with aside.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(folder() / f"{name}.json")
    return name


def _content(name: str) -> dict[str, Any]:
    return dict(json.loads((folder() / f"{name}.json").read_text(encoding="utf-8")))


def load(name: str) -> MenuSet | None:
    if name not in names():
        return None
    content = _content(name)
    return MenuSet(content["default"], content["conditional"])
