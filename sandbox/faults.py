"""Switches for what goes wrong in real life."""

import threading
from dataclasses import asdict, dataclass
from typing import Any

# What each switch answers; None: not an errcode but something done to the connection.
ERRCODES: dict[str, int | None] = {
    "token_dead": 40001,
    "busy": -1,
    "quota": 45009,
    "per_minute": 45011,
    "ip_refused": 40164,
    "slow": None,
    "html": None,
    "bad_gateway": None,
    "unavailable": None,
    "cut_before": None,
    "cut_after": None,
    "sms_down": None,
}
TITLES = {
    "token_dead": "access_token 失效（40001）",
    "busy": "系统繁忙（-1）",
    "quota": "当日次数用完（45009）",
    "per_minute": "每分钟次数超限（45011）",
    "ip_refused": "IP 不在白名单（40164）",
    "slow": "接口变慢",
    "html": "返回网页而不是 JSON",
    "bad_gateway": "502 错误网关",
    "unavailable": "503 暂时不可用",
    "cut_before": "执行前断开连接",
    "cut_after": "执行后断开连接",
    "sms_down": "短信通道故障",
}
SLOW_SECONDS = 3.0
#: A switch may hold a call for so long, and be for so many calls.
LONGEST_WAIT, MOST_CALLS = 120, 1_000_000


@dataclass
class Fault:
    """One switch that is on; `count` None means for ever, `path` None means any call."""

    name: str
    path: str | None = None
    count: int | None = None
    seconds: float = SLOW_SECONDS


class Faults:
    """The switches that are on, taken one by one as calls arrive."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: list[Fault] = []

    def switch_on(self, fault: Fault) -> None:
        with self._lock:
            self._on.append(fault)

    def clear(self, name: str | None = None) -> None:
        with self._lock:
            self._on = [fault for fault in self._on if name is not None and fault.name != name]

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._on]

    def take(self, path: str, names: frozenset[str]) -> Fault | None:
        """The first switch of these names that meets this call; counts it down."""
        with self._lock:
            for fault in self._on:
                if fault.name not in names or (fault.path and fault.path != path):
                    continue
                if fault.count is not None:
                    fault.count -= 1
                    if fault.count <= 0:
                        self._on.remove(fault)
                return fault
        return None
