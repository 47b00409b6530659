"""The menu as one person sees it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.people import Person
from sandbox.world import State

# A phone shows about 4 characters of a top button and 8 of a sub-button.
TOP_SHOWN, SUB_SHOWN = 4, 8
# What matchrule knows of the sandbox's phone: neither iOS (1) nor Android (2).
PLATFORM = "3"


@dataclass
class Button:
    """A button that can be tapped."""

    name: str
    type: str
    key: str
    url: str | None
    menu_id: int


def menu_for(state: State, person: Person) -> dict[str, Any] | None:
    """The newest conditional menu that matches, else the default one."""
    matching = (menu for menu in reversed(state.conditional_menus) if matches(menu["matchrule"], person))
    return next(matching, state.menu)


def matches(rule: dict[str, Any], person: Person) -> bool:
    """With several tags on a person the one applied last decides."""
    tag, platform = str(rule.get("tag_id") or ""), str(rule.get("client_platform_type") or "")
    if tag and (not person.tags or str(person.tags[-1]) != tag):
        return False
    return not platform or platform == PLATFORM


def find_button(state: State, person: Person, wanted: dict[str, Any]) -> Button | None:
    """The first button of the person's menu that has the key, url and name that are wanted, as far as they are."""
    asked = {what: wanted[what] for what in ("key", "url", "name") if wanted.get(what)}
    if not asked:
        return None
    # Two buttons may have one name (注册 of volunteers and of organisations): all that is asked must fit.
    fits = (button for button in _leaves(menu_for(state, person)) if asked.items() <= vars(button).items())
    return next(fits, None)


def shown_menu(state: State, person: Person) -> list[dict[str, Any]]:
    """Buttons with names cut as the client cuts them, for the page."""
    menu = menu_for(state, person)
    return [_shown(button, TOP_SHOWN) for button in (menu or {}).get("button", [])]


def _shown(button: dict[str, Any], limit: int) -> dict[str, Any]:
    name = button["name"]
    return {
        "name": name,
        "label": name if len(name) <= limit else name[:limit] + "…",
        "type": button.get("type", ""),
        "key": button.get("key", ""),
        "url": button.get("url", ""),
        "sub": [_shown(sub, SUB_SHOWN) for sub in button.get("sub_button") or []],
    }


def _leaves(menu: dict[str, Any] | None) -> Iterator[Button]:
    for top in (menu or {}).get("button", []):
        for button in top.get("sub_button") or [top]:
            if button.get("type"):
                menu_id = int((menu or {}).get("menuid", 0))
                yield Button(button["name"], button["type"], button.get("key", ""), button.get("url"), menu_id)
