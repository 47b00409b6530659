"""The phone in a real browser, at a phone's width."""

import re
import shutil

import pytest
from playwright.sync_api import Page, Playwright, expect
from wechatpy import create_reply, parse_message
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium(playwright: Playwright):
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 375, "height": 667})
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    yield page
    assert page.faults == []
    context.close()


@pytest.fixture
def living_site(site):
    """Greets, answers, and has two pages of which one logs in."""

    def behave(request):
        if request.path == "/wechat/callback":
            message = parse_message(request.get_data())
            link = f'欢迎！<a href="{site.url}/volunteer/register">注册</a>'
            return Response(
                create_reply("收到" + message.content if message.type == "text" else link, message).render()
            )
        if request.path == "/go":
            return redirect("/volunteer/register")
        body = f"<title>注册</title><h1>志愿者注册</h1><p>{request.headers['User-Agent']}</p><a href='/go'>下一步</a>"
        outside = "<a href='https://example.com/x?y=1'>外面</a>"
        return Response(f"{body}{outside}", content_type="text/html; charset=utf-8")

    site.behave = behave
    return site


@pytest.fixture
def menu(sandbox, site):
    def view(name, url):
        return {"type": "view", "name": name, "url": url}

    subs = [view("注册", site.url + "/volunteer/register"), view("中国科协官网", "https://www.cast.org.cn/")]
    sandbox.call("/cgi-bin/menu/create", {"button": [{"name": "志愿服务站", "sub_button": subs}]})


@pytest.fixture
def phone(page: Page, sandbox, living_site, menu) -> Page:
    page.goto(sandbox.url)
    page.get_by_role("link", name="陈晓").click()
    expect(page.locator("html")).to_have_attribute("data-ready", "yes")
    return page


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def test_follow_chat_and_unfollow(phone):
    button(phone, "关注公众号").click()
    expect(phone.get_by_text("欢迎！")).to_be_visible()
    phone.get_by_label("输入消息").fill("你好")
    button(phone, "发送").click()
    expect(phone.get_by_text("收到你好", exact=True)).to_be_visible()
    button(phone, "设置").click()
    button(phone, "取消关注").click()
    expect(button(phone, "关注公众号")).to_be_visible()
    expect(phone.get_by_text("本地微信模拟器 · 不是真的微信")).to_be_visible()


def test_a_menu_opens_a_page_inside(phone):
    button(phone, "关注公众号").click()
    top = button(phone, "志愿服务站")
    expect(top).to_have_text("志愿服务…")
    top.click()
    button(phone, "注册").click()
    inside = phone.frame_locator("iframe[name=webview]")
    expect(inside.get_by_role("heading", name="志愿者注册")).to_be_visible()
    expect(inside.get_by_text("MicroMessenger/8.0.50")).to_be_visible()
    expect(phone.locator("#web-title")).to_have_text("注册")
    inside.get_by_role("link", name="下一步").click()
    expect(inside.get_by_role("heading", name="志愿者注册")).to_be_visible()
    inside.get_by_role("link", name="外面").click()
    expect(inside.get_by_text("https://example.com/x?y=1")).to_be_visible()
    button(phone, "返回").click()
    expect(phone.locator("#webview")).to_be_hidden()


def test_of_two_buttons_with_one_name_the_pressed_one_opens(phone, sandbox, site):
    def below(top, path):
        return {"name": top, "sub_button": [{"type": "view", "name": "注册", "url": site.url + path}]}

    sandbox.call("/cgi-bin/menu/create", {"button": [below("志愿者", "/volunteer"), below("组织", "/organization")]})
    button(phone, "关注公众号").click()
    button(phone, "组织").click()
    button(phone, "注册").click()
    expect(phone.locator("iframe[name=webview]")).to_have_attribute("src", re.compile("/organization$"))


def test_outside_links_of_the_menu_are_not_fetched(phone):
    button(phone, "关注公众号").click()
    button(phone, "志愿服务站").click()
    button(phone, "中国科协官网").click()
    outside = phone.locator("#outside")
    expect(outside.get_by_text("https://www.cast.org.cn/")).to_be_visible()
    expect(outside.get_by_role("link", name="在新标签页打开")).to_have_attribute("href", "https://www.cast.org.cn/")


def test_text_messages_arrive_without_reloading(phone, sandbox):
    expect(button(phone, "关注公众号")).to_be_visible()
    sandbox.post("/sandbox/sms", {"phone": "19900000001", "code": "246810", "text": "验证码 246810"})
    expect(phone.locator(".dot")).to_be_visible()
    button(phone, "短信").click()
    expect(phone.get_by_text("验证码 246810")).to_be_visible()


def test_a_stranger_scans_and_follows_with_the_scene(phone, sandbox):
    create = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "activity_7"}}}
    code = sandbox.call("/cgi-bin/qrcode/create", create)
    button(phone, "扫一扫").click()
    phone.get_by_label("二维码内容").fill(code["url"])
    button(phone, "识别").click()
    button(phone, "关注公众号").click()
    expect(phone.get_by_text("欢迎！")).to_be_visible()
    assert sandbox.person("chen")["qr_scene_str"] == "activity_7"


def test_a_new_person_and_back(phone, sandbox):
    button(phone, "切换用户").click()
    phone.get_by_label("姓名").fill("孙莉")
    phone.get_by_label("手机号").fill("19900000009")
    button(phone, "新建并进入").click()
    expect(phone).to_have_title("孙莉的手机 · 本地微信模拟器")


def test_the_failure_line_and_switches(phone, sandbox, site):
    button(phone, "关注公众号").click()
    expect(phone.get_by_text("欢迎！")).to_be_visible()
    site.behave = lambda request: Response("{}")
    phone.get_by_label("输入消息").fill("在吗")
    phone.get_by_label("输入消息").press("Enter")
    expect(phone.get_by_text("该公众号提供的服务出现故障，请稍后再试")).to_be_visible()
    button(phone, "设置").click()
    phone.get_by_label("系统繁忙（-1）").check()
    button(phone, "+1 天").click()
    expect(phone.locator("#now")).not_to_be_empty()


@pytest.mark.parametrize(("width", "height"), [(375, 667), (320, 568), (1280, 800)])
def test_nothing_sticks_out(chromium, sandbox, living_site, menu, width, height):
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    for path in ("/", "/phone/chen"):
        page.goto(sandbox.url + path)
        expect(page.locator(".phone")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
