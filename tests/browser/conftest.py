"""The browser group: the system's Chromium through pytest-playwright, and the whole product behind it."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.every_page import log_in
from tests.browser.product import Product
from tests.browser.steps import Enter
from tests.services.groups import IS_CI

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: The tests' browser talks to this machine alone.
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic")
PRODUCT = pytest.StashKey[Product]()
SCREEN = {"viewport": {"width": 375, "height": 740}, "locale": "zh-CN"}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        missing = "Chromium is missing: install chromium or google-chrome"
        pytest.fail(missing, pytrace=False) if IS_CI else pytest.skip(missing)
    args = [*QUIET, "--no-first-run", *(["--no-sandbox"] if os.getuid() == 0 else [])]
    return {**browser_type_launch_args, "executable_path": found, "args": args}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A phone's window, in China."""
    phone = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
    return {**browser_context_args, **phone, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture(scope="session")
def product(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The running product, one for all browser tests."""
    running = Product(tmp_path_factory.mktemp("product"))
    pytestconfig.stash[PRODUCT] = running
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def enter(browser: Browser, product: Product) -> Iterator[Enter]:
    """A browser of its own for each person, logged in by a code; a stranger's for an empty phone."""
    contexts: list[BrowserContext] = []

    def open_page(phone: str) -> Page:
        contexts.append(browser.new_context(**SCREEN))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        if phone:
            log_in(page, product, phone)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    running = item.config.stash.get(PRODUCT, None)
    if report.failed and running:
        report.sections += [(f"end of the log of {name}", text) for name, text in running.logs().items()]
    return report
