"""What pushes change is done by threads of their own, so that no answer waits long for a database that hangs."""

import atexit
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
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


@dataclass(eq=False)
class Effect:
    act: Act
    push: Push
    answer: bytes
    #: Locked until it was attempted: whoever waits for that needs no more, and a future would cost as much as a claim.
    under_way: threading.Lock = field(default_factory=threading.Lock)


class Effects:
    """Threads of our own, and not a pool of the library's: a process that ends joins a pool's threads.

    While a database hangs these do not end. So a worker that gunicorn renews would answer nobody until it is killed.
    """

    def __init__(self, claims: Claims, put_off: PutOff | None) -> None:
        """`put_off` keeps a push whose effect failed, so that it is done later."""
        self._claims, self._put_off = claims, put_off
        self._patience = PATIENCE
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._work: SimpleQueue[Effect] = SimpleQueue()
        #: What was begun and is not done.
        self._open: set[Effect] = set()
        self._begins, self._has_begun = threading.Lock(), False

    def do(self, act: Act, push: Push, answer: bytes, longest: float) -> None:
        """Have it done and wait a little for it; not longer than `longest` seconds, for the answer is known already.

        While the database hangs each would wait in vain, and those behind it: so the next ones wait less.
        """
        if not self._places.acquire(blocking=False):
            self._do_later(push, answer)
            return
        effect = Effect(act, push, answer)
        effect.under_way.acquire()
        self._begin(effect)
        if effect.under_way.acquire(timeout=max(min(longest, self._patience), 0)):
            self._patience = PATIENCE
        else:
            self._patience = LITTLE_PATIENCE
            log.warning("push_effect_late", event_name=push.event)

    def _begin(self, effect: Effect) -> None:
        # The threads begin with the first push, so a fork before that is harmless.
        if not self._has_begun:
            with self._begins:
                if not self._has_begun:
                    self._start_threads()
        self._open.add(effect)
        self._work.put(effect)

    def _start_threads(self) -> None:
        self._has_begun = True
        atexit.register(self._hand_on)
        for number in range(THREADS):
            threading.Thread(target=self._work_on, name=f"push-{number}", daemon=True).start()

    def _work_on(self) -> None:
        while True:
            effect = self._work.get()
            try:
                self._attempt(effect)
            except BaseException:  # the thread goes on, whatever it was
                log.exception("push_effect_failed", event_name=effect.push.event)
            finally:
                self._open.discard(effect)
                self._places.release()
                effect.under_way.release()

    def _hand_on(self) -> None:
        """The process ends: what is not done the worker does. What ends meanwhile is done twice, which is harmless."""
        for push in [effect.push for effect in list(self._open)]:
            try:
                if self._put_off:
                    self._put_off(push)
            except Exception as error:
                log.error("push_effect_dropped", event_name=push.event, reason=type(error).__name__)

    def _attempt(self, effect: Effect) -> None:
        """Do it; if that fails, it is seen to that it happens later."""
        try:
            effect.act(effect.push)
            self._claims.note_done(effect.push, effect.answer)
        except Exception as error:
            if isinstance(error, GONE):
                log.warning("push_effect_failed", event_name=effect.push.event, reason=type(error).__name__)
            else:
                log.exception("push_effect_failed", event_name=effect.push.event)
            self._do_later(effect.push, effect.answer)

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
