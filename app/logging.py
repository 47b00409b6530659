"""Logs: one line an event, JSON in production, and nothing in it that names a person or opens a door."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

#: Keys whose values never reach a log, whatever they hold.
PRIVATE_KEYS = re.compile(
    r"phone|id_number|name$|code$|token|openid|secret|cookie|query|password|content", re.IGNORECASE
)
SAFE_KEYS = {"errcode", "status_code", "region_code", "event_name"}
#: Values that slipped in under another key: mobile numbers, resident IDs, openids, tokens in addresses.
PRIVATE_VALUES = re.compile(
    r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])|(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])|\bo[A-Za-z0-9_-]{27}\b"
    r"|(?<=access_token=)[^&\s\"']+|(?<=secret=)[^&\s\"']+|(?<=code=)[^&\s\"']+"
)


def hide_private(logger: Any, method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in entry.items():
        if key in ("event", "level", "timestamp"):
            continue
        if key not in SAFE_KEYS and PRIVATE_KEYS.search(key):
            entry[key] = "[hidden]"
        elif isinstance(value, str):
            entry[key] = PRIVATE_VALUES.sub("[hidden]", value)
    if isinstance(entry.get("event"), str):
        entry["event"] = PRIVATE_VALUES.sub("[hidden]", entry["event"])
    return entry


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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard module; theirs pass the same filter.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
