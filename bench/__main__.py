"""`make bench` and `make bench-quick`: measure, print a table, compare with the last committed figures, keep these."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import callback, growth, results, rush, silence, weight
from bench.processes import ROOT
from bench.results import LATEST, Result
from bench.run import Run
from bench.servers import BenchServers
from tests.servers import ServerMissing

PARTS: dict[str, Callable[[Run], Iterator[Result]]] = {
    "callback": callback.measure,
    "silence": silence.measure,
    "rush": rush.measure,
    "growth": growth.measure,
    "weight": weight.measure,
}


def main() -> int:
    asked = _arguments()
    if sys.platform != "linux":
        print("The benchmarks need Linux: they read /proc and bind processes to processors.")
        return 2
    folder = Path(tempfile.mkdtemp(prefix="stvs-bench-"))
    folder.chmod(0o755)  # the database servers, other users, live inside
    found: list[Result] = []
    try:
        run = Run(asked.quick, folder, BenchServers(folder, os.getpid()), asked.largest)
        for part in asked.parts or PARTS:
            found += _measured(part, run)
    except ServerMissing as missing:
        print(missing)
        return 2
    finally:
        # With servers in it the folder is left to their keepers, who take it away when this process is gone.
        if not any(folder.glob("*/log")):
            shutil.rmtree(folder, ignore_errors=True)
    _tell(found, quick=asked.quick)
    if not asked.quick:
        results.write(found, LATEST, keep_others=bool(asked.parts))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds and small tables: to see that nothing broke")
    parser.add_argument("--largest", type=int, default=1_000_000, metavar="VOLUNTEERS", help="of the largest town")
    parser.add_argument("parts", nargs="*", help=f"only these of: {', '.join(PARTS)}")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return asked


def _measured(part: str, run: Run) -> list[Result]:
    began = time.monotonic()
    print(f"{part} ...", flush=True)
    found = list(PARTS[part](run))
    print(f"{part}: {time.monotonic() - began:.0f} s\n{results.table(found)}\n", flush=True)
    return found


def _tell(found: list[Result], *, quick: bool) -> None:
    missed = [result.name for result in found if not result.ok]
    print(f"{len(found)} figures, {len(missed)} miss their target" + "".join(f"\n  {name}" for name in missed))
    before = _committed()
    if not before:
        print("No earlier figures are committed to compare with.")
    elif quick:
        print("Short rounds are not compared with earlier figures: run make bench.")
    else:
        worse = results.worse_than(found, before)
        print("Nothing got worse since the last committed figures." if not worse else "Worse than committed:")
        print("".join(f"  {line}\n" for line in worse), end="")


def _committed() -> str:
    """The figures of the last commit, if there are any."""
    path = LATEST.relative_to(ROOT).as_posix()
    done = subprocess.run(["git", "show", f"HEAD:{path}"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main())
