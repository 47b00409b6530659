"""Fixtures of all tests; docs/testing.md tells how to use them.

A test that asks for `app`, `client`, `db`, `empty_database` or `backend` runs three times: on SQLite with Redis in
this process, on PostgreSQL and on MariaDB with a real Redis.
"""

import base64
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session, scoped_session

import app as product_package
from app import config as product_config
from app import database, migrate
from app.context import NAME
from tests.cast import root, sms, team, volunteer, wechat, world  # noqa: F401  # fixtures
from tests.servers import ServerMissing, Servers
from tests.services import groups
from tests.services.databases import BACKENDS, Databases, Emptier
from tests.services.groups import (  # noqa: F401  # hooks
    pytest_runtest_logreport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)

# The tests' settings come from the tests: a developer's own must not reach them, nor a proxy stand before loopback.
for name in [name for name in os.environ if name.startswith(product_config.PREFIX)]:
    del os.environ[name]
os.environ["STVS_CONFIG"] = ""
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"

T = TypeVar("T")
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai, a Monday
#: Nothing listens on port 9 (discard) of loopback.
NOWHERE = "http://127.0.0.1:9"
SERVERS = pytest.StashKey[Servers]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--databases", default=",".join(BACKENDS), help="on which databases to run, separated by commas")


def pytest_configure(config: pytest.Config) -> None:
    for group in groups.GROUPS:
        config.addinivalue_line("markers", f"{group}: given by what the test uses")
    given = getattr(config, "workerinput", None)
    if given:
        folder, owner = Path(given["servers_folder"]), given["servers_owner"]
    else:
        folder, owner = Path(tempfile.mkdtemp(prefix="stvs-tests-")), os.getpid()
        folder.chmod(0o755)  # the database servers, other users, live inside
    config.stash[SERVERS] = Servers(folder, owner)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    servers = node.config.stash[SERVERS]
    node.workerinput |= {"servers_folder": str(servers.folder), "servers_owner": servers.owner}


def pytest_unconfigure(config: pytest.Config) -> None:
    servers = config.stash.get(SERVERS, None)
    if servers is None or hasattr(config, "workerinput"):
        return
    # What is of a running server is left to its keeper.
    for path in servers.folder.iterdir():
        if path.is_file():
            path.unlink()
        elif not (path / "log").exists():
            shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        servers.folder.rmdir()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--databases").split(",")
        unknown = set(wanted) - set(BACKENDS)
        if unknown:
            raise pytest.UsageError(f"--databases: {', '.join(sorted(unknown))} is none of {', '.join(BACKENDS)}")
        if only := metafunc.definition.get_closest_marker("only_on"):
            wanted = [name for name in wanted if name in only.args]
        metafunc.parametrize("backend", wanted, indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # A test of some databases only, when none of these was asked for.
    items[:] = [item for item in items if isinstance(groups.backend_of(item), str | None)]
    groups.mark(items)


class FixedClock:
    """A clock that stands until it is told to go."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by

    def set(self, moment: datetime) -> None:
        self._now = moment.astimezone(UTC)


def made_up_key(letter: str) -> str:
    return base64.b64encode(letter.encode() * product_config.KEY_BYTES).decode()


def make_settings(**sections: dict[str, Any]) -> product_config.Config:
    """Valid made-up settings; `limits={"body_bytes": 2048}` changes one value of a section."""
    values: dict[str, dict[str, Any]] = {
        "site": {"public_url": "http://localhost", "secret_key": "made-up-secret-of-the-tests"},
        "wechat": {
            "app_id": "wx0123456789abcdef",
            "app_secret": "made-up-app-secret",
            "token": "madeuptoken",
            "mode": "plain",
            "account_id": "gh_0123456789ab",
            "api_url": NOWHERE,
            "oauth_url": NOWHERE,
        },
        # All tests come from one address.
        "limits": {"codes_before_puzzle": 1000},
        "sms": {"provider": "sandbox", "url": f"{NOWHERE}/sandbox/sms"},
        "privacy": {"keys": [made_up_key("k")], "index_key": made_up_key("i")},
    }
    for section, changes in sections.items():
        values[section] = values.get(section, {}) | changes
    return product_config.Config.model_validate(values)


@pytest.fixture(scope="session")
def settings() -> Callable[..., product_config.Config]:
    return make_settings


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Servers:
    return pytestconfig.stash[SERVERS]


@pytest.fixture(scope="session")
def xdist_worker(pytestconfig: pytest.Config) -> str:
    """This process among those of pytest-xdist: gw0, gw1, …"""
    return getattr(pytestconfig, "workerinput", {}).get("workerid", "gw0")


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """The database that the test runs on: sqlite, postgresql or mariadb."""
    return request.param


def needing(start: Callable[[], T]) -> T:
    """What `start` returns; without the server the test is skipped, on CI it fails."""
    try:
        return start()
    except ServerMissing as missing:
        if groups.IS_CI:
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def redis_server(servers: Servers, xdist_worker: str) -> str:
    """The address of a real Redis, of which this worker has one numbered database to itself."""
    port = needing(servers.redis)
    return f"redis://127.0.0.1:{port}/{int(xdist_worker.removeprefix('gw'))}"


@pytest.fixture(scope="session")
def every_databases() -> dict[str, Databases]:
    """What `databases` made so far."""
    return {}


@pytest.fixture
def databases(backend: str, servers: Servers, xdist_worker: str, every_databases: dict[str, Databases]) -> Databases:
    if backend not in every_databases:
        every_databases[backend] = needing(lambda: Databases(backend, servers, xdist_worker))
    return every_databases[backend]


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[Engine]:
    """An engine of the product on a database without tables, dropped after the test."""
    url = databases.create()
    engine = database.open_engine(product_config.Database(url=url))
    yield engine
    engine.dispose()
    databases.drop(url)


@pytest.fixture
def redis_url(backend: str, request: pytest.FixtureRequest) -> str:
    """What goes with the database: Redis in the process beside SQLite, a real one beside the others."""
    return "memory://" if backend == "sqlite" else request.getfixturevalue("redis_server")


@pytest.fixture(scope="session")
def session_clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def clock(session_clock: FixedClock) -> FixedClock:
    """The clock of `app`, back at Monday 2026-11-23 10:00 in Shanghai."""
    session_clock.set(START)
    return session_clock


class Running:
    """An application that was put together once and serves many tests."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        engine = app.extensions["database"]
        migrate.upgrade(engine)
        self._emptier = Emptier(engine)

    def begin_anew(self) -> None:
        self._emptier.empty()
        parts = self.app.extensions[NAME]
        parts.redis.flushdb()
        parts.jobs.huey.flush()


@pytest.fixture(scope="session")
def every_app() -> dict[str, Running]:
    """What `app` put together so far."""
    return {}


@pytest.fixture
def app(backend: str, databases: Databases, redis_url: str, clock: FixedClock, every_app: dict[str, Running]) -> Flask:
    """The product on each database, without a row in it."""
    if backend not in every_app:
        chosen = make_settings(database={"url": databases.create()}, redis={"url": redis_url})
        every_app[backend] = Running(product_package.create_app(chosen, clock=clock))
    every_app[backend].begin_anew()
    return every_app[backend].app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def db(app: Flask) -> Iterator[scoped_session[Session]]:
    """The session, in an application context that lasts as long as the test."""
    with app.app_context():
        yield database.session
