"""The menu as files: read, check, turn into what WeChat takes, and back."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.wechat.menu_rules import MOST_DOMAINS, MOST_TOP, button_faults, domains, match_faults

DEFAULT = "default.toml"
Menu = dict[str, Any]
#: Turns the name of a page into its full address; None when there is no such page.
PageAddress = Callable[[str], str | None]


@dataclass(frozen=True)
class MenuSet:
    """The default menu and the conditional ones, as WeChat takes them."""

    default: Menu | None
    conditional: list[Menu] = field(default_factory=list)


class MenuFaults(Exception):
    """Everything that is wrong with the files, a line each: file, line, button, what."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class _Lines:
    """On which line a button stands. TOML readers do not tell, so names are looked for in the order of the file."""

    def __init__(self, text: str) -> None:
        self._places: dict[str, list[int]] = {}
        self._heads: list[int] = []
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip().startswith("[[button]]"):
                self._heads.append(number)
            if line.lstrip().startswith("#"):
                continue
            for quoted in re.findall(r"""\bname["']?\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*')""", line):
                try:
                    name = tomllib.loads(f"name = {quoted}")["name"]
                except tomllib.TOMLDecodeError:
                    continue  # it only looks like a name, inside of another text
                self._places.setdefault(name, []).append(number)

    def of(self, button: Any, top: int) -> int:
        """The line of a button; of the top button it belongs to when it has no name. Asked in the file's order."""
        name = button.get("name") if isinstance(button, Mapping) else None
        left = self._places.get(name, []) if isinstance(name, str) else []
        if left:
            return left.pop(0)
        return self._heads[top] if top < len(self._heads) else 1


def read(folder: Path, address: PageAddress, taps: set[str]) -> MenuSet:
    """Read and check all files of the folder. Raises MenuFaults."""
    faults: list[str] = []
    default: Menu | None = None
    conditional: list[Menu] = []
    for path in sorted(folder.glob("*.toml"), key=lambda path: (path.name != DEFAULT, path.name)):
        menu = _read_file(path, address, taps, faults)
        if path.name == DEFAULT:
            default = menu
            if menu and "matchrule" in menu:
                faults.append(f"{path}:1: the default menu is for everybody: [matchrule] belongs into another file")
        elif menu is not None:
            faults += [f"{path}:1: {fault}" for fault in match_faults(menu.get("matchrule"))]
            conditional.append(menu)
    if default is None and not faults:
        faults.append(f"{folder / DEFAULT}:1: there is no such file; the default menu must exist first (65303)")
    if not faults:
        outside = set().union(*(domains(menu) for menu in conditional))
        if len(outside) > MOST_DOMAINS:
            faults.append(f"{folder}: conditional menus lead to {len(outside)} domains; WeChat takes {MOST_DOMAINS}")
    if faults:
        raise MenuFaults(faults)
    return MenuSet(default, conditional)


def _read_file(path: Path, address: PageAddress, taps: set[str], faults: list[str]) -> Menu | None:
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        found = re.search(r"line ([0-9]+)", str(error))
        faults.append(f"{path}:{found[1] if found else 1}: {error}")
        return None
    for name in sorted(set(data) - {"button", "matchrule"}):
        faults.append(f"{path}:1: {name}: a menu file has [[button]] and [matchrule] only")
    buttons = data.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MOST_TOP:
        faults.append(f"{path}:1: a menu has 1 to {MOST_TOP} buttons at the bottom")
        return None
    lines = _Lines(text)
    made = []
    for number, top in enumerate(buttons):
        line = lines.of(top, number)
        made.append(_checked(top, f"{path}:{line}", "", address, taps, faults, is_top=True))
        below = top.get("sub_button") if isinstance(top, Mapping) else None
        if isinstance(below, list):
            where = [f"{path}:{lines.of(one, number)}" for one in below]
            inside = f"{top.get('name', '?')} > "
            made[-1]["sub_button"] = [
                _checked(one, place, inside, address, taps, faults, is_top=False)
                for one, place in zip(below, where, strict=True)
            ]
    menu: Menu = {"button": made}
    if "matchrule" in data:
        menu["matchrule"] = data["matchrule"]
    return menu


def _checked(
    entry: Any, place: str, inside: str, address: PageAddress, taps: set[str], faults: list[str], *, is_top: bool
) -> Menu:
    """One button as WeChat takes it; what is wrong with it goes to the faults."""
    if not isinstance(entry, Mapping):
        faults.append(f"{place}: a button is a table with a name")
        return {}
    who = f"{place}: {inside}{' '.join(str(entry.get('name', '(no name)')).split())}"
    button = dict(entry)
    actions = [name for name in ("page", "reply") if name in button]
    if len(actions) + ("url" in button and "type" not in button) > 1 or (actions and "type" in button):
        faults.append(f"{who}: has more than one of page, url, reply, type")
        return button
    if "page" in button:
        url = address(str(button.pop("page")))
        if url is None:
            faults.append(f"{who}: there is no page {entry['page']!r}")
        button |= {"type": "view", "url": url or "https://unknown.invalid/"}
    elif "reply" in button:
        key = button.pop("reply")
        if not isinstance(key, str) or key not in taps:
            faults.append(f"{who}: the reply {key!r} is not in the replies file, as [tap.{key}]")
        button |= {"type": "click", "key": key}
    elif "url" in button and "type" not in button:
        button["type"] = "view"
    faults += [f"{who}: {fault}" for fault in button_faults(button, is_top=is_top)]
    return button


def normal(menu: Mapping[str, Any]) -> Menu:
    """A menu without what WeChat adds when it shows one: empty lists, numbers of its own."""

    def plain(button: Mapping[str, Any]) -> Menu:
        made = {name: value for name, value in button.items() if value not in ("", [], None)}
        if "sub_button" in made:
            below = made["sub_button"]
            made["sub_button"] = [plain(one) for one in (below["list"] if isinstance(below, Mapping) else below)]
        return made

    made: Menu = {"button": [plain(button) for button in menu.get("button", [])]}
    rule = {name: str(value) for name, value in (menu.get("matchrule") or {}).items() if value not in ("", None)}
    return {**made, "matchrule": rule} if rule else made


def to_toml(menu: Mapping[str, Any], page_of: Callable[[str], str | None]) -> str:
    """A menu as a file, addresses of ours as page names."""
    return "\n".join(_toml_lines(normal(menu), page_of)) + "\n"


def _toml_lines(menu: Menu, page_of: Callable[[str], str | None]) -> Iterator[str]:
    def pairs(button: Mapping[str, Any]) -> dict[str, str]:
        made = {name: value for name, value in button.items() if name != "sub_button"}
        page = page_of(made["url"]) if made.get("type") == "view" and "url" in made else None
        if page:
            return {"name": made["name"], "page": page}
        if made.get("type") == "view":
            made.pop("type")
        elif made.get("type") == "click":
            return {"name": made["name"], "reply": made["key"]}
        return made

    def text(value: str) -> str:
        # TOML's strings are written as JSON's, but for one more character that it does not take bare.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

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
