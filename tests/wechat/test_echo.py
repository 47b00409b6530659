"""The echo of a verification, to the byte, and stamps that WeChat would not send."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.wechat.callback import PATH
from tests.wechat.account import TOKEN, Door, as_xml, sign, text_push

DOOR = Door("safe")


def ask(query: str, method: str = "GET", body: bytes = b"") -> tuple[bytes, str]:
    environ = EnvironBuilder(path=PATH, method=method, data=body).get_environ()
    environ["QUERY_STRING"] = query
    parts, status, _ = run_wsgi_app(DOOR.app, environ)
    return b"".join(parts), status


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_come_back_as_they_were(echo):
    stamp = f"signature={sign(TOKEN, '1795400000', '42')}&timestamp=1795400000&nonce=42&echostr="
    assert ask(stamp + "".join(f"%{byte:02x}" for byte in echo)) == (echo, "200 OK")


def test_bytes_that_were_not_escaped_come_back_too():
    stamp = f"signature={sign(TOKEN, '1795400000', '42')}&timestamp=1795400000&nonce=42&echostr="
    assert ask(stamp + "\xe5\x9b\x9e") == ("回".encode(), "200 OK")


STRANGE = {
    "a word": ("soon", "42"),
    "other digits": ("１７９５４０００００", "42"),
    "superscript": ("²", "42"),
    "too long": ("1" * 13, "42"),
    "an element": ("<b/>", "42"),
    "a nonce of other letters": ("1795400000", "四二"),
    "a nonce without end": ("1795400000", "4" * 129),
}


@pytest.mark.parametrize("stamp", STRANGE.values(), ids=STRANGE)
def test_a_stamp_that_wechat_does_not_make_is_refused_also_when_it_is_signed(stamp):
    door = Door()
    query = {"timestamp": stamp[0], "nonce": stamp[1], "signature": sign(TOKEN, *stamp)}
    assert door.client.post(PATH, query_string=query, data=text_push().encode()).status_code == 403
    assert door.client.get(PATH, query_string={**query, "echostr": "1"}).status_code == 403


@pytest.mark.parametrize("openid", ["o" * 65, "o x", "志愿者", "o\nx", ""])
def test_an_openid_that_could_not_be_kept_is_refused(openid):
    door = Door()
    push = as_xml({"MsgType": "text", "Content": "x", "FromUserName": openid})
    assert door.client.post(PATH, query_string=door.query(), data=push.encode()).status_code == 403


def test_an_openid_of_64_letters_is_answered():
    door = Door()
    push = as_xml({"MsgType": "text", "Content": "x", "FromUserName": "o" * 64})
    assert door.client.post(PATH, query_string=door.query(), data=push.encode()).status_code == 200
