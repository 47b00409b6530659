"""What was measured: a table for people, a file for the next run, and what got worse since the last one."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LATEST = Path(__file__).parent / "results" / "latest.json"
#: Ratios of two runs on one machine differ by this much of themselves without a reason.
NOISE = 0.15
FIELDS = ("name", "ratio", "target", "ok", "median", "baseline", "spread")


@dataclass(frozen=True)
class Result:
    """A ratio of ours to a baseline. Without a target it only informs."""

    name: str
    ratio: float
    target: float | None
    median: float
    baseline: float
    #: The largest less the smallest ratio of the rounds.
    spread: float
    #: Whether the target is a limit (time, memory) and not something to reach (a rate).
    at_most: bool = False

    @property
    def ok(self) -> bool:
        if self.target is None:
            return True
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target

    def as_dict(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in FIELDS}
        return {name: round_off(value) if isinstance(value, float) else value for name, value in values.items()}


def compare(
    name: str,
    ours: Sequence[float],
    baseline: Sequence[float],
    *,
    target: float | None = None,
    at_most: bool = False,
) -> Result:
    """The median of the ratios round by round: what slows a whole round down cancels out."""
    ratios = [one / other if other else float("inf") for one, other in zip(ours, baseline, strict=True)]
    return Result(
        name=name,
        ratio=statistics.median(ratios),
        target=target,
        median=statistics.median(ours),
        baseline=statistics.median(baseline),
        spread=max(ratios) - min(ratios),
        at_most=at_most,
    )


def against(name: str, value: float, limit: float, *, target: float | None = 1.0, at_most: bool = True) -> Result:
    """One figure against a fixed one, such as 3 seconds."""
    return compare(name, [value], [limit], target=target, at_most=at_most)


def round_off(value: float) -> float:
    """Four significant digits: no measurement here is better."""
    return float(f"{value:.4g}")


def table(results: Sequence[Result]) -> str:
    width = max((len(result.name) for result in results), default=4)
    lines = [f"{'':{width}}   ratio  target      ours  baseline  spread"]
    for result in results:
        sign = "" if result.target is None else "<=" if result.at_most else ">="
        target = "" if result.target is None else f"{sign}{result.target:g}"
        verdict = "" if result.target is None else "ok" if result.ok else "MISSED"
        lines.append(
            f"{result.name:{width}} {result.ratio:7.2f} {target:>7} {figure(result.median):>9} "
            f"{figure(result.baseline):>9} {result.spread:7.2f}  {verdict}"
        )
    return "\n".join(lines)


def figure(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write(results: Sequence[Result], path: Path, *, keep_others: bool = False) -> None:
    """`keep_others`: what this run did not measure stays as it is in the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = [result.as_dict() for result in results]
    if keep_others and path.exists():
        names = {result.name for result in results}
        found = [entry for entry in json.loads(path.read_text()) if entry["name"] not in names] + found
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def worse_than(results: Sequence[Result], before: str) -> list[str]:
    """One line for each figure that is worse than in `before`, the text of an earlier file."""
    known = {entry["name"]: entry for entry in json.loads(before)} if before.strip() else {}
    lines = []
    for result in results:
        old = known.get(result.name)
        if old is None or not old["ratio"]:
            continue
        change = result.ratio / old["ratio"] - 1
        if (change if result.at_most else -change) > NOISE:
            lines.append(f"{result.name}: {old['ratio']:.2f} -> {result.ratio:.2f}")
    return lines
