"""The puzzle before a code: a browser does it unseen; without JavaScript a person reads a picture."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looks import faults
from tests.browser.product import Product

SCREEN = {"viewport": {"width": 375, "height": 740}, "locale": "zh-CN"}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product where every code costs a puzzle."""
    running = Product(tmp_path_factory.mktemp("strict"))
    running.env["STVS_LIMITS__CODES_BEFORE_PUZZLE"] = "0"
    try:
        running.start()
        yield running
    finally:
        running.stop()


def login(browser: Browser, product: Product, phone: str, **more: object) -> Page:
    page = browser.new_context(**SCREEN, **more).new_page()  # type: ignore[arg-type]
    page.goto(f"{product.site}/login")
    page.get_by_label("手机号").fill(phone)
    return page


def test_a_browser_does_it_unseen_time_and_again(browser: Browser, strict: Product) -> None:
    page = login(browser, strict, "18800009901")
    for _ in range(2):
        expect(page.get_by_label("图片里的数字")).to_be_hidden()
        expect(page.get_by_role("button", name="发送验证码")).to_be_enabled()
        page.get_by_role("button", name="发送验证码").click()
        expect(page.get_by_text("验证码已发出")).to_be_visible()
    assert faults(page) == []
    page.context.close()


def test_without_javascript_there_is_a_picture_and_a_wrong_answer_brings_another(
    browser: Browser, strict: Product
) -> None:
    page = login(browser, strict, "18800009902", java_script_enabled=False)
    picture = page.get_by_alt_text("5 个数字的图片")
    expect(picture).to_be_visible()
    before = picture.get_attribute("src")
    page.get_by_label("图片里的数字").fill("1")
    page.get_by_role("button", name="发送验证码").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("先填图片里的数字"))
    expect(page.get_by_label("手机号")).to_have_value("18800009902")
    assert picture.get_attribute("src") != before
    page.context.close()
