"""What it weighs: memory at rest and after many requests, imports, the first answer after a start, the first page."""

import gzip
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

from bench import load, product, pushes
from bench.manners import send
from bench.measure import in_turn
from bench.processes import ROOT, SERVER_CPUS, Process
from bench.results import Result, against, compare
from bench.run import Run
from bench.servers import Databases
from tests.servers import free_port

REQUESTS, QUICK_REQUESTS = 100_000, 5_000
MOST_SECONDS = 240.0
#: Memory and the first answer, to Flask's hello; growth over the requests; bytes of the first page.
MUST_MEMORY, MUST_FIRST, MUST_GROWTH, MUST_PAGE = 3.0, 6.0, 1.02, 100_000
SLOWEST_IMPORTS = 12
#: One process that is not replaced after so many requests: its growth is what is looked for.
#: Installed with the tests' packages, and loaded by structlog where it is; a server has none.
SERVER = "import sys; sys.modules.update(rich=None); from gunicorn.app.wsgiapp import run; run()"
ONE = ("--workers=1", "--threads=4", "--max-requests=0")


def measure(run: Run) -> Iterator[Result]:
    databases = Databases("postgresql", run.servers.postgresql(safe=True), run.folder)
    with databases.one("weight") as url:
        chosen = product.settings(url, f"redis://127.0.0.1:{run.servers.redis()}/4")
        product.open_product(chosen).extensions["database"].dispose()
        env = product.environment(chosen)
        yield from _first_answers(run, env)
        yield from _memory(run, env)
    _tell_imports(env)


def _first_answers(run: Run, env: dict[str, str]) -> Iterator[Result]:
    """Seconds from the start of a server to its first page."""
    contenders = {
        "product": lambda: _until_first(run, "wsgi", env, "/activities"),
        "hello": lambda: _until_first(run, "bench.peers.hello", env, "/"),
    }
    took = in_turn(contenders, run.rounds)
    title = "weight: seconds from start to first answer, to hello"
    yield compare(title, took["product"], took["hello"], target=MUST_FIRST, at_most=True)


def _start(run: Run, module: str, env: dict[str, str], port: int) -> Process:
    """One worker, without the shipped settings: these import the product, which hello has no need of."""
    command = [sys.executable, "-c", SERVER, f"--bind=127.0.0.1:{port}", "--worker-class=gthread", *ONE, module]
    # As the units in deploy/ have it.
    return Process(command, {**env, "MALLOC_ARENA_MAX": "2"}, run.folder / "weight.log", cpus=SERVER_CPUS)


def _until_first(run: Run, module: str, env: dict[str, str], path: str) -> float:
    port, began = free_port(), time.monotonic()
    process = _start(run, module, env, port)
    try:
        process.wait_for(port)
        status, _ = send(port, pushes.get(path))
        took = time.monotonic() - began
    finally:
        process.end()
    if status != 200:
        raise RuntimeError(f"{module}: {status}")
    return took


def _memory(run: Run, env: dict[str, str]) -> Iterator[Result]:
    count = QUICK_REQUESTS if run.quick else REQUESTS
    at_rest, warm, after = {}, {}, {}
    for name, module in (("product", "wsgi"), ("hello", "bench.peers.hello")):
        port = free_port()
        process = _start(run, module, env, port)
        with product.serving({name: (process, port)}):
            send(port, pushes.get("/healthz" if name == "product" else "/"))
            at_rest[name] = process.worker_memory() / 1e6
            # What the first requests of each kind load stays; growth is what comes on top of that.
            _work(run, port, name, count // 10)
            warm[name] = process.worker_memory() / 1e6
            _work(run, port, name, count)
            after[name] = process.worker_memory() / 1e6
            if name == "product":
                yield from _first_page(port)
    title = "weight: MB of a worker {}, to hello's"
    yield compare(title.format("at rest"), [at_rest["product"]], [at_rest["hello"]], target=None, at_most=True)
    title = title.format(f"after {count} requests")
    yield compare(title, [after["product"]], [after["hello"]], target=MUST_MEMORY, at_most=True)
    title = f"weight: MB of a worker after {count} requests, to its own after {count // 10}"
    yield compare(title, [after["product"]], [warm["product"]], target=MUST_GROWTH, at_most=True)


def _work(run: Run, port: int, name: str, count: int) -> None:
    """Pushes and pages, so many of them; bounded in time."""
    path = run.folder / "mixed"
    if name == "hello":
        load.write_requests(path, [pushes.get("/")] * count)
    else:
        pages = [pushes.get(page) for page in ("/", "/activities", "/policies", "/volunteer/register")]
        each = pushes.many("text", "safe", min(count, 2000)) + pushes.many("subscribe", "safe", min(count, 500))
        mixed = [request for number, push in enumerate(each) for request in (push, pages[number % len(pages)])]
        load.write_requests(path, (mixed * (count // len(mixed) + 1))[:count])
    came = load.run(load.Plan(port, str(path), 8, MOST_SECONDS, again=False))
    if came.unanswered or set(came.statuses) - {"200", "302", "303"}:
        raise RuntimeError(f"{name}: {came.statuses}, {came.unanswered} unanswered")
    if came.answered < count:
        print(f"{name}: only {came.answered} of {count} requests in {MOST_SECONDS:g} s", flush=True)


def _first_page(port: int) -> Iterator[Result]:
    """All that the first page loads, as a browser gets it."""
    sizes = {}
    _, html = send(port, pushes.get("/activities"))
    sizes["/activities"] = len(gzip.compress(html, 6))  # nginx compresses pages so
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', html.decode()):
        sizes[address] = _compressed(port, address)
    print("\n".join(f"  {size:7} {address}" for address, size in sizes.items()), flush=True)
    yield against("weight: bytes of the first page and all it loads, to 100 kB", sum(sizes.values()), MUST_PAGE)


def _compressed(port: int, address: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", address, headers={"Accept-Encoding": "br, gzip"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return len(body)


def _tell_imports(env: dict[str, Any]) -> None:
    """The modules that take longest to import, what they import not counted."""
    command = [sys.executable, "-X", "importtime", "-c", "import wsgi"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=True)
    found = re.findall(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)", done.stderr)
    packages: dict[str, int] = {}
    for own, _, module in found:
        packages[module.partition(".")[0]] = packages.get(module.partition(".")[0], 0) + int(own)
    print(f"import wsgi: {sum(packages.values()) / 1000:.0f} ms, of these")
    for name, took in sorted(packages.items(), key=lambda pair: -pair[1])[:SLOWEST_IMPORTS]:
        print(f"  {took / 1000:6.1f} ms {name}")
