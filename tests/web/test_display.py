"""大字: the switch that every page has."""

import pytest

from app.web.display import COOKIE


def test_large_type_stays_on_until_it_is_switched_off(world):
    browser = world.browser()
    page = browser.page("/activities?phase=all")
    assert 'class="large"' not in page.html
    browser.post("/display", {"large": "1", "back": "/activities?phase=all", "csrf_token": browser.form_key()})
    page = browser.page("/policies")
    assert 'class="large"' in page.html
    assert "标准字" in page.text
    browser.post("/display", {"large": "0", "csrf_token": browser.form_key()})
    assert 'class="large"' not in browser.page("/policies").html


def test_the_switch_leads_back_to_the_page_and_nowhere_else(world):
    browser = world.browser()
    for back, target in (("/activities?phase=all", "/activities?phase=all"), ("https://elsewhere.example/", "/")):
        form = {"large": "1", "back": back, "csrf_token": browser.form_key()}
        answer = browser.client.post("/display", data=form, base_url="http://localhost")
        assert (answer.status_code, answer.headers["Location"]) == (303, target)
        cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith(COOKIE))
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("path", ["/no-such-page", "/activities/999999", "/login"])
def test_error_pages_and_log_in_have_the_switch_too(world, path):
    answer = world.browser().get(path)
    assert 'action="/display"' in answer.get_data(as_text=True)
