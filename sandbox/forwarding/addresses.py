"""Which address means what: the site, this sandbox, or the world outside."""

from urllib.parse import quote, urlsplit, urlunsplit

from sandbox.box import Box
from sandbox.settings import origin_of

AUTHORIZE = "/connect/oauth2/authorize"
EXTERNAL = "/.sandbox/external"


def inside(box: Box, url: str, forwarder: str) -> str | None:
    """The address on the forwarder for one that belongs to it, else None."""
    origin, parts = origin_of(url), urlsplit(url)
    ours = origin == box.settings.site_origin or (origin in box.origins() and parts.path == AUTHORIZE)
    if not ours:
        return None
    path = urlunsplit(("", "", parts.path or "/", parts.query, parts.fragment))
    return forwarder + path


def moved(box: Box, location: str, forwarder: str) -> str:
    """A Location header as the phone's browser must see it."""
    if not urlsplit(location).scheme and not location.startswith("//"):
        return location
    return inside(box, location, forwarder) or f"{EXTERNAL}?url={quote(location, safe='')}"


def outward(box: Box, value: str, forwarder: str) -> str:
    """Origin or Referer as the site must see it."""
    if value == forwarder or value.startswith(forwarder + "/"):
        return box.settings.site_origin + value[len(forwarder) :]
    return value
