"""Own data as a person reads it: labels for columns, words for codes, and nothing that means something only inside."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from app import regions
from app.accounts import agreements
from app.clock import local
from app.own_data.labels import COLUMNS, FIRST, INSIDE, WORDS, WORKINGS

Rows = Sequence[Mapping[str, Any]]


def rows_to_read(data: Mapping[str, Rows]) -> dict[str, list[list[tuple[str, str]]]]:
    """What of an export a person reads: by table, row by row, labels and words; what is empty is left out."""
    return {
        table: [
            [
                (COLUMNS[name], _in_words(table, name, value))
                for name, value in sorted(row.items(), key=lambda item: item[0] not in FIRST)
                if _is_read(table, name, value)
            ]
            for row in rows
        ]
        for table, rows in data.items()
    }


def _is_read(table: str, name: str, value: Any) -> bool:
    if name.endswith(INSIDE) or name in WORKINGS.get(table, ()):
        return False
    return value not in (None, "", [], {})


def _in_words(table: str, name: str, value: Any) -> str:
    words = WORDS.get(f"{table}.{name}", WORDS.get(name, {}))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(words.get(str(one), str(one)) for one in value)
    if isinstance(value, dict):
        typed = [one for many in value.values() for one in (many if isinstance(many, list) else [many])]
        return "；".join(str(one) for one in typed if one)
    if name.endswith("_region"):
        return regions.full_name(value)
    if name == "birth_date":
        return date.fromisoformat(value).strftime("%Y-%m-%d")
    if name == "at" or name.endswith("_at"):
        return f"{local(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    if name == "detail":
        return _change(value)
    return words.get(str(value), str(value))


def _change(detail: str) -> str:
    """What a change of the account changed: from what, to what."""
    try:
        changes = json.loads(detail)
    except ValueError:
        return agreements.TITLES.get(detail, detail)
    if not isinstance(changes, dict):
        return detail
    return "；".join(
        f"{COLUMNS.get(name, name)}：" + " → ".join(WORDS.get(name, {}).get(str(one), str(one)) for one in pair)
        for name, pair in changes.items()
        if isinstance(pair, list)
    )
