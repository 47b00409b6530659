"""Later work: Huey wakes it, at once or by a timer. What must not be lost is a row of ours; a job may run twice."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.exceptions import RetryTask
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError

from app import config
from app.config import Config
from app.errors import Busy
from app.redis import RedisError

log = structlog.get_logger()

QUEUE = "stvs"
#: What is raised when the database or Redis is out of reach: it passes, and its traceback tells nothing.
GONE = (OperationalError, InterfaceError, RedisError, Busy)
#: So long after it found nobody a job that must be done looks again, in seconds.
RETRY_SECONDS = 15
#: 03:20 in China; the queue's timer goes by UTC.
NIGHTLY = crontab(minute="20", hour="19")


class Jobs:
    """The queue and the jobs that the topics put into it."""

    def __init__(self, settings: Config) -> None:
        self._settings = settings
        self._jobs: dict[str, tuple[Callable[[], None], Any]] = {}
        self._with_payload: dict[str, Callable[[dict[str, Any]], object]] = {}
        self._tasks: dict[str, Any] = {}
        self._app: Flask | None = None

    @cached_property
    def huey(self) -> Huey:
        """The queue with its jobs. Made when it is first needed: a command that only looks makes no file."""
        if self._settings.redis.url == "memory://":
            huey: Huey = SqliteHuey(QUEUE, filename=str(_queue_file(self._settings)), fsync=False)
        else:
            huey = RedisHuey(QUEUE, url=self._settings.redis.url, read_timeout=1)
        for name, (run, timer) in self._jobs.items():
            self._register(huey, name, run, timer)
        for name in self._with_payload:
            self._register_with_payload(huey, name)
        return huey

    def init_app(self, app: Flask) -> None:
        self._app = app

    def add(
        self, name: str, work: Callable[[], object], *, every_minutes: int | None = None, nightly: bool = False
    ) -> None:
        """Have the worker do `work` in an application context when it is woken, and by itself every so often."""
        timer = NIGHTLY if nightly else crontab(minute=f"*/{every_minutes}") if every_minutes else None

        def run() -> None:
            assert self._app is not None
            with self._app.app_context():
                try:
                    work()
                except GONE as error:
                    # What is owed is still in the database: the timer, or the next waking, comes back to it.
                    log.warning("job_put_off", job=name, reason=type(error).__name__)

        self._jobs[name] = (run, timer)
        if "huey" in vars(self):
            self._register(self.huey, name, run, timer)

    def add_with_payload(self, name: str, work: Callable[[dict[str, Any]], object]) -> None:
        """Have the worker do `work` on what it is handed; when the database or Redis is gone, again a little later."""
        self._with_payload[name] = work
        if "huey" in vars(self):
            self._register_with_payload(self.huey, name)

    def _register_with_payload(self, huey: Huey, name: str) -> None:
        def run(payload: dict[str, Any]) -> None:
            assert self._app is not None
            with self._app.app_context():
                try:
                    self._with_payload[name](payload)
                except GONE as error:
                    log.warning("job_put_off", job=name, reason=type(error).__name__)
                    raise RetryTask(delay=RETRY_SECONDS) from None

        self._tasks[name] = huey.task(name=name)(run)

    def hand_over(self, name: str, payload: dict[str, Any], *, seconds: int = 0) -> None:
        """Have it done on this, not before so many seconds."""
        self.huey.enqueue(self._tasks[name].s(payload, delay=seconds) if seconds else self._tasks[name].s(payload))

    def _register(self, huey: Huey, name: str, run: Callable[[], None], timer: Any) -> None:
        self._tasks[name] = huey.task(name=name)(run)
        if timer:
            huey.periodic_task(timer, name=f"{name}.timer")(run)

    def wake(self, name: str) -> None:
        self.huey.enqueue(self._tasks[name].s())

    def work(self) -> None:
        """Be the worker until told to stop."""
        consumer = self.huey.create_consumer(workers=1, initial_delay=0.1, max_delay=0.5)
        consumer.run()


def _queue_file(settings: Config) -> Path:
    """In the embedded default the queue lives beside the database."""
    url = make_url(settings.database.url)
    beside = Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else Path("var")
    path = config.from_root(str(beside / "jobs.db"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
