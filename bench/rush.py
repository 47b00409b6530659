"""Everybody wants the same activity at once: the use case and the page against the bare transaction."""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from bench import product, rush_bare
from bench.crowd import Crowd, Event
from bench.measure import in_turn
from bench.processes import ROOT
from bench.results import Result, compare
from bench.run import Run
from bench.rush_http import Site, Told, empty_posts, killed_in_the_middle, note_busy
from bench.rush_press import AGAIN, BUSY, ERROR, PLACE, Outcome, Presses
from bench.servers import Databases

PROCESSES = 2
TWICE = 0.1
#: What the use case and the page must reach of the bare transaction; None only informs.
MUST_USE_CASE = {"postgresql": 0.7}
MUST_HTTP = {"postgresql": 0.35, "mariadb": 0.28}
MUST_SLOW, MUST_REFUSE = 0.9, 0.35


@dataclass(frozen=True)
class Pace:
    """How many a second got a place, and how many a second were refused once it was full."""

    sold: float
    refused: float


def measure(run: Run) -> Iterator[Result]:
    safe = run.servers.postgresql(safe=True)
    yield from _on(run, Databases("postgresql", safe, run.folder), kill=True)
    yield from _on(run, Databases("mariadb", run.servers.mariadb(safe=True), run.folder))
    yield from _on(run, Databases("sqlite", 0, run.folder))
    slow = run.servers.postgresql(safe=True, slow=True)
    yield from _on(run, Databases("postgresql", slow, run.folder), slow=True)


@contextmanager
def _opened(run: Run, databases: Databases, places: int) -> Iterator[tuple[Crowd, dict[str, dict[str, Any]], str]]:
    with databases.one("rush") as url, databases.one("bare") as bare:
        # Redis as it is shipped with each: inside the process beside SQLite, a real one beside the others.
        redis = "memory://" if databases.backend == "sqlite" else f"redis://127.0.0.1:{run.servers.redis()}/2"
        chosen = product.settings(url, redis)
        app = product.open_product(chosen)
        rush_bare.prepare(bare)
        yield Crowd(app, places * (3 if run.quick else 4)), chosen, bare
        app.extensions["database"].dispose()


def _on(run: Run, databases: Databases, *, slow: bool = False, kill: bool = False) -> Iterator[Result]:
    places = (80 if run.quick else 400) if slow else (200 if run.quick else 1000)
    with _opened(run, databases, places) as (crowd, chosen, bare), Site(run, chosen) as site:

        def bare_rate(*, insert_first: bool) -> Callable[[], float]:
            return lambda: rush_bare.rate(bare, run.seconds, run.folder, insert_first=insert_first)

        contenders: dict[str, Callable[[], Any]] = {
            "update first": bare_rate(insert_first=False),
            "insert first": bare_rate(insert_first=True),
            "use case": lambda: _use_case(crowd, chosen, crowd.event(places)),
            "page": lambda: _paced(site.rush(crowd, crowd.event(places), _presses(crowd)), places),
        }
        if not slow:
            contenders["empty post"] = lambda: empty_posts(run, site.hello_port)
        rounds = in_turn(contenders, 1 if run.quick or slow else 3)
        yield from _results(databases.backend + " with a flush of 5 ms" * slow, rounds, slow=slow)
        if kill:
            yield killed_in_the_middle(run, site, crowd, crowd.event(places), _presses(crowd))


def _results(where: str, rounds: dict[str, list[Any]], *, slow: bool) -> Iterator[Result]:
    use_case, page = rounds["use case"], rounds["page"]
    must = MUST_SLOW if slow else MUST_USE_CASE.get(where)
    sold = [pace.sold for pace in use_case]
    yield compare(f"rush on {where}: use case to bare update first", sold, rounds["update first"], target=must)
    must = MUST_SLOW if slow else MUST_HTTP.get(where)
    sold = [pace.sold for pace in page]
    yield compare(f"rush on {where}: page to bare insert first", sold, rounds["insert first"], target=must)
    if slow:
        return
    refused = [pace.refused for pace in use_case]
    yield compare(f"rush on {where}: use case, refusals to sales", refused, [pace.sold for pace in use_case])
    must = None if where == "sqlite" else MUST_REFUSE
    refused = [pace.refused for pace in page]
    yield compare(f"rush on {where}: page, refusals to empty POSTs", refused, rounds["empty post"], target=must)


def _presses(crowd: Crowd) -> list[int]:
    """Who presses, in which order: everybody, one in ten twice."""
    chance = random.Random(len(crowd.volunteers))
    twice = chance.sample(crowd.volunteers, int(len(crowd.volunteers) * TWICE))
    everybody = crowd.volunteers + twice
    chance.shuffle(everybody)
    return everybody


def _use_case(crowd: Crowd, chosen: dict[str, dict[str, Any]], event: Event) -> Pace:
    """From 32 threads in 2 processes."""
    presses = _presses(crowd)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.rush_press"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for number, process in enumerate(running):
        mine = presses[number::PROCESSES]
        asked = Presses(chosen, event.id, event.shift_id, mine, [crowd.accounts[one] for one in mine])
        _say(process, json.dumps(asdict(asked)))
    for process in running:
        assert process.stdout
        process.stdout.readline()  # ready
    for process in running:
        _say(process, "go")
    outcomes = [Outcome(**one) for process in running for one in json.loads(process.communicate(timeout=300)[0])]
    errors = sum(one.what.startswith(ERROR) for one in outcomes)
    if errors or len(outcomes) != len(presses):
        raise RuntimeError(f"{errors} errors, {len(outcomes)} answers to {len(presses)} presses")
    said_in = (PLACE, AGAIN)
    crowd.audit(event, [one.volunteer_id for one in outcomes if one.what in said_in])
    note_busy(sum(one.what == BUSY for one in outcomes), len(outcomes))
    began = min(one.at for one in outcomes)
    return _paced([Told(one.volunteer_id, one.what in said_in, one.at - began) for one in outcomes], event.places)


def _say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _paced(told: Sequence[Told], places: int) -> Pace:
    """Until the last place went it was selling; after that it was refusing."""
    full = 0.0
    people: set[int] = set()
    for one in sorted(told, key=lambda one: one.at):
        if one.is_in and one.volunteer_id not in people:
            people.add(one.volunteer_id)
            full = one.at
    end = max(one.at for one in told)
    refused = sum(not one.is_in and one.at > full for one in told)
    return Pace(places / full, refused / max(end - full, 1e-9))
