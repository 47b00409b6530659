"""Tokens: life, overlap, force, quotas, white list."""

import re

import pytest

RID = r" rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$"
INFO = "/cgi-bin/getcallbackip"
APP_ID, SECRET = "wx0123456789abcdef", "0123456789abcdef0123456789abcdef"


def errcode(sandbox, token):
    return sandbox.call(INFO, token=token).get("errcode", 0)


def test_the_token_before_lives_on_for_five_minutes(sandbox):
    first, second = sandbox.token(), sandbox.token()
    assert errcode(sandbox, first) == 0
    sandbox.advance(301)
    assert errcode(sandbox, first) == 40001
    assert errcode(sandbox, second) == 0


def test_a_token_ends_after_two_hours(sandbox):
    token = sandbox.token()
    sandbox.advance(7199)
    assert errcode(sandbox, token) == 0
    sandbox.advance(2)
    assert errcode(sandbox, token) == 42001


def test_everybody_gets_the_same_stable_token_until_near_its_end(sandbox):
    first = sandbox.stable()
    sandbox.advance(3600)
    again = sandbox.stable()
    assert again["access_token"] == first["access_token"]
    assert 3590 <= again["expires_in"] <= 3600
    sandbox.advance(3301)
    renewed = sandbox.stable()
    assert renewed["access_token"] != first["access_token"]
    assert errcode(sandbox, first["access_token"]) == 0
    sandbox.advance(300)
    assert errcode(sandbox, first["access_token"]) == 42001


def test_the_two_kinds_do_not_affect_each_other(sandbox):
    stable, plain = sandbox.stable()["access_token"], sandbox.token()
    sandbox.stable(force_refresh=True)
    assert errcode(sandbox, stable) == 40001
    assert errcode(sandbox, plain) == 0


def test_force_is_rationed(sandbox):
    for _ in range(20):
        assert "access_token" in sandbox.stable(force_refresh=True)
        assert sandbox.stable(force_refresh=True)["errcode"] == 45011
        sandbox.advance(31)
    assert sandbox.stable(force_refresh=True)["errcode"] == 45009
    sandbox.advance(86400)
    assert "access_token" in sandbox.stable(force_refresh=True)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"grant_type": "x"}, 40002),
        ({"appid": ""}, 41002),
        ({"appid": "wx1"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "f" * 32}, 40001),
        ({"secret": "short"}, 40125),
    ],
)
def test_a_wrong_account_is_refused(sandbox, changed, code):
    asked = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET, **changed}
    answer = sandbox.get("/cgi-bin/token", **asked)
    assert answer["errcode"] == code
    assert re.search(RID, answer["errmsg"])
    assert sandbox.stable(**changed)["errcode"] == code


@pytest.mark.parametrize(("token", "code"), [("", 41001), ("short", 40014), ("x" * 140, 40001)])
def test_a_token_that_was_never_given(sandbox, token, code):
    assert errcode(sandbox, token) == code


def test_the_method_counts(sandbox):
    assert sandbox.call("/cgi-bin/menu/get", {"a": 1})["errcode"] == 43001
    assert sandbox.call("/cgi-bin/menu/create")["errcode"] == 43002


def test_bodies_that_are_not_json(sandbox):
    assert sandbox.call("/cgi-bin/menu/create", b"{")["errcode"] == 47001
    assert sandbox.call("/cgi-bin/menu/create", b" ")["errcode"] == 44002
    assert sandbox.call("/cgi-bin/menu/create", b"[]")["errcode"] == 47001


def test_an_unknown_call(sandbox):
    response = sandbox.http.get(sandbox.url + "/cgi-bin/nothing/here")
    assert (response.status_code, response.json()["errcode"]) == (404, 40066)


def test_a_daily_quota_runs_out_and_comes_back_with_the_day(sandbox):
    token = sandbox.stable()["access_token"]
    # Noon in China, so that nothing here crosses midnight.
    now = sandbox.get("/sandbox/state")["now"]
    sandbox.post("/sandbox/clock", {"at": now - (now + 8 * 3600) % 86400 + 12 * 3600 + 86400})
    token = sandbox.stable()["access_token"]
    answers = [sandbox.call("/cgi-bin/user/get", token=token) for _ in range(501)]
    assert "errcode" not in answers[499]
    assert answers[500]["errcode"] == 45009
    quota = sandbox.call("/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/user/get"}, token)["quota"]
    assert quota == {"daily_limit": 500, "used": 500, "remain": 0}
    sandbox.advance(86400)
    assert "errcode" not in sandbox.call("/cgi-bin/user/get", token=sandbox.stable()["access_token"])


def test_quotas_can_be_cleared_ten_times_a_month(sandbox):
    token = sandbox.stable()["access_token"]
    for _ in range(9):
        assert sandbox.call("/cgi-bin/clear_quota", {"appid": APP_ID}, token)["errcode"] == 0
    path = f"/cgi-bin/clear_quota/v2?appid={APP_ID}&appsecret={SECRET}"
    assert sandbox.http.post(sandbox.url + path).json()["errcode"] == 0
    assert sandbox.call("/cgi-bin/clear_quota", {"appid": APP_ID}, token)["errcode"] == 48006


def test_the_white_list_names_the_caller(sandbox):
    token = sandbox.token()
    sandbox.post("/sandbox/switches", {"ip_list": ["203.0.113.9"]})
    answer = sandbox.get("/cgi-bin/token", grant_type="client_credential", appid=APP_ID, secret=SECRET)
    assert answer["errcode"] == 40164
    assert "127.0.0.1" in answer["errmsg"]
    assert errcode(sandbox, token) == 40164
    # Web login does not need the list.
    assert sandbox.get("/sns/auth", access_token="x", openid="y")["errcode"] == 40001


def test_a_failed_call_can_be_looked_up(sandbox):
    rid = sandbox.call("/cgi-bin/menu/get")["errmsg"].rpartition("rid: ")[2]
    found = sandbox.call("/cgi-bin/openapi/rid/get", {"rid": rid})["request"]
    assert found["request_url"] == "/cgi-bin/menu/get"
    assert sandbox.call("/cgi-bin/openapi/rid/get", {"rid": "nonsense"})["errcode"] == 76001


def test_the_js_ticket_is_shared_until_it_ends(sandbox):
    path = "/cgi-bin/ticket/getticket?type=jsapi"
    first = sandbox.http.get(sandbox.url + path, params={"access_token": sandbox.token()}).json()
    again = sandbox.http.get(sandbox.url + path, params={"access_token": sandbox.token()}).json()
    assert first["ticket"] == again["ticket"]
    sandbox.advance(7201)
    later = sandbox.http.get(sandbox.url + path, params={"access_token": sandbox.token()}).json()
    assert later["ticket"] != first["ticket"]


def test_callback_check_and_short_keys(sandbox):
    assert set(sandbox.call("/cgi-bin/callback/check", {"action": "all"})) == {"dns", "ping"}
    assert sandbox.call("/cgi-bin/callback/check", {"action": "x"})["errcode"] == 40201
    assert sandbox.call("/cgi-bin/get_api_domain_ip")["ip_list"]
    key = sandbox.call("/cgi-bin/shorten/gen", {"long_data": "长" * 100, "expire_seconds": 60})["short_key"]
    assert len(key) == 15
    assert sandbox.call("/cgi-bin/shorten/fetch", {"short_key": key})["long_data"] == "长" * 100
    sandbox.advance(61)
    assert sandbox.call("/cgi-bin/shorten/fetch", {"short_key": key})["errcode"] == 9410012
    assert sandbox.call("/cgi-bin/shorten/gen", {"long_data": "长" * 1400})["errcode"] == 9410010
