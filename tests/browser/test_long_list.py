"""A long list goes out when an admin of the organisation above said yes, and once."""

import re

import openpyxl
from playwright.sync_api import Page, expect

from tests.browser.every_page import ORGANISER, PARENT
from tests.browser.looks import faults
from tests.browser.product import Product
from tests.browser.steps import Enter

COUNT = re.compile(r"全部在册 ([0-9]+)")


def open_a_list(page: Page, product: Product) -> int:
    """The list of an activity with two people or more; returns how many they are."""
    page.goto(f"{product.site}/organization/activities")
    links = page.evaluate("[...document.links].map(a => a.href)")
    for link in [link for link in links if re.search(r"/organization/activities/[0-9]+$", link)]:
        page.goto(f"{link}/roster")
        found = COUNT.search(page.content())
        if found and int(found[1]) > 1:
            return int(found[1])
    raise AssertionError("no list has two people")


def test_asked_approved_from_above_and_downloaded_once(product: Product, enter: Enter) -> None:
    asker, judge = enter(ORGANISER), enter(PARENT)
    people = open_a_list(asker, product)
    asker.get_by_role("link", name="导出名单").click()
    asker.get_by_label("用途").fill("购买保险")
    asker.get_by_role("button", name="确定导出名单").click()
    expect(asker.get_by_text("已请另一位管理员审批")).to_be_visible()
    assert faults(asker) == []
    judge.goto(f"{product.site}/organization/exports")
    with judge.expect_navigation():
        judge.get_by_text(f"全部在册 {people} 人：购买保险").first.click()
    assert faults(judge) == []
    judge.get_by_role("button", name="同意", exact=True).click()
    expect(judge.get_by_text("已同意，对方会收到通知")).to_be_visible()
    asker.reload()
    assert faults(asker) == []
    with asker.expect_download() as download:
        asker.get_by_role("button", name="下载名单").click()
    with download.value.path().open("rb") as file:
        assert openpyxl.load_workbook(file)["名单"].max_row == people + 1
    asker.reload()
    expect(asker.get_by_text("已下载", exact=True)).to_be_visible()
