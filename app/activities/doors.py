"""Doors where people who press at one moment meet, so that they go through together."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

#: Presses that go through together.
MOST = 50
#: How long one waits in a rush for as many as went through before: less than a commit takes.
GATHER_SECONDS = 0.002


class Goer(Protocol):
    """Who goes through a door; only those who want the same shift go together."""

    shift_id: int
    is_done: bool


One = TypeVar("One", bound=Goer)


class Door(Generic[One]):
    """Through it goes one at a time, and takes along those who wait for the same shift."""

    def __init__(self) -> None:
        lock = threading.Lock()
        self._moved, self._gathered = threading.Condition(lock), threading.Condition(lock)
        #: Shifts that were full when somebody looked last: no answer, but a reason to look once more before waiting.
        self.seen_full: set[int] = set()
        self.waiting: list[One] = []
        self._is_busy = False
        #: How many went through together the last time.
        self._last = 1

    def go_through(self, press: One, act: Callable[[Sequence[One]], None]) -> None:
        """Wait until somebody took the press along, or go oneself: then `act` is given all who go."""
        with self._moved:
            self.waiting.append(press)
            if len(self.waiting) >= self._last:
                self._gathered.notify()
            self._moved.wait_for(lambda: press.is_done or not self._is_busy)
            if press.is_done:
                return
            self._is_busy = True
            group = self._gather(press)
        try:
            act(group)
        finally:
            with self._moved:
                self._is_busy = False
                for one in group:
                    one.is_done = True
                self._moved.notify_all()

    def _gather(self, press: One) -> list[One]:
        if self._last > 1:
            # In a rush those who were done a moment ago are about to be followed by the next ones.
            self._gathered.wait_for(lambda: len(self.waiting) >= self._last, GATHER_SECONDS)
        others = [one for one in self.waiting if one is not press and one.shift_id == press.shift_id]
        group = [press, *others][:MOST]
        self.waiting = [one for one in self.waiting if one not in group]
        self._last = len(group)
        return group
