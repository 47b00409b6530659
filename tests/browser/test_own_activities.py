"""What an organiser does with an activity as a whole: drafts thrown away, templates, the end of sign-up, 取消活动."""

from datetime import datetime, timedelta

from playwright.sync_api import Browser, Page, expect

from app.clock import SHANGHAI
from tests.browser.every_page import ORGANISER
from tests.browser.looks import faults
from tests.browser.product import Product
from tests.browser.steps import Enter, at_home
from tests.browser.test_publish import fill_plain, open_form
from tests.browser.test_waiting_list import open_activity

#: Somebody of the demonstration data who signs up for nothing else in these walks.
VOLUNTEER = ("高振华", "19900000016")


def publish(page: Page, product: Product, title: str) -> str:
    """As it stands in the form; returns the address of its page."""
    open_form(page, product)
    fill_plain(page, title)
    confirm(page)
    return page.url


def confirm(page: Page) -> None:
    page.get_by_label("我确认以上情形都不存在").check()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_text("活动已发布")).to_be_visible()


def close_sign_up_at(page: Page, moment: datetime) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name="报名时间").click()
    assert faults(page) == []
    page.get_by_label("报名截止时间").fill(moment.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="确定报名时间").click()
    expect(page.get_by_text("报名截止时间已修改")).to_be_visible()


def test_a_draft_is_thrown_away_once_the_question_is_answered(product: Product, enter: Enter) -> None:
    page, title = enter(ORGANISER), "不办了的科普赶集"
    open_form(page, product)
    page.get_by_label("活动名称", exact=True).fill(title)
    page.get_by_role("button", name="存草稿").click()
    with page.expect_navigation():
        page.get_by_role("link", name=title).click()
    expect(page.get_by_text("草稿还没有填完")).to_be_visible()
    assert faults(page) == []
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="删除草稿").click()
    expect(page.get_by_label("活动名称", exact=True)).to_have_value(title)
    page.get_by_label("活动地点").fill("滨海广场")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="删除草稿").click()
    expect(page.get_by_text("草稿已删除")).to_be_visible()
    expect(page.get_by_role("link", name=title)).to_have_count(0)
    assert faults(page) == []


def test_a_template_is_where_the_next_activity_begins(product: Product, enter: Enter) -> None:
    page, title = enter(ORGANISER), "每月一次的社区修表"
    publish(page, product, title)
    page.get_by_role("button", name="设为模板").click()
    expect(page.get_by_text("已设为模板，发布新活动时可以从它开始")).to_be_visible()
    page.goto(f"{product.site}/organization/activities/new")
    with page.expect_navigation():
        page.get_by_role("link", name="从模板或以前的活动开始").click()
    expect(page.get_by_role("listitem").filter(has_text="模板 · ").filter(has_text=title)).to_have_count(1)
    assert faults(page) == []
    with page.expect_navigation():
        page.get_by_role("link", name=f"从它开始：{title}").click()
    expect(page.get_by_label("活动内容", exact=True)).to_have_value(f"{title}：给居民讲解台风天怎样保护自己。")
    page.get_by_label("活动名称", exact=True).fill(f"{title}：第二次")
    confirm(page)
    page.goto(f"{product.site}/organization/activities?q={title}")
    with page.expect_navigation():
        page.locator(".card").filter(has_not_text="第二次").get_by_role("link").click()
    page.get_by_role("button", name="不再作模板").click()
    expect(page.get_by_role("button", name="设为模板")).to_be_visible()
    assert faults(page) == []


def test_sign_up_ends_early_is_opened_again_and_the_activity_called_off(
    browser: Browser, product: Product, enter: Enter
) -> None:
    page, title = enter(ORGANISER), "湿地观鸟引导员招募"
    address = publish(page, product, title)
    with page.expect_navigation():
        page.get_by_role("link", name="报名时间").click()
    page.get_by_role("button", name="马上截止报名").click()
    expect(page.get_by_text("报名已截止")).to_be_visible()
    volunteer = at_home(browser, product, *VOLUNTEER)
    volunteer.tap_menu("志愿者", "活动报名")
    expect(volunteer.web.get_by_role("link", name=title)).to_have_count(0)
    volunteer.close_web()

    later = datetime.now(SHANGHAI) + timedelta(hours=5)
    close_sign_up_at(page, later)
    expect(page.locator(".fact", has_text="报名截止")).to_contain_text(later.strftime("%H:%M"))
    open_activity(volunteer, title)
    volunteer.press("立即报名")
    expect(volunteer.web.get_by_text("报名成功")).to_be_visible()
    volunteer.close_web()

    page.goto(address)
    with page.expect_navigation():
        page.get_by_role("link", name="取消活动").click()
    assert faults(page) == []
    page.get_by_role("button", name="确定取消活动").click()
    expect(page.get_by_text("请写明原因，报名的人会收到")).to_be_visible()
    page.get_by_label("取消原因").fill("湿地结冰，改到春天")
    page.get_by_role("button", name="确定取消活动").click()
    expect(page.get_by_text("活动已取消，报名的人会收到通知")).to_be_visible()
    expect(page.locator(".fact", has_text="取消原因")).to_contain_text("湿地结冰，改到春天")
    assert faults(page) == []
    told = volunteer.page.locator(".bubble", has_text="湿地结冰，改到春天")
    expect(told).to_contain_text(title)
    told.get_by_role("link").click()
    expect(volunteer.web.get_by_text("活动已取消：湿地结冰，改到春天")).to_be_visible()
    volunteer.page.close()
