"""Each page of the site as a phone shows it, in light, dark and large type, for docs/pictures/pages/."""

from collections.abc import Collection
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, Page

from app.demo.people import resident_id
from app.web.display import COOKIE
from tests.browser.every_page import PAGES, log_in
from tests.browser.product import Product

MODES = ("light", "dark", "large")
WINDOW = {"viewport": {"width": 375, "height": 667}, "is_mobile": True, "has_touch": True}
#: Long forms are cut here, in CSS pixels: what comes below looks the same.
TALLEST = 2400
#: Who registers for the pictures, and the steps after the first one.
MINOR, ADULT, LATER = "18811110021", "18811110022", ("ability", "finish")


def take_pages(browser: Browser, product: Product, folder: Path) -> None:
    """Write one JPEG for each page and mode. Pictures of pages that are gone are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.jpg"):
        old.unlink()
    people = sorted({seen.person for seen in PAGES})
    for person in people:
        context = browser.new_context(**WINDOW, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
        page = context.new_page()
        if person:
            log_in(page, product, person)
        for seen in (one for one in PAGES if one.person == person):
            seen.open(page, product)
            take(page, product, page.url, folder / str(seen))
        context.close()
    _take_steps(browser, product, folder)


def _take_steps(browser: Browser, product: Product, folder: Path) -> None:
    """The later steps of 注册, which only who has filled in the first one can open: as a minor, and as a grown-up."""
    for number, born, steps in ((MINOR, date(2011, 5, 17), ("guardian",)), (ADULT, date(1960, 5, 17), LATER)):
        context = browser.new_context(**WINDOW, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
        page = context.new_page()
        log_in(page, product, number)
        page.goto(f"{product.site}/volunteer/register")
        page.get_by_label("姓名").fill("林晓雨")
        page.get_by_label("证件号码", exact=True).fill(resident_id("210202", born, 99))
        page.get_by_label("同意为确认身份收集我的证件号码").check()
        for step in steps:
            if step == "finish":
                page.get_by_label("所在区域").select_option(label="中山区")
                page.get_by_text("教育培训", exact=True).click()
                page.get_by_text("基层阵地科普服务", exact=True).click()
            page.get_by_role("button", name="下一步").click()
            page.wait_for_url(f"**step={step}*")
            take(page, product, page.url, folder / f"volunteers.register_{step}")
        context.close()


def take(page: Page, product: Product, address: str, name: Path) -> None:
    for mode in MODES:
        _set_mode(page, product, mode)
        page.goto(address, wait_until="networkidle")
        write(page, name.with_name(f"{name.name}-{mode}.jpg"))
    _set_mode(page, product, "light")


def _set_mode(page: Page, product: Product, mode: str) -> None:
    page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
    page.context.clear_cookies(name=COOKIE)
    if mode == "large":
        page.context.add_cookies([{"name": COOKIE, "value": "1", "url": product.site}])


def write(page: Page, path: Path) -> None:
    """All of the page down to TALLEST, as it stands."""
    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
    clip = {"x": 0, "y": 0, "width": WINDOW["viewport"]["width"], "height": height}  # type: ignore[index]
    how = {"type": "jpeg", "quality": 60, "full_page": True, "animations": "disabled", "scale": "css"}
    page.screenshot(path=path, clip=clip, **how)  # type: ignore[arg-type]


def without_pictures(names: Collection[str], folder: Path) -> list[str]:
    """Which of these pages have not been taken in every mode."""
    return sorted(name for name in names if any(not list(folder.glob(f"{name}-*{mode}.jpg")) for mode in MODES))
