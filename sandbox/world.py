"""All that the sandbox remembers, one lock around it, and the file that keeps it over a restart."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from sandbox.people import Person, default_people, default_templates

CHAT_KEEP = 300
SMS_KEEP = 500


@dataclass
class State:
    """Plain data only, so that it goes to JSON and back unchanged."""

    people: dict[str, Person] = field(default_factory=default_people)
    chats: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    sms: list[dict[str, Any]] = field(default_factory=list)
    menu: dict[str, Any] | None = None
    conditional_menus: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    qr_codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    templates: dict[str, dict[str, str]] = field(default_factory=default_templates)
    sent_once: dict[str, list[float]] = field(default_factory=dict)
    short_keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    forced_refreshes: list[float] = field(default_factory=list)
    tickets: dict[str, dict[str, Any]] = field(default_factory=dict)
    oauth_codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    user_tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    ip_list: list[str] | None = None
    snapshot_mode: bool = False
    usage: dict[str, int] = field(default_factory=dict)
    usage_day: str = ""
    quota_clears: list[str] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)
    clock_offset: float = 0

    def next(self, name: str, start: int = 1) -> int:
        """The next number of a series that never repeats."""
        number = self.counters.get(name, start)
        self.counters[name] = number + 1
        return number

    def by_openid(self, openid: object) -> Person | None:
        return next((person for person in self.people.values() if person.openid == openid), None)

    def show(self, person_id: str, bubble: dict[str, Any], at: float) -> dict[str, Any]:
        """Add a bubble to a person's chat and return it with its number and time."""
        shown = {"id": self.next("bubble"), "at": round(at, 3), **bubble}
        chat = self.chats.setdefault(person_id, [])
        chat.append(shown)
        del chat[:-CHAT_KEEP]
        return shown


class World:
    """The state under its lock."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.RLock()
        self.version = 1
        self.state = _load(path) if path and path.exists() else State()

    @contextmanager
    def change(self) -> Iterator[State]:
        """Hold the lock, and keep what was changed before letting go."""
        with self._lock:
            try:
                yield self.state
            finally:
                self.version += 1
                self._save()

    @contextmanager
    def read(self) -> Iterator[State]:
        with self._lock:
            yield self.state

    def reset(self) -> None:
        """Back to the default people, everything else empty."""
        with self.change():
            self.state = State()

    def _save(self) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_name(self._path.name + ".partial")
        with partial.open("w", encoding="utf-8") as file:
            json.dump(asdict(self.state), file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)


def _load(path: Path) -> State:
    raw = json.loads(path.read_text(encoding="utf-8"))
    known = {item.name for item in fields(State)}
    state = State(**{key: value for key, value in raw.items() if key in known})
    personal = {item.name for item in fields(Person)}
    state.people = {
        key: Person(**{name: value for name, value in row.items() if name in personal})
        for key, row in raw["people"].items()
    }
    return state
