"""Calls to WeChat: what they send, and what each kind of trouble is taken for."""

import json
import socket
import threading

import pytest
import structlog
from werkzeug.wrappers import Response

from app.wechat.client import Account
from app.wechat.errcodes import error_for
from app.wechat.gateway import OperatorMustAct, OutcomeUnknown, Refused, RetryLater, UserMustAct, Visitor
from tests.conftest import FixedClock, make_settings

SEND, MENU, OAUTH = "/cgi-bin/message/custom/send", "/cgi-bin/menu/create", "/sns/oauth2/access_token"


def test_a_menu_is_sent_as_plain_utf8_json(account, wechat):
    account.create_menu({"button": [{"type": "click", "name": "志愿者🙂", "key": "k"}]})
    _, query, body, kind = wechat.asked[-1]
    assert query == {"access_token": "token-1"}
    assert kind == "application/json; charset=utf-8"
    assert "志愿者🙂".encode() in body


def test_a_template_message_carries_a_key_by_which_a_repeat_is_known(account, wechat):
    account.send_template("oSomebody", "T1", {"thing1": "讲座"}, url="http://localhost/1", key="k1")
    sent = json.loads(wechat.asked[-1][2])
    assert (sent["client_msg_id"], sent["data"]) == ("k1", {"thing1": {"value": "讲座"}})


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: Response("<html>busy</html>"),
        lambda request: Response("bad gateway", 502),
        lambda request: Response("", 302, {"Location": "http://127.0.0.1:9/"}),
        lambda request: Response("x" * 1_100_000),
        lambda request: Response("[1]"),
    ],
    ids=["html", "502", "redirect", "too long", "list"],
)
def test_nonsense_from_wechat_is_tried_again_later(account, wechat, answer):
    wechat.answers["/cgi-bin/stable_token"] = answer
    with pytest.raises(RetryLater):
        account.send_text("oSomebody", "x")


def test_nobody_listening_is_tried_again_later(store):
    account = Account(make_settings().wechat, store, FixedClock())
    with pytest.raises(RetryLater, match="cannot be reached"):
        account.check_token()


def test_a_connection_cut_after_the_request_leaves_the_question_open(store, time):
    listener = socket.create_server(("127.0.0.1", 0))

    def take_and_cut():
        connection, _ = listener.accept()
        connection.recv(65536)
        connection.close()

    threading.Thread(target=take_and_cut, daemon=True).start()
    settings = make_settings(wechat={"api_url": f"http://127.0.0.1:{listener.getsockname()[1]}"})
    with pytest.raises(OutcomeUnknown):
        Account(settings.wechat, store, time).check_token()
    listener.close()


BY_CLASS = {
    RetryLater: "-1 40001 40014 42001 45009 45011 45169 61450 268487001 268487002",
    UserMustAct: "40029 40030 40163 41008 42002 42003 42007 43004 43101 45015 45047 48002 50001 50002 50005",
    OperatorMustAct: "40013 40036 40037 40048 40054 40055 40125 40164 40243 41002 41004 43019 43116 48001 48004 48006"
    " 61003 61004 61007 89503 89506",
    Refused: "40002 40003 40004 40007 40008 40015 40018 40020 40027 40033 40035 40039 40066 40249 41001 43001 43002"
    " 44002 45001 45008 45010 45056 46004 47001 47003 49003 53600 65303 65316 87014 9410010",
}


@pytest.mark.parametrize(
    ("errcode", "kind"), [(int(code), kind) for kind, codes in BY_CLASS.items() for code in codes.split()]
)
def test_each_number_says_what_to_do(errcode, kind):
    assert type(error_for(errcode, "x rid: 1-2-3")) is kind


def test_the_numbers_rid_is_kept_for_the_operator():
    assert "rid 6123-45ab" in str(error_for(48001, "api unauthorized rid: 6123-45ab"))


@pytest.mark.parametrize(
    ("errcode", "errmsg", "told"),
    [
        (41002, "appid missing", "wechat.app_id"),
        (41004, "appsecret missing", "wechat.app_secret"),
        (61007, "api is unauthorized to component", "授权管理"),
        (
            61004,
            "access clientip is not registered requestIP: 203.0.113.7",
            "address 203.0.113.7 is not on the white list",
        ),
        (40164, "invalid ip rid:6123-45ab", "address (WeChat does not say which) is not on the white list"),
    ],
)
def test_what_only_the_operator_can_mend_says_where(errcode, errmsg, told):
    assert told in str(error_for(errcode, errmsg))


def test_a_visitor_is_known_by_the_code_once(account, wechat):
    wechat.answers[OAUTH] = {"access_token": "a", "openid": "oSomebody", "scope": "snsapi_base"}
    assert account.identify("c0de") == Visitor("oSomebody")
    wechat.answers[OAUTH] = {"access_token": "a", "openid": "oVirtual", "is_snapshotuser": 1}
    assert account.identify("c0de").is_virtual
    for errcode in (40029, 40163, 42003):
        wechat.answers[OAUTH] = {"errcode": errcode, "errmsg": "bad code"}
        with pytest.raises(UserMustAct):
            account.identify("c0de")


def test_nothing_secret_is_in_an_error_or_a_log(account, wechat):
    wechat.answers[OAUTH] = lambda request: Response("no", 502)
    with structlog.testing.capture_logs() as lines:
        for call in (lambda: account.identify("s3cretc0de"), lambda: account.send_text("oSomebody", "x")):
            wechat.answers[SEND] = {"errcode": 45015, "errmsg": "out of time"}
            with pytest.raises((OutcomeUnknown, UserMustAct)) as caught:
                call()
            told = repr(caught.value) + str(caught.value) + repr(caught.value.__cause__)
            for secret in ("s3cretc0de", "made-up-app-secret", "token-1"):
                assert secret not in told
                assert secret not in repr(lines)


def test_no_menu_is_no_error(account, wechat):
    wechat.answers["/cgi-bin/menu/get"] = {"errcode": 46003, "errmsg": "menu no exist"}
    assert account.live_menu() == (None, [])


def test_a_hundred_signatures_cost_one_ticket(account, wechat, time):
    wechat.answers["/cgi-bin/ticket/getticket"] = {"errcode": 0, "ticket": "tick", "expires_in": 7200}
    assert {account.jsapi_ticket(time.now()) for _ in range(100)} == {"tick"}
    assert wechat.count("/cgi-bin/ticket/getticket") == 1
