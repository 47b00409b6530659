"""Addresses: which of them are ours."""

import re

from app.config import Site

#: A path on this site: one slash, then nothing that a browser could read as another host.
LOCAL = re.compile(r"/(?![/\\])[A-Za-z0-9_\-./~%]*(\?[A-Za-z0-9_\-./~%=&+,:]*)?")


def local_path(address: str | None, default: str = "/") -> str:
    """The address if it is a path on this site, else the default."""
    if not address or len(address) > 500 or not LOCAL.fullmatch(address):
        return default
    # %2F%2F, %5C and control characters are decoded by some browsers before they look at the host.
    if re.search(r"%(2f|5c|0[0-9a-f]|1[0-9a-f])", address, re.IGNORECASE):
        return default
    return address


def absolute(site: Site, path: str) -> str:
    """A full address for outside use: always from the settings, never from the Host header."""
    return site.public_url + path
