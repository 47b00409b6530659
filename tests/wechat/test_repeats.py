"""WeChat repeats a push that it thinks was not answered: the same answer again, and nothing done twice."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis.exceptions import ConnectionError as Gone
from sqlalchemy import select

from app.accounts.models import WeChatUser
from app.database import session
from app.wechat.callback import PATH
from tests.wechat.account import OPENID, TOKEN, Door, event_push, eventually, seconds, sign, text_push


@pytest.mark.parametrize("where", ["memory", "server"])
def test_a_repeat_gets_the_first_answer_and_the_effect_happens_once(where, request):
    url = "memory://" if where == "memory" else request.getfixturevalue("redis_server")
    door = Door(redis_url=url)
    door.store.flushdb()
    seen = []
    door.routes.on_event("subscribe", act=seen.append)
    follow = event_push("subscribe", CreateTime=next(seconds))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: door.send(follow).get_data(), range(8)))
    assert len(set(answers)) == 1
    assert "欢迎关注".encode() in answers[0]
    assert len(seen) == 1


def test_a_repeat_at_another_worker_is_known_there(redis_server):
    one, other = Door(redis_url=redis_server), Door(redis_url=redis_server)
    one.store.flushdb()
    seen = []
    for door in (one, other):
        door.routes.on_event("subscribe", act=seen.append)
    follow = event_push("subscribe", CreateTime=next(seconds))
    assert one.send(follow).get_data() == other.send(follow).get_data()
    assert len(seen) == 1


def test_an_answer_without_effect_is_the_same_when_it_is_computed_again():
    door = Door()
    assert door.send(text_push("活动")).get_data() == door.send(text_push("活动")).get_data()


def test_in_safe_mode_the_repeat_reads_the_same():
    door = Door("safe")
    assert door.read(door.send(event_push("subscribe"))) == door.read(door.send(event_push("subscribe")))


def test_two_events_of_one_second_are_two():
    door = Door("safe")
    seen = []
    for event in ("subscribe", "scan"):
        door.routes.on_event(event, act=seen.append)
    door.send(event_push("subscribe", "qrscene_1"))
    door.send(event_push("scan", "1"))
    door.send(event_push("scan", "2"))
    assert [push.scene for push in seen] == ["1", "1", "2"]


def test_without_redis_everything_is_answered_and_the_effect_happens():
    door = Door("safe")
    seen = []
    door.routes.on_event("subscribe", act=seen.append)

    def gone(*args, **kwargs):
        raise Gone("gone")

    door.store.set = gone
    assert "欢迎" in door.read(door.send(event_push("subscribe")))["Content"]
    assert len(seen) == 1


def test_an_effect_that_hangs_does_not_hold_the_answer():
    door = Door("safe", deadline=0.05)
    may_go, done = threading.Event(), threading.Event()

    def slow(push):
        may_go.wait(10)
        done.set()

    door.routes.on_event("subscribe", act=slow)
    assert "欢迎" in door.read(door.send(event_push("subscribe")))["Content"]
    assert not done.is_set()
    may_go.set()
    eventually(done.is_set)


def test_an_effect_that_breaks_is_answered_all_the_same():
    door = Door("safe")

    def broken(push):
        raise RuntimeError("a bug")

    door.routes.on_event("subscribe", act=broken)
    assert "欢迎" in door.read(door.send(event_push("subscribe")))["Content"]


def push_to(app, xml: str, nonce: str):
    stamp = {"timestamp": "1795400000", "nonce": nonce}
    query = {**stamp, "signature": sign(TOKEN, *stamp.values())}
    return app.test_client().post(PATH, query_string=query, data=xml.encode())


def is_following(app) -> list[bool]:
    with app.app_context():
        return list(session.scalars(select(WeChatUser.is_following).where(WeChatUser.openid == OPENID)))


def test_following_and_leaving_is_remembered_on_every_database(app):
    when = next(seconds)
    push_to(app, event_push("subscribe", CreateTime=when), "1")
    assert is_following(app) == [True]
    push_to(app, event_push("unsubscribe", CreateTime=when + 10), "2")
    assert is_following(app) == [False]


def test_a_late_push_does_not_undo_a_newer_one(app):
    when = next(seconds)
    push_to(app, event_push("unsubscribe", CreateTime=when + 10), "1")
    push_to(app, event_push("subscribe", CreateTime=when), "2")
    assert is_following(app) == [False]
