"""A sandbox as its own process, and a small real site that it pushes to."""

import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

ROOT = Path(__file__).resolve().parents[2]
APP_ID, SECRET = "wx0123456789abcdef", "0123456789abcdef0123456789abcdef"
TOKEN, AES_KEY, ACCOUNT = "testtoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA", "gh_000000000001"

Behaviour = Callable[[Request], Response]


class Site:
    """The product's place: remembers what it was asked, answers as the test says."""

    def __init__(self) -> None:
        self.server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.seen: queue.Queue[Request] = queue.Queue()
        self.behave: Behaviour = lambda request: Response("success")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        self.seen.put(request)
        return self.behave(request)(environ, start_response)

    def forget(self) -> None:
        self.behave = lambda request: Response("success")
        while not self.seen.empty():
            self.seen.get()

    def next(self, seconds: float = 5) -> Request:
        """The next request, waiting for it."""
        return self.seen.get(timeout=seconds)


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


class Sandbox:
    """One running sandbox and short ways to ask it."""

    def __init__(self, site_url: str, **settings: str) -> None:
        given = {
            "PORT": "0",
            "SITE_URL": site_url,
            "APP_ID": APP_ID,
            "APP_SECRET": SECRET,
            "TOKEN": TOKEN,
            "AES_KEY": AES_KEY,
            "ACCOUNT_ID": ACCOUNT,
            **settings,
        }
        environ = {name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")}
        environ |= {f"SANDBOX_{name}": value for name, value in given.items()}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandbox"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        match = re.fullmatch(r"sandbox: (http://127\.0\.0\.1:\d+)/\n", line)
        assert match, line
        self.url = match[1]
        self.http = requests.Session()
        self.http.trust_env = False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def get(self, path: str, **params: Any) -> Any:
        return self.http.get(self.url + path, params=params, timeout=20).json()

    def post(self, path: str, data: Any = None) -> Any:
        return self.http.post(self.url + path, json=data or {}, timeout=30).json()

    def do(self, person: str, action: str, **data: Any) -> Any:
        return self.post(f"/sandbox/people/{person}/{action}", data)

    def person(self, person: str) -> Any:
        return next(row for row in self.get("/sandbox/people") if row["id"] == person)

    def chat(self, person: str) -> Any:
        return self.get(f"/sandbox/people/{person}/chat")

    def advance(self, seconds: float) -> None:
        self.post("/sandbox/clock", {"advance": seconds})

    def fault(self, name: str, **data: Any) -> None:
        self.post("/sandbox/faults", {"name": name, **data})

    def token(self) -> str:
        """A plain token."""
        return self.get("/cgi-bin/token", grant_type="client_credential", appid=APP_ID, secret=SECRET)["access_token"]

    def stable(self, **more: Any) -> Any:
        account = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
        return self.post("/cgi-bin/stable_token", {**account, **more})

    def call(self, path: str, data: Any = None, token: str | None = None) -> Any:
        """An API call: POST when there is a body."""
        params = {"access_token": self.token() if token is None else token}
        if data is None:
            return self.http.get(self.url + path, params=params, timeout=20).json()
        body = data if isinstance(data, bytes) else _raw_json(data)
        return self.http.post(self.url + path, params=params, data=body, timeout=20).json()


def _raw_json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def until(found: Callable[[], Any], seconds: float = 8) -> Any:
    """What `found` answers once it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = found()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


@pytest.fixture(scope="session")
def running_site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()


@pytest.fixture(scope="session")
def running_sandbox(running_site: Site) -> Iterator[Sandbox]:
    sandbox = Sandbox(running_site.url)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def site(running_site: Site) -> Site:
    running_site.forget()
    return running_site


@pytest.fixture
def sandbox(running_sandbox: Sandbox, site: Site) -> Sandbox:
    running_sandbox.post("/sandbox/reset")
    running_sandbox.http.cookies.clear()
    return running_sandbox


@pytest.fixture
def start_sandbox(site: Site) -> Iterator[Callable[..., Sandbox]]:
    """Starts further sandboxes with other settings."""
    started: list[Sandbox] = []

    def start(**settings: str) -> Sandbox:
        started.append(Sandbox(settings.pop("SITE_URL", site.url), **settings))
        return started[-1]

    yield start
    for sandbox in started:
        sandbox.stop()


@pytest.fixture(name="until")
def _until() -> Callable[..., Any]:
    return until
