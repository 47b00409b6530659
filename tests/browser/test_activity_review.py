"""审核活动: handed in, taken back, sent back, mended, let pass and found by everybody."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.every_page import ORGANISER, PARENT, STRANGER
from tests.browser.looks import faults
from tests.browser.product import Product
from tests.browser.steps import Enter
from tests.browser.test_publish import fill_plain, open_form

SETTING = "STVS_ACTIVITIES__REVIEW"
TITLE = "节约用水进社区展览"


@pytest.fixture
def site(product: Product) -> Iterator[str]:
    """One that has activities reviewed by the organisation above."""
    product.env[SETTING] = "parent"
    product.restart_web()
    yield product.site
    del product.env[SETTING]
    product.restart_web()


def hand_in(page: Page) -> None:
    page.get_by_label("我确认以上情形都不存在").check()
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("等上级组织审核，通过后志愿者就能看到")).to_be_visible()
    assert faults(page) == []


def open_review(page: Page, site: str) -> None:
    page.goto(f"{site}/organization/activities")
    with page.expect_navigation():
        page.get_by_role("link", name="等待您审核的活动").click()
    with page.expect_navigation():
        page.get_by_role("link", name=f"审核：{TITLE}").click()
    assert faults(page) == []


def test_taken_back_sent_back_mended_and_let_pass(product: Product, site: str, enter: Enter) -> None:
    page, above, stranger = enter(ORGANISER), enter(PARENT), enter(STRANGER)
    open_form(page, product)
    fill_plain(page, TITLE)
    hand_in(page)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="撤回审核").click()
    expect(page.get_by_text("已撤回，改好后再提交")).to_be_visible()
    assert faults(page) == []
    hand_in(page)
    waiting = page.url

    open_review(above, site)
    expect(above.get_by_text("给居民讲解台风天怎样保护自己。")).to_be_visible()
    above.get_by_role("button", name="退回").click()
    expect(above.get_by_text("请写明原因，对方会看到")).to_be_visible()
    above.get_by_label("原因").fill("内容写的不是节水")
    above.get_by_role("button", name="退回").click()
    expect(above.get_by_text("已退回，对方会收到原因")).to_be_visible()

    page.goto(waiting)
    expect(page.get_by_text("上级没有通过：内容写的不是节水")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="继续编辑").click()
    expect(page.get_by_text("上级没有通过：内容写的不是节水")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("活动内容", exact=True).fill("讲解家里怎样节水。")
    hand_in(page)
    stranger.goto(f"{site}/activities?q={TITLE}")
    expect(stranger.locator(".card__title", has_text=TITLE)).to_have_count(0)
    open_review(above, site)
    above.get_by_role("button", name="通过").click()
    expect(above.get_by_text("已通过，活动已发布")).to_be_visible()
    assert faults(above) == []
    stranger.reload()
    expect(stranger.locator(".card__title", has_text=TITLE)).to_have_count(1)
