"""确认本人: the page for a phone that nobody used for long."""

import sqlite3

from playwright.sync_api import Page, expect

from app.crypto import KeyRing
from tests.browser.every_page import log_in
from tests.browser.looks import faults
from tests.browser.product import Product

#: Somebody of the demonstration data whom no other test logs in.
PHONE = "19900000024"
RING = KeyRing((b"k" * 32,), b"i" * 32, "aes-256-gcm")


def forget_when_it_was_used(product: Product) -> None:
    with sqlite3.connect(product.folder / "stvs.db", timeout=10) as database:
        changed = database.execute(
            "UPDATE accounts SET last_login_at = '2020-01-01 00:00:00.000000' WHERE phone_index = ?",
            [RING.index("phone", PHONE)],
        )
        assert changed.rowcount == 1


def test_who_comes_back_after_years_is_asked_who_they_are(page: Page, product: Product) -> None:
    forget_when_it_was_used(product)
    log_in(page, product, PHONE)
    expect(page.get_by_role("heading", name="确认是您本人")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("证件号码后 6 位").fill("000000")
    page.get_by_role("button", name="确认").click()
    expect(page.get_by_text("与登记的证件号码不一致")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(f"{product.site}/")
