"""What the account may send by itself, and when."""

import pytest

SEND = "/cgi-bin/message/custom/send"
TEMPLATE = "SandboxTemplate0000000000000000000000000001"
SUBSCRIPTION = "SandboxSubscribe000000000000000000000000001"
VALUES = {"thing1": {"value": "科普进社区"}, "time2": {"value": "2026年8月12日 09:00"}, "thing3": {"value": "广场"}}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def openid(sandbox):
    sandbox.do("chen", "follow")
    return sandbox.person("chen")["openid"]


def send(sandbox, openid, text="你好"):
    return sandbox.call(SEND, {"touser": openid, "msgtype": "text", "text": {"content": text}})["errcode"]


def test_three_after_a_follow_for_a_minute(sandbox, openid):
    assert [send(sandbox, openid) for _ in range(4)] == [0, 0, 0, 45047]
    sandbox.advance(61)
    assert send(sandbox, openid) == 45015


def test_five_after_a_message_for_two_days(sandbox, openid):
    sandbox.advance(61)
    sandbox.do("chen", "say", text="在吗")
    assert [send(sandbox, openid) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    sandbox.do("chen", "say", text="在吗")
    sandbox.advance(48 * 3600 - 2)
    assert send(sandbox, openid) == 0
    sandbox.advance(3)
    assert send(sandbox, openid) == 45015


def test_three_after_a_tap_and_none_after_a_link(sandbox, openid):
    click = {"type": "click", "name": "活动", "key": "LIST"}
    link = {"type": "view", "name": "网站", "url": "https://example.com/"}
    sandbox.call("/cgi-bin/menu/create", {"button": [click, link]})
    sandbox.advance(61)
    assert sandbox.do("chen", "tap", name="网站")["open"] == "https://example.com/"
    assert send(sandbox, openid) == 45015
    sandbox.do("chen", "tap", key="LIST")
    assert [send(sandbox, openid) for _ in range(4)] == [0, 0, 0, 45047]


def test_nobody_writes_to_those_who_left(sandbox, openid):
    sandbox.do("chen", "unfollow")
    assert send(sandbox, openid) == 43004
    assert send(sandbox, "o" + "x" * 27) == 40003


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"msgtype": "smoke"}, 40008),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text", "text": {"content": "字" * 683}}, 45002),
        ({"msgtype": "news", "news": {"articles": []}}, 44003),
        ({"msgtype": "news", "news": {"articles": [{"title": "一"}, {"title": "二"}]}}, 45008),
        ({"msgtype": "image", "image": {"media_id": "nothing"}}, 40007),
    ],
)
def test_messages_that_cannot_be_sent_use_up_nothing(sandbox, openid, message, code):
    assert sandbox.call(SEND, {"touser": openid, **message})["errcode"] == code
    assert sandbox.person("chen")["windows"]["follow"]["left"] == 3


def test_a_menu_message_is_answered_by_its_option(sandbox, openid, site):
    options = {"head_content": "满意吗？", "list": [{"id": "101", "content": "满意"}], "tail_content": ""}
    assert sandbox.call(SEND, {"touser": openid, "msgtype": "msgmenu", "msgmenu": options})["errcode"] == 0
    site.forget()
    sandbox.do("chen", "say", text="满意", menu_id="101")
    assert "<bizmsgmenuid><![CDATA[101]]>" in site.next().get_data(as_text=True)


def test_typing_needs_a_fresh_exchange(sandbox, openid):
    typing = {"touser": openid, "command": "Typing"}
    assert sandbox.call("/cgi-bin/message/custom/typing", typing)["errcode"] == 0
    sandbox.advance(31)
    assert sandbox.call("/cgi-bin/message/custom/typing", typing)["errcode"] == 45080


def template(sandbox, openid, **more):
    body = {"touser": openid, "template_id": TEMPLATE, "data": VALUES, **more}
    return sandbox.call("/cgi-bin/message/template/send", body)


def test_a_client_id_is_sent_once_in_ten_minutes(sandbox, openid):
    first = template(sandbox, openid, client_msg_id="a1")
    again = template(sandbox, openid, client_msg_id="a1")
    assert first["msgid"] == again["msgid"]
    assert len([row for row in sandbox.chat("chen") if row["type"] == "template"]) == 1
    sandbox.advance(601)
    assert template(sandbox, openid, client_msg_id="a1")["msgid"] != first["msgid"]


@pytest.mark.parametrize(
    ("key", "value"), [("thing1", "字" * 21), ("thing1", ""), ("time2", "明天早上"), ("thing3", None)]
)
def test_a_value_that_does_not_fit_is_named(sandbox, openid, key, value):
    answer = template(sandbox, openid, data={**VALUES, key: {"value": value}})
    assert answer["errcode"] == 47003
    assert f"data.{key}.value" in answer["errmsg"]


KINDS = [
    ("character_string1", "A-12#", "字"),
    ("number1", "12.5", "十二"),
    ("phrase1", "已通过", "已通过了审核"),
    ("phone_number1", "+86-19900000001", "1" * 18),
    ("name1", "王建国", "王" * 11),
    ("amount1", "￥12.50元", "很多"),
    ("date1", "2026-08-12", "八月"),
    ("time1", "09:00~11:30", "9点"),
    ("car_number1", "辽B12345", "辽B1234567"),
    ("letter1", "abc", "a1"),
]


@pytest.mark.parametrize(("key", "good", "bad"), KINDS)
def test_values_by_the_prefix_of_their_key(sandbox, openid, key, good, bad):
    template_id = "T" * 43
    row = {"id": template_id, "kind": "template", "title": "通知", "content": "内容:{{" + key + ".DATA}}"}
    sandbox.post("/sandbox/templates", row)
    assert template(sandbox, openid, template_id=template_id, data={key: {"value": good}})["errcode"] == 0
    assert template(sandbox, openid, template_id=template_id, data={key: {"value": bad}})["errcode"] == 47003


def test_templates_of_the_other_kind_and_strangers(sandbox, openid):
    assert template(sandbox, openid, template_id=SUBSCRIPTION)["errcode"] == 40037
    assert template(sandbox, sandbox.person("li")["openid"])["errcode"] == 43004
    bizsend = {"touser": openid, "template_id": TEMPLATE, "data": VALUES}
    assert sandbox.call("/cgi-bin/message/subscribe/bizsend", bizsend)["errcode"] == 40037


def test_media_live_three_days_and_have_sizes(sandbox):
    def upload(kind, data):
        url = f"{sandbox.url}/cgi-bin/media/upload?type={kind}"
        return sandbox.http.post(url, params={"access_token": sandbox.token()}, files={"media": ("a", data)}).json()

    media_id = upload("image", PNG)["media_id"]
    assert upload("smoke", PNG)["errcode"] == 40004
    assert upload("image", b"hello")["errcode"] == 40005
    assert upload("thumb", b"\xff\xd8\xff" + b"0" * (64 << 10))["errcode"] == 40006
    assert upload("image", PNG + b"0" * (10 << 20))["errcode"] == 40006
    assert upload("image", b"")["errcode"] == 41005
    path = f"{sandbox.url}/cgi-bin/media/get?media_id={media_id}"
    assert sandbox.http.get(path, params={"access_token": sandbox.token()}).content == PNG
    sandbox.advance(3 * 86400)
    assert sandbox.http.get(path, params={"access_token": sandbox.token()}).json()["errcode"] == 40007
