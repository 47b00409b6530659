"""The product as the benchmarks run it: its settings, its database, its web servers."""

import base64
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from app import config, create_app, database, migrate
from app.context import NAME
from bench.peers.account import ACCOUNT, AES_KEY, APP_ID, TOKEN
from bench.processes import CPUS, Process

#: Nothing listens on port 9 (discard) of loopback.
NOWHERE = "http://127.0.0.1:9"
SECRET_KEY = "made-up-secret-of-the-benchmarks"


def settings(database_url: str, redis_url: str, mode: str = "safe") -> dict[str, dict[str, object]]:
    key, index_key = (base64.b64encode(letter * config.KEY_BYTES).decode() for letter in (b"k", b"i"))
    return {
        "site": {"public_url": "http://127.0.0.1", "secret_key": SECRET_KEY},
        "database": {"url": database_url},
        "redis": {"url": redis_url},
        "wechat": {
            "app_id": APP_ID,
            "app_secret": "made-up",
            "token": TOKEN,
            "encoding_aes_key": AES_KEY,
            "mode": mode,
            "account_id": ACCOUNT,
            "api_url": NOWHERE,
            "oauth_url": NOWHERE,
        },
        "sms": {"provider": "sandbox", "url": f"{NOWHERE}/sms"},
        "privacy": {"keys": [key], "index_key": index_key},
    }


def environment(chosen: Mapping[str, Mapping[str, object]], port: int = 0) -> dict[str, str]:
    """The settings as a process of the product takes them."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(config.PREFIX)}
    given = {
        f"{config.PREFIX}{section}__{key}".upper(): ",".join(value) if isinstance(value, list) else str(value)
        for section, values in chosen.items()
        for key, value in values.items()
    }
    return {**plain, **given, "STVS_CONFIG": "", "PORT": str(port), "PYTHONUNBUFFERED": "1"}


def open_product(chosen: Mapping[str, Mapping[str, object]]) -> Flask:
    """The product inside this process, on a database that has its tables."""
    application = create_app(config.Config.model_validate(chosen))
    engine = application.extensions[NAME].engine
    database.make_file(engine)
    migrate.upgrade(engine)
    return application


def gunicorn(
    module: str, env: Mapping[str, str], port: int, log: Path, *more: str, cpus: set[int] | None = None
) -> Process:
    """gunicorn as shipped; `more` are options that change it."""
    command = [sys.executable, "-m", "gunicorn", "--config=deploy/gunicorn.conf.py", *more, module]
    return Process(command, {**env, "PORT": str(port)}, log, cpus=cpus)


def granian(module: str, env: Mapping[str, str], port: int, log: Path, *, cpus: set[int] | None = None) -> Process:
    """granian as docs/deploy.md names it: as many workers and threads as gunicorn has with a real Redis."""
    size = [f"--workers={len(CPUS) + 1}", "--blocking-threads=4", "--no-access-log", "--log-level=warning"]
    command = [Path(sys.executable).with_name("granian"), "--interface=wsgi", f"--port={port}", *size, module]
    return Process([str(part) for part in command], env, log, cpus=cpus)


@contextmanager
def serving(processes: Mapping[str, tuple[Process, int]]) -> Iterator[Mapping[str, tuple[Process, int]]]:
    """The servers, once they answer; ended afterwards."""
    try:
        for process, port in processes.values():
            process.wait_for(port)
        yield processes
    finally:
        for process, _ in processes.values():
            process.end()
