"""The callback against Flask's hello world on the same server, wechatpy's documented echo, and WeRoBot."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench import load, manners, product, pushes
from bench.measure import in_turn
from bench.processes import SERVER_CPUS, Process
from bench.results import Result, compare
from bench.run import Run
from bench.servers import Databases
from tests.servers import free_port

CONNECTIONS = 16
#: How many pushes a second are made ready where each may be sent only once.
MOST_A_SECOND = 3000
#: Targets of (rate, processor time, slowest of a hundred): plain and safe.
MUST = {"plain": 0.9, "safe": 0.75}
MUST_WEROBOT = {"plain": 1.0, "safe": 1.1}


@dataclass(frozen=True)
class Contender:
    """A server, and what it is sent: a path to get, or pushes of a kind in a mode."""

    server: str
    kind: str = "hello"
    mode: str = ""

    def __str__(self) -> str:
        return self.server if self.kind == "hello" else f"{self.server} {self.kind} {self.mode}"


@dataclass(frozen=True)
class Round:
    rate: float
    cpu_us: float
    p99_ms: float


def measure(run: Run) -> Iterator[Result]:
    with _servers(run) as servers:
        manners.prove(servers)
        contenders = _contenders(run)
        rounds = in_turn({str(one): _round_of(run, servers, one) for one in contenders}, run.rounds)
        yield from _results(contenders, rounds)
        yield from _memory(servers)


def _contenders(run: Run) -> list[Contender]:
    modes = ("plain", "safe")
    found = [Contender("hello")]
    found += [Contender(f"product-{mode}", "text", mode) for mode in modes]
    found += [Contender(f"claiming-{mode}", "claim", mode) for mode in modes]
    found += [Contender(f"werobot-{mode}", "text", mode) for mode in modes]
    found += [Contender("wechatpy", "text", mode) for mode in modes]
    if not run.quick:
        found += [Contender(f"product-{mode}", "subscribe", mode) for mode in modes]
        found += [Contender("hello-in-process"), Contender("hello-granian")]
        found += [Contender(f"in-process-{mode}", "text", mode) for mode in modes]
        found += [Contender(f"in-process-{mode}", "subscribe", mode) for mode in modes]
        found += [Contender(f"granian-{mode}", "text", mode) for mode in modes]
        found += [Contender("wechatpy-granian", "text", mode) for mode in modes]
    return found


@contextmanager
def _servers(run: Run) -> Iterator[dict[str, tuple[Process, int]]]:
    databases = Databases("postgresql", run.servers.postgresql(safe=True), run.folder)
    redis = f"redis://127.0.0.1:{run.servers.redis()}/1"
    with databases.one("callback") as url:
        shared = {mode: product.settings(url, redis, mode) for mode in ("plain", "safe")}
        product.open_product(shared["safe"])
        started: dict[str, tuple[Process, int]] = {}

        def start(name: str, module: str, chosen: dict[str, dict[str, object]], *, fast: bool = False) -> None:
            env = {**product.environment(chosen), "BENCH_MODE": str(chosen["wechat"]["mode"])}
            port, log = free_port(), run.folder / f"{name}.log"
            begin = product.granian if fast else product.gunicorn
            started[name] = begin(module, env, port, log, cpus=SERVER_CPUS), port
            # One after the other: many at once would all be late.
            started[name][0].wait_for(port)

        start("hello", "bench.peers.hello", shared["safe"])
        start("wechatpy", "bench.peers.wechatpy_echo", shared["safe"])
        for mode, chosen in shared.items():
            start(f"product-{mode}", "wsgi", chosen)
            start(f"claiming-{mode}", "bench.peers.claiming", chosen)
            start(f"werobot-{mode}", "bench.peers.werobot_echo", chosen)
        if not run.quick:
            start("hello-granian", "bench.peers.hello:application", shared["safe"], fast=True)
            start("wechatpy-granian", "bench.peers.wechatpy_echo:application", shared["safe"], fast=True)
            for mode, chosen in shared.items():
                start(f"granian-{mode}", "wsgi:application", chosen, fast=True)
                own = product.settings(_embedded(run, mode), "memory://", mode)
                start(f"in-process-{mode}", "wsgi", own)
            start("hello-in-process", "bench.peers.hello", own)
        with product.serving(started):
            yield started


def _embedded(run: Run, mode: str) -> str:
    url = f"sqlite:///{run.folder}/callback-{mode}.db"
    product.open_product(product.settings(url, "memory://", mode))
    return url


def _round_of(run: Run, servers: dict[str, tuple[Process, int]], one: Contender) -> Callable[[], Round]:
    process, port = servers[one.server]

    def once() -> Round:
        path = run.folder / "requests"
        again = one.kind in ("hello", "text")
        if one.kind == "hello":
            load.write_requests(path, [pushes.get("/")])
        else:
            count = 4000 if again else int(MOST_A_SECOND * run.seconds)
            load.write_requests(path, pushes.many(one.kind, one.mode, count))
        before = process.cpu_seconds()
        came = load.run(load.Plan(port, str(path), CONNECTIONS, run.seconds, again=again))
        used = process.cpu_seconds() - before
        if set(came.statuses) != {"200"} or came.unanswered:
            raise RuntimeError(f"{one}: {came.statuses}, {came.unanswered} unanswered")
        return Round(came.rate, used / came.answered * 1e6, came.p99_ms)

    return once


def _results(contenders: list[Contender], rounds: dict[str, list[Round]]) -> Iterator[Result]:
    for one in contenders:
        if not one.server.startswith(("product", "claiming", "in-process", "granian")):
            continue
        server, _, mode = one.server.rpartition("-")
        where = {"in-process": "gunicorn, in-process Redis", "granian": "granian"}.get(server, "gunicorn, Redis")
        hello = rounds[{"in-process": "hello-in-process", "granian": "hello-granian"}.get(server, "hello")]
        ours = rounds[str(one)]
        name = f"callback {mode}, {KINDS[one.kind]} ({where})"
        must = None if one.kind == "subscribe" else MUST[mode]
        yield compare(f"{name}: rate to hello", _get(ours, "rate"), _get(hello, "rate"), target=must)
        limit = must and round(1 / must, 2)
        yield compare(f"{name}: CPU to hello", _get(ours, "cpu_us"), _get(hello, "cpu_us"), target=limit, at_most=True)
        slow = None if must is None else 1.0
        yield compare(f"{name}: p99 to hello", _get(ours, "p99_ms"), _get(hello, "p99_ms"), target=slow, at_most=True)
        if one.kind != "text" or server == "in-process":
            continue
        peer = "wechatpy-granian" if server == "granian" else "wechatpy"
        other = rounds[f"{peer} text {mode}"]
        yield compare(f"{name}: rate to wechatpy's echo", _get(ours, "rate"), _get(other, "rate"), target=1.0)
        if server == "product":
            other = rounds[f"werobot-{mode} text {mode}"]
            yield compare(
                f"{name}: rate to WeRoBot", _get(ours, "rate"), _get(other, "rate"), target=MUST_WEROBOT[mode]
            )


#: What each kind of push is called in the table.
KINDS = {"text": "without effect", "claim": "claimed", "subscribe": "claimed, a follow in the database"}


def _get(rounds: list[Round], field: str) -> list[float]:
    return [getattr(one, field) for one in rounds]


def _memory(servers: dict[str, tuple[Process, int]]) -> Iterator[Result]:
    ours, hello = (servers[name][0].worker_memory() / 1e6 for name in ("product-safe", "hello"))
    yield compare("callback: MB of a worker to hello's", [ours], [hello], target=3.0, at_most=True)
