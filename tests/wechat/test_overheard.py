"""In plain mode the signature does not cover the body: what somebody can do who overheard one."""

import pytest

from app.wechat.callback import PATH
from tests.wechat.account import ACCOUNT, TOKEN, Door, event_push, sign, text_push

FOLLOW = event_push("subscribe")


def listening(**more) -> tuple[Door, list]:
    door, seen = Door(**more), []
    door.routes.on_event("subscribe", act=seen.append)
    return door, seen


def post(door: Door, query: dict[str, str], xml: str) -> int:
    return door.client.post(PATH, query_string=query, data=xml.encode()).status_code


def test_the_signature_of_a_chat_message_carries_no_follow():
    door, seen = listening()
    query = door.query()
    assert post(door, query, text_push("你好")) == 200
    assert post(door, query, FOLLOW) == 403
    assert seen == []


def test_a_follow_that_was_refused_stands_in_the_way_of_none():
    door, seen = listening()
    query = door.query()
    assert [post(door, query, xml) for xml in (text_push("你好"), FOLLOW)] == [200, 403]
    assert post(door, door.query(nonce="777"), FOLLOW) == 200
    assert len(seen) == 1


@pytest.mark.parametrize("change", ["swapped", "cut elsewhere"])
def test_timestamp_and_nonce_that_are_signed_alike_are_the_same_signature(change):
    door, seen = listening()
    query = door.query(timestamp="1795400000", nonce="1234567890")
    assert post(door, query, FOLLOW) == 200
    joined = query["nonce"] + query["timestamp"]
    cut = 11 if change == "cut elsewhere" else 10
    other = {**query, "nonce": joined[cut:][:128], "timestamp": joined[:cut]}
    assert sign(TOKEN, other["timestamp"], other["nonce"]) == query["signature"]
    assert post(door, other, event_push("subscribe", CreateTime=1795400001)) == 403
    assert len(seen) == 1


def test_a_repeat_of_the_same_push_is_no_reuse():
    door, seen = listening()
    query = door.query()
    assert [post(door, query, FOLLOW) for _ in range(3)] == [200] * 3
    assert len(seen) == 1


def test_a_reused_signature_without_effect_is_answered():
    door = Door()
    query = door.query()
    assert [post(door, query, text_push(said)) for said in ("活动", "注册")] == [200, 200]


def test_in_safe_mode_the_body_is_covered_and_nothing_else_is_believed():
    door, seen = listening(mode="safe")
    query, _ = door.envelope(text_push("你好"))
    other, forged = Door("safe").envelope(FOLLOW)
    assert post(door, {**query, "timestamp": other["timestamp"]}, forged) == 403
    clear = f"<xml><ToUserName>{ACCOUNT}</ToUserName>{FOLLOW[5:-6]}</xml>"
    assert post(door, query, clear) == 403
    assert seen == []


def test_the_signature_of_a_verification_carries_no_follow():
    door, seen = listening()
    query = {**door.query(), "echostr": "5566"}
    assert door.client.get(PATH, query_string=query).get_data() == b"5566"
    assert post(door, door.query(), FOLLOW) == 403
    assert seen == []


def test_a_verification_may_be_asked_for_again():
    door, _ = listening()
    query = {**door.query(), "echostr": "5566"}
    assert [door.client.get(PATH, query_string=query).status_code for _ in range(2)] == [200, 200]
