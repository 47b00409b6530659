"""What pushes change is done before they are answered, unless the database hangs: no answer waits long for it."""

import atexit
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue

import structlog

from app.cutoff import Cutoff, WaitedTooLong
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
    """As long as the database answers at once, the thread that answers the push does it, under a limit.

    Else it is handed over to threads that may be held for long, and so is all where no limit can be set. They are
    threads of our own, and not a pool of the library's: a process that ends joins a pool's threads, and while a
    database hangs these do not end. So a worker that gunicorn renews would answer nobody until it is killed.
    """

    def __init__(self, claims: Claims, put_off: PutOff | None, cutoff: Cutoff | None) -> None:
        """`put_off` keeps a push whose effect failed, so that it is done later."""
        self._claims, self._put_off = claims, put_off
        self._cutoff = cutoff if cutoff and cutoff.reaches else None
        #: Nothing is known of the database until it did something in time.
        self._patience, self._is_prompt = PATIENCE, False
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._work: SimpleQueue[Effect] = SimpleQueue()
        #: What was begun and is not done.
        self._open: set[Effect] = set()
        self._begins, self._has_begun = threading.Lock(), False

    def do(self, act: Act, push: Push, answer: bytes, longest: float) -> None:
        """Have it done and wait a little for it; not longer than `longest` seconds, for the answer is known already.

        While the database hangs each would wait in vain, and those behind it: so the next ones wait less.
        """
        if self._cutoff and self._is_prompt:
            self._do_here(self._cutoff, Effect(act, push, answer), min(longest, PATIENCE))
        else:
            self._hand_over(act, push, answer, longest)

    def _do_here(self, cutoff: Cutoff, effect: Effect, seconds: float) -> None:
        began = time.monotonic()
        with cutoff.limit(seconds):
            self._attempt(effect)
        if time.monotonic() - began > seconds:
            self._note_late(effect.push)

    def _hand_over(self, act: Act, push: Push, answer: bytes, longest: float) -> None:
        if not self._places.acquire(blocking=False):
            self._do_later(push, answer)
            return
        effect = Effect(act, push, answer)
        effect.under_way.acquire()
        self._begin(effect)
        if effect.under_way.acquire(timeout=max(min(longest, self._patience), 0)):
            self._patience, self._is_prompt = PATIENCE, True
        else:
            self._note_late(push)

    def _note_late(self, push: Push) -> None:
        self._patience, self._is_prompt = LITTLE_PATIENCE, False
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
            if isinstance(error, (*GONE, WaitedTooLong)):
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
