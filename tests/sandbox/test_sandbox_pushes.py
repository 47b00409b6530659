"""Pushes: signatures, three modes, repeats, and how answers are judged."""

import time
from urllib.parse import urlsplit

import pytest
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature
from werkzeug.wrappers import Response

APP_ID, TOKEN, AES_KEY = "wx0123456789abcdef", "testtoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA"
GREY = "该公众号提供的服务出现故障，请稍后再试"


def checked(request):
    query = request.args
    check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
    return request


def echo(request):
    """Answers in clear as wechatpy would."""
    message = parse_message(checked(request).get_data())
    return Response(create_reply(f"收到{getattr(message, 'content', message.type)}", message).render())


def echo_encrypted(request):
    query = checked(request).args
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    clear = crypto.decrypt_message(request.get_data(), query["msg_signature"], query["timestamp"], query["nonce"])
    message = parse_message(clear)
    answer = create_reply(f"收到{message.content}", message).render()
    return Response(crypto.encrypt_message(answer, query["nonce"], query["timestamp"]))


def test_verification_wants_exactly_echostr(sandbox, site):
    site.behave = lambda request: Response(checked(request).args["echostr"])
    assert sandbox.post("/sandbox/verify")["ok"] is True
    site.behave = lambda request: Response('"' + request.args["echostr"] + '"')
    assert sandbox.post("/sandbox/verify")["ok"] is False


def test_a_clear_message_and_its_reply(sandbox, site):
    sandbox.do("chen", "follow")
    site.forget()
    site.behave = echo
    told = sandbox.do("chen", "say", text="你好 😀 <b>&")
    assert told["tries"][0]["judged"] == "reply"
    assert [bubble["text"] for bubble in told["shown"]] == ["收到你好 😀 <b>&"]
    assert sandbox.chat("chen")[-1]["from"] == "account"


def test_nothing_a_person_types_breaks_the_push(sandbox, site):
    sandbox.do("chen", "follow")
    site.forget()
    sandbox.do("chen", "say", text="a]]>b<ToUserName>")
    message = parse_message(site.next().get_data())
    assert message.content == "a]]>b<ToUserName>"
    assert message.target == "gh_000000000001"


@pytest.mark.parametrize("mode", ["compatible", "safe"])
def test_encrypted_modes(start_sandbox, site, mode):
    sandbox = start_sandbox(MODE=mode)
    sandbox.do("chen", "follow")
    site.forget()
    site.behave = echo_encrypted
    assert sandbox.do("chen", "say", text="你好")["shown"][0]["text"] == "收到你好"
    body = site.next().get_data(as_text=True)
    assert ("<Content>" in body) == (mode == "compatible")
    assert "<Encrypt>" in body


def test_safe_mode_takes_no_clear_reply(start_sandbox, site):
    sandbox = start_sandbox(MODE="safe")
    sandbox.do("chen", "follow")
    openid = sandbox.person("chen")["openid"]
    site.behave = lambda request: Response(text_reply(openid))
    told = sandbox.do("chen", "say", text="你好")
    assert told["tries"][0]["judged"] == "invalid: not encrypted"
    assert told["shown"][0]["text"] == GREY
    site.behave = lambda request: Response("success")
    assert sandbox.do("chen", "say", text="你好")["shown"] == []


def test_a_wrong_msg_signature_is_refused(start_sandbox, site):
    sandbox = start_sandbox(MODE="safe")
    sandbox.do("chen", "follow")

    def forged(request):
        genuine = echo_encrypted(request).get_data(as_text=True)
        head, _, tail = genuine.partition("<MsgSignature><![CDATA[")
        return Response(head + "<MsgSignature><![CDATA[0" + tail[1:] if tail[0] != "0" else genuine.replace("[0", "[1"))

    site.behave = forged
    assert sandbox.do("chen", "say", text="x")["tries"][0]["judged"] == "invalid: MsgSignature is wrong"


def text_reply(openid, account="gh_000000000001", content="好", kind="text", more=""):
    body = f"<Content><![CDATA[{content}]]></Content>" if kind == "text" else more
    return (
        f"<xml><ToUserName>{openid}</ToUserName><FromUserName>{account}</FromUserName><CreateTime>1</CreateTime>"
        f"<MsgType>{kind}</MsgType>{body}</xml>"
    )


ITEM = "<item><Title>一</Title></item>"
TWO = f"<ArticleCount>2</ArticleCount><Articles>{ITEM}{ITEM}</Articles>"
REPLIES = [
    (lambda me: "", "empty", None),
    (lambda me: "success", "success", None),
    (text_reply, "reply", "好"),
    (lambda me: text_reply(me, content="字" * 682), "reply", "字" * 682),
    (lambda me: '{"a":1}', "invalid: not XML", GREY),
    (lambda me: "<html>x</html>", "invalid: root", GREY),
    (lambda me: '<!DOCTYPE x [<!ENTITY a "b">]>' + text_reply(me), "invalid: DOCTYPE", GREY),
    (lambda me: text_reply("oSomebodyElse"), "invalid: ToUserName", GREY),
    (lambda me: text_reply(me, account="gh_other"), "invalid: FromUserName", GREY),
    (lambda me: text_reply(me, content=""), "invalid: Content is empty", GREY),
    (lambda me: text_reply(me, content="字" * 683), "invalid: Content is over", GREY),
    (lambda me: text_reply(me, kind="news", more=TWO), "invalid: more than one article", GREY),
    (lambda me: text_reply(me, kind="image", more="<Image><MediaId>x</MediaId></Image>"), "invalid: MediaId", GREY),
    (lambda me: text_reply(me, kind="smoke"), "invalid: MsgType", GREY),
]


@pytest.mark.parametrize(("reply", "judged", "shown"), REPLIES, ids=[row[1] for row in REPLIES])
def test_answers_are_judged(sandbox, site, reply, judged, shown):
    sandbox.do("chen", "follow")
    openid = sandbox.person("chen")["openid"]
    site.behave = lambda request: Response(reply(openid))
    told = sandbox.do("chen", "say", text="x")
    assert len(told["tries"]) == 1
    assert told["tries"][0]["judged"].startswith(judged)
    assert [bubble["text"] for bubble in told["shown"]] == ([shown] if shown else [])


def test_three_tries_with_the_same_number(sandbox, site):
    sandbox.do("chen", "follow")
    site.forget()
    site.behave = lambda request: Response("no", 500)
    told = sandbox.do("chen", "say", text="x")
    assert [one["judged"] for one in told["tries"]] == ["failed: status 500"] * 3
    assert told["shown"][0]["text"] == GREY
    bodies = {site.next().get_data() for _ in range(3)}
    assert len(bodies) == 1
    message = parse_message(bodies.pop())
    assert message.id > 2**53


def test_a_repeat_can_still_be_answered(sandbox, site):
    sandbox.do("chen", "follow")
    answers = [Response("no", 502), None]

    def second(request):
        return answers.pop(0) or echo(request)

    site.behave = lambda request: second(request)
    told = sandbox.do("chen", "say", text="x")
    assert [one["judged"] for one in told["tries"]] == ["failed: status 502", "reply"]
    assert told["shown"][0]["text"] == "收到x"


def test_after_five_seconds_the_connection_is_cut(sandbox, site):
    sandbox.do("chen", "follow")
    calls = []

    def slow_once(request):
        calls.append(1)
        if len(calls) == 1:
            time.sleep(5.6)
        return Response("success")

    site.behave = slow_once
    told = sandbox.do("chen", "say", text="x")
    assert [one["judged"] for one in told["tries"]] == ["failed: no answer in 5 s", "success"]
    assert 4.9 <= told["tries"][0]["seconds"] <= 5.5


def test_events_carry_what_wechat_sends(sandbox, site):
    code = sandbox.call(
        "/cgi-bin/qrcode/create",
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "activity_7"}}},
    )
    click, link = (
        {"type": "click", "name": "活动", "key": "LIST"},
        {"type": "view", "name": "站", "url": "http://a.cn/"},
    )
    sandbox.call("/cgi-bin/menu/create", {"button": [click, link]})
    site.forget()

    def event(action, **data):
        sandbox.do("chen", action, **data)
        request = site.next()
        assert request.args["openid"] == sandbox.person("chen")["openid"]
        return parse_message(request.get_data())

    followed = event("scan", ticket=code["ticket"])
    assert (followed.event, followed.scene_id, followed.ticket) == ("subscribe_scan", "activity_7", code["ticket"])
    assert sandbox.person("chen")["qr_scene_str"] == "activity_7"
    scanned = event("scan", scene="activity_7")
    assert (scanned.event, scanned.scene_id) == ("scan", "activity_7")
    assert event("tap", key="LIST").key == "LIST"
    viewed = event("tap", url="http://a.cn/")
    assert (viewed.event, viewed.url) == ("view", "http://a.cn/")
    assert viewed._data["MenuId"]
    located = event("push", MsgType="event", Event="LOCATION", Latitude="38.9", Longitude="121.6", Precision="30")
    assert located.latitude == 38.9
    assert event("unfollow").event == "unsubscribe"


def test_expired_codes_and_missing_buttons_are_refused(sandbox):
    code = sandbox.call(
        "/cgi-bin/qrcode/create", {"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 7}}}
    )
    sandbox.advance(61)
    assert sandbox.do("chen", "scan", ticket=code["ticket"]) == {"error": "二维码已过期"}
    assert sandbox.do("chen", "say", text="x") == {"error": "请先关注公众号"}
    sandbox.do("chen", "follow")
    assert sandbox.do("chen", "tap", key="NOTHING") == {"error": "菜单里没有这个按钮"}


def test_what_cannot_be_answered_shows_nothing(sandbox, site):
    sandbox.do("chen", "follow")
    site.behave = lambda request: Response("{}")
    told = sandbox.do("chen", "unfollow")
    assert told["shown"] == []
    assert told["tries"][0]["judged"].endswith("(not shown)")


def test_nobody_at_home(start_sandbox):
    sandbox = start_sandbox(SITE_URL="http://127.0.0.1:1")
    told = sandbox.do("chen", "follow")
    assert len(told["tries"]) == 3
    assert told["tries"][0]["status"] is None
    assert told["shown"][0]["text"] == GREY
    assert urlsplit(sandbox.url).hostname == "127.0.0.1"


def test_a_sign_that_no_xml_may_hold_is_left_out(sandbox, site):
    sandbox.do("chen", "follow")
    site.forget()
    site.behave = echo
    told = sandbox.do("chen", "say", text="你\x00好\x0b\x1f\ufffe，\t世界😀")
    assert told["tries"][0]["judged"] == "reply"
    assert [bubble["text"] for bubble in told["shown"]] == ["收到你好，\t世界😀"]
