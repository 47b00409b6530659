"""`make pictures`: start the product on free ports, walk through the phone and keep what is seen in docs/pictures/."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import requests
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright

from app.clock import local
from app.demo.people import resident_id
from scripts.page_pictures import take_pages
from scripts.pictures_in_walks import take_in_walks
from scripts.walked_pictures import take_walked
from tests.browser.product import Product

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: A phone's window; the scale keeps each picture light.
WINDOW = {"viewport": {"width": 375, "height": 812}, "device_scale_factor": 1.5, "is_mobile": True, "has_touch": True}
LARGEST = 150_000
#: An activity of the demonstration whose sign-up stands at once.
AT_ONCE = "科普大篷车进校园"
#: As sandbox/people.toml names them.
NEWCOMER, ADMIN = ("chen", "19900000001"), ("li", "19900000003")


class Phone:
    """The phone of one person of the sandbox, in a browser."""

    def __init__(self, page: Page, product: Product, person: str) -> None:
        self.page, self._product = page, product
        page.goto(f"{product.phone}/phone/{person}")

    @property
    def web(self) -> FrameLocator:
        """The page that is open inside the phone."""
        return self.page.frame_locator("iframe[name=webview]")

    def follow(self) -> None:
        self.page.get_by_role("button", name="关注公众号").click()
        expect(self.page.locator(".bubble")).to_have_count(1)
        expect(self.page.get_by_role("navigation", name="公众号菜单").get_by_role("button").first).to_be_visible()

    def say(self, text: str) -> None:
        before = self.page.locator(".bubble").count()
        self.page.get_by_label("输入消息").fill(text)
        self.page.get_by_role("button", name="发送").click()
        expect(self.page.locator(".bubble")).to_have_count(before + 2)

    def open_menu(self, name: str) -> None:
        menu = self.page.get_by_role("navigation", name="公众号菜单")
        menu.get_by_role("button", name=name, exact=True).click()

    def tap(self, top: str, name: str, heading: str) -> None:
        """Open a page from the menu; `heading` says when it is there."""
        self.close()
        self.open_menu(top)
        self.page.get_by_role("navigation", name="公众号菜单").get_by_role("button", name=name, exact=True).last.click()
        self.see(heading)

    def see(self, heading: str) -> None:
        expect(self.web.get_by_role("heading", name=heading).first).to_be_visible()

    def close(self) -> None:
        shut = self.page.get_by_role("button", name="关闭", exact=True)
        if shut.is_visible():
            shut.click()

    def prove_phone(self, number: str, picture: str = "") -> None:
        """手机号 → 发送验证码 → 下一步, where the page asks for it."""
        self.web.get_by_label("手机号").fill(number)
        self.web.get_by_role("button", name="发送验证码").click()
        expect(self.web.get_by_role("status")).to_be_visible()
        sent = requests.get(f"{self._product.phone}/sandbox/sms", params={"phone": number}, timeout=5).json()
        self.web.get_by_label("验证码").fill(sent[0]["code"])
        if picture:
            self.take(picture)
        self.web.get_by_role("button", name="下一步").click()

    def take(self, name: str, *, dark: bool = False) -> None:
        self._settle()
        self._write(name)
        if dark:
            self.page.emulate_media(color_scheme="dark")
            self._write(f"{name}-dark")
            self.page.emulate_media(color_scheme="light")

    def _settle(self) -> None:
        """Until the phone's head shows the page's title, and the cursor is out of the way."""
        if self.page.locator("#webview").is_visible():
            expect(self.page.locator("#web-title")).not_to_have_text("正在打开")
            self.page.wait_for_timeout(1200)  # the address is asked for once a second
        self.page.evaluate("document.activeElement?.blur()")

    def _write(self, name: str) -> None:
        path = FOLDER / f"{name}.png"
        self.page.screenshot(path=path, animations="disabled", caret="hide")
        size = path.stat().st_size
        print(f"{path.name}  {size / 1000:.0f} kB")
        if size > LARGEST:
            raise SystemExit(f"{path.name} is larger than {LARGEST} bytes")


def moment(days: int, hour: int) -> str:
    """As a field for date and time takes it."""
    return f"{local(datetime.now(UTC)).replace(hour=hour, minute=0) + timedelta(days=days):%Y-%m-%dT%H:%M}"


def walk_as_volunteer(phone: Phone) -> None:
    phone.follow()
    phone.take("phone-follow")
    phone.say("报名")
    phone.open_menu("志愿者")
    phone.take("phone-menu")
    phone.open_menu("志愿者")

    phone.tap("志愿者", "注册", "志愿者注册")
    phone.prove_phone(NEWCOMER[1], "register-phone")
    phone.see("志愿者注册")
    form = phone.web
    form.get_by_label("姓名", exact=True).fill("陈晓")
    form.get_by_label("证件号码", exact=True).fill(resident_id("210202", date(1990, 5, 17), 321))
    form.get_by_label("同意为确认身份收集我的证件号码").check()
    form.get_by_label("姓名", exact=True).scroll_into_view_if_needed()
    phone.take("register-form", dark=True)
    form.get_by_role("button", name="下一步").click()
    form.get_by_label("所在区域").select_option(label="中山区")
    for words in ("专业技能", "服务类别"):
        chips = form.get_by_role("group", name=words).locator(".chip")
        chips.nth(0).click()
        chips.nth(2).click()
    form.get_by_role("button", name="下一步").click()
    expect(form.get_by_role("button", name="提交注册")).to_be_visible()
    for box in form.get_by_role("checkbox", name="同意").all():
        box.check()
    form.get_by_role("button", name="提交注册").click()
    phone.see("注册成功")
    phone.take("registered")

    phone.tap("志愿者", "活动报名", "活动报名")
    phone.take("activities", dark=True)
    phone.web.get_by_role("link", name=AT_ONCE).click()
    phone.web.get_by_role("button", name="立即报名").click()
    expect(phone.web.get_by_role("link", name="取消报名")).to_be_visible()
    phone.web.get_by_role("link", name="取消报名").scroll_into_view_if_needed()
    phone.take("activity", dark=True)
    phone.tap("志愿者", "我参加的活动", "我参加的活动")
    phone.take("mine")
    phone.close()
    expect(phone.page.locator(".bubble", has_text="报名成功")).to_be_visible(timeout=20_000)
    phone.take("confirmation-in-chat")

    phone.tap("组织", "注册", "组织注册")
    phone.take("organization-register")
    phone.tap("友情链接", "政策文件", "政策文件")
    phone.take("policies")


def walk_as_admin(phone: Phone) -> None:
    phone.follow()
    phone.close()
    phone.open_menu("组织")
    phone.page.get_by_role("navigation", name="公众号菜单").get_by_role("button", name="活动发布", exact=True).click()
    phone.prove_phone(ADMIN[1])
    phone.see("活动发布")
    form = phone.web
    form.get_by_label("活动名称").fill("冬至科普市集")
    form.get_by_label("服务类别").select_option(index=1)
    form.get_by_label("开始时间", exact=True).fill(moment(10, 9))
    form.get_by_label("结束时间", exact=True).fill(moment(10, 12))
    form.get_by_label("活动名称").scroll_into_view_if_needed()
    phone.take("publish")
    phone.tap("组织", "我发布的活动", "我发布的活动")
    phone.take("published")
    phone.tap("组织", "组织信息", "组织信息")
    phone.take("organization")


@contextmanager
def chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        sys.exit("Chromium is missing: install chromium or google-chrome")
    with sync_playwright() as playwright:
        args = ["--disable-background-networking", "--lang=zh-CN", *(["--no-sandbox"] if os.getuid() == 0 else [])]
        # For the fonts; fields for dates follow where the browser's Chinese words are installed (chromium-l10n).
        words = {**os.environ, "LANGUAGE": "zh_CN", "LANG": "zh_CN.UTF-8"}
        browser = playwright.chromium.launch(executable_path=found, args=args, env=words)
        try:
            yield browser
        finally:
            browser.close()


def main() -> None:
    expect.set_options(timeout=20_000)
    FOLDER.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        product = Product(Path(folder))
        try:
            product.start()
            for person, walk in ((NEWCOMER[0], walk_as_volunteer), (ADMIN[0], walk_as_admin)):
                context = browser.new_context(**WINDOW, locale="zh-CN", timezone_id="Asia/Shanghai")
                walk(Phone(context.new_page(), product, person))
                context.close()
            pages = FOLDER / "pages"
            take_pages(browser, product, pages)
            take_walked(browser, product, pages)
        finally:
            product.stop()
    take_in_walks(pages)
    print(f"pages/  {len(list(pages.glob('*.jpg')))} pictures")
    print(f"done in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
