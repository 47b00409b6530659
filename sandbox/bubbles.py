"""Bubbles as the phone draws them: links found, times in words."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

from sandbox.clock import CHINA

# WeChat knows one tag in a text message, and makes bare addresses tappable.
LINK = re.compile(r"""<a\s[^>]*?href=["']([^"']+)["'][^>]*>(.*?)</a>|(https?://[^\s<>"'，。；、）]+)""", re.I | re.S)


def segments(text: str) -> list[dict[str, str]]:
    """Plain stretches and links, in order."""
    found: list[dict[str, str]] = []
    position = 0
    for match in LINK.finditer(text):
        found.append({"text": text[position : match.start()]})
        found.append({"text": match[2] or match[3], "url": unescape(match[1] or match[3])})
        position = match.end()
    found.append({"text": text[position:]})
    return [part for part in found if part["text"]]


def drawn(bubble: dict[str, Any]) -> dict[str, Any]:
    parts = {"parts": segments(bubble["text"])} if "text" in bubble and bubble["from"] == "account" else {}
    return {**bubble, **parts, "time": clock_time(bubble["at"])}


def clock_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(CHINA).strftime("%m-%d %H:%M")
