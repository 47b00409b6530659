"""The database: engine, session, transaction, base of all models.

One scoped session an application context: a request, a reply, a job or a command. SQLite, PostgreSQL and MySQL/MariaDB
behave alike here: times are UTC, text compares byte by byte, a write transaction on SQLite begins immediate.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import structlog
from flask import Flask, current_app
from flask.globals import app_ctx
from sqlalchemy import (
    BigInteger,
    DateTime,
    Delete,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Text,
    Update,
    create_engine,
    event,
)
from sqlalchemy.dialects.mysql import DATETIME, MEDIUMTEXT
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session, sessionmaker
from sqlalchemy.types import TypeDecorator

from app import config
from app.errors import Busy

log = structlog.get_logger()
T = TypeVar("T")

#: How often a whole transaction is tried when the database breaks it to end a deadlock.
ATTEMPTS = 4
#: Values that are asked about at once.
IN_ONE_QUESTION = 500
#: What the three databases say when a transaction lost against another one and may be tried again.
LOST = {"40001", "40P01", "55P03", 1213, 1205, 1020}

BigId = BigInteger().with_variant(Integer(), "sqlite")
#: MySQL's TEXT ends at 64 kB.
LongText = Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")
#: MySQL's default collation finds 𠮷 equal to 🙂 and é to e; ours compares bytes, as the other two databases do.
TABLE = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    __table_args__: Any = TABLE


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC with microseconds."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DATETIME(fsp=6) if dialect.name in ("mysql", "mariadb") else DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class AppSession(Session):
    """A session on the engine of the application whose context it runs in."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine:
        return current_app.extensions["database"]  # type: ignore[no-any-return]


session = scoped_session(sessionmaker(class_=AppSession), scopefunc=lambda: id(app_ctx._get_current_object()))  # type: ignore[attr-defined]


def open_engine(settings: config.Database) -> Engine:
    url = make_url(settings.url)
    common: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True}
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, common)
    # All of them are kept: one that is only lent in a rush would be made anew for each press.
    common |= {"pool_size": 20, "max_overflow": 0, "pool_timeout": 2, "isolation_level": "READ COMMITTED"}
    if url.get_backend_name() == "postgresql":
        options = "-c statement_timeout=5000 -c lock_timeout=3000 -c timezone=UTC"
        return create_engine(url, connect_args={"options": options, "connect_timeout": 3}, **common)
    # PyMySQL waits for ever by itself, also when the server hangs.
    waits = {"connect_timeout": 3, "read_timeout": 8, "write_timeout": 8, "charset": "utf8mb4"}
    start = "SET SESSION innodb_lock_wait_timeout = 3, time_zone = '+00:00', sql_mode = 'TRADITIONAL'"
    return create_engine(url, connect_args=waits | {"init_command": start}, **common)


def _sqlite(url: URL, common: dict[str, Any]) -> Engine:
    path = config.from_root(url.database or "")
    engine = create_engine(url.set(database=str(path)), **common)

    @event.listens_for(engine, "do_connect")
    def _existing_only(dialect: Dialect, record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        # SQLite makes any file that it is asked for: a path mistyped in the settings would be a new, empty database.
        arguments[0] = f"file:{quote(str(path))}?mode=rw"
        options["uri"] = True

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "busy_timeout=5000",
            "secure_delete=ON",
            "synchronous=FULL",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later cannot wait for another writer: it fails at once.
        immediate = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def missing_file(engine: Engine) -> Path | None:
    """SQLite's file, if there is none; other databases have theirs elsewhere."""
    path = Path(engine.url.database or "")
    return path if engine.dialect.name == "sqlite" and not path.exists() else None


def make_file(engine: Engine) -> None:
    """Make SQLite's file if there is none: people's data, so nobody else on this machine reads along."""
    path = missing_file(engine)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)


def in_batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """So many at a time as go into one question."""
    for start in range(0, len(values), IN_ONE_QUESTION):
        yield values[start : start + IN_ONE_QUESTION]


def empty_log() -> None:
    """Have SQLite carry its log over into the file: what was erased lies there until then. Others keep house alone."""
    engine: Engine = current_app.extensions["database"]
    if engine.dialect.name != "sqlite":
        return
    raw = engine.raw_connection()
    try:
        # While somebody reads an older state, part of it stays for the next time.
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()


def init_app(app: Flask, engine: Engine) -> None:
    app.extensions["database"] = engine

    @app.teardown_appcontext
    def _close(error: BaseException | None) -> None:
        session.remove()


def in_transaction(work: Callable[[], T]) -> T:
    """Do the work in one transaction: all of it stands, or none.

    When the database breaks the transaction because of another one (deadlock, serialisation, a lock waited for too
    long), the whole work is done again, a bounded number of times; then Busy is raised. What `after_commit` was given
    runs once the commit stands.
    """
    for attempt in range(1, ATTEMPTS + 1):
        session.rollback()  # end what reading began, so that the work sees the present and may lock
        session.info.pop("after_commit", None)
        try:
            session.connection(execution_options={"writes": True})
            result = work()
            session.commit()
        except DBAPIError as error:
            session.rollback()
            if not _lost_against_another(error):
                raise
            log.warning("transaction_lost", attempt=attempt)
            # S311: jitter, not a secret
            time.sleep(random.uniform(0.005, 0.03) * attempt)  # noqa: S311
        except BaseException:
            session.rollback()
            raise
        else:
            _run_after_commit()
            return result
    raise Busy


def rows_hit(statement: Update | Delete, values: dict[str, Any] | None = None) -> int:
    """Execute a conditional change and say how many rows it found: the safe way to take what is scarce."""
    result = session.execute(statement, values or {}, execution_options={"synchronize_session": False})
    return int(result.rowcount)  # type: ignore[attr-defined]


def after_commit(name: str, act: Callable[[], None]) -> None:
    """Have `act` done once the present transaction stands; a name is done once."""
    session.info.setdefault("after_commit", {})[name] = act


def _run_after_commit() -> None:
    for name, act in session.info.pop("after_commit", {}).items():
        try:
            act()
        except Exception as error:
            # The change stands; what follows it is a convenience that the timer makes good.
            is_gone = isinstance(error, OSError) or type(error).__module__.startswith("redis.")
            log.warning("after_commit_failed", act=name, reason=type(error).__name__, exc_info=not is_gone)


def _lost_against_another(error: DBAPIError) -> bool:
    # MariaDB has a number of its own for each; its state of a lock that was waited for too long is the general HY000.
    number = error.orig.args[0] if error.orig and error.orig.args else None
    said = {getattr(error.orig, "sqlstate", None), number}
    return not LOST.isdisjoint(said) or "database is locked" in str(error.orig)
