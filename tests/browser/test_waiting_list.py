"""候补, 审核 and 取消, on two phones and the organiser's."""

from playwright.sync_api import Browser, expect

from tests.browser.product import Product
from tests.browser.steps import newcomer, organization, publish


def open_activity(phone, title):
    phone.tap_menu("志愿者", "活动报名")
    phone.fill("名称", title)
    phone.press("查找")
    # The page before the answer lists it, too: a press there would be lost when the answer comes.
    expect(phone.web.locator("li.card")).to_have_count(1)
    phone.web.get_by_role("link", name=title).click()
    phone.expect_title(title)


def test_a_place_given_back_reaches_who_waits(browser: Browser, product: Product) -> None:
    title = "养老院智能手机课"
    organizer = organization(browser, product, "银龄科普志愿服务队")
    publish(organizer, title, quota="1", waitlist="5")
    first, second = newcomer(browser, product, "林晓雨"), newcomer(browser, product, "孙立群")
    open_activity(first, title)
    first.press("立即报名")
    expect(first.web.get_by_text("报名成功")).to_be_visible()
    open_activity(second, title)
    second.press("报名候补")
    expect(second.web.get_by_text("您排在第一位")).to_be_visible()

    first.web.get_by_role("link", name="取消报名").click()
    first.expect_title("取消报名")
    first.web.get_by_text("家里有事", exact=True).click()
    first.press("确定取消报名")
    expect(first.web.get_by_text("已取消报名", exact=True)).to_be_visible()
    second.close_web()
    expect(second.page.get_by_text(f"有名额了，请确认：{title}")).to_be_visible()
    second.tap_menu("志愿者", "我参加的活动")
    expect(second.web.get_by_text("候补转正待确认")).to_be_visible()
    second.web.get_by_role("link", name=title).click()
    second.press("确认参加")
    expect(second.web.get_by_text("报名成功")).to_be_visible()
    for phone in (organizer, first, second):
        phone.page.close()


def test_the_organiser_says_yes_to_who_signed_up(browser: Browser, product: Product) -> None:
    title = "实验室开放日讲解"
    organizer = organization(browser, product, "实验室科普志愿服务队")
    publish(organizer, title, review=True)
    volunteer = newcomer(browser, product, "林晓雨")
    open_activity(volunteer, title)
    volunteer.press("立即报名")
    expect(volunteer.web.get_by_text("报名已提交，等主办组织审核")).to_be_visible()
    organizer.close_web()
    organizer.tap_menu("组织", "我发布的活动")
    organizer.web.get_by_role("link", name=title).click()
    organizer.press("通过：林晓雨")
    expect(organizer.web.get_by_text("已通过，对方会收到通知")).to_be_visible()
    volunteer.close_web()
    expect(volunteer.page.get_by_text(f"报名成功：{title}")).to_be_visible()
    for phone in (organizer, volunteer):
        phone.page.close()
