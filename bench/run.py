"""One run of the benchmarks: how much of each, where its files are, and its servers."""

from dataclasses import dataclass
from pathlib import Path

from bench.servers import BenchServers


@dataclass(frozen=True)
class Run:
    quick: bool
    folder: Path
    servers: BenchServers
    #: How many volunteers the largest town has.
    largest: int = 1_000_000

    @property
    def rounds(self) -> int:
        return 2 if self.quick else 3

    @property
    def seconds(self) -> float:
        """How long the load of one contender lasts in one round."""
        return 0.8 if self.quick else 2.5
