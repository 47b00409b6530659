"""Days of the year that activities are part of: in a file that an admin edits, because some are set anew each year."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import structlog

from app import config
from app.context import here

log = structlog.get_logger()


def read(path: Path) -> dict[str, dict[str, Any]]:
    """The campaigns by key, in the file's order. Raises OSError, ValueError."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    for key, entry in entries.items():
        if len(key) > 20 or not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise ValueError(f"{key}: a name is needed, and a key of at most 20 characters")
        for year, days in entry.get("years", {}).items():
            if len(days) != 2 or not all(isinstance(day, date) for day in days):
                raise ValueError(f"{key}, {year}: two dates are needed, the first and the last day")
    return entries


def all_of_them() -> dict[str, dict[str, Any]]:
    """What the file says now; a file that cannot be read offers nothing, and the log says why."""
    try:
        return read(config.from_root(here.config.content.campaigns))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        log.error("campaigns_unreadable", reason=str(error))
        return {}


def offers() -> list[tuple[str, str]]:
    """To choose from: name, with this year's days where they are known."""
    year = str(here.clock.now().year)
    return [(key, f"{entry['name']}{_days(entry, year)}") for key, entry in all_of_them().items()]


def _days(entry: dict[str, Any], year: str) -> str:
    days = entry.get("years", {}).get(year)
    if not days:
        return ""
    first, last = days
    until = "" if first == last else f"至{last.month}月{last.day}日"
    return f"（{first.month}月{first.day}日{until}）"


def name_of(key: str) -> str:
    return str(all_of_them().get(key, {}).get("name", "")) if key else ""
