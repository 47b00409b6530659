"""What pushes change is done by threads of their own, so that no answer waits long for a database that hangs."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate

import structlog

from app.jobs import GONE
from app.wechat.claims import Claims
from app.wechat.push import Push
from app.wechat.routing import Act

log = structlog.get_logger()

#: How long an effect may keep its answer waiting, in seconds, and how long while the last one took longer than that.
PATIENCE, LITTLE_PATIENCE = 1.0, 0.1
#: Effects that may be waiting at once in a process; more would only pile up behind a database that hangs.
MOST_WAITING = 64
THREADS = 4

PutOff = Callable[[Push], None]


class Effects:
    def __init__(self, claims: Claims, put_off: PutOff | None) -> None:
        """`put_off` keeps a push whose effect failed, so that it is done later."""
        self._claims, self._put_off = claims, put_off
        self._patience = PATIENCE
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        # Its threads begin with the first push, so a fork before that is harmless.
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="push")

    def do(self, act: Act, push: Push, answer: bytes, longest: float) -> None:
        """Have it done and wait a little for it; not longer than `longest` seconds, for the answer is known already.

        While the database hangs each would wait in vain, and those behind it: so the next ones wait less.
        """
        if not self._places.acquire(blocking=False):
            self._do_later(push, answer)
            return
        done = self._pool.submit(self._attempt, act, push, answer)
        try:
            is_done = done.result(max(min(longest, self._patience), 0))
        except TooLate:
            self._patience = LITTLE_PATIENCE
            log.warning("push_effect_late", event_name=push.event)
            done.add_done_callback(lambda late: self._note_late(late, push, answer))
            return
        self._patience = PATIENCE
        if is_done:
            self._claims.note_done(push, answer)

    def _note_late(self, done: Future[bool], push: Push, answer: bytes) -> None:
        if done.result():
            self._claims.note_done(push, answer)

    def _attempt(self, act: Act, push: Push, answer: bytes) -> bool:
        """Do it, and say whether that succeeded; if not, it is seen to that it happens later."""
        try:
            act(push)
            return True
        except Exception as error:
            if isinstance(error, GONE):
                log.warning("push_effect_failed", event_name=push.event, reason=type(error).__name__)
            else:
                log.exception("push_effect_failed", event_name=push.event)
            self._do_later(push, answer)
            return False
        finally:
            self._places.release()

    def _do_later(self, push: Push, answer: bytes) -> None:
        """WeChat has its answer and may not come back: the worker does the effect; else a repeat finds no claim."""
        try:
            if self._put_off:
                self._put_off(push)
                self._claims.note_done(push, answer)
                return
        except Exception as error:
            log.error("push_effect_dropped", event_name=push.event, reason=type(error).__name__)
        self._claims.give_up(push)
