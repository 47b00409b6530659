"""Work that nobody waits for, in threads that never keep the process alive."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

MOST_AT_ONCE = 32


class Background:
    """Runs each piece of work in a thread of its own, a bounded number at a time."""

    def __init__(self) -> None:
        self._room = threading.Semaphore(MOST_AT_ONCE)

    def submit(self, work: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()

        def run() -> None:
            with self._room:
                try:
                    future.set_result(work())
                except BaseException as error:
                    future.set_exception(error)

        # A pool's threads would be joined at exit, and a push may take fifteen seconds.
        threading.Thread(target=run, daemon=True, name="push").start()
        return future
