"""A person with a phone: what a hand would do in the sandbox's phone."""

import requests
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.product import Product

#: A worker that starts anew takes some seconds before it delivers.
expect.set_options(timeout=20_000)


class Phone:
    """One person's phone in the browser; `web` is the page that is open inside WeChat."""

    def __init__(self, page: Page, product: Product, name: str, number: str) -> None:
        self.page, self.number = page, number
        self._product = product
        page.set_default_timeout(15_000)
        page.goto(product.phone)
        page.get_by_label("姓名").fill(name)
        page.get_by_label("手机号").fill(number)
        page.get_by_role("button", name="新建并进入").click()

    @property
    def web(self) -> FrameLocator:
        return self.page.frame_locator("iframe[name=webview]")

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self) -> None:
        self.button("关注公众号")
        expect(self.page.get_by_text("欢迎关注科技志愿服务")).to_be_visible()

    def tap_menu(self, top: str, below: str) -> None:
        """Open a page from the menu."""
        self.button(top)
        self.button(below)

    def press(self, name: str) -> None:
        """Press a button of the open page."""
        self.web.get_by_role("button", name=name, exact=True).click()

    def fill(self, label: str, text: str) -> None:
        self.web.get_by_label(label, exact=True).fill(text)

    def close_web(self) -> None:
        self.button("关闭")

    def newest_code(self, number: str = "") -> str:
        phone = number or self.number
        messages = requests.get(f"{self._product.phone}/sandbox/sms", params={"phone": phone}, timeout=10).json()
        rows = messages if isinstance(messages, list) else next(iter(messages.values()))
        return str(rows[0]["code"])

    def prove_phone(self) -> None:
        """手机号 → 发送验证码 → 验证码 → 下一步."""
        self.fill("手机号", self.number)
        self.fill_code()
        self.press("下一步")

    def fill_code(self, number: str = "") -> None:
        """发送验证码, and what came by text message to `number`; one's own unless told."""
        self.press("发送验证码")
        expect(self.web.get_by_role("status").filter(has_text="验证码已发")).to_be_visible()
        self.fill("验证码", self.newest_code(number or self.number))

    def expect_title(self, title: str) -> None:
        expect(self.web.get_by_role("heading", level=1)).to_have_text(title)
