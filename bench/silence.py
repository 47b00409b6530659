"""Pushes while Redis or the database does not answer: every one is answered, and none waits for long."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import load, product, pushes
from bench.processes import Process, with_children
from bench.results import Result, against
from bench.run import Run
from bench.servers import BenchServers, Databases
from tests.servers import free_port, prepare_redis

PUSHES, QUICK_PUSHES = 100_000, 2_000
CONNECTIONS, MOST_SECONDS = 16, 400.0
#: One push in so many is a follow, whose effect is in the database.
FOLLOWS = 20
#: Seconds that the slowest answer may take; WeChat waits five.
MUST_SECONDS = 3.0


def measure(run: Run) -> Iterator[Result]:
    redis_port = free_port()
    command, _ = prepare_redis(run.folder, redis_port)
    redis = Process(command, dict(os.environ), run.folder / "silent-redis.log")
    databases = Databases("postgresql", run.servers.port("postgresql-to-stop", *BenchServers.POSTGRESQL), run.folder)
    redis.wait_for(redis_port)
    try:
        with databases.one("silence") as url:
            chosen = product.settings(url, f"redis://127.0.0.1:{redis_port}/0", "plain")
            product.open_product(chosen).extensions["database"].dispose()
            port = free_port()
            site = product.gunicorn("wsgi", product.environment(chosen), port, run.folder / "silence.log")
            with product.serving({"site": (site, port)}):
                yield from _each(run, port, redis, run.servers.folder)
    finally:
        redis.popen.send_signal(signal.SIGCONT)
        redis.end()


def _each(run: Run, port: int, redis: Process, folder: Path) -> Iterator[Result]:
    (pid_file,) = folder.glob("postgresql-to-stop-*/data/postmaster.pid")
    database = int(pid_file.read_text().split()[0])
    with _stopped(lambda: with_children(database)):
        yield _result(run, port, "the database hangs")
    with _stopped(redis.pids):
        yield _result(run, port, "Redis hangs")
    redis.popen.kill()
    redis.popen.wait()
    yield _result(run, port, "Redis is stopped")


@contextmanager
def _stopped(pids: Callable[[], list[int]]) -> Iterator[None]:
    stopped = pids()
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def _result(run: Run, port: int, when: str) -> Result:
    count = QUICK_PUSHES if run.quick else PUSHES
    follows = pushes.many("subscribe", "plain", count // FOLLOWS)
    sent = pushes.many("text", "plain", count - len(follows))
    for number, follow in enumerate(follows):
        sent.insert(number * FOLLOWS, follow)
    path = load.write_requests(run.folder / "silence", sent)
    came = load.run(load.Plan(port, str(path), CONNECTIONS, MOST_SECONDS, again=False))
    if came.unanswered or set(came.statuses) != {"200"}:
        raise RuntimeError(f"{when}: {came.statuses}, {came.unanswered} unanswered")
    print(f"{when}: {came.answered} of {count} pushes answered, {came.rate:.0f} a second", flush=True)
    if came.answered < count:
        raise RuntimeError(f"{when}: only {came.answered} of {count} pushes in {MOST_SECONDS:g} s")
    title = f"callback: seconds of the slowest push while {when}, to {MUST_SECONDS:g}"
    return against(title, came.slowest_ms / 1000, MUST_SECONDS)
