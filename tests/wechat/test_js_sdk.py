"""Signatures for WeChat's script: for our pages only, in the documented way."""

import hashlib

import pytest

from app.wechat import js_sdk
from tests.conftest import START, make_settings

SITE = make_settings(site={"public_url": "https://volunteer.example.org"}).site


@pytest.mark.parametrize(
    ("given", "signed"),
    [
        ("/activities/1", "https://volunteer.example.org/activities/1"),
        ("https://volunteer.example.org/activities/1?a=1#x", "https://volunteer.example.org/activities/1?a=1"),
        (
            "/a?from=singlemessage&isappinstalled=0#wechat_redirect",
            "https://volunteer.example.org/a?from=singlemessage&isappinstalled=0",
        ),
    ],
)
def test_the_fragment_is_dropped(given, signed):
    assert js_sdk.page_of(SITE, given) == signed


@pytest.mark.parametrize(
    "given",
    [
        "https://evil.example/",
        "//evil.example/",
        "https://volunteer.example.org.evil.example/",
        "javascript:alert(1)",
        "https://volunteer.example.org@evil.example/",
        "/\\evil.example",
        "http://volunteer.example.org/",
    ],
)
def test_pages_of_others_are_not_signed(given):
    with pytest.raises(js_sdk.NotOurPage):
        js_sdk.page_of(SITE, given)


def test_the_signature_is_that_of_the_documents():
    signed = js_sdk.sign("tick", "https://volunteer.example.org/a?b=1", START)
    text = f"jsapi_ticket=tick&noncestr={signed['nonceStr']}&timestamp={signed['timestamp']}&url=https://volunteer.example.org/a?b=1"
    assert signed["signature"] == hashlib.sha1(text.encode()).hexdigest()
