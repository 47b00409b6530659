"""What is in the files against what is live."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from flask import current_app, url_for
from werkzeug.routing import BuildError

from app.config import ConfigError, from_root
from app.context import here
from app.wechat import replies
from app.wechat.menu_files import MenuFaults, MenuSet, normal, read


def page_address(name: str) -> str | None:
    """The full address of a page, by name; always on our public address."""
    try:
        with current_app.test_request_context(base_url=here.config.site.public_url):
            return here.config.site.public_url + url_for(name, _external=False)
    except BuildError:
        return None


def page_of(address: str) -> str | None:
    """The page that an address of ours leads to."""
    pages = (
        rule.endpoint
        for rule in current_app.url_map.iter_rules()
        if not rule.arguments and "GET" in (rule.methods or ())
    )
    return next((name for name in pages if name != "static" and page_address(name) == address), None)


def from_files() -> MenuSet:
    """The menus of the folder. Raises MenuFaults."""
    texts = current_app.extensions[replies.NAME]
    return read(from_root(here.config.content.menus), page_address, set(texts.taps))


def live() -> MenuSet:
    """The menus as WeChat has them. Raises WeChatError."""
    default, conditional = here.wechat.live_menu()
    return MenuSet(dict(default) if default else None, [dict(menu) for menu in conditional])


def tree(menus: MenuSet) -> Iterator[str]:
    """The menus as the phone shows them, a line a button."""
    if menus.default:
        yield from _menu_lines(normal(menus.default))
    for menu in sorted((normal(menu) for menu in menus.conditional), key=str):
        rule = ", ".join(f"{name} = {value}" for name, value in sorted(menu.get("matchrule", {}).items()))
        yield f"[only for {rule}]"
        yield from _menu_lines(menu)


def _menu_lines(menu: Mapping[str, Any]) -> Iterator[str]:
    for button in menu["button"]:
        yield _button_line(button)
        yield from ("    " + _button_line(one) for one in button.get("sub_button", []))


def _button_line(button: Mapping[str, Any]) -> str:
    rest = [f"{name} {button[name]}" for name in sorted(button) if name not in ("name", "type", "sub_button")]
    return "  ".join([str(button.get("name", "")), *([str(button["type"])] if "type" in button else []), *rest])


def differences(old: MenuSet, new: MenuSet) -> list[str]:
    """What would change, as a diff; empty when nothing would."""
    return list(difflib.unified_diff(list(tree(old)), list(tree(new)), "live", "files", lineterm="", n=50))


def drift() -> list[str]:
    """The difference between live and files. Raises ConfigError for faulty files, and WeChatError."""
    try:
        return differences(live(), from_files())
    except MenuFaults as error:
        raise ConfigError(error.faults[0]) from None
