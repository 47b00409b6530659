"""活动报名 in a real browser: near first, and back to the same list."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.product import Product

HERE = {"latitude": 38.9128, "longitude": 121.6097}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Somebody in the middle of the city, who lets the browser say where."""
    context = browser.new_context(
        viewport={"width": 375, "height": 667}, locale="zh-CN", geolocation=HERE, permissions=["geolocation"]
    )
    yield context.new_page()
    context.close()


def test_near_first_and_back_to_the_same_list(page: Page, product: Product) -> None:
    page.goto(f"{product.site}/activities?region=")
    page.get_by_role("button", name="离我近", exact=True).click()
    expect(page).to_have_url(re.compile("sort=near"))
    assert "121." not in page.url
    cards = page.locator("[data-list] > li")
    expect(cards.first).to_contain_text("约 ")
    title = cards.nth(1).locator(".card__title").inner_text()
    cards.nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_role("link", name="返回列表").click()
    expect(page).to_have_url(re.compile("sort=near.*#a[0-9]+$"))
    expect(cards.nth(1)).to_contain_text(title)
    page.get_by_role("button", name="忘掉我的位置").click()
    expect(page.get_by_role("button", name="离我近", exact=True)).to_be_visible()
