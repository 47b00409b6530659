"""The time. Services take `now` as an argument; only entry points ask a clock, so that tests can hand in their own."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime:
        """The current instant, aware, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """The instant as people in China read it."""
    return moment.astimezone(SHANGHAI)


def said(moment: datetime) -> str:
    """11月28日 09:00, as a message says it."""
    there = local(moment)
    return f"{there.month}月{there.day}日 {there:%H:%M}"


def from_local(moment: datetime) -> datetime:
    """A wall-clock time in China, such as a form sends it, as an instant in UTC."""
    return moment.replace(tzinfo=SHANGHAI).astimezone(UTC)


def today(now: datetime) -> date:
    return local(now).date()


def midnight(now: datetime) -> datetime:
    """When the day began in China, as an instant in UTC."""
    return from_local(datetime.combine(today(now), datetime.min.time()))


def years_old(born: date, on: date) -> int:
    """The age in full years on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
