"""Pages that only a walk leads to: 确认登录 on the phone that scanned, and 确认本人 after years."""

from pathlib import Path

from playwright.sync_api import Browser

from scripts.page_pictures import MODES, WINDOW, take
from tests.browser.every_page import log_in
from tests.browser.phone import Phone
from tests.browser.product import Product
from tests.browser.steps import register_as_volunteer
from tests.browser.test_log_in_by_scan import ask_for_a_code, desktop, scan_newest
from tests.browser.test_new_owner import PHONE, forget_when_it_was_used


def take_walked(browser: Browser, product: Product, folder: Path) -> None:
    _take_scan(browser, product, folder)
    context = browser.new_context(**WINDOW, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
    page = context.new_page()
    forget_when_it_was_used(product)
    log_in(page, product, PHONE)
    take(page, product, page.url, folder / f"volunteers.confirm_owner-{PHONE}")
    context.close()


def _take_scan(browser: Browser, product: Product, folder: Path) -> None:
    context = browser.new_context(**WINDOW, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
    phone = Phone(context.new_page(), product, "林晓雨", "18811110023")
    phone.follow()
    register_as_volunteer(phone)
    phone.close_web()
    computer = desktop(browser)
    ask_for_a_code(computer.new_page(), product)
    scan_newest(phone)
    phone.page.get_by_role("link", name="确认登录").click()
    phone.expect_title("确认登录")
    _take_phone(phone, folder / "accounts.confirm_log_in")
    phone.press("确认登录")
    phone.expect_title("已确认")
    _take_phone(phone, folder / "accounts.confirmed_log_in")
    context.close()
    computer.close()


def _take_phone(phone: Phone, name: Path) -> None:
    """As it stands inside WeChat; the larger type is switched on and off by its own button."""
    for mode in MODES:
        phone.page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
        if mode == "large":
            phone.press("大字")
            phone.web.get_by_role("button", name="标准字").wait_for()
        path = name.with_name(f"{name.name}-{mode}.jpg")
        phone.page.screenshot(path=path, type="jpeg", quality=60, animations="disabled")
    phone.press("标准字")
    phone.web.get_by_role("button", name="大字").wait_for()
