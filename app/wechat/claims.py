"""What Redis remembers of pushes: which were done already, and which body a signature came with."""

import hashlib

from app.redis import Behind, Kept
from app.wechat.push import Push

#: WeChat's repeats come within 15 seconds.
CLAIM_SECONDS = 60
#: Stands before the answer while its effect is not done yet.
IN_WORK = b"?"


class Claims:
    """Which push was done, with which answer.

    A worker that is killed at work leaves a claim that soon ends (`in_work_ms`): WeChat's repeat then does what was
    left undone.
    """

    def __init__(self, kept: Kept, behind: Behind, app_id: str, in_work_ms: int) -> None:
        self._kept, self._behind = kept, behind
        self._app_id, self._in_work_ms = app_id, in_work_ms

    def claim(self, push: Push, answer: bytes) -> tuple[bytes, bool] | None:
        """None: the push is ours to do. Else the answer it got, and whether it is done. Raises RedisError.

        One command, so that of two workers one is the first.
        """
        first = self._kept.ask("SET", self._key(push), IN_WORK + answer, "NX", "GET", "PX", self._in_work_ms)
        if first is None:
            return None
        return bytes(first).removeprefix(IN_WORK), not bytes(first).startswith(IN_WORK)

    def note_done(self, push: Push, answer: bytes) -> None:
        """Nobody waits for it: whoever repeats meanwhile waits for the end of the claim, and does it once more."""
        self._behind.put("SET", self._key(push), answer, "EX", CLAIM_SECONDS)

    def give_up(self, push: Push) -> None:
        """It was not done: a repeat may try."""
        self._behind.put("DEL", self._key(push))

    def _key(self, push: Push) -> str:
        return "push:" + hashlib.sha256(f"{self._app_id}:{push.identity}".encode()).hexdigest()


class Stamps:
    """Which body each signature of the plain mode came with: there it does not cover the body.

    It is known by itself, not by timestamp and nonce: these can change places or digits and be signed alike.
    """

    def __init__(self, kept: Kept, behind: Behind, seconds: int) -> None:
        self._kept, self._behind, self._seconds = kept, behind, seconds

    def note(self, signature: str, body: bytes) -> None:
        """Behind the answer: for what has no effect it is no matter, only for what may come later."""
        self._behind.put(*self._command(signature, body))

    def is_used_for_another(self, signature: str, body: bytes) -> bool:
        """Note it, and say whether it came with another body before. Raises RedisError."""
        self._behind.flush()
        first = self._kept.ask(*self._command(signature, body))
        return first is not None and bytes(first) != hashlib.sha256(body).digest()

    def _command(self, signature: str, body: bytes) -> tuple[str | bytes | int, ...]:
        stamp, digest = hashlib.sha256(signature.encode()).hexdigest(), hashlib.sha256(body).digest()
        return "SET", f"stamp:{stamp}", digest, "NX", "GET", "EX", self._seconds
