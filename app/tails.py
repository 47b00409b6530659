"""Texts that are found by what stands inside them, however many there are.

Looking inside each text takes longer with each of them. So the tails of a text, one from each of its characters on, are
kept in rows: whatever stands inside a text begins one of its tails, and tails that begin alike lie side by side in an
index.
"""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, and_, delete, func, insert, select
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from app.database import in_transaction, session

LONGEST = 50
#: In the order of code points on all three databases: on MySQL by its table's collation, on SQLite always.
Tail = String(LONGEST).with_variant(String(LONGEST, collation="C"), "postgresql")
#: No text has it (app/web/readers.py), and it comes after every character there is.
LAST = "\U0010ffff"
#: Numbers of rows that are looked over in one transaction.
BATCH = 2000


def folded(text: str) -> str:
    """Big and small letters are one when something is looked for."""
    return text.lower()[:LONGEST]


def of(text: str) -> list[str]:
    """All tails of the text, folded, the whole first."""
    whole = folded(text)
    return [whole[position:] for position in range(len(whole))]


def beginning(column: Any, word: str) -> ColumnElement[bool]:
    """Tails that begin with the word: their texts have it somewhere."""
    start = folded(word)
    return and_(column >= start, column < start + LAST)


class Kept:
    """A table of tails, kept with the texts that they are of.

    `texts` gives a row for each text: the columns that the table has beside `position` and `tail`, and `text` itself.
    """

    def __init__(self, model: type[DeclarativeBase], owner: InstrumentedAttribute[int], texts: Any) -> None:
        self._model, self._owner, self._texts = model, owner, texts
        self._id = texts.selected_columns[owner.key]

    def write(self, connection: Connection, ids: Collection[int]) -> list[dict[str, Any]]:
        """Write the tails of these rows anew; returns what they are of."""
        connection.execute(delete(self._model).where(self._owner.in_(ids)))
        texts = [dict(text) for text in connection.execute(self._texts.where(self._id.in_(ids))).mappings()]
        if rows := [row for text in texts for row in _rows(text)]:
            connection.execute(insert(self._model), rows)
        return texts

    def recount(self, *, mends: bool) -> list[int]:
        """The ids of rows whose tails are not those of their texts; `mends` puts them right.

        Batch by batch, each in a transaction of its own: all of them are too many for one.
        """
        last = in_transaction(lambda: session.scalar(select(func.max(self._id)))) or 0
        found: list[int] = []
        for first in range(0, last + 1, BATCH):
            found += in_transaction(lambda first=first: self._look_over(first, mends=mends))  # type: ignore[misc]
        return found

    def _look_over(self, first: int, *, mends: bool) -> list[int]:
        wrong = sorted(self.differing(first, first + BATCH - 1))
        if wrong and mends:
            self.write(session.connection(), wrong)
        return wrong

    def differing(self, first: int, last: int) -> set[int]:
        """Of the rows with ids from the first to the last those whose tails are not those of their texts."""
        texts = session.execute(self._texts.where(self._id.between(first, last))).mappings()
        true = {tuple(sorted(row.items())) for text in texts for row in _rows(dict(text))}
        columns = self._model.__table__.columns
        rows = session.execute(select(*columns).where(self._owner.between(first, last))).mappings()
        kept = {tuple(sorted(row.items())) for row in rows}
        return {dict(row)[self._owner.key] for row in true ^ kept}


def _rows(text: dict[str, Any]) -> Iterator[dict[str, Any]]:
    others = {name: value for name, value in text.items() if name != "text"}
    for position, tail in enumerate(of(text["text"])):
        yield {**others, "position": position, "tail": tail}
