"""Only addresses of our own are returned to."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.urls import local_path

NASTY = [
    *(
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "\\\\evil.example",
        "/\\/evil.example",
    ),
    *("http://evil.example", "https:evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", ""),
    *(
        "/\tevil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "/\n/evil.example",
        " //evil.example",
        "/ /evil.example",
    ),
    *("/%2f/evil.example", "/%2F%2Fevil.example", "/%5cevil.example", "/%5Cevil.example", "/%09/evil.example"),
    *("/@evil.example", "/x@evil.example", "/;@evil.example", "/%0d%0aSet-Cookie:x=1", "/x\r\nSet-Cookie: x=1"),
    *("/x#//evil.example", "/\u2028/evil.example", "/\u3002evil.example", "/\x00", "/\ud800", "/" + "x" * 600, None),
    *(
        "http:///evil.example",
        "/%1f/evil.example",
        "/?next=//evil.example\\",
        "/?back=/x?y\\",
        "/?back=/x?y%0d%0aSet-Cookie:x=1",
        "/?back=/x?\ty",
        "/?back=/x#//evil.example",
        "//evil.example?back=/x?y",
        "/%2fevil.example?back=/x?y",
        "/\\evil.example?back=/x?y",
        "／／evil.example",
        "/\u200b/evil.example",
    ),
]


@pytest.mark.parametrize("address", NASTY, ids=ascii)
def test_nasty_addresses_lead_home(address):
    assert local_path(address) == "/"


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/volunteer", "/activities/3", "/activities?phase=all&q=%E8%AE%B2%2Fb&after=1-2"),
        *("/activities/3?back=/activities?phase%3Dall%26q%3DC%2B%2B%23a3", "/policies?q=what?!$'()*;,:@"),
    ],
)
def test_our_own_addresses_are_kept(address):
    assert local_path(address) == address


PIECES = st.sampled_from(["/", "//", "\\", "%2f", "%5C", "@", ":", "evil.example", "?", "#", "\t", "..", ".", "a", "%"])


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=10).map("".join), PIECES.map("/".__add__)))
def test_whatever_comes_the_result_is_a_path_of_ours(address):
    result = local_path(address)
    assert result.startswith("/")
    assert not result.startswith(("//", "/\\"))
    assert urlsplit(result)[:2] == ("", "")
    assert urlsplit(urljoin("https://here.example/x/y", result)).netloc == "here.example"
