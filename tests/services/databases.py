"""Databases for tests: made, emptied and dropped on each of the three."""

import subprocess
from pathlib import Path

from sqlalchemy import Engine, MetaData, create_engine, inspect, text
from sqlalchemy.engine import URL, make_url

from tests.servers import PASSWORD, USER, Servers, postgresql_url

BACKENDS = ("sqlite", "postgresql", "mariadb")


class Databases:
    """Where one worker makes its databases on one backend."""

    def __init__(self, backend: str, servers: Servers, worker: str) -> None:
        self.backend = backend
        self.folder = servers.folder / worker
        self.folder.mkdir(exist_ok=True)
        self._worker = worker
        self._made = 0
        if backend == "postgresql":
            self._server = make_url(postgresql_url(servers.postgresql(), "postgres"))
            self._server = self._server.set(drivername="postgresql+psycopg")
        elif backend == "mariadb":
            self._server = URL.create("mysql+pymysql", USER, PASSWORD, "127.0.0.1", servers.mariadb(), "mysql")

    def create(self) -> str:
        """The address, as the settings take it, of a new empty database."""
        self._made += 1
        name = f"stvs_{self._worker}_{self._made}"
        if self.backend == "sqlite":
            (self.folder / f"{name}.db").touch()
            return f"sqlite:///{self.folder / name}.db"
        self._run(f"CREATE DATABASE {name}")
        return self._server.set(database=name, drivername=self._server.get_backend_name()).render_as_string(False)

    def drop(self, url: str) -> None:
        name = make_url(url).database
        assert name
        if self.backend == "sqlite":
            for suffix in ("", "-wal", "-shm"):
                Path(name + suffix).unlink(missing_ok=True)
        else:
            self._run(f"DROP DATABASE {name}" + (" WITH (FORCE)" if self.backend == "postgresql" else ""))

    def _run(self, statement: str) -> None:
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def bytes_of(path: Path) -> bytes:
    """What is in a file of SQLite's, read by another process.

    A process that closes a file gives up all its locks on it (POSIX), those of SQLite's connections, too: whoever opens
    the database next may then cut short the memory that these share, and reading it ends the process.
    """
    return subprocess.run(["cat", path], capture_output=True, check=True).stdout


class Emptier:
    """Takes all rows out of a database, quickly: most tests touch few of its tables."""

    #: Tables point at each other in rings, so that no order of deleting pleases all: the checks pause.
    PAUSE = {
        "sqlite": "PRAGMA defer_foreign_keys=ON",
        "postgresql": "SET LOCAL session_replication_role = replica",
        "mysql": "SET foreign_key_checks = 0",
    }

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        quote = engine.dialect.identifier_preparer.quote
        names = [name for name in inspect(engine).get_table_names() if name != "alembic_version"]
        self._tables = [quote(name) for name in names]
        parts = [f"(SELECT EXISTS (SELECT 1 FROM {table}))" for table in self._tables]
        self._which_have_rows = text(f"SELECT {', '.join(parts)}") if parts else None

    def empty(self) -> None:
        if self._which_have_rows is None:
            return
        with self._engine.connect() as connection:
            has_rows = connection.execute(self._which_have_rows).one()
            full = [table for table, has in zip(self._tables, has_rows, strict=True) if has]
            connection.rollback()
            if full:
                self._delete(full)

    def _delete(self, tables: list[str]) -> None:
        with self._engine.connect().execution_options(writes=True) as connection:
            connection.execute(text(self.PAUSE[self._engine.dialect.name]))
            for table in tables:
                connection.execute(text(f"DELETE FROM {table}"))
            connection.commit()
            if self._engine.dialect.name == "mysql":
                # There they pause for the connection, which the product gets next.
                connection.execute(text("SET foreign_key_checks = 1"))


def metadata_of(engine: Engine) -> MetaData:
    """The tables as they stand in the database."""
    found = MetaData()
    found.reflect(engine)
    return found
