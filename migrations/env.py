"""What Alembic runs for every command; app/migrate.py hands it the connection."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import DropTableOp
from sqlalchemy import BigInteger, Connection

from app import models
from app.database import UtcDateTime


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own types by their names, so that a step means the same on every database."""
    if kind == "type":
        for name, known in (("UtcDateTime()", UtcDateTime), ("BigId", BigInteger)):
            if isinstance(item, known):
                autogen.imports.add(f"from app.database import {name.removesuffix('()')}")
                return name
    return False


def drop_plainly(context: Any, revision: Any, directives: list[Any]) -> None:
    """A table takes its indexes along. Dropped by themselves before, MariaDB refuses those that a foreign key needs."""
    for step in directives:
        going = {op.table_name for op in step.downgrade_ops.ops if isinstance(op, DropTableOp)}
        step.downgrade_ops.ops = [
            op
            for op in step.downgrade_ops.ops
            if isinstance(op, DropTableOp) or getattr(op, "table_name", None) not in going
        ]


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=models.metadata,
        compare_type=True,
        render_item=render_item,
        process_revision_directives=drop_plainly,
        # Only what SQLite cannot do by ALTER TABLE is done by a new table; the others alter as usual.
        render_as_batch=True,
        # SQLite can do it too: our connections begin their transactions themselves.
        transactional_ddl=connection.dialect.name in ("sqlite", "postgresql"),
        # A run that is ended half way goes on where it was.
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"].execution_options(writes=True))
