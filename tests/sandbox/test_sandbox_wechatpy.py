"""The API through wechatpy's client, which nobody here wrote."""

import io

import pytest
import requests
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient, WeChatClientException, WeChatOAuth

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
APP_ID, SECRET = "wx0123456789abcdef", "0123456789abcdef0123456789abcdef"
TEMPLATE = "SandboxTemplate0000000000000000000000000001"
SUBSCRIPTION = "SandboxSubscribe000000000000000000000000001"
VALUES = {"thing1": {"value": "科普进社区"}, "time2": {"value": "2026年8月12日 09:00"}, "thing3": {"value": "广场"}}


class ToSandbox(HTTPAdapter):
    """wechatpy has WeChat's addresses in its code; they lead here instead."""

    def __init__(self, base: str) -> None:
        self.base = base
        super().__init__()

    def send(self, request, **more):
        path = request.url.split("/", 3)[3]
        request.url = f"{self.base}/{path}"
        return super().send(request, **more)


def lead_here(session: requests.Session, base: str) -> None:
    session.trust_env = False
    for host in ("https://api.weixin.qq.com", "https://mp.weixin.qq.com"):
        session.mount(host, ToSandbox(base))


@pytest.fixture
def client(sandbox):
    made = WeChatClient(APP_ID, SECRET, auto_retry=False)
    lead_here(made._http, sandbox.url)
    return made


@pytest.fixture
def openid(sandbox) -> str:
    """陈晓 follows and has just written."""
    sandbox.do("chen", "follow")
    sandbox.do("chen", "say", text="你好")
    return sandbox.person("chen")["openid"]


def test_the_menu_is_made_read_and_deleted(client):
    assert client.menu.get() is None
    buttons = {"button": [{"type": "view", "name": "志愿者", "url": "https://example.com/"}]}
    assert client.menu.create(buttons)["errcode"] == 0
    assert client.menu.get()["menu"]["button"][0]["name"] == "志愿者"
    assert client.menu.get_menu_info()["is_menu_open"] == 1
    client.menu.delete()
    assert client.menu.get() is None


def test_a_conditional_menu_is_for_those_it_matches(client, openid):
    tag = client.tag.create("组织管理员")["id"]
    button = [{"type": "click", "name": "发布活动", "key": "PUBLISH"}]
    client.menu.create({"button": [{"type": "click", "name": "活动", "key": "LIST"}]})
    menu_id = client.menu.add_conditional({"button": button, "matchrule": {"tag_id": tag}})["menuid"]
    assert client.menu.try_match(openid)["button"][0]["key"] == "LIST"
    client.tag.tag_user(tag, openid)
    assert client.menu.try_match(openid)["button"][0]["key"] == "PUBLISH"
    assert client.menu.del_conditional(menu_id)["errcode"] == 0
    assert client.menu.try_match(openid)["button"][0]["key"] == "LIST"


def test_followers_are_described(client, openid):
    assert client.user.get(openid)["subscribe"] == 1
    assert client.user.get_batch([openid])[0]["openid"] == openid
    assert client.user.get_followers()["data"]["openid"] == [openid]
    assert list(client.user.iter_followers()) == [openid]
    client.user.update_remark(openid, "组长")
    assert client.user.get(openid)["remark"] == "组长"


def test_a_stranger_has_an_openid_and_no_more(client, sandbox):
    stranger = sandbox.person("wang")["openid"]
    assert client.user.get(stranger)["subscribe"] == 0
    with pytest.raises(WeChatClientException, match="40003"):
        client.user.get("o" + "x" * 27)


def test_tags(client, openid):
    tag = client.tag.create("志愿者")["id"]
    assert client.tag.update(tag, "老志愿者")["errcode"] == 0
    client.tag.tag_user(tag, [openid])
    assert client.tag.get() == [{"id": tag, "name": "老志愿者", "count": 1}]
    assert client.tag.get_user_tag(openid) == [tag]
    assert client.tag.get_tag_users(tag)["data"]["openid"] == [openid]
    client.tag.untag_user(tag, openid)
    assert client.tag.get_user_tag(openid) == []
    client.tag.delete(tag)
    assert client.tag.get() == []


def test_scene_codes_have_a_picture(client, sandbox):
    code = client.qrcode.create(
        {"expire_seconds": 600, "action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "activity_7"}}}
    )
    assert code["expire_seconds"] == 600
    address = client.qrcode.get_url(code).replace("https://mp.weixin.qq.com", sandbox.url)
    picture = sandbox.http.get(address)
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_messages_in_the_window(client, openid, sandbox):
    client.message.send_text(openid, "报名成功")
    client.message.send_articles(openid, [{"title": "活动", "description": "明天", "url": "http://a.cn/", "image": ""}])
    media = client.media.upload("image", io.BytesIO(PNG))["media_id"]
    client.message.send_image(openid, media)
    assert [bubble["type"] for bubble in sandbox.chat("chen")[-3:]] == ["text", "news", "image"]


def test_template_messages(client, openid, sandbox, site):
    site.forget()
    sent = client.message.send_template(openid, TEMPLATE, VALUES, url="http://a.cn/")
    event = site.next().get_data(as_text=True)
    assert "TEMPLATESENDJOBFINISH" in event
    assert f"<MsgID>{sent['msgid']}</MsgID>" in event
    assert sandbox.chat("chen")[-1]["rows"][0] == ["活动名称", "科普进社区"]
    assert client.template.get_all_private_template()["template_list"][0]["template_id"] == TEMPLATE


def test_one_subscription_message_for_one_acceptance(client, openid, sandbox):
    sandbox.do("chen", "accept", template_id=SUBSCRIPTION)
    client.message.send_subscribe_message(openid, SUBSCRIPTION, data=VALUES)
    with pytest.raises(WeChatClientException, match="43101"):
        client.message.send_subscribe_message(openid, SUBSCRIPTION, data=VALUES)


def test_media_come_back_as_they_went(client):
    media = client.media.upload("image", io.BytesIO(PNG))["media_id"]
    assert client.media.download(media).content == PNG
    assert client.media.upload_image(io.BytesIO(PNG)).startswith("http://127.0.0.1:")


def test_addresses_and_tickets(client):
    assert client.misc.get_wechat_ips() == ["127.0.0.1"]
    assert client.jsapi.get_ticket()["errcode"] == 0


def test_web_login(sandbox):
    oauth = WeChatOAuth(APP_ID, SECRET, "http://127.0.0.1/wechat/oauth", "snsapi_userinfo", "abc123")
    lead_here(oauth._http, sandbox.url)
    link = oauth.authorize_url.replace("https://open.weixin.qq.com", sandbox.url).partition("#")[0]
    headers = {"User-Agent": "MicroMessenger/8.0"}
    back = sandbox.http.post(link, data={"person": "li", "answer": "allow"}, headers=headers, allow_redirects=False)
    code = back.headers["Location"].partition("code=")[2].partition("&")[0]
    token = oauth.fetch_access_token(code)
    assert token["openid"] == sandbox.person("li")["openid"]
    assert oauth.check_access_token()
    assert oauth.get_user_info()["nickname"] == "李梅"
    assert oauth.refresh_access_token(token["refresh_token"])["openid"] == token["openid"]
