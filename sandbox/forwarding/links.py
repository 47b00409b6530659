"""Links in a page, so that they stay inside the phone: a frame cannot be stopped at the moment it leaves.

Only what a finger or a form can follow is touched, and only where the page wrote a full address. Scripts that leave by
themselves are caught by the phone page's policy.
"""

import re
from html import escape, unescape
from urllib.parse import quote, urlsplit

from sandbox.box import Box
from sandbox.forwarding.addresses import EXTERNAL, inside

LEAVING = re.compile(
    r"""(<(?:a|area|form|button|input)\b[^>]*?\s(?:href|action|formaction)=)(["'])(https?://.*?)\2""", re.I | re.S
)


def kept_inside(box: Box, page: bytes, forwarder: str) -> bytes:
    """The page with its full addresses led through the forwarder or to the page 外部网站."""
    text = page.decode("utf-8", "surrogateescape")

    def moved(match: re.Match[str]) -> str:
        url = unescape(match[3])
        target = inside(box, url, forwarder) if urlsplit(url).netloc else None
        target = target or f"{EXTERNAL}?url={quote(url, safe='')}"
        return f"{match[1]}{match[2]}{escape(target)}{match[2]}"

    return LEAVING.sub(moved, text).encode("utf-8", "surrogateescape")
