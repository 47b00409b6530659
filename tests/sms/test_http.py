import time

import pytest
import structlog

from app.config import Sms
from app.sms import open_provider
from app.sms.http import HttpProvider
from app.sms.provider import SmsFailed, SmsOutcomeUnknown, code_text

PHONE, CODE = "13800000001", "246801"


@pytest.mark.parametrize("name", ["sandbox", "http"])
def test_the_gateway_gets_phone_purpose_code_and_the_words(gateway, name):
    open_provider(Sms(provider=name, url=gateway.url)).send_code(PHONE, "login", CODE)
    assert gateway.bodies() == [
        {
            "phone": PHONE,
            "purpose": "login",
            "code": CODE,
            "text": "【科技志愿服务】验证码 246801，5分钟内有效，请勿告诉他人。",
        }
    ]


def test_a_guardian_reads_what_passing_the_code_on_means(gateway):
    HttpProvider(gateway.url).send_code(PHONE, "guardian", CODE)
    (body,) = gateway.bodies()
    assert "监护人" in body["text"]
    assert CODE in body["text"]


def test_a_message_that_is_no_code_has_the_same_four_keys(gateway):
    words = "【科技志愿服务】“讲座”取消了"
    HttpProvider(gateway.url).send_text(PHONE, "activity_cancelled", words, {"title": "讲座"})
    assert gateway.bodies() == [{"phone": PHONE, "purpose": "activity_cancelled", "code": "", "text": words}]


def test_who_is_to_own_an_organisation_reads_which_one(gateway):
    HttpProvider(gateway.url).send_code(PHONE, "hand_over", CODE, "大连市中山区科技志愿服务队")
    (body,) = gateway.bodies()
    assert "大连市中山区科技志愿服务队" in body["text"]
    assert "所有者" in body["text"]
    assert CODE in body["text"]


def test_a_long_name_leaves_the_code_readable_in_one_message():
    for purpose in ("hand_over", "fresh_proof"):
        words = code_text(CODE, purpose, "很长的名字" * 20)
        assert len(words) <= 70
        assert CODE in words
        assert words.endswith("请勿告诉他人。")


def test_a_code_that_nobody_said_anything_about_has_the_usual_words():
    assert code_text(CODE, "fresh_proof") == code_text(CODE)


@pytest.mark.parametrize("status", [201, 202, 204, 299])
def test_every_good_answer_counts(gateway, status):
    gateway.status, gateway.answer = status, b""
    HttpProvider(gateway.url).send_code(PHONE, "login", CODE)


@pytest.mark.parametrize("status", [300, 304, 400, 401, 403, 429, 501, 503])
def test_a_refusal_is_a_failure(gateway, status):
    gateway.status, gateway.answer = status, b""
    with pytest.raises(SmsFailed):
        HttpProvider(gateway.url).send_code(PHONE, "login", CODE)
    assert len(gateway.received) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_what_a_broken_gateway_did_is_not_known(gateway, status):
    gateway.status, gateway.answer = status, b""
    with pytest.raises(SmsOutcomeUnknown):
        HttpProvider(gateway.url).send_code(PHONE, "login", CODE)
    assert len(gateway.received) == 1


def test_a_connection_that_is_cut_after_the_message_leaves_it_unknown(gateway):
    gateway.cuts = True
    with pytest.raises(SmsOutcomeUnknown):
        HttpProvider(gateway.url).send_code(PHONE, "login", CODE)
    assert len(gateway.received) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(gateway, status):
    gateway.status, gateway.headers = status, {"Location": f"http://{gateway.host}/elsewhere"}
    with pytest.raises(SmsFailed):
        HttpProvider(gateway.url).send_code(PHONE, "login", CODE)
    assert [path for path, _ in gateway.received] == ["/sms"]


def test_a_gateway_that_is_gone_is_a_failure(gateway):
    gateway.close()
    with pytest.raises(SmsFailed):
        HttpProvider(gateway.url).send_code(PHONE, "login", CODE)


def test_nobody_waits_long_for_a_gateway_that_hangs(gateway):
    gateway.stall()
    began = time.monotonic()
    with pytest.raises(SmsOutcomeUnknown):
        HttpProvider(gateway.url).send_code(PHONE, "login", CODE)
    assert time.monotonic() - began < 6
    assert len(gateway.received) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/sms", "http://no-such-host.invalid/sms", "http://127.0.0.1:99999/"]
)
def test_an_address_that_leads_nowhere_is_a_failure(url):
    with pytest.raises(SmsFailed):
        HttpProvider(url).send_code(PHONE, "login", CODE)


def test_neither_phone_nor_code_is_logged_or_told(gateway):
    gateway.status = 400
    with structlog.testing.capture_logs() as logs, pytest.raises(SmsFailed) as told:
        HttpProvider(f"{gateway.url}?to={PHONE}").send_code(PHONE, "login", CODE)
    with structlog.testing.capture_logs() as more, pytest.raises(SmsFailed):
        HttpProvider("http://127.0.0.1:1/sms").send_code(PHONE, "login", CODE)
    assert logs
    assert more
    said = repr(logs) + repr(more) + repr(told.value) + str(told.value.__cause__)
    assert PHONE not in said
    assert CODE not in said
