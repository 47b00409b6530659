"""One process of the rush: many threads that press 立即报名 through the use case, each in its own transaction.

Told on standard input what to do; says "ready", waits for a line, presses, and prints what came of each press.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import create_app
from app.activities.sharing import Press, sign_up_together
from app.activities.sign_up import sign_up
from app.config import Config
from app.context import NAME
from app.database import in_transaction, session
from app.errors import AppError

#: What came of a press: a place, told that one is in already, refused, asked to press again, or an error.
PLACE, AGAIN, REFUSED, BUSY, ERROR = "place", "again", "refused", "busy", "error"
#: What the product answers when it is full, and when the database had no time.
CONFLICT, UNAVAILABLE = 409, 503


@dataclass(frozen=True)
class Presses:
    settings: dict[str, dict[str, Any]]
    activity_id: int
    shift_id: int
    volunteers: list[int]
    #: Their accounts, in the same order.
    accounts: list[int]
    threads: int = 16


@dataclass(frozen=True)
class Outcome:
    volunteer_id: int
    what: str
    #: When it was known, on the clock that all processes share.
    at: float


def press(
    app: Flask, asked: Presses, left: Iterator[tuple[int, int]], outcomes: list[Outcome], gate: threading.Barrier
) -> None:
    with app.app_context():
        session.execute(text("SELECT 1"))
        session.rollback()
    gate.wait()
    for volunteer_id, account_id in left:
        what = _once(app, Press(asked.activity_id, asked.shift_id, account_id), volunteer_id)
        outcomes.append(Outcome(volunteer_id, what, time.monotonic()))


def _once(app: Flask, one: Press, volunteer_id: int) -> str:
    """As the page does it."""
    now = app.extensions[NAME].clock.now()
    try:
        came = sign_up_together(app, one, now=now)
        if came:
            return PLACE if came.is_new else AGAIN
        with app.app_context():
            _, is_new = in_transaction(lambda: sign_up(one.shift_id, volunteer_id, now=now))
    except AppError as error:
        return {CONFLICT: REFUSED, UNAVAILABLE: BUSY}.get(error.status, f"{ERROR}: {type(error).__name__}")
    except SQLAlchemyError as error:
        return f"{ERROR}: {type(error).__name__}"
    return PLACE if is_new else AGAIN


def main() -> None:
    asked = Presses(**json.loads(sys.stdin.readline()))
    app = create_app(Config.model_validate(asked.settings))
    outcomes: list[Outcome] = []
    gate = threading.Barrier(asked.threads + 1)
    left = iter(
        list(zip(asked.volunteers, asked.accounts, strict=True))
    )  # shared: the interpreter's lock lets one thread at a time take the next
    threads = [threading.Thread(target=press, args=(app, asked, left, outcomes, gate)) for _ in range(asked.threads)]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    gate.wait()
    for thread in threads:
        thread.join()
    json.dump([asdict(outcome) for outcome in outcomes], sys.stdout)


if __name__ == "__main__":
    main()
