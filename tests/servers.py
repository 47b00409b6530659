"""Real PostgreSQL, MariaDB and Redis for the tests: on free loopback ports, in a temporary folder, one set a run.

The first test that needs a server starts it; the workers of pytest-xdist share it, through a lock and an address file
in the run's folder. A keeper (services/keeper.py) ends each server when the run is over.
"""

import fcntl
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pymysql
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.services.keeper import as_user

USER = "stvs"
PASSWORD = "made-up-for-tests"
KEEPER = Path(__file__).parent / "services" / "keeper.py"
START_SECONDS = 60
#: A port can be taken between being found free and being used.
START_ATTEMPTS = 3


class ServerMissing(Exception):
    """The server is not installed; the message is one line that says what to install."""


class ServerBroken(Exception):
    """The server is installed and does not start; the message holds the end of its log."""


class Servers:
    """The servers of one test run. `folder` and `owner`, a process id, are the same in all workers."""

    def __init__(self, folder: Path, owner: int) -> None:
        self.folder = folder
        self.owner = owner

    def postgresql(self) -> int:
        """The port of a running PostgreSQL."""
        return self.port("postgresql", prepare_postgresql, postgresql_answers)

    def mariadb(self) -> int:
        """The port of a running MariaDB."""
        return self.port("mariadb", prepare_mariadb, mariadb_answers)

    def redis(self) -> int:
        """The port of a running Redis."""
        return self.port("redis", prepare_redis, redis_answers)

    def port(
        self, name: str, prepare: Callable[[Path, int], tuple[list[str], str | None]], answers: Callable[[int], None]
    ) -> int:
        """The port of a running server that is called `name` in this run; `prepare` gives its command and user."""
        address = self.folder / f"{name}.port"
        with locked(self.folder / f"{name}.lock"):
            if not address.exists():
                address.write_text(str(self._start(name, prepare, answers)))
            return int(address.read_text())

    def _start(
        self, name: str, prepare: Callable[[Path, int], tuple[list[str], str | None]], answers: Callable[[int], None]
    ) -> int:
        for attempt in range(START_ATTEMPTS):
            home = self.folder / f"{name}-{attempt}"
            home.mkdir()
            port = free_port()
            command, user = prepare(home, port)
            keeper = keep(self.owner, home, command, user)
            if until_it_answers(keeper, lambda port=port: answers(port)):
                return port
        raise ServerBroken(f"{name} did not start:\n{(home / 'log').read_text(errors='replace')[-2000:]}")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def find_program(*names: str) -> str | None:
    """The newest program of one of these names; Debian keeps PostgreSQL's outside PATH."""
    for name in names:
        if found := shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin"):
            return found
        versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
        if newest := max(versions, key=lambda path: int(path.parts[4]) if path.parts[4].isdigit() else 0, default=None):
            return str(newest)
    return None


def user_to_be(name: str) -> str | None:
    """The user a server is run as: database servers refuse to be root. None means the present one."""
    if os.getuid() != 0:
        return None
    try:
        pwd.getpwnam(name)
    except KeyError:
        return "nobody"
    return name


def run_quietly(command: list[str], user: str | None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", **as_user(user))
    if done.returncode:
        raise ServerBroken(f"{command[0]}: {(done.stdout + done.stderr)[-2000:]}")


def prepare_postgresql(home: Path, port: int) -> tuple[list[str], str | None]:
    initdb, postgres = find_program("initdb"), find_program("postgres")
    if not initdb or not postgres:
        raise ServerMissing("PostgreSQL is missing: install postgresql")
    user = user_to_be("postgres")
    if user:
        shutil.chown(home, user)
    data = home / "data"
    options = ["--locale=C", "--encoding=UTF8", "--auth=trust", "--no-sync", f"--username={USER}"]
    run_quietly([initdb, f"--pgdata={data}", *options], user)
    # What the machine's loss of power would cost is no matter here; what a killed server costs stays as in production.
    fast = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "1GB", "checkpoint_timeout": "1h"}
    own = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": 400}
    settings = [f"--{key}={value}" for key, value in (fast | own).items()]
    return [postgres, "-D", str(data), *settings], user


def prepare_mariadb(home: Path, port: int) -> tuple[list[str], str | None]:
    install, server = find_program("mariadb-install-db", "mysql_install_db"), find_program("mariadbd")
    if not install or not server:
        raise ServerMissing("MariaDB is missing: install mariadb-server")
    user = user_to_be("mysql")
    if user:
        shutil.chown(home, user)
    data = home / "data"
    common = ["--no-defaults", f"--datadir={data}", *([f"--user={user}"] if user else [])]
    run_quietly([install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"], user)
    start = home / "start.sql"
    start.write_text(
        f"CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
        f"GRANT ALL ON *.* TO '{USER}'@'127.0.0.1' WITH GRANT OPTION;\n"
    )
    fast = ["--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite", "--innodb-flush-method=nosync"]
    own = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={home / 's'}", f"--pid-file={home / 'pid'}"]
    more = ["--skip-name-resolve", "--max-connections=400", f"--init-file={start}"]
    return [server, *common, *own, *fast, *more], user


def prepare_redis(home: Path, port: int) -> tuple[list[str], str | None]:
    server = find_program("redis-server", "valkey-server")
    if not server:
        raise ServerMissing("Redis is missing: install redis-server")
    own = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(home), "--databases", "256"]
    return [server, *own, "--save", "", "--appendonly", "no"], None


def postgresql_answers(port: int) -> None:
    psycopg.connect(postgresql_url(port, "postgres"), connect_timeout=2).close()


def mariadb_answers(port: int) -> None:
    pymysql.connect(host="127.0.0.1", port=port, user=USER, password=PASSWORD, connect_timeout=2).close()


def redis_answers(port: int) -> None:
    # By itself the client repeats a refused connection, for seconds.
    with redis.Redis(port=port, socket_timeout=2, retry=Retry(NoBackoff(), 0)) as client:
        client.ping()


def postgresql_url(port: int, name: str) -> str:
    return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/{name}"


def until_it_answers(keeper: subprocess.Popen[bytes], ask: Callable[[], None]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and keeper.poll() is None:
        try:
            ask()
        except (psycopg.Error, pymysql.Error, redis.RedisError):
            time.sleep(0.05)
        else:
            return True
    keeper.kill()
    return False


def keep(owner: int, home: Path, command: list[str], user: str | None) -> subprocess.Popen[bytes]:
    """Start a keeper. It leads a session of its own, so that Ctrl-C in the terminal reaches only the tests."""
    keeper = [sys.executable, str(KEEPER), str(owner), str(home), user or "", *command]
    # Whoever reads what the tests say must not have to wait for a server that outlives them.
    none = subprocess.DEVNULL
    return subprocess.Popen(keeper, stdin=none, stdout=none, stderr=none, start_new_session=True)
