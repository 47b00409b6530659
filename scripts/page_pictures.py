"""Each page of the site as a phone shows it, in light, dark and large type, for docs/pictures/pages/."""

from pathlib import Path

from playwright.sync_api import Browser, Page

from app.web.display import COOKIE
from tests.browser.every_page import PAGES, log_in
from tests.browser.product import Product

MODES = ("light", "dark", "large")
WINDOW = {"viewport": {"width": 375, "height": 667}, "is_mobile": True, "has_touch": True}
#: Long forms are cut here, in CSS pixels: what comes below looks the same.
TALLEST = 2400


def take_pages(browser: Browser, product: Product, folder: Path) -> int:
    """Write one JPEG for each page and mode; returns how many. Pictures of pages that are gone are removed."""
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
            address = page.url
            for mode in MODES:
                _set_mode(page, product, mode)
                page.goto(address, wait_until="networkidle")
                _write(page, folder / f"{seen}-{mode}.jpg")
            _set_mode(page, product, "light")
        context.close()
    return len(list(folder.glob("*.jpg")))


def _set_mode(page: Page, product: Product, mode: str) -> None:
    page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
    page.context.clear_cookies(name=COOKIE)
    if mode == "large":
        page.context.add_cookies([{"name": COOKIE, "value": "1", "url": product.site}])


def _write(page: Page, path: Path) -> None:
    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
    clip = {"x": 0, "y": 0, "width": WINDOW["viewport"]["width"], "height": height}  # type: ignore[index]
    page.screenshot(path=path, type="jpeg", quality=60, full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]
