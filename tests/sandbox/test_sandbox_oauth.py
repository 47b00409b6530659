"""The authorize page and the exchange of its codes."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

APP_ID, SECRET = "wx0123456789abcdef", "0123456789abcdef0123456789abcdef"
WECHAT = {"User-Agent": "Mozilla/5.0 MicroMessenger/8.0.50"}
BACK = "http://127.0.0.1/wechat/oauth?next=1"


def link(sandbox, **changed):
    parts = {"appid": APP_ID, "redirect_uri": BACK, "response_type": "code", "scope": "snsapi_base", "state": "abc"}
    parts |= changed
    return f"{sandbox.url}/connect/oauth2/authorize?{urlencode(parts)}"


def visit(sandbox, person="li", answer=None, **changed):
    data = {"person": person} | ({"answer": answer} if answer else {})
    return sandbox.http.post(link(sandbox, **changed), data=data, headers=WECHAT, allow_redirects=False)


def code_of(response):
    return parse_qs(urlsplit(response.headers["Location"]).query)["code"][0]


def exchange(sandbox, code, **changed):
    asked = {"appid": APP_ID, "secret": SECRET, "code": code, "grant_type": "authorization_code", **changed}
    return sandbox.get("/sns/oauth2/access_token", **asked)


def test_a_code_comes_back_with_the_state(sandbox):
    response = visit(sandbox)
    assert response.status_code == 302
    assert response.headers["Location"].startswith(BACK + "&code=")
    assert response.headers["Location"].endswith("&state=abc")
    answer = exchange(sandbox, code_of(response))
    assert answer["openid"] == sandbox.person("li")["openid"]
    assert answer["scope"] == "snsapi_base"
    assert "is_snapshotuser" not in answer


def test_a_code_is_used_once_and_lives_five_minutes(sandbox):
    code = code_of(visit(sandbox))
    exchange(sandbox, code)
    assert exchange(sandbox, code)["errcode"] == 40163
    late = code_of(visit(sandbox))
    sandbox.advance(301)
    assert exchange(sandbox, late)["errcode"] == 40029
    assert exchange(sandbox, "nonsense")["errcode"] == 40029
    assert exchange(sandbox, "")["errcode"] == 41008
    assert exchange(sandbox, "x", secret="f" * 32)["errcode"] == 40125
    assert exchange(sandbox, "x", appid="wx1")["errcode"] == 40013


WRONG = [
    ({"appid": "wx1"}, 10013),
    ({"redirect_uri": "http://elsewhere.example/x"}, 10003),
    ({"redirect_uri": "http://sub.127.0.0.1/x"}, 10003),
    ({"redirect_uri": "javascript:1"}, 10003),
    ({"redirect_uri": ""}, 10011),
    ({"scope": "snsapi_login"}, 10005),
    ({"scope": ""}, 10010),
    ({"state": "a-b"}, 10013),
    ({"state": "a" * 129}, 10013),
    ({"response_type": "token"}, 10005),
    ({"extra": "1"}, 10005),
]


@pytest.mark.parametrize(("changed", "code"), WRONG)
def test_a_link_with_a_fault_shows_its_number(sandbox, changed, code):
    response = visit(sandbox, **changed)
    assert response.status_code == 200
    assert f"错误码：{code}" in response.text


def test_the_order_counts(sandbox):
    parts = [("redirect_uri", BACK), ("appid", APP_ID), ("response_type", "code"), ("scope", "snsapi_base")]
    query = urlencode([*parts, ("state", "abc")])
    page = sandbox.http.get(f"{sandbox.url}/connect/oauth2/authorize?{query}", headers=WECHAT)
    assert "错误码：10005" in page.text


def test_outside_wechat(sandbox):
    assert "请在微信客户端打开链接" in sandbox.http.get(link(sandbox)).text


def test_the_chosen_person_is_remembered(sandbox):
    page = sandbox.http.get(link(sandbox), headers=WECHAT)
    assert 'aria-label="王建国"' in page.text
    assert "本地微信模拟器" in page.text
    visit(sandbox, "wang")
    again = sandbox.http.get(link(sandbox), headers=WECHAT, allow_redirects=False)
    assert exchange(sandbox, code_of(again))["openid"] == sandbox.person("wang")["openid"]


def test_consent_is_asked_once(sandbox):
    assert "允许" in visit(sandbox, scope="snsapi_userinfo").text
    refused = visit(sandbox, answer="refuse", scope="snsapi_userinfo")
    assert "code=" not in refused.headers["Location"]
    assert visit(sandbox, answer="allow", scope="snsapi_userinfo").status_code == 302
    assert visit(sandbox, scope="snsapi_userinfo").status_code == 302
    assert "允许" in visit(sandbox, scope="snsapi_userinfo", forcePopup="true").text


def test_a_snapshot_page_has_a_virtual_person(sandbox):
    sandbox.post("/sandbox/switches", {"snapshot": True})
    answer = exchange(sandbox, code_of(visit(sandbox)))
    assert answer["is_snapshotuser"] == 1
    assert answer["openid"] == sandbox.person("li")["virtual_openid"] != sandbox.person("li")["openid"]


def test_user_tokens(sandbox):
    token = exchange(sandbox, code_of(visit(sandbox)))
    access, openid = token["access_token"], token["openid"]
    assert sandbox.get("/sns/auth", access_token=access, openid=openid)["errcode"] == 0
    assert sandbox.get("/sns/auth", access_token=access, openid="oOther")["errcode"] == 40003
    assert sandbox.get("/sns/userinfo", access_token=access, openid=openid)["errcode"] == 48001
    sandbox.advance(7201)
    assert sandbox.get("/sns/auth", access_token=access, openid=openid)["errcode"] == 42001
    ask = {"appid": APP_ID, "grant_type": "refresh_token"}
    fresh = sandbox.get("/sns/oauth2/refresh_token", refresh_token=token["refresh_token"], **ask)
    assert sandbox.get("/sns/auth", access_token=fresh["access_token"], openid=openid)["errcode"] == 0
    assert sandbox.get("/sns/oauth2/refresh_token", refresh_token="x", **ask)["errcode"] == 40030
    sandbox.advance(31 * 86400)
    assert sandbox.get("/sns/oauth2/refresh_token", refresh_token=token["refresh_token"], **ask)["errcode"] == 42002
