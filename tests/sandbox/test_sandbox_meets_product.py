"""What the product makes of each fault on a send: repeated later, or an open question that is never repeated."""

import pytest

from app import redis
from app.config import RedisServer
from app.wechat.client import Account
from app.wechat.gateway import OutcomeUnknown, RetryLater
from tests.conftest import FixedClock, make_settings

SEND = "/cgi-bin/message/custom/send"


@pytest.fixture
def account(sandbox):
    from_console = {"app_id": "wx0123456789abcdef", "app_secret": "0123456789abcdef0123456789abcdef"}
    settings = make_settings(wechat={"api_url": sandbox.url, **from_console})
    sandbox.do("chen", "follow")
    sandbox.do("chen", "say", text="你好")
    return Account(settings.wechat, redis.connect(RedisServer()), FixedClock())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("bad_gateway", OutcomeUnknown),
        ("html", OutcomeUnknown),
        ("cut_before", OutcomeUnknown),
        ("cut_after", OutcomeUnknown),
        ("unavailable", RetryLater),
        ("busy", RetryLater),
        ("per_minute", RetryLater),
        ("quota", RetryLater),
    ],
)
def test_each_fault_on_a_send_is_what_it_is(sandbox, account, fault, kind):
    openid = sandbox.person("chen")["openid"]
    sandbox.fault(fault, path=SEND, count=1)
    with pytest.raises((OutcomeUnknown, RetryLater)) as met:
        account.send_text(openid, "通知一")
    assert type(met.value) is kind
    shown = sum(row.get("text") == "通知一" for row in sandbox.chat("chen"))
    assert shown == (fault == "cut_after")
    account.send_text(openid, "通知二")


@pytest.mark.parametrize("fault", ["bad_gateway", "html", "unavailable", "cut_after"])
def test_a_send_whose_token_met_the_fault_was_not_sent(sandbox, account, fault):
    sandbox.fault(fault, path="/cgi-bin/stable_token", count=1)
    with pytest.raises(RetryLater):
        account.send_text(sandbox.person("chen")["openid"], "通知")
    assert not any(row.get("text") == "通知" for row in sandbox.chat("chen"))
