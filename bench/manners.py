"""Before anything is measured: does it answer rightly, refuse what is forged, and say the same to a repeat?"""

import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection

from bench import pushes
from bench.processes import Process

#: These must have all manners; peers are measured with those they have.
OURS = ("product", "claiming", "in-process", "granian")


class Unmannerly(Exception):
    """The product itself does not behave: its figures would mean nothing."""


def prove(servers: Mapping[str, tuple[Process, int]]) -> None:
    """Print what each server lacks. Raises Unmannerly if the product lacks anything."""
    for name, (_, port) in servers.items():
        if name.startswith("hello"):
            continue
        for mode in _modes(name):
            lacks = [manner for manner, shows in MANNERS.items() if not shows(port, mode, _kind(name))]
            if name.startswith(OURS) and lacks:
                raise Unmannerly(f"{name}, {mode}: no {', no '.join(lacks)}")
            if lacks:
                print(f"{name}, {mode}: no {', no '.join(lacks)}", flush=True)


def _modes(name: str) -> tuple[str, ...]:
    return tuple(mode for mode in ("plain", "safe") if name.endswith(f"-{mode}")) or ("plain", "safe")


def _kind(name: str) -> str:
    return "claim" if name.startswith("claiming") else "text"


def _valid(port: int, mode: str, kind: str) -> bool:
    (push,) = pushes.many(kind, mode, 1)
    status, body = send(port, push)
    return status == 200 and bool(pushes.read(body).get("Content"))


def _forged(port: int, mode: str, kind: str) -> bool:
    number = next(pushes.fresh)
    status, _ = send(port, pushes.request(pushes.text(number), mode, number, forged=True))
    return 400 <= status < 500


def _repeat(port: int, mode: str, kind: str) -> bool:
    (push,) = pushes.many(kind, mode, 1)
    first = pushes.read(send(port, push)[1])
    time.sleep(1.1)  # WeChat repeats after seconds: an answer that tells the time is another one by then
    return first == pushes.read(send(port, push)[1])


MANNERS: dict[str, Callable[[int, str, str], bool]] = {
    "valid reply": _valid,
    "refusal of a forged push": _forged,
    "same answer to a repeat": _repeat,
}


def send(port: int, request: bytes) -> tuple[int, bytes]:
    """The status and body of the answer to one request."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
