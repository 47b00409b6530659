"""A worker that ends between claiming a push and doing it must not leave the push undone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis.exceptions import ConnectionError as Gone
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from app.accounts.models import WeChatUser
from app.database import session
from app.wechat.callback import PATH
from app.wechat.claims import CLAIM_SECONDS
from tests.wechat.account import OPENID, TOKEN, Door, event_push, eventually, in_a_minute, seconds, sign

FOLLOW = event_push("subscribe")


class Killed(BaseException):
    """What no handler of ours catches, as with a signal."""


def test_the_repeat_does_what_a_killed_worker_left_undone(redis_server):
    one, other = (Door("safe", redis_url=redis_server, deadline=0.6) for _ in range(2))
    one.store.flushdb()
    seen = []
    one.app._run = lambda *anything: (_ for _ in ()).throw(Killed)
    other.routes.on_event("subscribe", act=seen.append)
    one.routes.on_event("subscribe", act=seen.append)
    follow = event_push("subscribe", CreateTime=next(seconds))
    with pytest.raises(Killed):
        one.send(follow)
    assert "欢迎" in other.read(other.send(follow))["Content"]
    assert len(seen) == 1


def test_what_was_done_stays_claimed_long_enough_for_all_repeats():
    door = Door("safe")
    door.routes.on_event("subscribe", act=lambda push: None)
    door.send(FOLLOW)
    (key,) = door.store.keys("push:*")
    # Written behind the answer.
    eventually(lambda: door.store.ttl(key) > 20)
    assert 20 < door.store.ttl(key) <= CLAIM_SECONDS


def test_a_repeat_beside_an_effect_that_still_runs_gets_the_answer_in_time():
    door = Door("safe", deadline=0.4)
    may_go, begun = threading.Event(), []

    def slow(push):
        begun.append(push)
        may_go.wait(10)

    door.routes.on_event("subscribe", act=slow)
    with ThreadPoolExecutor(4) as pool:
        answers = [door.read(answer) for answer in pool.map(lambda _: door.send(FOLLOW), range(4))]
    may_go.set()
    assert all(answer == answers[0] for answer in answers)
    assert "欢迎" in answers[0]["Content"]


def test_an_effect_that_broke_is_tried_again_with_the_repeat():
    door = Door("safe", deadline=0.3)
    tried = []

    def broken_once(push):
        tried.append(push)
        if len(tried) == 1:
            raise RuntimeError("the database was gone")

    door.routes.on_event("subscribe", act=broken_once)
    first, second = (door.read(door.send(FOLLOW)) for _ in range(2))
    assert first == second
    eventually(lambda: len(tried) == 2)


def send(app, nonce: str, when: int) -> bytes:
    stamp = {"timestamp": "1795400000", "nonce": nonce}
    query = {**stamp, "signature": sign(TOKEN, *stamp.values())}
    xml = event_push("subscribe", CreateTime=when)
    answer = app.test_client().post(PATH, query_string=query, data=xml.encode())
    assert answer.status_code == 200
    return answer.get_data()


def rows(app) -> list[bool]:
    with app.app_context():
        return list(session.scalars(select(WeChatUser.is_following).where(WeChatUser.openid == OPENID)))


def test_eight_at_once_make_one_row_and_get_one_answer(app):
    when = next(seconds)
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda number: send(app, str(number), when), range(8)))
    assert len(answers) == 1
    eventually(lambda: rows(app) == [True])


def test_eight_different_follows_at_once_without_redis_make_one_row(app, monkeypatch):
    def gone(*args, **kwargs):
        raise Gone("gone")

    monkeypatch.setattr(app.extensions["stvs"].redis, "execute_command", gone)
    when = next(seconds)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: send(app, str(number), when + number), range(8)))
    eventually(lambda: rows(app) == [True])


def test_a_follow_that_came_while_the_database_was_gone_is_noted_once_it_is_back(app, monkeypatch):
    parts, when = app.extensions["stvs"], next(seconds)
    parts.jobs.huey.flush()

    def gone(*args, **kwargs):
        raise OperationalError("begin", {}, Exception("the database is gone"))

    with monkeypatch.context() as without:
        without.setattr(parts.engine, "connect", gone)
        assert "欢迎".encode() in send(app, "1", when)
        assert "欢迎".encode() in send(app, "1", when)
    assert rows(app) == []
    (task,) = parts.jobs.huey.pending()
    parts.jobs.huey.execute(task, in_a_minute())
    assert rows(app) == [True]


def test_a_worker_without_the_database_says_one_line_and_looks_again(app, monkeypatch):
    parts, when = app.extensions["stvs"], next(seconds)
    parts.jobs.huey.flush()

    def gone(*args, **kwargs):
        raise OperationalError("begin", {}, Exception("the database is gone"))

    with monkeypatch.context() as without, capture_logs() as lines:
        without.setattr(parts.engine, "connect", gone)
        send(app, "1", when)
        (task,) = parts.jobs.huey.pending()
        parts.jobs.huey.execute(task, in_a_minute())
    assert [line for line in lines if line.get("exc_info")] == []
    assert [line["event"] for line in lines if line["event"] == "job_put_off"] == ["job_put_off"]
    (later,) = parts.jobs.huey.scheduled()
    parts.jobs.huey.execute(later, in_a_minute())
    assert rows(app) == [True]
