"""The parts of one running sandbox, handed to whoever answers a request."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any, cast

from flask import current_app

from sandbox.background import Background
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.media_store import MediaStore
from sandbox.settings import Settings
from sandbox.world import World

CALLS_KEEP = 5000


@dataclass
class Box:
    """Settings, clock and memory of one account."""

    settings: Settings
    clock: Clock
    world: World
    faults: Faults
    media: MediaStore
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=CALLS_KEEP))
    # Failed calls by rid, for openapi/rid/get.
    failed: dict[str, dict[str, Any]] = field(default_factory=dict)
    # What each call allows in a day, from the table of endpoints.
    daily_limits: dict[str, int] = field(default_factory=dict)
    background: Background = field(default_factory=Background)
    # Filled in once the socket is bound: port 0 means any.
    port: int = 0
    forwarders: Any = None

    def origins(self) -> tuple[str, ...]:
        """The addresses that mean this sandbox, as a browser or the product may write them."""
        return tuple(f"http://{host}:{self.port}" for host in ("127.0.0.1", "localhost", "[::1]"))


def current_box() -> Box:
    return cast(Box, current_app.extensions["sandbox"])
