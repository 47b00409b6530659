"""What is in the files against what is live, and what is live as files."""

import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import current_app, url_for
from werkzeug.routing import BuildError

from app.config import ConfigError, from_root
from app.context import here
from app.wechat import replies
from app.wechat.menu_files import DEFAULT, Menu, MenuFaults, MenuSet, by_file, normal, read


def page_address(name: str) -> str | None:
    """The full address of a page that a tap can open, by name; always on our public address."""
    if name not in _pages():
        return None
    try:
        with current_app.test_request_context(base_url=here.config.site.public_url):
            return here.config.site.public_url + url_for(name, _external=False)
    except BuildError:
        return None


def page_of(address: str) -> str | None:
    """The page that an address of ours leads to."""
    return next((name for name in _pages() if page_address(name) == address), None)


def _pages() -> list[str]:
    """The pages that open by their address alone."""
    rules = current_app.url_map.iter_rules()
    return [rule.endpoint for rule in rules if not rule.arguments and "GET" in (rule.methods or ())]


def from_files() -> MenuSet:
    """The menus of the folder. Raises MenuFaults."""
    texts = current_app.extensions[replies.NAME]
    return read(from_root(here.config.content.menus), page_address, set(texts.taps))


def to_files(menus: MenuSet) -> tuple[dict[Path, str], list[Path]]:
    """The files to write so that they have the live menus, and the files whose menu is not live.

    A file that has its menu already stays as it is, with its comments. A conditional menu goes into the file with the
    same rule, if there is one.
    """
    folder = from_root(here.config.content.menus)
    texts = current_app.extensions[replies.NAME]
    there = {path: normal(menu) for path, menu in by_file(folder, page_address, set(texts.taps)).items()}
    wanted: dict[Path, Menu] = {folder / DEFAULT: normal(menus.default or {})}
    left = [path for path in there if path.name != DEFAULT]
    number = 0
    for menu in map(normal, menus.conditional):
        path = next((one for one in left if there[one].get("matchrule") == menu.get("matchrule")), None)
        if path:
            left.remove(path)
        while path is None or path in wanted:
            number += 1
            free = folder / f"conditional-{number}.toml"
            path = None if free.exists() else free
        wanted[path] = menu
    return {path: to_toml(menu, page_of) for path, menu in wanted.items() if there.get(path) != menu}, left


def live() -> MenuSet:
    """The menus as WeChat has them. Raises WeChatError."""
    default, conditional = here.wechat.live_menu()
    return MenuSet(dict(default) if default else None, [dict(menu) for menu in conditional])


def tree(menus: MenuSet) -> Iterator[str]:
    """The menus as the phone shows them, a line a button."""
    if menus.default:
        yield from _menu_lines(normal(menus.default))
    for menu in sorted((normal(menu) for menu in menus.conditional), key=str):
        yield f"[only for {rule_of(menu)}]"
        yield from _menu_lines(menu)


def rule_of(menu: Mapping[str, Any]) -> str:
    """Who sees a conditional menu."""
    rule = normal(menu).get("matchrule", {})
    return ", ".join(f"{name} = {value}" for name, value in sorted(rule.items()))


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


def to_toml(menu: Mapping[str, Any], page_of: Callable[[str], str | None]) -> str:
    """A menu as a file, addresses of ours as page names."""
    return "\n".join(_toml_lines(normal(menu), page_of)) + "\n"


def _toml_lines(menu: Menu, page_of: Callable[[str], str | None]) -> Iterator[str]:
    def pairs(button: Mapping[str, Any]) -> Menu:
        made = {name: value for name, value in button.items() if name != "sub_button"}
        kind = made.get("type")
        if kind == "view" and "url" in made:
            made.pop("type")
            page = page_of(made["url"])
            made |= {"page": page} if page else {"url": made.pop("url")}
            made = {name: value for name, value in made.items() if name != "url" or not page}
        elif kind == "click" and "key" in made:
            made.pop("type")
            made["reply"] = made.pop("key")
        return {"name": made.pop("name", ""), **made}

    def text(value: Any) -> str:
        # TOML's strings are written as JSON's, but for one more character that it does not take bare.
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")

    if "matchrule" in menu:
        yield "[matchrule]"
        yield from (f"{name} = {text(value)}" for name, value in menu["matchrule"].items())
        yield ""
    for button in menu["button"]:
        yield "[[button]]"
        yield from (f"{name} = {text(value)}" for name, value in pairs(button).items())
        if "sub_button" in button:
            yield "sub_button = ["
            for one in button["sub_button"]:
                inside = ", ".join(f"{name} = {text(value)}" for name, value in pairs(one).items())
                yield f"    {{ {inside} }},"
            yield "]"
        yield ""
