"""Pushes while Redis or the database is there and says nothing, or is not there: each is answered, and soon."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from huey import RedisHuey

from app.config import ROOT
from app.jobs import QUEUE
from app.wechat.callback import PATH
from tests.conftest import made_up_key
from tests.servers import free_port
from tests.wechat.account import Door, event_push, eventually, sign, text_push

PUSHES, CALLERS = 2000, 16
#: One in so many is a follow, whose effect is in the database.
FOLLOWS = 20
#: Effects that were begun, of which each would wait for seconds, and how soon a worker that is told to end has ended.
BEGUN, SOON = 40, 10
#: WeChat cuts the connection after 5 seconds.
CUT = 5


@contextmanager
def silent() -> Iterator[int]:
    """A port that takes calls and says nothing, as a server does that hangs."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(512)
        yield int(server.getsockname()[1])


DATABASE_SAYS_NOTHING = "the database says nothing"


@pytest.fixture(params=["Redis says nothing", "there is no Redis", DATABASE_SAYS_NOTHING, "there is no database"])
def site(request, tmp_path, redis_server) -> Iterator[int]:
    """The port of the product, of which one part is as the test says."""
    with running(request.param, tmp_path, redis_server) as (port, _):
        yield port


@contextmanager
def running(trouble: str, tmp_path: Path, redis_server: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The product under gunicorn, in this trouble; its port, and the process."""
    with silent() as nobody:
        port, nothing = free_port(), free_port()
        gone = nobody if "says nothing" in trouble else nothing
        redis = f"redis://127.0.0.1:{gone}/0" if "Redis" in trouble else redis_server
        database = f"postgresql://nobody:x@127.0.0.1:{gone}/stvs"
        if "database" not in trouble:
            (tmp_path / "stvs.db").touch()
            database = f"sqlite:///{tmp_path}/stvs.db"
        env = {**os.environ, **settings(port, redis, database)}
        if "database" not in trouble:
            subprocess.run([sys.executable, "-m", "flask", "db", "upgrade"], cwd=ROOT, env=env, check=True)
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--workers=1", "wsgi"]
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            eventually(lambda: process.poll() is not None or answers(port), 60)
            assert process.poll() is None, (tmp_path / "log").read_text()
            yield port, process
        finally:
            # Not killed: workers without a master go on for a while, and hand what they had begun to the next test.
            process.terminate()
            process.wait(40)


def settings(port: int, redis: str, database: str) -> dict[str, str]:
    values = {
        "SITE__PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SITE__SECRET_KEY": "made-up-secret-of-the-tests",
        "DATABASE__URL": database,
        "REDIS__URL": redis,
        "WECHAT__APP_ID": "wx0123456789abcdef",
        "WECHAT__APP_SECRET": "made-up",
        "WECHAT__TOKEN": "madeuptoken",
        "WECHAT__MODE": "plain",
        "WECHAT__ACCOUNT_ID": "gh_0123456789ab",
        "WECHAT__API_URL": "http://127.0.0.1:9",
        "PRIVACY__KEYS": made_up_key("k"),
        "PRIVACY__INDEX_KEY": made_up_key("i"),
    }
    return {"STVS_CONFIG": "", "PORT": str(port)} | {f"STVS_{name}": value for name, value in values.items()}


def answers(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def send(caller: HTTPConnection, stamp: str, number: int, xml: str) -> None:
    """Send a push of the plain mode; each has a signature of its own."""
    query = {"timestamp": stamp, "nonce": str(number), "signature": sign("madeuptoken", stamp, str(number))}
    caller.request("POST", f"{PATH}?{urlencode(query)}", body=xml.encode())
    answer = caller.getresponse()
    assert (answer.status, answer.read()[:5]) == (200, b"<xml>")


def follow(number: int) -> str:
    return event_push("subscribe", CreateTime=1795400000 + number)


def test_none_of_2000_pushes_is_left_unanswered(site):
    stamp = Door().query()["timestamp"]
    numbers, waits, lock = iter(range(PUSHES)), [], threading.Lock()

    def call() -> None:
        caller = HTTPConnection("127.0.0.1", site, timeout=30)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            xml = text_push(MsgId=str(number)) if number % FOLLOWS else follow(number)
            began = time.monotonic()
            send(caller, stamp, number, xml)
            waits.append(time.monotonic() - began)

    with ThreadPoolExecutor(CALLERS) as pool:
        for done in [pool.submit(call) for _ in range(CALLERS)]:
            done.result()
    assert len(waits) == PUSHES
    assert max(waits) < CUT


def test_a_worker_that_ends_meanwhile_waits_for_no_effect_and_hands_all_on(tmp_path, redis_server):
    queue = RedisHuey(QUEUE, url=redis_server)
    queue.flush()
    with running(DATABASE_SAYS_NOTHING, tmp_path, redis_server) as (port, process):
        caller, stamp = HTTPConnection("127.0.0.1", port, timeout=30), Door().query()["timestamp"]
        for number in range(PUSHES, PUSHES + BEGUN):
            send(caller, stamp, number, follow(number))
        caller.close()
        process.terminate()
        process.wait(SOON)
    assert queue.pending_count() + queue.scheduled_count() == BEGUN
