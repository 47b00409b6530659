"""HTTP load from a process of its own: kept connections over plain sockets, bounded in count and in time.

`run()` starts `python -m bench.load` with what to do on its standard input and reads what came of it.
"""

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.processes import LOAD_CPUS, ROOT

#: An answer that takes longer is counted as none.
PATIENCE = 20.0


@dataclass(frozen=True)
class Plan:
    port: int
    #: A file of requests, each behind its length in four bytes.
    requests: str
    connections: int = 16
    seconds: float = 4.0
    #: Begin again when all have been sent; otherwise each is sent once.
    again: bool = True
    #: Name the status of each request, in their order (0: no answer).
    each: bool = False
    cpus: list[int] = field(default_factory=lambda: sorted(LOAD_CPUS))


@dataclass(frozen=True)
class Outcome:
    answered: int
    #: Sent, and the connection was gone or the patience over before an answer came.
    unanswered: int
    #: Sent once more, for the server had closed a kept connection just then, as one that is replaced does.
    again: int
    seconds: float
    statuses: dict[str, int]
    p50_ms: float
    p99_ms: float
    slowest_ms: float
    each: list[int]
    #: When each was answered, in seconds from the start; only if each was asked for.
    moments: list[float]

    @property
    def rate(self) -> float:
        return self.answered / self.seconds


def write_requests(path: Path, requests: Sequence[bytes]) -> Path:
    path.write_bytes(b"".join(len(request).to_bytes(4) + request for request in requests))
    return path


def run(plan: Plan, *, limit: float = 600.0) -> Outcome:
    """Do the plan in another process, and wait for it."""
    return finish(start(plan), limit=limit)


def start(plan: Plan) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.load"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    process.stdin.write(json.dumps(asdict(plan)).encode())
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: subprocess.Popen[bytes], *, limit: float = 600.0) -> Outcome:
    try:
        told, _ = process.communicate(timeout=limit)
    finally:
        if process.poll() is None:
            process.kill()
    if process.returncode:
        raise RuntimeError("the load generator failed")
    return Outcome(**json.loads(told))


class Connection:
    """One caller: sends a request, waits for its whole answer, sends the next."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.socket: socket.socket | None = None
        self.number, self.began, self.got = -1, 0.0, b""
        #: Whether this connection has carried an answer already.
        self.is_kept = False

    def next(self) -> None:
        """Send the next request, if one is left."""
        load = self.load
        self.number = load.take()
        if self.number < 0:
            self.close()
            return
        self.began, self.got = time.perf_counter(), b""
        self.send()

    def send(self) -> None:
        try:
            if self.socket is None:
                self.open()
            assert self.socket
            self.socket.sendall(self.load.requests[self.number % len(self.load.requests)])
        except OSError:
            self.lost()

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.load.plan.port), timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.load.selector.register(self.socket, selectors.EVENT_READ, self)

    def close(self) -> None:
        if self.socket is not None:
            self.load.selector.unregister(self.socket)
            self.socket.close()
            self.socket = None
        self.number, self.is_kept = -1, False

    def lost(self) -> None:
        """The server hung up: once more if that is all it did to a kept connection, else on to the next."""
        number, is_once_more = self.number, self.is_kept and not self.got
        self.close()
        if is_once_more:
            self.number = number
            self.load.again += 1
            self.send()
            return
        if number >= 0:
            self.load.note(number, 0, self.began)
        if self.load.unanswered > 50_000:
            return
        self.next()

    def readable(self) -> None:
        assert self.socket
        try:
            part = self.socket.recv(262_144)
        except OSError:
            part = b""
        if not part:
            self.lost()
            return
        self.got += part
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.got[:end].lower()
        if len(self.got) < end + 4 + _length(head):
            return
        self.load.note(self.number, int(head[9:12]), self.began)
        self.is_kept = True
        if b"\nconnection: close" in head:
            self.close()
        self.next()


def _length(head: bytes) -> int:
    place = head.find(b"\ncontent-length:")
    if place < 0:
        return 0
    return int(head[place + 16 :].split(b"\r", 1)[0])


class Load:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.requests = _read_requests(Path(plan.requests))
        self.selector = selectors.DefaultSelector()
        self.statuses: Counter[int] = Counter()
        self.waits: list[float] = []
        self.each = [0] * len(self.requests) if plan.each else []
        self.moments = [0.0] * len(self.each)
        self.taken = self.unanswered = self.again = 0
        self.began = time.perf_counter()

    def take(self) -> int:
        """The number of the next request to send; -1 when there is none or the time is over."""
        if time.perf_counter() - self.began > self.plan.seconds:
            return -1
        if not self.plan.again and self.taken >= len(self.requests):
            return -1
        self.taken += 1
        return self.taken - 1

    def note(self, number: int, status: int, began: float) -> None:
        now = time.perf_counter()
        if status:
            self.statuses[status] += 1
            self.waits.append(now - began)
        else:
            self.unanswered += 1
        if self.each:
            self.each[number % len(self.each)] = status
            self.moments[number % len(self.each)] = now - self.began

    def run(self) -> Outcome:
        callers = [Connection(self) for _ in range(self.plan.connections)]
        for caller in callers:
            caller.next()
        while any(caller.number >= 0 for caller in callers):
            for key, _ in self.selector.select(1.0):
                key.data.readable()
            late = time.perf_counter() - PATIENCE
            for caller in callers:
                if caller.number >= 0 and caller.began < late:
                    caller.is_kept = False  # it was heard, and not answered
                    caller.lost()
        seconds = time.perf_counter() - self.began
        waits = sorted(self.waits) or [0.0]
        return Outcome(
            answered=len(self.waits),
            unanswered=self.unanswered,
            again=self.again,
            seconds=seconds,
            statuses={str(status): count for status, count in sorted(self.statuses.items())},
            p50_ms=waits[len(waits) // 2] * 1000,
            p99_ms=waits[len(waits) * 99 // 100] * 1000,
            slowest_ms=waits[-1] * 1000,
            each=self.each,
            moments=self.moments,
        )


def _read_requests(path: Path) -> list[bytes]:
    raw, found, place = path.read_bytes(), [], 0
    while place < len(raw):
        size = int.from_bytes(raw[place : place + 4])
        found.append(raw[place + 4 : place + 4 + size])
        place += 4 + size
    return found


if __name__ == "__main__":
    asked = Plan(**json.load(sys.stdin))
    os.sched_setaffinity(0, asked.cpus)
    json.dump(asdict(Load(asked).run()), sys.stdout)
