"""Logs: one line an event, JSON in production, and nothing in it that names a person or opens a door."""

import logging
import re
import sys
import time
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

#: Keys whose values never reach a log, whatever they hold.
PRIVATE_KEYS = re.compile(
    r"phone|id_number|name$|code$|token|openid|secret|cookie|query|password|content", re.IGNORECASE
)
SAFE_KEYS = {"errcode", "status_code", "region_code", "event_name"}
#: Values that slipped in under another key: mobile numbers, resident IDs, openids.
PRIVATE_VALUES = re.compile(
    r"(?<![0-9])(?:(?:00)?86)?1[3-9][0-9]{9}(?![0-9])|(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])"
    r"|(?<![A-Za-z0-9_-])o[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])"
)
_SECRETS = r"(?:access_|refresh_)?token|(?:app)?secret|(?<![A-Za-z])code|ticket|openid|phone|id_number|password"
#: What follows these words in addresses, forms and JSON.
PRIVATE_PAIRS = re.compile(
    rf"""((?:{_SECRETS})=)[^&\s"']+|((?:{_SECRETS})["']\s*:\s*["']?)[^"',}}\s]+""", re.IGNORECASE
)
HIDDEN = "[hidden]"


def hide_private(logger: Any, method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in entry.items():
        if key not in ("level", "timestamp"):
            entry[key] = _without_private(key if key != "event" else "", value)
    return entry


def _without_private(key: str, value: Any) -> Any:
    if key not in SAFE_KEYS and PRIVATE_KEYS.search(key):
        return HIDDEN
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, Mapping):
        return {_in_text(str(name)): _without_private(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_private("", inner) for inner in value]
    # A renderer would make text of anything else, so that it is looked at as text here.
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    hidden = _in_text(text)
    return value if isinstance(value, int) and hidden == text else hidden


def _in_text(text: str) -> str:
    return PRIVATE_PAIRS.sub(lambda found: (found[1] or found[2]) + HIDDEN, PRIVATE_VALUES.sub(HIDDEN, text))


class _CalmQueue(logging.Filter):
    """The queue tells with a traceback, twice a second, that Redis is gone: one line in half a minute is enough."""

    EVERY_SECONDS = 30

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        is_gone = isinstance(error, OSError) or type(error).__module__.startswith("redis.")
        if not record.name.startswith("huey") or not is_gone:
            return True
        words, now = record.getMessage(), time.monotonic()
        if now - self._told.get(words, -self.EVERY_SECONDS) < self.EVERY_SECONDS:
            return False
        self._told[words] = now
        record.msg, record.args, record.exc_info = f"{words}: {type(error).__name__}", (), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class _StderrHandler(logging.StreamHandler[Any]):
    """Writes to what stderr is now: it may be replaced and closed after the start, as tests and servers do."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr


def init(*, as_json: bool) -> None:
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_private,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard module; theirs pass the same filter.
    handler = _StderrHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    handler.addFilter(_CalmQueue())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
