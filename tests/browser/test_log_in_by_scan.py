"""微信扫码登录: a computer's page and a phone."""

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.looks import faults
from tests.browser.phone import Phone
from tests.browser.product import Product
from tests.browser.steps import newcomer


def desktop(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 1280, "height": 800}, is_mobile=False, has_touch=False)


def ask_for_a_code(page: Page, product: Product) -> None:
    page.goto(f"{product.site}/login")
    page.get_by_role("link", name="微信扫码登录").click()
    expect(page.get_by_alt_text("登录二维码")).to_be_visible()


def scan_newest(phone: Phone) -> None:
    phone.button("扫一扫")
    phone.page.locator("#codes button").first.click()


def test_a_computer_is_logged_in_once_the_phone_has_confirmed(browser: Browser, product: Product) -> None:
    phone = newcomer(browser, product, "林晓雨")
    computer = desktop(browser)
    page = computer.new_page()
    ask_for_a_code(page, product)
    scan_newest(phone)
    phone.page.get_by_role("link", name="确认登录").click()
    phone.expect_title("确认登录")
    expect(phone.web.get_by_text("Chrome", exact=False)).to_be_visible()
    frame = phone.page.frame(name="webview")
    assert frame is not None
    assert faults(frame) == []
    expect(page.get_by_alt_text("登录二维码")).to_be_visible()

    phone.press("确认登录")
    phone.expect_title("已确认")
    expect(page.get_by_alt_text("登录二维码")).to_have_count(0)
    page.goto(f"{product.site}/volunteer")
    expect(page.get_by_text(f"{phone.number[:3]}****{phone.number[-4:]}")).to_be_visible()
    phone.page.close()
    computer.close()


def test_a_scan_that_nobody_confirms_logs_nobody_in(browser: Browser, product: Product) -> None:
    phone = newcomer(browser, product, "孙立群")
    computer = desktop(browser)
    page = computer.new_page()
    ask_for_a_code(page, product)
    scan_newest(phone)
    expect(phone.page.get_by_role("link", name="确认登录")).to_be_visible()
    page.get_by_role("button", name="我已在手机上确认").click()
    expect(page.get_by_text("还没有在手机上确认")).to_be_visible()
    page.goto(f"{product.site}/volunteer")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    phone.page.close()
    computer.close()
