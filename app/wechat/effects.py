"""What pushes change is done by threads of their own, so that no answer waits long for a database that hangs."""

import atexit
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from queue import SimpleQueue

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
Work = tuple[Future[bool], Act, Push, bytes]


class Effects:
    """Threads of our own, and not a pool of the library's: a process that ends joins a pool's threads.

    While a database hangs these do not end. So a worker that gunicorn renews would answer nobody until it is killed.
    """

    def __init__(self, claims: Claims, put_off: PutOff | None) -> None:
        """`put_off` keeps a push whose effect failed, so that it is done later."""
        self._claims, self._put_off = claims, put_off
        self._patience = PATIENCE
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._work: SimpleQueue[Work] = SimpleQueue()
        #: What was begun and is not done, by the future that tells.
        self._open: dict[Future[bool], Push] = {}
        self._begins, self._has_begun = threading.Lock(), False

    def do(self, act: Act, push: Push, answer: bytes, longest: float) -> None:
        """Have it done and wait a little for it; not longer than `longest` seconds, for the answer is known already.

        While the database hangs each would wait in vain, and those behind it: so the next ones wait less.
        """
        if not self._places.acquire(blocking=False):
            self._do_later(push, answer)
            return
        done = self._begin(act, push, answer)
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

    def _begin(self, act: Act, push: Push, answer: bytes) -> Future[bool]:
        # The threads begin with the first push, so a fork before that is harmless.
        with self._begins:
            if not self._has_begun:
                self._has_begun = True
                atexit.register(self._hand_on)
                for number in range(THREADS):
                    threading.Thread(target=self._work_on, name=f"push-{number}", daemon=True).start()
        done: Future[bool] = Future()
        self._open[done] = push
        self._work.put((done, act, push, answer))
        return done

    def _work_on(self) -> None:
        while True:
            done, act, push, answer = self._work.get()
            try:
                is_done = self._attempt(act, push, answer)
            except BaseException as error:  # told to whoever waits, as a pool does: the thread goes on
                done.set_exception(error)
            else:
                done.set_result(is_done)
            finally:
                del self._open[done]

    def _hand_on(self) -> None:
        """The process ends: what is not done the worker does. What ends meanwhile is done twice, which is harmless."""
        for push in list(self._open.values()):
            try:
                if self._put_off:
                    self._put_off(push)
            except Exception as error:
                log.error("push_effect_dropped", event_name=push.event, reason=type(error).__name__)

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
