"""Bodies that lie about themselves, through the servers that really read them."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from app.config import ROOT
from app.wechat.callback import PATH
from tests.conftest import made_up_key
from tests.servers import free_port
from tests.wechat.account import Door, eventually, text_push

PUSH = text_push("活动").encode()
LONG = text_push("x" * 70_000).encode()


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def gunicorn(tmp_path_factory) -> Iterator[int]:
    folder, port = tmp_path_factory.mktemp("gunicorn"), free_port()
    (folder / "config.toml").write_text(f"""
[site]
public_url = "http://127.0.0.1:{port}"
secret_key = "made-up-secret-of-the-tests"
[database]
url = "sqlite:///{folder}/stvs.db"
[wechat]
app_id = "wx0123456789abcdef"
app_secret = "made-up"
token = "madeuptoken"
mode = "plain"
account_id = "gh_0123456789ab"
api_url = "http://127.0.0.1:9"
oauth_url = "http://127.0.0.1:9"
[privacy]
keys = ["{made_up_key("k")}"]
index_key = "{made_up_key("i")}"
""")
    env = {**os.environ, "STVS_CONFIG": str(folder / "config.toml"), "PORT": str(port)}
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        eventually(lambda: process.poll() is not None or answers(port), 60)
        assert process.poll() is None, (folder / "log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(20)


def answers(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def werkzeug() -> Iterator[int]:
    server = make_server("127.0.0.1", 0, Door().app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.port
    server.shutdown()


@pytest.fixture(params=["gunicorn", "werkzeug"])
def port(request) -> int:
    return request.getfixturevalue(request.param)


def ask(port: int, headers: str, body: bytes, *, ends: bool = False) -> bytes:
    """The whole answer; `ends` says that the caller sends no more, before the answer came."""
    query = urlencode(Door().query())
    head = f"POST {PATH}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
        answer = b""
        try:
            caller.sendall(head.encode() + body)
            if ends:
                caller.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # a server may close as soon as it has seen enough
        try:
            while part := caller.recv(65536):
                answer += part
        except ConnectionError:
            pass
    return answer


def chunked(body: bytes) -> bytes:
    parts = [body[start : start + 5000] for start in range(0, len(body), 5000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


CHUNKS, SIZED = "Transfer-Encoding: chunked\r\n", "Content-Length: {}\r\n"


@pytest.mark.parametrize(
    ("headers", "body"),
    [(CHUNKS, chunked(PUSH)), (SIZED.format(len(PUSH)), PUSH), (SIZED.format(len(PUSH)), PUSH + b"<more/>" * 9)],
    ids=["chunked", "with its length", "with more behind"],
)
def test_a_good_push_is_answered_with_a_length(port, headers, body):
    answer = ask(port, headers, body)
    assert answer.split(b"\r\n")[0].split()[1] == b"200", answer
    assert "活动报名".encode() in answer
    assert b"content-length:" in answer.lower()
    assert b"transfer-encoding" not in answer.lower()


BAD = {
    "too long": (SIZED.format(len(LONG)), LONG),
    "too long in chunks": (CHUNKS, chunked(LONG)),
    "a length without a body": (SIZED.format(10**11), b""),
    "a length that is a word": (SIZED.format("many"), PUSH),
    "a length below nothing": (SIZED.format(-1), PUSH),
    "a length too short": (SIZED.format(40), PUSH),
    "two lengths": (SIZED.format(40) + SIZED.format(len(PUSH)), PUSH),
    "a length and chunks": (SIZED.format(5) + CHUNKS, chunked(PUSH)),
    "chunks that are none": (CHUNKS, b"zz\r\n" + PUSH),
    "a chunk of a huge size": (CHUNKS, b"fffffffffffff\r\n" + PUSH),
    "a chunk below nothing": (CHUNKS, b"-5\r\n" + PUSH),
    "chunks cut off": (CHUNKS, chunked(PUSH)[:60]),
    "nothing": ("", b""),
    "cut off": (SIZED.format(len(PUSH)), PUSH[:-30]),
}
#: Werkzeug's server, which serves nobody in earnest, takes one of the two; the push is whole then.
EITHER_LENGTH = ("two lengths", "a length and chunks")


@pytest.mark.parametrize("name", BAD)
def test_a_body_that_lies_about_itself_is_refused_or_read_but_never_breaks_the_server(port, name):
    headers, body = BAD[name]
    answer = ask(port, headers, body, ends=True)
    # Without an answer the server has hung up on a caller who had gone, or whose bytes were no HTTP.
    status = answer.split(b"\r\n")[0].split()[1:2]
    allowed = (b"4", b"2") if name in EITHER_LENGTH else (b"4",)
    assert not status or status[0].startswith(allowed), answer
    assert b"Traceback" not in answer
    assert ask(port, SIZED.format(len(PUSH)), PUSH).split()[1] == b"200"
