"""What an organiser does with the people on the list, and what they notice."""

from datetime import datetime, timedelta

from playwright.sync_api import Browser, Page, expect

from app.clock import SHANGHAI
from tests.browser.every_page import ORGANISER
from tests.browser.looks import faults
from tests.browser.phone import Phone
from tests.browser.product import Product
from tests.browser.steps import Enter, at_home
from tests.browser.test_publish import fill_plain, open_form
from tests.browser.test_waiting_list import open_activity

TITLE = "海洋馆夜场讲解"
#: People of the demonstration data who sign up for nothing else in these walks; the first is a member.
ENLISTED, LEAVING, UNFIT, WAITING = (
    ("黄玉兰", "19900000009"),
    ("林晓燕", "19900000017"),
    ("何永胜", "19900000018"),
    ("郭思远", "19900000019"),
)


def publish(page: Page, product: Product) -> str:
    """Three places, judged one by one, a waiting list by hand, and only leave is left; returns the list's address."""
    open_form(page, product)
    fill_plain(page, TITLE)
    page.get_by_label("招募人数", exact=True).fill("3")
    page.get_by_text("更多：报名开始、审核、候补、取消截止").click()
    page.get_by_label("报名方式").select_option(label="审核后成功")
    page.get_by_label("候补人数").fill("5")
    page.get_by_label("候补方式").select_option(label="由组织者递补")
    past = datetime.now(SHANGHAI) - timedelta(hours=1)
    page.get_by_label("取消截止时间").fill(past.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("我确认以上情形都不存在").check()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_text("活动已发布")).to_be_visible()
    return f"{page.url}/roster"


def follow(page: Page, link: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=link).first.click()
    assert faults(page) == []


def send(page: Page, button: str, told: str) -> None:
    page.get_by_role("button", name=button).first.click()
    expect(page.get_by_text(told)).to_be_visible()


def put_on_list(page: Page, phone: str) -> None:
    follow(page, "加入名单")
    page.get_by_label("志愿者编号或手机号").fill("19800000000")
    page.get_by_label("原因").fill("熟悉展馆，电话里已答应")
    page.get_by_role("button", name="确定加入名单").click()
    expect(page.locator(".field__error, .form-error").first).to_be_visible()
    assert faults(page) == []
    page.get_by_label("志愿者编号或手机号").fill(phone)
    send(page, "确定加入名单", "已加入名单，对方会收到通知")


def sign_up(browser: Browser, product: Product, person: tuple[str, str], button: str = "立即报名") -> Phone:
    phone = at_home(browser, product, *person)
    open_activity(phone, TITLE)
    phone.press(button)
    told = "已加入候补" if button == "报名候补" else "报名已提交，等主办组织审核"
    expect(phone.web.get_by_text(told)).to_be_visible()
    return phone


def ask_for_leave(phone: Phone) -> None:
    phone.web.get_by_role("link", name="请假").click()
    phone.expect_title("请假")
    phone.web.get_by_text("身体不舒服", exact=True).click()
    phone.press("提交请假")
    expect(phone.web.get_by_text("已报名，请假待同意")).to_be_visible()


def test_a_list_is_filled_by_hand_and_everybody_hears_of_it(browser: Browser, product: Product, enter: Enter) -> None:
    page = enter(ORGANISER)
    roster = publish(page, product)
    page.goto(roster)
    put_on_list(page, ENLISTED[1])
    leaving, unfit = (sign_up(browser, product, one) for one in (LEAVING, UNFIT))
    waiting = sign_up(browser, product, WAITING, "报名候补")

    page.goto(f"{roster}?group=pending")
    send(page, f"通过：{LEAVING[0]}", "已通过，对方会收到通知")
    page.goto(f"{roster}?group=pending")
    follow(page, f"不通过：{UNFIT[0]}")
    page.get_by_label("原因").fill("这次要会潜水的")
    send(page, "确定不通过", "已不通过，对方会收到通知")
    unfit.close_web()
    expect(unfit.page.locator(".bubble", has_text="这次要会潜水的")).to_contain_text(f"报名没有通过：{TITLE}")

    leaving.close_web()
    open_activity(leaving, TITLE)
    ask_for_leave(leaving)
    page.goto(roster)
    expect(page.get_by_text("请假：身体不舒服")).to_be_visible()
    follow(page, f"看电话：{LEAVING[0]}")
    page.get_by_text("确认能否到场").click()
    page.get_by_role("button", name="确定看电话").click()
    expect(page.get_by_role("link", name=f"拨打 {LEAVING[1]}")).to_have_attribute("href", f"tel:{LEAVING[1]}")
    assert faults(page) == []
    page.get_by_role("link", name="返回名单").click()
    send(page, f"准假：{LEAVING[0]}", "已同意请假，名额会让给候补的人")
    leaving.close_web()
    expect(leaving.page.get_by_text(f"请假已同意：{TITLE}")).to_be_visible()

    send(page, "请下一位", "名额已给排在最前的一位，等对方确认")
    assert faults(page) == []
    waiting.close_web()
    offer = waiting.page.locator(".bubble", has_text=f"有名额了，请确认：{TITLE}")
    offer.get_by_role("link").click()
    waiting.press("确认参加")
    expect(waiting.web.get_by_text("报名已提交，等主办组织审核")).to_be_visible()
    waiting.close_web()

    page.goto(f"{roster}?group=pending")
    send(page, f"通过：{WAITING[0]}", "已通过，对方会收到通知")
    follow(page, "给大家发消息")
    page.get_by_label("消息内容").fill("请提前一刻钟到北门集合。")
    send(page, "确定给大家发消息", "消息已发给 2 人")
    expect(waiting.page.get_by_text("请提前一刻钟到北门集合。")).to_be_visible()
    expect(page.get_by_role("link", name="全部在册 2")).to_be_visible()
    assert faults(page) == []
    enlisted = enter(ENLISTED[1])
    enlisted.goto(f"{product.site}/volunteer/activities")
    expect(enlisted.locator(".card", has_text=TITLE)).to_contain_text("已报名")
    for phone in (leaving, unfit, waiting):
        phone.page.close()
