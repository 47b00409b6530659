"""The menu as files: read, check, turn into what WeChat takes, and back."""

import json
import re
import tomllib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.wechat.menu_rules import MOST_DOMAINS, MOST_TOP, button_faults, host_of, match_faults, name_faults

DEFAULT = "default.toml"
Menu = dict[str, Any]
#: Turns the name of a page into its full address; None when there is no such page.
PageAddress = Callable[[str], str | None]
#: Stands for a page that is not there, so that its button is not told to lack an address as well.
NO_PAGE = "https://no-such-page.invalid/"
Keys = tuple[str | int, ...]


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


class _Places:
    """On which line each value stands, by its path: ("button", 0, "sub_button", 2, "name").

    TOML readers do not tell. The text is known to be good TOML, so a walk over its words is enough.
    """

    _WORDS = re.compile(
        r'"""(?:[^\\]|\\.)*?"{3,5}|' + r"'''.*?'{3,5}" + r'|"(?:[^"\\]|\\.)*"' + r"|'[^']*'"
        r"|\#[^\n]*|\n|[\[\]{}=,.]|[^\s\#\"'\[\]{}=,.]+",
        re.DOTALL,
    )

    def __init__(self, text: str) -> None:
        self._lines: dict[Keys, int] = {}
        self._counts: dict[Keys, int] = {}
        line, at = 1, 0
        words = []
        for found in self._WORDS.finditer(text):
            line, at = line + text.count("\n", at, found.start()), found.start()
            if found[0][0] != "#":
                words.append((found[0], line))
        self._words = deque(words)
        self._walk()

    def of(self, *path: str | int) -> int:
        """The line of the value, or of the nearest one around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def of_button(self, *path: str | int) -> int:
        return self.of(*path, "name")

    def _walk(self) -> None:
        table: Keys = ()
        while self._next():
            line = self._words[0][1]
            if self._words[0][0] != "[":
                self._pair(table)
                continue
            self._words.popleft()
            is_array = self._words[0][0] == "["
            if is_array:
                self._words.popleft()
            key = self._key()
            while self._words and self._words[0][0] == "]":
                self._words.popleft()
            table = ()
            for number, part in enumerate(key, 1):
                table += (part,)
                if is_array and number == len(key):
                    self._counts[table] = self._counts.get(table, 0) + 1
                if table in self._counts:
                    table += (self._counts[table] - 1,)
            self._lines[table] = line

    def _next(self, *, skipped: str = "\n") -> str:
        """The next word that is not to be skipped, still in its place; empty at the end."""
        while self._words and self._words[0][0] in skipped:
            self._words.popleft()
        return self._words[0][0] if self._words else ""

    def _key(self) -> Keys:
        parts: Keys = ()
        while self._next(skipped=".") not in ("=", "]", ""):
            word = self._words.popleft()[0]
            parts += (tomllib.loads(f"key = {word}")["key"] if word[0] in "\"'" else word,)
        return parts

    def _pair(self, table: Keys) -> None:
        line = self._words[0][1]
        path = table + self._key()
        for end in range(len(table) + 1, len(path) + 1):
            self._lines.setdefault(path[:end], line)
        self._words.popleft()
        self._value(path)

    def _value(self, path: Keys) -> None:
        word = self._words.popleft()[0]
        if word == "{":
            while self._next(skipped="\n,") not in ("}", ""):
                self._pair(path)
            self._words.popleft()
        elif word == "[":
            number = 0
            while self._next(skipped="\n,") not in ("]", ""):
                self._lines[(*path, number)] = self._words[0][1]
                self._value((*path, number))
                number += 1
            self._words.popleft()
        elif word[0] not in "\"'":
            while self._words and self._words[0][0] not in ("\n", ",", "]", "}"):
                self._words.popleft()


class _Reader:
    """Reads one file after the other and gathers what is wrong with them."""

    def __init__(self, address: PageAddress, taps: set[str]) -> None:
        self._address, self._taps = address, taps
        self.menus: dict[Path, Menu] = {}
        self.faults: list[str] = []
        self._domains: dict[str, None] = {}
        self._rules: dict[str, str] = {}

    def read(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8-sig")
            data = tomllib.loads(text)
        except OSError as error:
            self.faults.append(f"{path}: cannot be read: {error.strerror}")
            return
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            self.faults.append(f"{path}:{line}: is not UTF-8: save it as such")
            return
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line ([0-9]+)", str(error))
            self.faults.append(f"{path}:{found[1] if found else len(text.splitlines()) or 1}: {error}")
            return
        places = _Places(text)
        for name in sorted(set(data) - {"button", "matchrule"}):
            self.faults.append(f"{path}:{places.of(name)}: {name}: a menu file has [[button]] and [matchrule] only")
        is_default = path.name == DEFAULT
        menu: Menu = {"button": self._buttons(path, data.get("button", []), places, is_default=is_default)}
        self.menus[path] = menu
        if is_default:
            if "matchrule" in data:
                where = f"{path}:{places.of('matchrule')}"
                self.faults.append(f"{where}: the default menu is for everybody: [matchrule] belongs into another file")
            return
        rule = data.get("matchrule")
        for name, fault in match_faults(rule):
            self.faults.append(f"{path}:{places.of('matchrule', name)}: [matchrule] {fault}")
        if isinstance(rule, Mapping):
            menu["matchrule"] = {name: str(value) for name, value in rule.items() if value != ""}
            first = self._rules.setdefault(json.dumps(menu["matchrule"], sort_keys=True), path.name)
            if first != path.name:
                where = f"{path}:{places.of('matchrule')}"
                self.faults.append(f"{where}: [matchrule] is that of {first}: only one of the two would be seen")

    def _buttons(self, path: Path, entries: Any, places: _Places, *, is_default: bool) -> list[Menu]:
        if not isinstance(entries, list):
            self.faults.append(f"{path}:{places.of('button')}: write [[button]], once for each button")
            return []
        if not 1 <= len(entries) <= MOST_TOP:
            line = places.of_button("button", MOST_TOP)
            told = f"the menu has {len(entries)} buttons at the bottom; WeChat takes 1 to {MOST_TOP}"
            self.faults.append(f"{path}:{line}: {told}")
        made = []
        for number, top in enumerate(entries):
            where = f"{path}:{places.of_button('button', number)}: {_name(top)}"
            made.append(self._button(top, where, is_top=True))
            below = top.get("sub_button") if isinstance(top, Mapping) else None
            if not isinstance(below, list):
                self._count_domain(made[-1], where, is_default=is_default)
                continue
            made[-1]["sub_button"] = []
            for under, one in enumerate(below):
                line = places.of_button("button", number, "sub_button", under)
                where = f"{path}:{line}: {_name(top)} › {_name(one)}"
                made[-1]["sub_button"].append(self._button(one, where, is_top=False))
                self._count_domain(made[-1]["sub_button"][-1], where, is_default=is_default)
        return made

    def _button(self, entry: Any, where: str, *, is_top: bool) -> Menu:
        """One button as WeChat takes it."""
        if not isinstance(entry, Mapping):
            self.faults.append(f"{where}: a button is a table with a name")
            return {}
        button = dict(entry)
        actions = [name for name in ("page", "reply", "url") if name in button]
        if "type" in button and "url" in actions:
            actions.remove("url")
        if "sub_button" not in button and len(actions) + ("type" in button) > 1:
            given = ", ".join([*actions, *(["type"] if "type" in button else [])])
            self.faults.append(f"{where}: has more than one of page, url, reply, type: {given}")
            self.faults += [f"{where}: {fault}" for fault in name_faults(button, is_top=is_top)]
            return button
        if "sub_button" not in button and actions:
            name = actions[0]
            button |= self._action(name, button.pop(name), where)
        self.faults += [f"{where}: {fault}" for fault in button_faults(button, is_top=is_top)]
        return button

    def _action(self, name: str, value: Any, where: str) -> Menu:
        if name == "url":
            return {"type": "view", "url": value}
        if name == "reply":
            if not isinstance(value, str) or value not in self._taps:
                self.faults.append(f"{where}: the reply {value!r} is not in the replies file, as [tap.{value}]")
            return {"type": "click", "key": str(value)}
        url = self._address(value) if isinstance(value, str) else None
        if url is None:
            self.faults.append(f"{where}: there is no page {value!r}")
        return {"type": "view", "url": url or NO_PAGE}

    def _count_domain(self, button: Menu, where: str, *, is_default: bool) -> None:
        """Conditional menus share a limit of domains: the button that breaks it is named."""
        host = host_of(button.get("url"))
        if is_default or not host or host in self._domains or button.get("url") == NO_PAGE:
            return
        self._domains[host] = None
        if len(self._domains) > MOST_DOMAINS:
            before = ", ".join(list(self._domains)[:-1])
            told = f"leads to {host}, domain {len(self._domains)} of the conditional menus (after {before})"
            self.faults.append(f"{where}: {told}; WeChat takes {MOST_DOMAINS}")


def _name(entry: Any) -> str:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return (" ".join(str(name).split()) if name else "") or "(no name)"


def read(folder: Path, address: PageAddress, taps: set[str]) -> MenuSet:
    """Read and check all files of the folder. Raises MenuFaults."""
    reader = _read_all(folder, address, taps)
    if not (folder / DEFAULT).exists():
        told = "there is no such file; the default menu must exist before conditional ones (65303)"
        reader.faults.insert(0, f"{folder / DEFAULT}: {told}")
    if reader.faults:
        raise MenuFaults(reader.faults)
    default = reader.menus.pop(folder / DEFAULT)
    return MenuSet(default, list(reader.menus.values()))


def by_file(folder: Path, address: PageAddress, taps: set[str]) -> dict[Path, Menu]:
    """The menu of each file as far as it can be read, whatever is wrong with it."""
    return _read_all(folder, address, taps).menus


def _read_all(folder: Path, address: PageAddress, taps: set[str]) -> _Reader:
    reader = _Reader(address, taps)
    for path in sorted(folder.glob("*.toml"), key=lambda path: (path.name != DEFAULT, path.name)):
        before = len(reader.faults)
        reader.read(path)
        # From top to bottom, as they are mended. Of a file that cannot be opened there is one, without a line.
        if len(reader.faults) > before + 1:
            reader.faults[before:] = sorted(
                reader.faults[before:], key=lambda fault: int(fault.removeprefix(f"{path}:").partition(":")[0])
            )
    return reader


def normal(menu: Mapping[str, Any]) -> Menu:
    """A menu without what WeChat adds when it shows one: empty lists, numbers of its own."""

    def plain(button: Mapping[str, Any]) -> Menu:
        made = {name: value for name, value in button.items() if value not in ("", [], {}, None) or name == "name"}
        below = made.pop("sub_button", [])
        below = below.get("list", []) if isinstance(below, Mapping) else below
        return {**made, "sub_button": [plain(one) for one in below]} if below else made

    made: Menu = {"button": [plain(button) for button in menu.get("button", [])]}
    rule = {name: str(value) for name, value in (menu.get("matchrule") or {}).items() if value not in ("", None)}
    return {**made, "matchrule": rule} if rule else made
