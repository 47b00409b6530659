"""Addresses: which of them are ours."""

import re

from flask import request

from app.config import Site

#: A path on this site: one slash, then nothing that a browser could read as another host. What is asked may hold an
#: address of its own (`?back=/activities?phase%3D…`), and the signs that addresses are made with (RFC 3986, 3.4).
LOCAL = re.compile(r"/(?![/\\])[A-Za-z0-9_\-./~%]*(\?[A-Za-z0-9_\-./~%=&+,:?!$'()*;@]*)?")


def local_path(address: str | None, default: str = "/", *, longest: int = 500) -> str:
    """The address if it is a path on this site, else the default. Some are kept in cookies: hence `longest`."""
    if not address or len(address) > longest or not LOCAL.fullmatch(address):
        return default
    # %2F%2F, %5C and control characters are decoded by some browsers before they look at the host; a slash that was
    # searched for, behind the question mark, leads nowhere.
    path = address.partition("?")[0]
    if re.search(r"%(2f|5c)", path, re.IGNORECASE) or re.search(r"%[01][0-9a-f]", address, re.IGNORECASE):
        return default
    return address


def page_left() -> str | None:
    """The page that the person is on: this one, or, for a button that was pressed, the one with the button."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    before = request.referrer or ""
    if not before.startswith(request.host_url):
        return None
    page = local_path("/" + before.removeprefix(request.host_url))
    return None if page == "/" else page


def absolute(site: Site, path: str) -> str:
    """A full address for outside use: always from the settings, never from the Host header."""
    return site.public_url + path
