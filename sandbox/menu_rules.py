"""The rules a menu must meet, with the very codes of WeChat; lengths are bytes of UTF-8."""

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.errors import ApiError

TOP_NAME, SUB_NAME, KEY, URL = 16, 60, 128, 1024
KEY_TYPES = {
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
}
TYPES = KEY_TYPES | {"view", "media_id", "article_id", "article_view_limited", "miniprogram"}
PRIVACY = {"sex", "country", "province", "city", "language", "group_id"}
MAX_DOMAINS = 3

# The same fault has one code on a top button and another on a sub-button.
TOP_CODES = {"type": 40017, "name": 40018, "key": 40019, "url": 40020, "domain": 40055}
SUB_CODES = {"type": 40024, "name": 40025, "key": 40026, "url": 40027, "domain": 40054}


def check_escapes(body: bytes) -> None:
    """WeChat refuses a menu whose body has \\uXXXX escapes."""
    if re.search(rb"\\u[0-9a-fA-F]{4}", body):
        raise ApiError(40033)


def checked_buttons(raw: object) -> list[dict[str, Any]]:
    """The buttons as they are kept; ApiError with the code of the first fault."""
    if not isinstance(raw, list) or not 1 <= len(raw) <= 3:
        raise ApiError(40016)
    return [_top(button) for button in raw]


def _top(button: object) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise ApiError(40016)
    name = _name(button, TOP_NAME, TOP_CODES)
    subs = button.get("sub_button")
    if not subs:
        return {**_action(button, TOP_CODES), "name": name, "sub_button": []}
    # An SDK that reads get_current_selfmenu_info back may send the list wrapped.
    subs = subs.get("list") if isinstance(subs, dict) else subs
    if not isinstance(subs, list) or not 1 <= len(subs) <= 5:
        raise ApiError(40023)
    return {"name": name, "sub_button": [_sub(sub) for sub in subs]}


def _sub(button: object) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise ApiError(40023)
    if button.get("sub_button"):
        raise ApiError(40022)
    name = _name(button, SUB_NAME, SUB_CODES)
    return {**_action(button, SUB_CODES), "name": name, "sub_button": []}


def _name(button: dict[str, Any], limit: int, codes: dict[str, int]) -> str:
    name = button.get("name")
    if not isinstance(name, str) or not name or len(name.encode()) > limit:
        raise ApiError(codes["name"])
    return name


def _action(button: dict[str, Any], codes: dict[str, int]) -> dict[str, Any]:
    """Type and what the type needs."""
    kind = button.get("type")
    if kind not in TYPES:
        raise ApiError(codes["type"])
    if kind in KEY_TYPES:
        return {"type": kind, "key": _text(button, "key", KEY, codes["key"])}
    if kind == "view":
        return {"type": kind, "url": _url(button, codes)}
    if kind == "miniprogram":
        _url(button, codes)
        raise ApiError(40119, "no mini program is bound")
    # The sandbox keeps neither permanent media nor published articles, so no id of one can be right.
    raise ApiError(40007 if kind == "media_id" else 53600)


def _text(button: dict[str, Any], name: str, limit: int, code: int) -> str:
    value = button.get(name)
    if not isinstance(value, str) or not value or len(value.encode()) > limit:
        raise ApiError(code)
    return value


def _url(button: dict[str, Any], codes: dict[str, int]) -> str:
    url = _text(button, "url", URL, codes["url"])
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ApiError(codes["domain"]) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ApiError(codes["domain"])
    return url


def checked_rule(rule: object) -> dict[str, str]:
    """The matchrule as kept: tag_id and client_platform_type alone are left today."""
    if not isinstance(rule, dict) or not any(rule.values()):
        raise ApiError(65304)
    if any(rule.get(name) for name in PRIVACY):
        raise ApiError(65320)
    platform = str(rule.get("client_platform_type") or "")
    if platform not in ("", "1", "2", "3"):
        raise ApiError(40035)
    kept = {"tag_id": str(rule.get("tag_id") or ""), "client_platform_type": platform}
    kept = {name: value for name, value in kept.items() if value}
    if not kept:
        raise ApiError(65304)
    return kept


def check_domains(menus: list[list[dict[str, Any]]]) -> None:
    """All conditional menus together may lead to three domains."""
    hosts = {
        urlsplit(button["url"]).hostname
        for buttons in menus
        for top in buttons
        for button in top["sub_button"] or [top]
        if "url" in button
    }
    if len(hosts) > MAX_DOMAINS:
        raise ApiError(65316)
