import threading
import time

import pytest
from flask import Flask, current_app

from app.jobs import Jobs

PATIENCE = 20


@pytest.fixture
def jobs(settings, databases, redis_url):
    """The queue as the product has it: a file beside SQLite, Redis beside the others."""
    url = databases.create()
    made = Jobs(settings(database={"url": url}, redis={"url": redis_url}))
    made.init_app(Flask("later"))
    made.huey.flush()
    yield made
    made.huey.flush()
    databases.drop(url)


@pytest.fixture
def worker(jobs):
    """Starts the worker the way `flask worker` does, but in a thread that can be ended."""
    started = []

    def start():
        consumer = jobs.huey.create_consumer(workers=1, initial_delay=0.01, max_delay=0.05)
        started.append(consumer)
        consumer.start()
        return consumer

    yield start
    for consumer in started:
        consumer.stop(graceful=True)


def until(happened):
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_job_that_is_woken_runs_in_an_application_context(jobs, worker):
    seen, done = [], threading.Event()
    jobs.add("look", lambda: (seen.append(current_app.name), done.set()))
    worker()
    jobs.wake("look")
    assert done.wait(PATIENCE)
    assert seen == ["later"]


def test_a_job_that_was_woken_before_the_worker_began_still_runs(jobs, worker):
    done = threading.Event()
    jobs.add("look", done.set)
    jobs.wake("look")
    worker()
    assert done.wait(PATIENCE)


def test_a_job_that_fails_does_not_stop_the_next(jobs, worker):
    done = threading.Event()

    def fail():
        raise RuntimeError("made up")

    jobs.add("fail", fail)
    jobs.add("look", done.set)
    worker()
    jobs.wake("fail")
    jobs.wake("look")
    assert done.wait(PATIENCE)


def test_each_waking_runs_once(jobs, worker):
    runs = []
    jobs.add("count", lambda: runs.append(1))
    for _ in range(5):
        jobs.wake("count")
    worker()
    until(lambda: len(runs) == 5)
    until(lambda: len(jobs.huey) == 0)
    assert len(runs) == 5


def test_a_timed_job_also_runs_when_woken(jobs, worker):
    done = threading.Event()
    jobs.add("sweep", done.set, every_minutes=5)
    assert [type(task).__name__ for task in jobs.huey._registry.periodic_tasks] == ["sweep.timer"]
    worker()
    jobs.wake("sweep")
    assert done.wait(PATIENCE)
