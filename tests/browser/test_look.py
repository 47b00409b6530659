"""Every page in light, dark and large type, looked at as a careful person would; and how heavy the first ones are."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from app.config import ROOT
from app.web.display import COOKIE
from app.web.guards import audience_of
from scripts.page_pictures import without_pictures
from tests.browser.every_page import IN_WALKS, NO_PAGES, PAGES, Seen, log_in
from tests.browser.looks import faults, off_side
from tests.browser.product import Product

PHONE = {"viewport": {"width": 375, "height": 667}, "locale": "zh-CN"}
MODES = ("light", "dark", "large", "large and dark")

#: What 大字 (131.25 %) becomes where the browser's own text is set to 200 %.
TWICE_THE_LARGER_TYPE = "262.5%"

#: WebPageTest's "Slow 3G": 400 kbit/s both ways, 400 ms there and back.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
READABLE_MS = 3_000
LARGEST_BYTES = 100_000
FIRST_PAGES = ("links.home", "activities.index", "activities.show", "volunteers.register", "links.policy")

Visit = Callable[[Seen], Page]


@pytest.fixture(scope="session")
def visit(browser: Browser, product: Product) -> Iterator[Visit]:
    """Open a page as the person whose it is; everybody logs in once."""
    contexts: dict[str, BrowserContext] = {}

    def open_page(seen: Seen) -> Page:
        if seen.person not in contexts:
            context = contexts[seen.person] = browser.new_context(**PHONE)  # type: ignore[arg-type]
            page = context.new_page()
            if seen.person:
                log_in(page, product, seen.person)
        page = contexts[seen.person].pages[0]
        set_mode(page, product, "light")
        seen.open(page, product)
        return page

    yield open_page
    for context in contexts.values():
        context.close()


def set_mode(page: Page, product: Product, mode: str) -> None:
    page.emulate_media(color_scheme="dark" if "dark" in mode else "light")
    page.context.clear_cookies(name=COOKIE)
    if "large" in mode:
        page.context.add_cookies([{"name": COOKIE, "value": "1", "url": product.site}])


def test_no_page_is_forgotten(app: Flask) -> None:
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and audience_of(app, rule.endpoint) != "machine"
    }
    assert pages - NO_PAGES - IN_WALKS == {seen.endpoint for seen in PAGES} - {"errors"}


def test_each_page_that_only_a_walk_leads_to_has_its_pictures() -> None:
    """`make pictures` takes them where a walk looks at them that scripts/pictures_in_walks.py names."""
    assert without_pictures(IN_WALKS, ROOT / "docs" / "pictures" / "pages") == []


@pytest.mark.parametrize("seen", PAGES, ids=str)
def test_a_page_is_good_in_light_dark_and_large_type(visit: Visit, product: Product, seen: Seen) -> None:
    page = visit(seen)
    address, found = page.url, []
    for mode in MODES:
        set_mode(page, product, mode)
        page.goto(address)
        unfold(page)
        found += [f"{mode}: {fault}" for fault in faults(page)]
    assert not found, "\n".join([address, *found])


@pytest.mark.parametrize("seen", PAGES, ids=str)
def test_nothing_runs_off_the_side_at_twice_the_type_or_on_a_desktop(visit: Visit, seen: Seen) -> None:
    page = visit(seen)
    try:
        found = []
        for size in ("200%", TWICE_THE_LARGER_TYPE):
            page.evaluate("size => { document.documentElement.style.fontSize = size; }", size)
            unfold(page)
            found += [f"{size}: {fault}" for fault in off_side(page)]
        page.set_viewport_size({"width": 1280, "height": 800})
        page.reload()
        found += faults(page)
    finally:
        page.set_viewport_size({"width": 375, "height": 667})
    assert not found, "\n".join([page.url, *found])


@pytest.mark.parametrize("seen", [one for one in PAGES if one.endpoint in FIRST_PAGES], ids=str)
def test_a_first_page_fits_the_smallest_phone_at_twice_the_larger_type(
    visit: Visit, product: Product, seen: Seen
) -> None:
    page = visit(seen)
    try:
        page.set_viewport_size({"width": 320, "height": 568})
        set_mode(page, product, "large")
        page.reload()
        page.evaluate("size => { document.documentElement.style.fontSize = size; }", TWICE_THE_LARGER_TYPE)
        unfold(page)
        assert off_side(page) == []
    finally:
        page.set_viewport_size({"width": 375, "height": 667})


def test_headings_of_a_document_grow_with_the_larger_type(visit: Visit, product: Product) -> None:
    page = visit(next(seen for seen in PAGES if seen.endpoint == "links.policy"))
    sizes = (
        "() => [...document.querySelectorAll('article :is(h2, h3, h4)')].map((one) => getComputedStyle(one).fontSize)"
    )
    before = page.evaluate(sizes)
    set_mode(page, product, "large")
    page.reload()
    after = page.evaluate(sizes)
    assert len(before) > 3
    assert [round(float(size[:-2]) * 1.3125, 1) for size in before] == [round(float(size[:-2]), 1) for size in after]


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def test_every_page_is_valid_html(visit: Visit, product: Product, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("html")
    shutil.copyfile(ROOT / "tests" / "browser" / "htmlvalidate.json", folder / ".htmlvalidate.json")
    for number, seen in enumerate(PAGES):
        page = visit(seen)
        sent = page.context.request.get(page.url)
        (folder / f"{number:02}-{seen.endpoint}.html").write_text(sent.text(), encoding="utf-8")
    command = [
        str(ROOT / "node_modules" / ".bin" / "html-validate"),
        f"--formatter=json={folder / 'found.json'}",
        str(folder),
    ]
    path = f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PATH": path}, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert [
        f"{result['filePath'].rsplit('/', 1)[1]}:{fault['line']}: {fault['ruleId']}: {fault['message']}"
        for result in json.loads((folder / "found.json").read_text(encoding="utf-8"))
        for fault in result["messages"]
    ] == []


@pytest.mark.parametrize("seen", [one for one in PAGES if one.endpoint in FIRST_PAGES and not one.person], ids=str)
def test_a_first_page_is_light_and_soon_readable_on_a_slow_line(visit: Visit, browser: Browser, seen: Seen) -> None:
    address = visit(seen).url
    context = browser.new_context(**PHONE)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SLOW_3G)
        sizes: list[float] = []
        line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(address, wait_until="networkidle")
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        shift = page.evaluate(
            "() => new Promise((done) => { let sum = 0;"
            " new PerformanceObserver((list) => list.getEntries().forEach((one) => { sum += one.value; }))"
            ".observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 50); })"
        )
        assert sum(sizes) <= LARGEST_BYTES, sizes
        assert paint <= READABLE_MS
        assert shift < 0.01
    finally:
        context.close()
