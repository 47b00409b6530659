"""WeChat's rules for menus, checked here so that a fault names its button (WeChat contract, section 3)."""

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
#: What a rule for conditional menus may still ask; sex, place and language were removed for privacy.
MATCH_FIELDS = {"tag_id", "client_platform_type"}


def size(text: str) -> int:
    return len(text.encode())


def button_faults(button: Mapping[str, Any], *, is_top: bool) -> Iterator[str]:
    """What is wrong with one button, without those below it."""
    name = button.get("name")
    most = TOP_NAME if is_top else SUB_NAME
    if not isinstance(name, str) or not name.strip():
        yield "needs a name"
    elif size(name) > most:
        yield f"the name has {size(name)} bytes; WeChat takes {most}"
    if "sub_button" in button:
        yield from _parent_faults(button, is_top=is_top)
    else:
        yield from _action_faults(button)


def _parent_faults(button: Mapping[str, Any], *, is_top: bool) -> Iterator[str]:
    below = button["sub_button"]
    if not is_top:
        yield "a menu has two levels: this button may have none below it"
    if set(button) - {"name", "sub_button"}:
        yield "has buttons below it and so does nothing itself: " + ", ".join(
            sorted(set(button) - {"name", "sub_button"})
        )
    if not isinstance(below, list) or not 1 <= len(below) <= MOST_SUB:
        yield f"must have 1 to {MOST_SUB} buttons below it"


def _action_faults(button: Mapping[str, Any]) -> Iterator[str]:
    kind = button.get("type")
    if kind is None:
        yield "does nothing: give it a page, url, reply or type"
        return
    if kind not in NEEDS:
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
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or any(character.isspace() for character in url):
        yield "the address must begin with http:// or https:// and name a host"


def match_faults(rule: Any) -> Iterator[str]:
    """What is wrong with the rule that says who sees a conditional menu."""
    if not isinstance(rule, Mapping) or not any(rule.values()):
        yield "[matchrule] needs tag_id or client_platform_type"
        return
    for name in sorted(set(rule) - MATCH_FIELDS):
        yield f"[matchrule] {name}: WeChat removed it (65320); tag_id and client_platform_type are left"
    if rule.get("client_platform_type") not in (None, "", "1", "2", "3"):
        yield '[matchrule] client_platform_type is "1" (iOS), "2" (Android) or "3" (others)'
    if rule.get("tag_id") is not None and not str(rule["tag_id"]).isascii():
        yield "[matchrule] tag_id is the number of a tag"


def domains(menu: Mapping[str, Any]) -> set[str]:
    """The hosts that a menu's links lead to."""
    buttons = [one for top in menu["button"] for one in top.get("sub_button", [top])]
    return {urlsplit(one["url"]).hostname or "" for one in buttons if one.get("url")}
