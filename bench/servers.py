"""PostgreSQL, MariaDB and Redis for the benchmarks: those of the tests, but as safe as they are by default."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from tests.servers import (
    PASSWORD,
    USER,
    Servers,
    mariadb_answers,
    postgresql_answers,
    postgresql_url,
    prepare_mariadb,
    prepare_postgresql,
)

#: Said after the tests' own options, so that they win: nothing acknowledged is lost with the power.
SAFE_POSTGRESQL = ("--fsync=on", "--full_page_writes=on", "--shared_buffers=512MB", "--max_wal_size=4GB")
SAFE_MARIADB = ("--innodb-flush-log-at-trx-commit=1", "--innodb-doublewrite=ON", "--innodb-flush-method=fsync")
#: Every commit waits 5 ms before it is flushed, as on a disk that needs as long. Other than on such a disk a commit
#: that comes meanwhile joins the same flush; of commits that want one row there is only one at a time.
SLOW_FLUSH = ("--commit_delay=5000", "--commit_siblings=0")
BIG_MARIADB = ("--innodb-buffer-pool-size=2G", "--innodb-log-file-size=1G")


class BenchServers(Servers):
    """`safe` servers flush each commit; the others load quickly and are only read."""

    #: As `port()` takes it: one more that may be stopped.
    POSTGRESQL = (prepare_postgresql, postgresql_answers)

    def postgresql(self, *, safe: bool = False, slow: bool = False) -> int:
        def prepare(home: Path, port: int) -> tuple[list[str], str | None]:
            command, user = prepare_postgresql(home, port)
            return [*command, "--shared_buffers=2GB", *(SAFE_POSTGRESQL * safe), *(SLOW_FLUSH * slow)], user

        name = "postgresql" + "-safe" * safe + "-slow" * slow
        return self.port(name, prepare, postgresql_answers)

    def mariadb(self, *, safe: bool = False) -> int:
        def prepare(home: Path, port: int) -> tuple[list[str], str | None]:
            command, user = prepare_mariadb(home, port)
            return [*command, *BIG_MARIADB, *(SAFE_MARIADB * safe)], user

        return self.port("mariadb" + "-safe" * safe, prepare, mariadb_answers)


class Databases:
    """New databases on one server, by an address that the settings take."""

    def __init__(self, backend: str, port: int, folder: Path) -> None:
        self.backend, self.folder = backend, folder
        if backend == "postgresql":
            self._server = make_url(postgresql_url(port, "postgres")).set(drivername="postgresql+psycopg")
        elif backend == "mariadb":
            self._server = URL.create("mysql+pymysql", USER, PASSWORD, "127.0.0.1", port, "mysql")

    @contextmanager
    def one(self, name: str) -> Iterator[str]:
        """A new database, dropped afterwards."""
        if self.backend == "sqlite":
            path = self.folder / f"{name}.db"
            yield f"sqlite:///{path}"
            for suffix in ("", "-wal", "-shm"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            return
        self._run(f"CREATE DATABASE {name}")
        yield self._server.set(database=name, drivername=self._server.get_backend_name()).render_as_string(False)
        self._run(f"DROP DATABASE {name}" + (" WITH (FORCE)" if self.backend == "postgresql" else ""))

    def _run(self, statement: str) -> None:
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()
