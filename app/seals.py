"""Whether the keys of the settings are the ones that the data were sealed and indexed with.

A wrong index key would be noticed by nobody: people would not be found any more, and be made a second time.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from app import crypto
from app.database import Base, session
from app.privacy import place, sealed_columns

#: How many of the oldest and of the newest rows of each table are tried.
ROWS = 20


class KeysDoNotFit(Exception):
    """The settings have other keys than the database; the message says which to put back."""


def check_newest(table: Table) -> None:
    """Raises KeysDoNotFit, CannotOpen when what was written last is not of our keys."""
    for row in session.execute(select(table).order_by(table.c.id.desc()).limit(1)):
        _check(table, row)


def faults(connection: Connection) -> Iterator[str]:
    """What is wrong with the keys, table by table, each in a line."""
    for table in Base.metadata.sorted_tables:
        if next(sealed_columns(table), None) is None:
            continue
        ends = (select(table).order_by(order).limit(ROWS) for order in (table.c.id, table.c.id.desc()))
        try:
            for row in chain.from_iterable(connection.execute(query) for query in ends):
                _check(table, row)
        except (KeysDoNotFit, crypto.CannotOpen) as error:
            yield str(error)


def _check(table: Table, row: Row[Any]) -> None:
    values = row._mapping
    for column in sealed_columns(table):
        name = column.name.removesuffix("_sealed")
        if not values[column.name]:
            continue
        text = crypto.ring().open(values[column.name], place(table.name, name, values["uid"]))
        index = values.get(f"{name}_index")
        # What a value is, it is masked and indexed as.
        if index and index != crypto.ring().index(column.info["mask"], text):
            raise KeysDoNotFit(f"{table.name}.{name} was indexed with another privacy.index_key: put that one back")
