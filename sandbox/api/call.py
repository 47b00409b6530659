"""One API call while it is being answered."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Request

from sandbox.box import Box
from sandbox.errors import ApiError
from sandbox.people import Person
from sandbox.world import State


@dataclass
class Call:
    """The request, the state (held under its lock), and what is to happen once the lock is let go."""

    box: Box
    request: Request
    state: State
    later: list[Callable[[], object]] = field(default_factory=list)

    @property
    def now(self) -> float:
        return self.box.clock.now()

    def arg(self, name: str) -> str:
        return str(self.request.args.get(name, ""))

    def body(self) -> dict[str, Any]:
        """The JSON body, whatever its Content-Type; 44002 when empty, 47001 when it is not an object."""
        raw = self.request.get_data()
        if not raw.strip():
            raise ApiError(44002)
        try:
            data = json.loads(raw)
        except ValueError as error:
            raise ApiError(47001) from error
        if not isinstance(data, dict):
            raise ApiError(47001)
        return data

    def person(self, openid: object) -> Person:
        """Whose openid it is; 40003 when nobody's."""
        found = self.state.by_openid(openid)
        if found is None:
            raise ApiError(40003)
        return found

    def follower(self, openid: object) -> Person:
        person = self.person(openid)
        if not person.following:
            raise ApiError(43004)
        return person


Answer = Any
Handler = Callable[[Call], Answer]
OK = {"errcode": 0, "errmsg": "ok"}
