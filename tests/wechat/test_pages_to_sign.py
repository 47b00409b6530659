"""Which addresses the JS-SDK signature is made for: ours, letter by letter as the browser shows them."""

import pytest

from app.config import Site
from app.wechat.js_sdk import NotOurPage, page_of

OURS = "https://volunteer.example.org"
SITE = Site(public_url=OURS, secret_key="only-for-tests-0000")


@pytest.mark.parametrize(
    "rest",
    ["/", "/activities?q=%E6%B4%BB&from=singlemessage", "/a?next=%2Fb", "/a?x=(1)!*'", "/a?to=https%3A%2F%2Fx"],
)
def test_a_page_of_ours_is_signed_as_it_is_shown(rest: str) -> None:
    assert page_of(SITE, OURS + rest + "#part") == OURS + rest
    assert page_of(SITE, rest) == OURS + rest


@pytest.mark.parametrize(
    "address",
    [
        *(f"{OURS}{rest}" for rest in (".evil.example/x", "@evil.example/x", ":8443/x", "\\@evil.example", " /x")),
        *("https://evil.example/", "http://volunteer.example.org/a", "", "javascript:alert(1)", "a/b"),
        *(f"{OURS}/a b", f"{OURS}/a\n", f"{OURS}/活动", f"{OURS}/{'a' * 2001}"),
    ],
)
def test_what_is_not_ours_is_refused(address: str) -> None:
    with pytest.raises(NotOurPage):
        page_of(SITE, address)
