"""Who is let in: verification, the three modes, and everything that WeChat would not send."""

import pytest
import structlog
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.wechat.callback import PATH
from tests.wechat.account import ACCOUNT, AES_KEY, APP_ID, TOKEN, Door, as_xml, event_push, sign, text_push

MODES = ("plain", "compatible", "safe")


@pytest.mark.parametrize("mode", MODES)
def test_the_address_is_verified_with_exactly_the_echo(mode):
    door = Door(mode)
    answer = door.client.get(PATH, query_string=door.query(echostr="8674 é&<ü>"))
    assert (answer.status_code, answer.get_data()) == (200, "8674 é&<ü>".encode())
    assert answer.headers["Content-Length"] == str(len(answer.get_data()))
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "changes", [{"signature": "0" * 40}, {"signature": None}, {"nonce": None}, {"timestamp": None}]
)
def test_a_wrong_verification_is_refused(changes):
    door = Door()
    assert door.client.get(PATH, query_string=door.query(echostr="1", **changes)).status_code == 403


def test_a_verification_without_echo_is_refused():
    door = Door()
    assert door.client.get(PATH, query_string=door.query()).status_code == 403


@pytest.mark.parametrize("mode", MODES)
def test_a_message_is_answered_in_the_mode_of_the_account(mode):
    door = Door(mode)
    read = door.read(door.send(text_push("我要报名")))
    assert read["MsgType"] == "text"
    assert (read["ToUserName"], read["FromUserName"]) == ("oMadeUp_000000000000000000aa", ACCOUNT)
    assert "活动报名" in read["Content"]


def test_the_clear_fields_of_compatible_mode_are_not_believed():
    door = Door("compatible")
    clear = "<MsgType>text</MsgType><Content>政策</Content><FromUserName>oSomebodyElse</FromUserName>"
    query, body = door.envelope(text_push("注册"), clear)
    read = door.read(door.client.post(PATH, query_string=query, data=body.encode()))
    assert "志愿者注册" in read["Content"]
    assert read["ToUserName"] != "oSomebodyElse"


def deep(levels: int) -> str:
    return "<xml>" + "<a>" * levels + "</a>" * levels + "</xml>"


MALFORMED = {
    "empty": "",
    "not XML": "hello",
    "JSON": '{"MsgType":"text"}',
    "cut off": "<xml><MsgType>text",
    "no root xml": text_push().replace("xml>", "yml>"),
    "no MsgType": as_xml({"Content": "x"}),
    "no sender": text_push().replace("FromUserName", "From"),
    "CreateTime a word": as_xml({"MsgType": "text", "CreateTime": "now"}),
    "CreateTime with other digits": as_xml({"MsgType": "text", "CreateTime": "１７９５４０００００"}),
    "CreateTime far away": as_xml({"MsgType": "text", "CreateTime": 99999999999}),
    "a field twice": text_push().replace("</xml>", "<Content>y</Content></xml>"),
    "DOCTYPE": "<!DOCTYPE xml>" + text_push(),
    "entity": '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + text_push().replace("你好", "&a;"),
    "external entity": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml>&a;</xml>',
    "processing instruction": text_push().replace("<xml>", "<xml><?php x?>", 1),
    "too deep": deep(60),
    "too many": "<xml>" + "".join(f"<a{number}/>" for number in range(2000)) + "</xml>",
    "another account": text_push().replace(ACCOUNT, "gh_another00001"),
    "bad UTF-8": "<xml>\udcff</xml>",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_push_is_refused_with_one_line_in_the_log(name):
    door = Door()
    body = MALFORMED[name].encode("utf-8", "surrogateescape")
    with structlog.testing.capture_logs() as lines:
        answer = door.client.post(PATH, query_string=door.query(), data=body)
    assert (answer.status_code, answer.get_data()) == (403, b"refused")
    assert [line["event"] for line in lines] == ["push_refused"]


@pytest.mark.parametrize("name", [name for name in MALFORMED if name != "bad UTF-8"])
def test_a_malformed_push_is_refused_also_when_it_is_encrypted(name):
    door = Door("safe")
    query, body = door.envelope(MALFORMED[name])
    assert door.client.post(PATH, query_string=query, data=body.encode()).status_code == 403


def forged(door: Door) -> dict[str, tuple[dict[str, str], str]]:
    query, body = door.envelope(text_push())
    encrypted = body[body.index("<Encrypt>") + 9 : body.index("</Encrypt>")]

    def around(text: str) -> tuple[dict[str, str], str]:
        signed = sign(TOKEN, query["timestamp"], query["nonce"], text)
        return {**query, "msg_signature": signed}, f"<xml><Encrypt>{text}</Encrypt></xml>"

    stranger = Door("safe", changes={"app_id": "wxother"})
    stranger.crypto = type(stranger.crypto)(TOKEN, AES_KEY, "wxother")
    return {
        "plain signature only": ({**query, "msg_signature": query["signature"]}, body),
        "no msg_signature": ({name: value for name, value in query.items() if name != "msg_signature"}, body),
        "not said to be encrypted": ({name: value for name, value in query.items() if name != "encrypt_type"}, body),
        "raw in safe mode": ({**query, "encrypt_type": "raw"}, text_push()),
        "no Encrypt": (query, text_push()),
        "empty Encrypt": around(""),
        "not base64": around("%%%"),
        "odd length": around(encrypted[:-8]),
        "garbage": around("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        "another app id": stranger.envelope(text_push()),
        "changed text": (query, body.replace(encrypted[:4], "AAAA")),
    }


@pytest.mark.parametrize("name", forged(Door("safe")))
def test_a_forged_envelope_is_refused_like_every_other(name):
    door = Door("safe")
    query, body = forged(door)[name]
    answer = door.client.post(PATH, query_string=query, data=body.encode())
    plain = Door().client.post(PATH, query_string={}, data=b"")
    assert (answer.status_code, answer.get_data()) == (403, b"refused")
    assert dict(answer.headers) == dict(plain.headers)


def test_an_old_push_is_refused_where_the_operator_says_so():
    door = Door(changes={"max_push_age": 600})
    now = int(door.clock.now().timestamp())
    for age, status in ((0, 200), (599, 200), (-599, 200), (601, 403), (-601, 403), (10**12, 403)):
        answer = door.client.post(PATH, query_string=door.query(timestamp=str(now - age)), data=text_push().encode())
        assert answer.status_code == status, age


def test_a_parameter_twice_is_refused():
    door = Door()
    query = [*door.query().items(), ("nonce", "4242")]
    assert door.client.post(PATH, query_string=query_text(query), data=text_push().encode()).status_code == 403


def query_text(pairs) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs)


@pytest.mark.parametrize("length", [None, "7", "999999999", "-1", "many"])
def test_an_oversized_body_is_refused_whatever_its_length_is_said_to_be(length):
    door = Door()
    body = text_push("x" * 70_000).encode()
    builder = EnvironBuilder(path=PATH, method="POST", query_string=query_text(door.query().items()), data=body)
    environ = builder.get_environ()
    environ["wsgi.input_terminated"] = True
    environ.pop("CONTENT_LENGTH", None)
    if length is not None:
        environ["CONTENT_LENGTH"] = length
    _, status, _ = run_wsgi_app(door.app, environ)
    assert status.startswith("403")


def test_a_chunked_push_of_good_size_is_answered():
    door = Door()
    builder = EnvironBuilder(
        path=PATH, method="POST", query_string=query_text(door.query().items()), data=text_push().encode()
    )
    environ = builder.get_environ()
    environ.pop("CONTENT_LENGTH")
    environ["wsgi.input_terminated"] = True
    body, status, _ = run_wsgi_app(door.app, environ)
    assert status.startswith("200")
    assert b"<Content>" in b"".join(body)


def test_other_methods_are_refused_and_other_paths_go_on():
    door = Door()
    assert door.client.put(PATH).status_code == 405
    assert door.client.get(PATH + "/").status_code == 404
    assert APP_ID not in door.client.get("/").get_data(as_text=True)


def test_an_overheard_signature_carries_no_other_effect():
    door = Door("plain")
    seen = []
    door.routes.on_event("subscribe", act=seen.append)
    assert door.send(event_push("subscribe")).status_code == 200
    assert door.send(event_push("subscribe", CreateTime=1795400001)).status_code == 403
    assert len(seen) == 1
