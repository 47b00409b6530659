"""What Redis remembers of pushes: which were done already, and which body a signature came with."""

import hashlib
from dataclasses import dataclass

from app.redis import Behind, Kept, Redis
from app.wechat.crypto import BadPush
from app.wechat.push import Push

Command = tuple[str | bytes | int, ...]

#: WeChat's repeats come within 15 seconds.
CLAIM_SECONDS = 60
#: How long outcomes wait for a claim that they can go along with, in seconds.
OUTCOMES_GATHER = 0.05
#: Stands before the answer while its effect is not done yet.
IN_WORK = b"?"


@dataclass(frozen=True)
class Signed:
    """A signature of the plain mode, which does not cover the body, and the body that came with it.

    It is known by itself, not by timestamp and nonce: these can change places or digits and be signed alike.
    """

    signature: str
    body: bytes

    def stamp(self, seconds: int) -> Command:
        """Remember which body the signature came with, unless that is known."""
        return "SET", f"stamp:{_digest(self.signature)}", self._body_digest, "NX", "GET", "EX", seconds

    def came_with_another(self, first: bytes | None) -> bool:
        return first is not None and bytes(first) != self._body_digest

    @property
    def _body_digest(self) -> bytes:
        return hashlib.sha256(self.body).digest()


class Claims:
    """Which push was done, with which answer.

    A worker that is killed at work leaves a claim that soon ends (`in_work_ms`): WeChat's repeat then does what was
    left undone.
    """

    def __init__(self, redis: Redis, app_id: str, *, in_work_ms: int, stamp_seconds: int) -> None:
        self._kept = Kept(redis)
        self._behind, self._outcomes = Behind(self._kept), Behind(self._kept, OUTCOMES_GATHER)
        self._app_id, self._in_work_ms, self._stamp_seconds = app_id, in_work_ms, stamp_seconds

    def claim(self, push: Push, answer: bytes, signed: Signed | None = None) -> tuple[bytes, bool] | None:
        """None: the push is ours to do. Else the answer it got, and whether it is done.

        One command, so that of two workers one is the first; with `signed` a second one beside it. Raises RedisError,
        and BadPush when the signature came with another body before: overheard, it must not carry another effect.
        """
        claim = "SET", self._key(push), IN_WORK + answer, "NX", "GET", "PX", self._in_work_ms
        if signed is None:
            first = self._kept.ask_all([*self._outcomes.take(), claim])[-1]
        else:
            stamp = signed.stamp(self._stamp_seconds)
            *_, stamped, first = self._behind.ask_after(*self._outcomes.take(), stamp, claim)
            if signed.came_with_another(stamped):
                if first is None:
                    self.give_up(push)
                raise BadPush("a signature used for another body")
        if first is None:
            return None
        return bytes(first).removeprefix(IN_WORK), not bytes(first).startswith(IN_WORK)

    def note_done(self, push: Push, answer: bytes) -> None:
        """Behind the answer. Whoever repeats meanwhile waits, and if it is lost does it again once the claim ends."""
        self._outcomes.put("SET", self._key(push), answer, "EX", CLAIM_SECONDS)

    def give_up(self, push: Push) -> None:
        """It was not done: a repeat may try."""
        self._outcomes.put("DEL", self._key(push))

    def note(self, signed: Signed) -> None:
        """Behind the answer: for what has no effect it is no matter, only for what may come later."""
        self._behind.put(*signed.stamp(self._stamp_seconds))

    def _key(self, push: Push) -> str:
        return "push:" + _digest(f"{self._app_id}:{push.identity}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
