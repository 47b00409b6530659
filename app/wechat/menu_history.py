"""Menus that were live before, kept as files, so that any of them can come back."""

import json
import os
from datetime import datetime
from pathlib import Path

from app.config import ConfigError, from_root
from app.wechat.menu_files import MenuSet, normal

FOLDER = "var/menu-history"


def folder() -> Path:
    return from_root(FOLDER)


def names() -> list[str]:
    """The oldest first."""
    return sorted(path.stem for path in folder().glob("*.json"))


def keep(menus: MenuSet, now: datetime) -> str | None:
    """Keep a menu; returns its name, None when there is nothing to keep. Raises OSError.

    The file is there whole or not at all. A menu that is the newest already is not kept twice.
    """
    if menus.default is None:
        return None
    content = {"default": normal(menus.default), "conditional": [normal(menu) for menu in menus.conditional]}
    text = json.dumps(content, ensure_ascii=False, indent=1)
    folder().mkdir(parents=True, exist_ok=True)
    known = names()
    if known and (folder() / f"{known[-1]}.json").read_bytes() == text.encode():
        return known[-1]
    name = _stamp(now)
    while name in known:
        name += "+"
    _write(folder() / f"{name}.json", text.encode())
    return name


def keep_file(path: Path, now: datetime) -> str:
    """Keep a menu file as it is, comments and all, before it is written over; returns where. Raises OSError."""
    folder().mkdir(parents=True, exist_ok=True)
    kept = folder() / f"{path.name}.{_stamp(now)}"
    _write(kept, path.read_bytes())
    return f"{FOLDER}/{kept.name}"


def _stamp(now: datetime) -> str:
    return now.strftime("%Y%m%dT%H%M%S.%fZ")


def _write(path: Path, content: bytes) -> None:
    aside = path.with_name(f"{path.name}.part")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
    # The name in the folder is data as well.
    descriptor = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load(name: str) -> MenuSet:
    """Raises ConfigError when there is no such menu, or its file cannot be read."""
    if name not in names():
        raise ConfigError(f"there is no menu {name} in the history; see `flask menu history`")
    try:
        content = json.loads((folder() / f"{name}.json").read_text(encoding="utf-8"))
        return MenuSet(normal(content["default"]), [normal(one) for one in content["conditional"]])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ConfigError(f"{FOLDER}/{name}.json cannot be read: {error!r}") from None
