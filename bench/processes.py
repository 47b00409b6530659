"""Processes that are measured: started, asked what they used, ended. Linux only, for it reads /proc."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 300
END_SECONDS = 15
TICKS = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1
#: Servers run on the first processor, the load comes from the others.
CPUS = sorted(os.sched_getaffinity(0))
SERVER_CPUS = set(CPUS[:1])
LOAD_CPUS = set(CPUS[1:]) or SERVER_CPUS


class NotReady(Exception):
    """A server did not start; the message holds the end of its log."""


def end_with_parent() -> None:
    """A run that is killed leaves nothing behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """A program and all its children, bound to processors if some are given."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], log: Path, *, cpus: set[int] | None = None
    ) -> None:
        self.log = log

        def prepare() -> None:
            end_with_parent()
            if cpus:
                os.sched_setaffinity(0, cpus)

        with log.open("ab") as file:
            self.popen = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file, preexec_fn=prepare
            )

    def wait_for(self, port: int) -> float:
        """Seconds until somebody listens on the port. Raises NotReady."""
        began = time.monotonic()
        while time.monotonic() - began < READY_SECONDS and self.popen.poll() is None:
            with socket.socket() as caller:
                if caller.connect_ex(("127.0.0.1", port)) == 0:
                    return time.monotonic() - began
            time.sleep(0.005)
        raise NotReady(f"{self.log}:\n{self.log.read_text(errors='replace')[-2000:]}")

    def pids(self) -> list[int]:
        return with_children(self.popen.pid)

    def workers(self) -> list[int]:
        """The processes that a master has made; itself when it has none."""
        return self.pids()[1:] or self.pids()

    def cpu_seconds(self) -> float:
        """Processor time used so far by all of them that are alive."""
        total = 0
        for pid in self.pids():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def worker_memory(self) -> float:
        """Bytes that a worker has in memory, the mean of them; what it shares with others counts too."""
        sizes = [memory_of(pid) for pid in self.workers()]
        return sum(sizes) / len(sizes)

    def end(self) -> None:
        if self.popen.poll() is not None:
            return
        self.popen.terminate()
        try:
            self.popen.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()


def memory_of(pid: int) -> float:
    """The resident set in bytes."""
    return float(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def with_children(pid: int) -> list[int]:
    """The process and all that it has started, itself first."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(found for child in children for found in with_children(int(child)))]
