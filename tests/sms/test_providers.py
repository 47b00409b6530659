import importlib.util
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from app.config import ConfigError, Sms
from app.sms import open_provider
from app.sms.provider import SmsFailed, SmsOutcomeUnknown

LIBRARIES = {"aliyun": "alibabacloud_dysmsapi20170525", "tencent": "tencentcloud"}
PHONE, CODE = "13800000001", "246801"


def settings_for(name: str) -> Sms:
    return Sms(
        provider=name,
        access_key_id="made-up-id",
        access_key_secret="made-up-secret",
        sign_name="科技志愿服务",
        template="SMS_1",
        app_id="1400000000",
        templates={"place_offered": "SMS_2", "hand_over": "SMS_3"},
    )


#: What a message about an offered place has, in the order of its words.
OFFER = ("place_offered", "“讲座”有名额", {"title": "讲座", "until": "11月26日 09:00"})


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_provider_without_its_library_stops_the_start_with_one_line(name):
    if importlib.util.find_spec(LIBRARIES[name]):
        assert open_provider(settings_for(name))
        return
    with pytest.raises(ConfigError) as told:
        open_provider(settings_for(name))
    assert f"requirements/{name}.txt" in str(told.value)
    assert "sms.provider" in str(told.value)
    assert "\n" not in str(told.value)


def aliyun(gateway):
    module = pytest.importorskip("app.sms.aliyun", reason="requirements/aliyun.txt", exc_type=ImportError)
    return module.AliyunProvider(settings_for("aliyun"), host=gateway.host, protocol="http")


def tencent(gateway):
    module = pytest.importorskip("app.sms.tencent", reason="requirements/tencent.txt", exc_type=ImportError)
    return module.TencentProvider(settings_for("tencent"), host=gateway.host, protocol="http")


def test_aliyun_gets_the_code_as_the_field_of_its_template(gateway):
    provider = aliyun(gateway)
    gateway.headers, gateway.answer = {"Content-Type": "application/json"}, b'{"Code": "OK", "Message": "OK"}'
    provider.send_code(PHONE, "login", CODE)
    sent = parse_qs(urlsplit(gateway.received[0][0]).query)
    assert sent["PhoneNumbers"] == [PHONE]
    assert sent["SignName"] == ["科技志愿服务"]
    assert json.loads(sent["TemplateParam"][0]) == {"code": CODE}


def test_tencent_gets_the_code_as_the_field_of_its_template(gateway):
    provider = tencent(gateway)
    gateway.answer = b'{"Response": {"SendStatusSet": [{"Code": "Ok"}], "RequestId": "1"}}'
    provider.send_code(PHONE, "login", CODE)
    sent = json.loads(gateway.received[0][1])
    assert sent["PhoneNumberSet"] == [f"+86{PHONE}"]
    assert sent["TemplateParamSet"] == [CODE]


def test_aliyun_sends_what_is_no_code_by_the_kinds_own_template(gateway):
    provider = aliyun(gateway)
    gateway.headers, gateway.answer = {"Content-Type": "application/json"}, b'{"Code": "OK", "Message": "OK"}'
    provider.send_text(PHONE, *OFFER)
    provider.send_code(PHONE, "hand_over", CODE, "志愿服务队")
    offer, code = (parse_qs(urlsplit(path).query) for path, _ in gateway.received)
    assert (offer["TemplateCode"], json.loads(offer["TemplateParam"][0])) == (["SMS_2"], OFFER[2])
    assert code["TemplateCode"] == ["SMS_3"]
    assert json.loads(code["TemplateParam"][0]) == {"code": CODE, "about": "志愿服务队"}


def test_tencent_sends_what_is_no_code_by_the_kinds_own_template(gateway):
    provider = tencent(gateway)
    gateway.answer = b'{"Response": {"SendStatusSet": [{"Code": "Ok"}], "RequestId": "1"}}'
    provider.send_text(PHONE, *OFFER)
    provider.send_code(PHONE, "hand_over", CODE, "志愿服务队")
    offer, code = (json.loads(body) for _, body in gateway.received)
    assert (offer["TemplateId"], offer["TemplateParamSet"]) == ("SMS_2", ["讲座", "11月26日 09:00"])
    assert (code["TemplateId"], code["TemplateParamSet"]) == ("SMS_3", [CODE, "志愿服务队"])


@pytest.mark.parametrize("make", [aliyun, tencent])
def test_a_kind_without_a_template_is_not_carried(gateway, make):
    assert make(gateway).carries("place_offered")
    assert not make(gateway).carries("activity_changed")


#: What a provider answers that did surely not take the message: (status, body).
REFUSALS = {
    "aliyun": [
        (200, b'{"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "no"}'),
        (400, b'{"Code": "InvalidAccessKeyId.NotFound", "Message": "no"}'),
    ],
    "tencent": [
        (200, b'{"Response": {"SendStatusSet": [{"Code": "LimitExceeded.Daily"}], "RequestId": "1"}}'),
        (200, b'{"Response": {"Error": {"Code": "AuthFailure", "Message": "no"}, "RequestId": "1"}}'),
    ],
}
#: What leaves it open whether the message went out.
UNCLEAR = {
    "aliyun": [(500, b'{"Code": "InternalError", "Message": "no"}'), (200, b"<html>"), (502, b"<html>"), (200, b"")],
    "tencent": [
        (200, b'{"Response": {"SendStatusSet": [], "RequestId": "1"}}'),
        (200, b'{"Response": {"Error": {"Code": "InternalError.Timeout", "Message": "no"}, "RequestId": "1"}}'),
        (500, b"<html>"),
        (200, b"<html>"),
        (200, b""),
    ],
}


def each(answers):
    return [(name, *answer) for name in answers for answer in answers[name]]


def ask(gateway, name, status=200, answer=b""):
    provider = {"aliyun": aliyun, "tencent": tencent}[name](gateway)
    gateway.headers = {"Content-Type": "application/json"}
    gateway.status, gateway.answer = status, answer
    provider.send_code(PHONE, "login", CODE)


@pytest.mark.parametrize(("name", "status", "answer"), each(REFUSALS))
def test_what_a_provider_refuses_is_a_failure_and_is_not_repeated(gateway, name, status, answer):
    with pytest.raises(SmsFailed):
        ask(gateway, name, status, answer)
    assert len(gateway.received) == 1


@pytest.mark.parametrize(("name", "status", "answer"), each(UNCLEAR))
def test_what_a_provider_leaves_open_is_unknown_and_is_not_repeated(gateway, name, status, answer):
    with pytest.raises(SmsOutcomeUnknown):
        ask(gateway, name, status, answer)
    assert len(gateway.received) == 1


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_a_provider_whose_answer_is_cut_is_unknown_and_one_that_is_gone_is_a_failure(gateway, name):
    gateway.cuts = True
    with pytest.raises(SmsOutcomeUnknown):
        ask(gateway, name)
    assert len(gateway.received) == 1
    gateway.close()
    with pytest.raises(SmsFailed):
        ask(gateway, name)
