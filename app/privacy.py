"""What each column holds about a person, and the columns that are sealed.

Every column names its class (`info=NONE`, PERSONAL, SENSITIVE or SECRET); masking, export, erasure, the key rotation
and the test that searches a database dump all read it from there. A table that holds personal data says in
`info={"person": "<column>"}` which column leads to the account, and with `"erase": "delete"` that its rows go with the
person; elsewhere the row stays and its personal columns are emptied.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any, Literal, overload

from sqlalchemy import Column, Table

from app import crypto

DataClass = Literal["none", "personal", "sensitive", "secret"]
NONE: dict[str, Any] = {"data_class": "none"}
PERSONAL: dict[str, Any] = {"data_class": "personal"}
SENSITIVE: dict[str, Any] = {"data_class": "sensitive"}
#: Nobody is ever shown it, not even the person: tokens, blind indexes.
SECRET: dict[str, Any] = {"data_class": "secret"}

TWO_CHARACTER_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳上官司马诸葛司徒夏侯皇甫尉迟公孙慕容令狐长孙宇文东方南宫端木"
        "独孤百里呼延闻人澹台淳于单于钟离轩辕赫连申屠太史",
    )
)


def mask_phone(phone: str) -> str:
    """138****5678"""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)


def mask_id_number(number: str) -> str:
    """The last four characters only."""
    return "*" * max(len(number) - 4, 0) + number[-4:] if len(number) > 4 else "*" * len(number)


def mask_name(name: str) -> str:
    """张*, 欧阳**: all but the first character, or the first two of a two-character surname (domain facts 10.4)."""
    shown = 2 if name[:2] in TWO_CHARACTER_SURNAMES and len(name) > 2 else 1
    return name[:shown] + "*" * max(len(name) - shown, 1)


def mask_text(text: str) -> str:
    return text[:2] + "***"


def mask_volunteer_no(number: str) -> str:
    """The region alone. What follows is a running number and its check digit: from its end the rest could be told."""
    return number[:6] + "*" * (len(number) - 6) if len(number) > 6 else "*" * len(number)


MASKS: dict[str, Callable[[str], str]] = {
    "phone": mask_phone,
    "id_number": mask_id_number,
    "volunteer_no": mask_volunteer_no,
    "name": mask_name,
    "text": mask_text,
}


def sealed_info(data_class: dict[str, Any], mask: str) -> dict[str, Any]:
    """The `info` of a column whose value is sealed."""
    return {**data_class, "sealed": True, "mask": mask}


def new_uid() -> str:
    """A name for a row that nobody can guess: 128 random bits."""
    return secrets.token_urlsafe(16)


def uid_of(text: str) -> str:
    """A name that follows from the text, for what must be made only once however often it is asked for."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode().rstrip("=")


class Sealed:
    """A text of a model that is kept sealed in `<name>_sealed` and, if `index` is named, found through `<name>_index`.

    The row's `uid` is part of the seal, so the model has one, and it never changes.
    """

    def __init__(self, index: str | None = None) -> None:
        self._index = index

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, row: None, owner: type) -> "Sealed": ...
    @overload
    def __get__(self, row: object, owner: type) -> str: ...
    def __get__(self, row: Any, owner: type) -> "Sealed | str":
        if row is None:
            return self
        sealed = getattr(row, f"{self._name}_sealed")
        return crypto.ring().open(sealed, place(row.__tablename__, self._name, row.uid)) if sealed else ""

    def __set__(self, row: Any, value: str) -> None:
        if row.uid is None:
            row.uid = new_uid()
        sealed = crypto.ring().seal(value, place(row.__tablename__, self._name, row.uid)) if value else None
        setattr(row, f"{self._name}_sealed", sealed)
        if self._index:
            setattr(row, f"{self._name}_index", crypto.ring().index(self._index, value) if value else None)


def place(table: str, name: str, uid: str) -> str:
    return f"{table}.{name}:{uid}"


def data_class(column: Column[Any]) -> DataClass:
    """Raises KeyError for a column that does not name its class."""
    return column.info["data_class"]  # type: ignore[no-any-return]


def sealed_columns(table: Table) -> Iterator[Column[Any]]:
    return (column for column in table.columns if column.info.get("sealed"))


def personal_columns(table: Table) -> Iterator[Column[Any]]:
    """What the person may see as their own and what erasure empties."""
    return (column for column in table.columns if data_class(column) in ("personal", "sensitive"))
