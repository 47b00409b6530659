"""Later work: Huey wakes it, at once or by a timer. What must not be lost is a row of ours; a job may run twice."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab
from sqlalchemy.engine import make_url

from app import config
from app.config import Config

QUEUE = "stvs"


class Jobs:
    """The queue and the jobs that the topics put into it."""

    def __init__(self, settings: Config) -> None:
        self._settings = settings
        self._jobs: dict[str, tuple[Callable[[], None], int | None]] = {}
        self._tasks: dict[str, Any] = {}
        self._app: Flask | None = None

    @cached_property
    def huey(self) -> Huey:
        """The queue with its jobs. Made when it is first needed: a command that only looks makes no file."""
        if self._settings.redis.url == "memory://":
            huey: Huey = SqliteHuey(QUEUE, filename=str(_queue_file(self._settings)), fsync=False)
        else:
            huey = RedisHuey(QUEUE, url=self._settings.redis.url, read_timeout=1)
        for name, (run, every_minutes) in self._jobs.items():
            self._register(huey, name, run, every_minutes)
        return huey

    def init_app(self, app: Flask) -> None:
        self._app = app

    def add(self, name: str, work: Callable[[], object], *, every_minutes: int | None = None) -> None:
        """Have the worker do `work` in an application context when it is woken, and by itself every so often."""

        def run() -> None:
            assert self._app is not None
            with self._app.app_context():
                work()

        self._jobs[name] = (run, every_minutes)
        if "huey" in vars(self):
            self._register(self.huey, name, run, every_minutes)

    def _register(self, huey: Huey, name: str, run: Callable[[], None], every_minutes: int | None) -> None:
        self._tasks[name] = huey.task(name=name)(run)
        if every_minutes:
            huey.periodic_task(crontab(minute=f"*/{every_minutes}"), name=f"{name}.timer")(run)

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
