"""The rush over HTTP: gunicorn as shipped, 64 connections, each person with their own cookie."""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench import load, product, pushes
from bench.crowd import Crowd, Event
from bench.processes import CPUS
from bench.results import Result, against
from bench.run import Run
from tests.servers import free_port

CONNECTIONS = 64
#: One worker more than two processors, as shipped; eight threads each did best, so that presses meet.
SIZE = ("--workers=3", "--threads=8")
ALL_CPUS = list(CPUS)
SECONDS = 120.0
MOST_BUSY = 0.05


@dataclass(frozen=True)
class Told:
    """What somebody was told, and when, in seconds from the first press."""

    volunteer_id: int
    is_in: bool
    at: float


class Site:
    """The product and Flask's hello beside it, on servers of the same size."""

    def __init__(self, run: Run, chosen: dict[str, dict[str, Any]]) -> None:
        self.run, self.port, self.hello_port = run, free_port(), free_port()
        size = () if chosen["redis"]["url"] == "memory://" else SIZE
        env = product.environment(chosen)
        self.process = product.gunicorn("wsgi", env, self.port, run.folder / "rush.log", *size)
        self.hello = product.gunicorn("bench.peers.hello", env, self.hello_port, run.folder / "rush-hello.log", *size)

    def __enter__(self) -> "Site":
        self.process.wait_for(self.port)
        self.hello.wait_for(self.hello_port)
        return self

    def __exit__(self, *error: object) -> None:
        self.process.end()
        self.hello.end()

    def rush(self, crowd: Crowd, event: Event, presses: Sequence[int]) -> list[Told]:
        """All presses, each once; audited. Raises AuditFailed, and RuntimeError for an answer that is none."""
        came = load.run(self.plan(crowd, event, presses))
        if came.unanswered or set(came.statuses) - {"303", "409", "503"}:
            raise RuntimeError(f"{came.statuses}, {came.unanswered} unanswered")
        told = [
            Told(person, status == 303, at) for person, status, at in zip(presses, came.each, came.moments, strict=True)
        ]
        crowd.audit(event, [one.volunteer_id for one in told if one.is_in])
        note_busy(came.statuses.get("503", 0), len(presses))
        return told

    def plan(self, crowd: Crowd, event: Event, presses: Sequence[int]) -> load.Plan:
        path = self.run.folder / "presses"
        load.write_requests(path, [crowd.request(event, person) for person in presses])
        return load.Plan(self.port, str(path), CONNECTIONS, SECONDS, again=False, each=True, cpus=ALL_CPUS)


def note_busy(count: int, presses: int) -> None:
    """Being asked to press again is right, but must stay rare. Raises RuntimeError."""
    if count:
        print(f"{count} of {presses} presses were asked to press again", flush=True)
    if count > presses * MOST_BUSY:
        raise RuntimeError("the database had no time for too many")


def empty_posts(run: Run, port: int) -> float:
    """Empty POSTs a second that Flask answers with nothing."""
    path = load.write_requests(run.folder / "empty", [pushes.post("/empty", b"")])
    return load.run(load.Plan(port, str(path), CONNECTIONS, run.seconds, cpus=ALL_CPUS)).rate


def killed_in_the_middle(run: Run, site: Site, crowd: Crowd, event: Event, presses: Sequence[int]) -> Result:
    """Of those who were told that they are in, all are, though a worker was killed meanwhile. Raises AuditFailed."""
    process = load.start(site.plan(crowd, event, presses))
    while crowd.places_taken(event) < event.places / 3 and process.poll() is None:
        time.sleep(0.01)
    os.kill(site.process.workers()[0], signal.SIGKILL)
    came = load.finish(process)
    told = [person for person, status in zip(presses, came.each, strict=True) if status == 303]
    if not came.unanswered and not came.again:
        raise RuntimeError("the worker was killed too late to matter")
    # Somebody whose answer was cut off may be in; nobody who was told so may be out.
    crowd.audit(event, told)
    return against("rush: of those told that they are in, kept when a worker is killed", 1.0, 1.0, at_most=False)
