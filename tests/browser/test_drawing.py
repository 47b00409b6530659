"""抽签 from the form to the outcome, on the pages of both sides."""

from datetime import datetime, timedelta

from playwright.sync_api import Browser, expect

from app.clock import SHANGHAI
from tests.browser.every_page import ORGANISER, VOLUNTEER
from tests.browser.product import Product
from tests.browser.test_publish import context_of, expect_good, fill_plain, open_form


def test_a_draw_is_published_entered_and_made(browser: Browser, product: Product) -> None:
    title = "天文馆夜间讲解抽签招募"
    organiser, volunteer = (context_of(browser, product, person) for person in (ORGANISER, VOLUNTEER))
    own, mine = organiser.pages[0], volunteer.pages[0]
    open_form(own, product)
    fill_plain(own, title)
    # Not at the hour that the form proposes: on some days the volunteer of the demonstration is elsewhere then.
    begins = datetime.now(SHANGHAI) + timedelta(days=50)
    for label, hour in (("开始时间", 19), ("结束时间", 21)):
        own.get_by_label(label, exact=True).fill(f"{begins:%Y-%m-%d}T{hour}:00")
    own.get_by_text("更多：报名开始、审核、候补、取消截止").click()
    own.get_by_label("报名方式").select_option(label="报名截止后抽签")
    own.get_by_label("我确认以上情形都不存在").check()
    own.get_by_role("button", name="确认发布").click()
    expect(own.get_by_text("活动已发布")).to_be_visible()
    address = own.url
    mine.goto(f"{product.site}/activities/{address.rsplit('/', 1)[1]}")
    expect_good(mine)
    mine.get_by_role("button", name="立即报名").click()
    expect(mine.get_by_text("您的抽签号是", exact=False)).to_be_visible()
    expect_good(mine)
    own.goto(f"{address}/deadline")
    own.get_by_role("button", name="马上截止报名").click()
    own.goto(f"{address}/roster?group=entered")
    expect_good(own)
    draw = own.get_by_role("button", name="抽签", exact=True)
    if draw.count():  # unless the worker, which looks every minute, was first
        own.once("dialog", lambda dialog: dialog.accept())
        draw.click()
    own.goto(f"{address}/roster")
    expect(own.get_by_text("已报名 1")).to_be_visible()
    expect_good(own)
    mine.reload()
    expect(mine.get_by_text("排在第 1 位", exact=False)).to_have_count(1)
    expect(mine.locator(".shift__mine")).to_have_text("已报名")
    expect_good(mine)
    for context in (organiser, volunteer):
        context.close()
