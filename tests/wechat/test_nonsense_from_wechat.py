"""Answers that have the right shape and make no sense, and those that say too much. Real HTTP on loopback."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from app import redis
from app.config import RedisServer
from app.wechat import client
from app.wechat.client import Account
from app.wechat.gateway import RetryLater, WeChatError
from tests.conftest import FixedClock, make_settings
from tests.wechat.server import PlayedWeChat

TOKEN, SEND, MENU = "/cgi-bin/stable_token", "/cgi-bin/message/custom/send", "/cgi-bin/menu/get"
Ask = Callable[[Account], Any]


def account(url: str, **wechat: str) -> Account:
    settings = make_settings(wechat={"api_url": url, **wechat})
    return Account(settings.wechat, redis.connect(RedisServer()), FixedClock())


@pytest.mark.parametrize(
    "answer",
    [
        {"access_token": ""},
        {"access_token": None, "expires_in": 7200},
        {"access_token": 17, "expires_in": 7200},
        {"access_token": "T", "expires_in": 0},
        {"access_token": "T", "expires_in": "7200"},
        {"access_token": "T", "expires_in": True},
    ],
    ids=str,
)
def test_a_token_that_cannot_be_used_is_asked_for_later(wechat: PlayedWeChat, answer: dict[str, Any]) -> None:
    wechat.answers[TOKEN] = answer
    with pytest.raises(RetryLater):
        account(wechat.url).send_text("o1", "hello")
    assert wechat.count(SEND) == 0


@pytest.mark.parametrize("answer", [{"menu": []}, {"menu": {}, "conditionalmenu": {}}], ids=str)
def test_what_is_no_menu_is_not_shown_as_one(wechat: PlayedWeChat, answer: dict[str, Any]) -> None:
    wechat.answers[MENU] = answer
    with pytest.raises(RetryLater):
        account(wechat.url).live_menu()


@pytest.mark.parametrize(
    "date", ["Tue, 99 Nov 2026 99:00:00 GMT", "yesterday", "Mon, 23 Nov 99999 02:00:00 GMT", "", None]
)
def test_a_date_that_is_none_tells_nothing_about_the_clock(date: str | None) -> None:
    assert client.moment(date) is None


def test_a_date_without_a_zone_is_in_utc() -> None:
    assert client.moment("Mon, 23 Nov 2026 02:00:00 -0000") == datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "ask"),
    [(TOKEN, lambda ours: ours.check_token()), (SEND, lambda ours: ours.send_text("o1", "hello"))],
    ids=["token", "send"],
)
def test_an_error_that_repeats_our_secrets_is_told_without_them(wechat: PlayedWeChat, path: str, ask: Ask) -> None:
    wechat.answers[TOKEN] = {"access_token": "TOKEN-THAT-IS-SECRET", "expires_in": 7200}
    wechat.answers[path] = {"errcode": 48001, "errmsg": "no: TOKEN-THAT-IS-SECRET,\nAPP-SECRET-MADE-UP"}
    with pytest.raises(WeChatError) as told:
        ask(account(wechat.url, app_secret="APP-SECRET-MADE-UP" if path == TOKEN else "another"))
    assert "\n" not in str(told.value)
    assert ("APP-SECRET" if path == TOKEN else "TOKEN-THAT") not in str(told.value)
