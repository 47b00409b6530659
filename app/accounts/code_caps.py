"""How many codes may be sent: to a phone, from an address, by the whole site.

The day's counters are those of day_counts.py; what an hour had is counted in the sends.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, delete, func, select

from app.accounts import day_counts
from app.accounts.errors import CodeTooSoon, TooManyCodes
from app.accounts.models import PhoneCodeSend
from app.clock import today
from app.config import Limits
from app.database import in_transaction, session

log = structlog.get_logger()

PHONE, ADDRESS, SITE = "phone", "address", "site"


@dataclass(frozen=True)
class Sender:
    """Blind indexes of the phone that a code goes to and of the address that asks."""

    phone_index: str
    address_index: str

    def of(self, scope: str) -> str:
        return {PHONE: self.phone_index, ADDRESS: self.address_index, SITE: ""}[scope]


@dataclass(frozen=True)
class Counted:
    """A send that was counted, so that it can be taken back."""

    sender: Sender
    day: date
    row_id: int
    #: The site's codes of the day, this one included.
    of_the_site: int


def count_send(sender: Sender, limits: Limits, now: datetime) -> Counted:
    """Count a send against every cap, in a transaction of its own. Raises CodeTooSoon, TooManyCodes."""
    day = today(now)
    for scope in (PHONE, ADDRESS, SITE):
        day_counts.make(scope, sender.of(scope), day)
    counted = in_transaction(lambda: _take(sender, limits, day, now))
    if counted.of_the_site == near(limits.codes_per_site_day):
        log.warning("codes_near_the_cap_of_the_day", sent=counted.of_the_site, cap=limits.codes_per_site_day)
    return counted


def near(cap: int) -> int:
    """From so many messages a day on the operator is told: 80 % of the cap."""
    return math.ceil(cap * 0.8)


def take_back(counted: Counted) -> None:
    """The send surely did not happen: it counts nowhere."""

    def act() -> None:
        for scope in (PHONE, ADDRESS, SITE):
            day_counts.give_back(scope, counted.sender.of(scope), counted.day)
        session.execute(delete(PhoneCodeSend).where(PhoneCodeSend.id == counted.row_id))

    in_transaction(act)


def sent_today(now: datetime) -> int:
    """Codes of the whole site since midnight in China."""
    return day_counts.of_day(SITE, "", today(now))


def sent_from(address_index: str, now: datetime) -> int:
    """Codes that the address asked for within the hour."""
    return _sends(now - timedelta(hours=1), PhoneCodeSend.address_index == address_index)


def forget_phone(phone_index: str) -> None:
    """Nothing of the phone is left in what is counted."""
    session.execute(delete(PhoneCodeSend).where(PhoneCodeSend.phone_index == phone_index))
    day_counts.forget(phone_index)


def _take(sender: Sender, limits: Limits, day: date, now: datetime) -> Counted:
    for scope, cap, words in _caps(limits):
        if not day_counts.take(scope, sender.of(scope), day, cap):
            if scope == PHONE:
                _check_interval(sender, limits, now)  # the nearer reason first
            raise TooManyCodes(words)
        # Under the lock of the counter's row, so that what was sent a moment ago is seen.
        if scope == PHONE:
            _check_interval(sender, limits, now)
        if scope == ADDRESS and sent_from(sender.address_index, now) >= limits.codes_per_address_hour:
            raise TooManyCodes("您所在的网络获取验证码太频繁，请一小时后再试")
    row = PhoneCodeSend(phone_index=sender.phone_index, address_index=sender.address_index, sent_at=now)
    session.add(row)
    session.flush()
    return Counted(sender, day, row.id, sent_today(now))


def _caps(limits: Limits) -> Iterator[tuple[str, int, str | None]]:
    """Always in this order: two sends never wait for each other in a circle."""
    yield PHONE, limits.codes_per_phone_day, None
    yield ADDRESS, limits.codes_per_address_day, "您所在的网络今天获取验证码的次数已用完，请明天再试，或换一个网络"
    yield SITE, limits.codes_per_site_day, "今天获取验证码的人太多，请明天再试"


def _check_interval(sender: Sender, limits: Limits, now: datetime) -> None:
    last_query = select(func.max(PhoneCodeSend.sent_at)).where(PhoneCodeSend.phone_index == sender.phone_index)
    last = session.scalar(last_query)
    wait = timedelta(seconds=limits.code_interval_seconds)
    if last and now - last < wait:
        seconds = int((last + wait - now).total_seconds()) + 1
        raise CodeTooSoon(f"验证码刚刚发过，请 {seconds} 秒后再获取")


def _sends(since: datetime, *where: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(PhoneCodeSend).where(PhoneCodeSend.sent_at > since, *where)
    return session.scalar(query) or 0
