"""Pictures of the pages that only a walk leads to, taken where the walk of tests/browser looks at them.

`make pictures` walks once more with this file as a plugin of pytest.
"""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from app import create_app
from app.config import ROOT, Config
from scripts.page_pictures import MODES, WINDOW, without_pictures, write
from tests.browser import looks
from tests.browser.every_page import IN_WALKS
from tests.browser.product import Product

#: Of two that look at one page, the first one's picture is kept.
WALKS = (
    "test_walk.py::test_a_volunteer_signs_up_for_what_an_organisation_published",
    "test_publish.py::test_a_draft_is_looked_at_and_published",
    "test_activity_review.py",
    "test_roster.py",
    "test_long_list.py",
    "test_admins.py",
    "test_organization_review.py",
    "test_group_registration.py",
)
#: As the server would have sent it: some pages show a thing once, so that they are not loaded again.
LARGER = """
(is_large) => {
  document.documentElement.classList.toggle('large', is_large);
  document.body.toggleAttribute('data-weui-mode', is_large);
  if (is_large) document.body.dataset.weuiMode = 'care';
  document.querySelector('[data-display] button').textContent = is_large ? '标准字' : '大字';
}
"""


def take_in_walks(folder: Path) -> None:
    """Take those that are not in the folder yet, at a product of their own. Ends the program if one is not reached."""
    walks = [str(ROOT / "tests" / "browser" / name) for name in WALKS]
    options = ["-q", "-n0", "-p", "no:cacheprovider", "-p", __name__, f"--pictures={folder.resolve()}"]
    # For the browser's own words, where they are installed.
    words = {**os.environ, "LANGUAGE": "zh_CN"}
    subprocess.run([sys.executable, "-m", "pytest", *options, *walks], cwd=ROOT, env=words, check=True)
    if missing := without_pictures(IN_WALKS, folder):
        sys.exit(f"no walk of scripts/pictures_in_walks.py looks at {', '.join(missing)}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", type=Path, required=True, help="the folder of the pictures")


@pytest.fixture(scope="session", autouse=True)
def camera(product: Product, pytestconfig: pytest.Config) -> Iterator[None]:
    settings = tomllib.loads((product.folder / "config.toml").read_text(encoding="utf-8"))
    rules = create_app(Config.model_validate(settings)).url_map.bind("")
    looks.watchers.append(Camera(pytestconfig.getoption("--pictures"), rules))
    yield
    looks.watchers.clear()


class Camera:
    """Takes each page of a walk once."""

    def __init__(self, folder: Path, rules: MapAdapter) -> None:
        self._folder, self._rules = folder, rules

    def __call__(self, shown: Page | Frame) -> None:
        endpoint = self._endpoint_of(shown)
        if endpoint not in IN_WALKS or not without_pictures([endpoint], self._folder):
            return
        if isinstance(shown, Page):
            self._take(shown, endpoint)
        else:
            self._take_beside(shown, endpoint)

    def _endpoint_of(self, shown: Page | Frame) -> str:
        path = shown.evaluate("location.pathname")
        try:
            endpoint, _ = self._rules.match(path, "GET")
        except HTTPException:
            return ""
        return str(endpoint)

    def _take_beside(self, frame: Frame, endpoint: str) -> None:
        """What is open inside WeChat, in a window of its own."""
        browser = frame.page.context.browser
        assert browser is not None
        state = frame.page.context.storage_state()
        context = browser.new_context(**WINDOW, storage_state=state, locale="zh-CN")  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(frame.url, wait_until="networkidle")
        self._take(page, endpoint)
        context.close()

    def _take(self, page: Page, endpoint: str) -> None:
        size = page.viewport_size
        page.set_viewport_size(WINDOW["viewport"])  # type: ignore[arg-type]
        for mode in MODES:
            page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
            page.evaluate(LARGER, mode == "large")
            write(page, self._folder / f"{endpoint}-{mode}.jpg")
        page.evaluate(LARGER, False)
        if size:
            page.set_viewport_size(size)
