"""Each fault switch, seen from a client."""

import time

import pytest
import requests

CALL = "/cgi-bin/getcallbackip"
CODES = [("token_dead", 40001), ("busy", -1), ("quota", 45009), ("per_minute", 45011), ("ip_refused", 40164)]


@pytest.mark.parametrize(("name", "code"), CODES)
def test_an_errcode_for_some_calls_and_for_ever(sandbox, name, code):
    token = sandbox.token()
    sandbox.fault(name, count=2)
    answers = [sandbox.call(CALL, token=token).get("errcode", 0) for _ in range(3)]
    assert answers == [code, code, 0]
    sandbox.fault(name)
    assert all(sandbox.call(CALL, token=token)["errcode"] == code for _ in range(5))
    sandbox.http.delete(sandbox.url + "/sandbox/faults", json={"name": name})
    assert "errcode" not in sandbox.call(CALL, token=token)


def test_a_dead_token_can_still_be_replaced(sandbox):
    sandbox.fault("token_dead")
    assert sandbox.call(CALL)["errcode"] == 40001


def test_a_fault_of_one_path_leaves_the_others(sandbox):
    token = sandbox.token()
    sandbox.fault("busy", path="/cgi-bin/menu/get")
    assert sandbox.call("/cgi-bin/menu/get", token=token)["errcode"] == -1
    assert "errcode" not in sandbox.call(CALL, token=token)


def test_slow_html_and_bad_gateway(sandbox):
    token = sandbox.token()
    sandbox.fault("slow", seconds=0.4, count=1)
    started = time.monotonic()
    sandbox.call(CALL, token=token)
    assert time.monotonic() - started >= 0.4
    for name, status in (("html", 200), ("bad_gateway", 502)):
        sandbox.fault(name, count=1)
        response = sandbox.http.get(sandbox.url + CALL, params={"access_token": token})
        assert response.status_code == status
        assert response.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("name", "shown"), [("cut_before", 0), ("cut_after", 1)])
def test_a_cut_before_or_after_the_effect(sandbox, name, shown):
    sandbox.do("chen", "follow")
    openid = sandbox.person("chen")["openid"]
    token = sandbox.token()
    sandbox.fault(name, count=1)
    body = {"touser": openid, "msgtype": "text", "text": {"content": "你好"}}
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{sandbox.url}/cgi-bin/message/custom/send?access_token={token}", json=body, timeout=5)
    assert len([row for row in sandbox.chat("chen") if row["from"] == "account"]) == shown


def test_sms_down(sandbox):
    message = {"phone": "19900000001", "purpose": "login", "code": "123456", "text": "验证码 123456"}
    sandbox.fault("sms_down", count=1)
    assert sandbox.http.post(sandbox.url + "/sandbox/sms", json=message).status_code == 503
    assert sandbox.post("/sandbox/sms", message) == {"ok": True}
    assert sandbox.get("/sandbox/sms", phone="19900000001")[0]["code"] == "123456"
    assert sandbox.get("/sandbox/sms", phone="19900000002") == []
    assert sandbox.http.post(sandbox.url + "/sandbox/sms", json={"phone": "12"}).status_code == 400


def test_calls_are_listed(sandbox):
    sandbox.call("/cgi-bin/menu/get")
    sandbox.fault("html", count=1)
    sandbox.http.get(sandbox.url + CALL)
    listed = sandbox.get("/sandbox/calls")
    assert [(row["path"], row["errcode"]) for row in listed] == [
        ("/cgi-bin/token", 0),
        ("/cgi-bin/menu/get", 46003),
        (CALL, None),
    ]
    assert listed[-1]["fault"] == "html"
    sandbox.http.delete(sandbox.url + "/sandbox/calls")
    assert sandbox.get("/sandbox/calls") == []


def test_unknown_switches_are_refused(sandbox):
    assert "error" in sandbox.post("/sandbox/faults", {"name": "earthquake"})
    assert "error" in sandbox.post("/sandbox/clock", {})
    assert sandbox.http.get(sandbox.url + "/sandbox/people/nobody/chat").status_code == 404
