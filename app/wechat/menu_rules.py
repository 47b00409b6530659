"""WeChat's rules for menus, checked here so that a fault names its button (WeChat contract, section 3)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

MOST_TOP, MOST_SUB = 3, 5
#: In bytes of UTF-8: 志愿者 is 9.
TOP_NAME, SUB_NAME, KEY, URL = 16, 60, 128, 1024
#: What each type needs besides its name.
NEEDS: dict[str, tuple[str, ...]] = {
    "click": ("key",),
    "view": ("url",),
    **dict.fromkeys(("scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album"), ("key",)),
    **dict.fromkeys(("pic_weixin", "location_select"), ("key",)),
    "media_id": ("media_id",),
    **dict.fromkeys(("article_id", "article_view_limited"), ("article_id",)),
    "miniprogram": ("appid", "pagepath", "url"),
}
#: Conditional menus may lead to so many domains in all.
MOST_DOMAINS = 3
#: What a rule for conditional menus may still ask, and what WeChat took away.
MATCH_FIELDS = {"tag_id", "client_platform_type"}
REMOVED_FIELDS = {"sex", "country", "province", "city", "language"}


def size(text: str) -> int:
    return len(text.encode())


def button_faults(button: Mapping[str, Any], *, is_top: bool) -> Iterator[str]:
    """What is wrong with one button, without those below it."""
    yield from name_faults(button, is_top=is_top)
    if "sub_button" in button:
        yield from _parent_faults(button, is_top=is_top)
    else:
        yield from _action_faults(button)


def name_faults(button: Mapping[str, Any], *, is_top: bool) -> Iterator[str]:
    name = button.get("name")
    most = TOP_NAME if is_top else SUB_NAME
    if not isinstance(name, str) or not name.strip():
        yield "needs a name"
    elif size(name) > most:
        yield f"the name has {size(name)} bytes; WeChat takes {most}"


def _parent_faults(button: Mapping[str, Any], *, is_top: bool) -> Iterator[str]:
    below = button["sub_button"]
    if not is_top:
        yield "a menu has two levels: this button may have none below it"
        return
    own = sorted(set(button) - {"name", "sub_button"})
    if own:
        yield "has buttons below it and so does nothing itself: " + ", ".join(own)
    if not isinstance(below, list):
        yield f"sub_button must be a list of 1 to {MOST_SUB} buttons"
    elif not 1 <= len(below) <= MOST_SUB:
        yield f"has {len(below)} buttons below it; WeChat takes 1 to {MOST_SUB}"


def _action_faults(button: Mapping[str, Any]) -> Iterator[str]:
    kind = button.get("type")
    if kind is None:
        yield "does nothing: give it a page, url, reply or type"
        return
    if kind == "view_limited":
        yield "has the type 'view_limited', which WeChat no longer takes"
        return
    if not isinstance(kind, str) or kind not in NEEDS:
        yield f"has the type {kind!r}, which WeChat does not know"
        return
    for need in NEEDS[kind]:
        if not isinstance(button.get(need), str) or not button[need]:
            yield f"of type {kind} needs {need}"
    extra = set(button) - {"name", "type", *NEEDS[kind]}
    if extra:
        yield f"of type {kind} has what does not belong to it: " + ", ".join(sorted(extra))
    if isinstance(button.get("key"), str) and size(button["key"]) > KEY:
        yield f"the key has {size(button['key'])} bytes; WeChat takes {KEY}"
    if isinstance(button.get("url"), str) and button["url"]:
        yield from _url_faults(button["url"])


def _url_faults(url: str) -> Iterator[str]:
    if size(url) > URL:
        yield f"the address has {size(url)} bytes; WeChat takes {URL}"
    is_web = url.startswith(("http://", "https://"))
    if not is_web or not host_of(url) or any(letter.isspace() or not letter.isprintable() for letter in url):
        yield "the address must begin with http:// or https:// and name a host"


def host_of(url: object) -> str:
    """The host that an address leads to; empty when there is none."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
        # Looking at the port finds out whether it is one.
        return (parts.hostname or "") if parts.port is None or parts.port else ""
    except ValueError:
        return ""


def match_faults(rule: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with the rule that says who sees a conditional menu: the field, and what to tell."""
    if not isinstance(rule, Mapping) or all(value == "" for value in rule.values()):
        yield "", "needs tag_id or client_platform_type (65304)"
        return
    for name in sorted(set(rule) - MATCH_FIELDS):
        if name in REMOVED_FIELDS:
            yield name, f"{name}: WeChat removed it for privacy (65320); tag_id and client_platform_type are left"
        else:
            yield name, f"{name}: there are tag_id and client_platform_type only"
    if str(rule.get("client_platform_type", "")) not in ("", "1", "2", "3"):
        yield "client_platform_type", 'client_platform_type is "1" (iOS), "2" (Android) or "3" (others)'
    if not re.fullmatch("[0-9]*", str(rule.get("tag_id", "")), re.ASCII):
        yield "tag_id", "tag_id is the number of a tag"
