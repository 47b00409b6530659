"""What we make of a WeChat that is slow, cut off, or answers what it never should. Real HTTP on loopback."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from werkzeug.wrappers import Request, Response

from app import redis
from app.config import RedisServer
from app.wechat import client
from app.wechat.client import Account
from app.wechat.gateway import OperatorMustAct, OutcomeUnknown, RetryLater
from tests.conftest import FixedClock, make_settings
from tests.wechat.server import PlayedWeChat

TOKEN, SEND = "/cgi-bin/stable_token", "/cgi-bin/message/custom/send"


def cut(request: Request) -> Response:
    """The connection is closed without an answer."""
    raise ConnectionError


def account(url: str, store: Redis | None = None) -> Account:
    settings = make_settings(wechat={"api_url": url})
    return Account(settings.wechat, store or redis.connect(RedisServer()), FixedClock())


def paths(wechat: PlayedWeChat) -> list[str]:
    return [asked[0] for asked in wechat.asked]


class FadingRedis:
    """The in-process one, until it is switched off."""

    def __init__(self) -> None:
        self.real, self.is_gone = redis.connect(RedisServer()), False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*given: Any, **named: Any) -> Any:
            if self.is_gone:
                raise RedisConnectionError("gone")
            return getattr(self.real, name)(*given, **named)

        return ask


def gone_redis() -> Any:
    store = FadingRedis()
    store.is_gone = True
    return store


def test_a_send_whose_token_could_not_be_fetched_was_not_sent_and_may_be_made_again(wechat: PlayedWeChat) -> None:
    wechat.answers[TOKEN] = cut
    with pytest.raises(RetryLater):
        account(wechat.url).send_text("o1", "hello")
    assert wechat.count(SEND) == 0


def test_a_send_that_was_cut_off_itself_is_never_called_a_failure(wechat: PlayedWeChat) -> None:
    wechat.answers[SEND] = cut
    with pytest.raises(OutcomeUnknown):
        account(wechat.url).send_text("o1", "hello")
    assert wechat.count(SEND) == 1


def test_a_send_over_a_connection_that_is_not_safe_was_not_sent(wechat: PlayedWeChat) -> None:
    with pytest.raises(RetryLater, match="safe connection"):
        account(wechat.url.replace("http://", "https://")).send_text("o1", "hello")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"ok"',
        b"<html>",
        b'{"errcode": "0"}',
        b'{"errcode": true}',
        b"[" * 100_000,
        b"\xff",
    ],
    ids=lambda body: repr(body[:18]),
)
def test_what_is_no_answer_of_wechat_is_not_taken_for_success(wechat: PlayedWeChat, body: bytes) -> None:
    wechat.answers[SEND] = lambda request: Response(body)
    with pytest.raises(OutcomeUnknown):
        account(wechat.url).send_text("o1", "hello")


def test_an_answer_that_drips_is_cut(wechat: PlayedWeChat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "WHOLE", -client.CONNECT - 0.001)
    with pytest.raises(RetryLater, match="in time"):
        account(wechat.url).live_menu()


def test_the_last_minutes_of_a_token_are_not_asked_for_at_every_call(wechat: PlayedWeChat) -> None:
    wechat.answers[TOKEN] = {"access_token": "T", "expires_in": 300}
    ours = account(wechat.url)
    for _ in range(10):
        ours.send_text("o1", "hello")
    assert wechat.count(TOKEN) == 1


@pytest.mark.parametrize("store", [None, gone_redis()], ids=["shared", "alone"])
def test_a_token_refused_for_ever_costs_two_requests_a_call_and_is_not_forced_again_at_once(
    wechat: PlayedWeChat, store: Any
) -> None:
    wechat.answers[SEND] = {"errcode": 40001, "errmsg": "invalid credential"}
    ours = account(wechat.url, store)
    for _ in range(5):
        before = len(wechat.asked)
        with pytest.raises(OperatorMustAct):
            ours.send_text("o1", "hello")
        asked = paths(wechat)[before:]
        assert asked.count(TOKEN) <= 2
        assert asked.count(SEND) == 2
    assert sum(json.loads(asked[2])["force_refresh"] for asked in wechat.asked if asked[0] == TOKEN) == 1


@pytest.mark.parametrize("store", [None, gone_redis()], ids=["shared", "alone"])
def test_after_five_failures_nobody_asks_for_a_token(wechat: PlayedWeChat, store: Any) -> None:
    wechat.answers[TOKEN] = {"errcode": -1, "errmsg": "system error"}
    ours = account(wechat.url, store)
    for _ in range(12):
        with pytest.raises(RetryLater):
            ours.send_text("o1", "hello")
    assert paths(wechat) == [TOKEN] * 5


def test_those_who_waited_for_a_token_that_failed_do_not_all_ask_after_each_other(wechat: PlayedWeChat) -> None:
    wechat.answers[TOKEN] = {"errcode": -1, "errmsg": "system error"}
    store = redis.connect(RedisServer())
    together = threading.Barrier(12)
    refused: list[Exception] = []

    def ask() -> None:
        together.wait()
        try:
            account(wechat.url, store).send_text("o1", "hello")
        except RetryLater as error:
            refused.append(error)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 12
    assert wechat.count(TOKEN) == 5


def test_redis_that_goes_while_the_token_is_fetched_costs_no_second_fetch(wechat: PlayedWeChat) -> None:
    store: Any = FadingRedis()

    def token(request: Request) -> Response:
        store.is_gone = True
        return Response(json.dumps({"access_token": "T", "expires_in": 7200}))

    wechat.answers[TOKEN] = token
    account(wechat.url, store).send_text("o1", "hello")
    assert paths(wechat) == [TOKEN, SEND]


def test_a_record_of_another_version_is_fetched_anew(wechat: PlayedWeChat) -> None:
    store = redis.connect(RedisServer())
    store.set(f"wechat:token:{make_settings().wechat.app_id}", '{"value": "old"}')
    account(wechat.url, store).send_text("o1", "hello")
    assert paths(wechat) == [TOKEN, SEND]
