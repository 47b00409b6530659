"""How often somebody may try what nobody should find out by trying: whose an ID number is, the password of a team.

A try is written down before it is judged, so that of many at the same moment none is overlooked, and in the database,
which all processes share and which outlives a restart. It names nobody (keyed hashes only) and is gone after a day.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from app import crypto
from app.accounts.models import Try
from app.database import in_transaction, session
from app.errors import AppError

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Kind:
    """What is tried, and how many different ones one person, and one address, may try within a day."""

    name: str
    per_person: int
    per_address: int


@dataclass(frozen=True)
class Trier:
    """Who tries: a phone that was proved (closing the account does not begin anew), and from where."""

    phone: str
    address_index: str

    @property
    def who_index(self) -> str:
        return crypto.ring().index("trier", self.phone)


@contextmanager
def counted(kind: Kind, trier: Trier, subject: str, refusal: type[AppError], now: datetime) -> Iterator[None]:
    """Count the try of `subject` unless what is done inside goes well. Raises `refusal` beyond the caps."""
    subject_index = crypto.ring().index("tried", f"{kind.name}:{subject}")
    if not in_transaction(lambda: _count(kind, trier, subject_index, now)) or _over(kind, trier, now):
        raise refusal
    yield
    mine = (Try.what == kind.name, Try.who_index == trier.who_index, Try.subject_index == subject_index)
    in_transaction(lambda: session.execute(delete(Try).where(*mine)))


def _count(kind: Kind, trier: Trier, subject_index: str, now: datetime) -> bool:
    session.execute(delete(Try).where(Try.tried_at <= now - DAY))
    if _over(kind, trier, now):
        return False
    values = {"what": kind.name, "who_index": trier.who_index, "subject_index": subject_index}
    try:
        with session.begin_nested():
            session.add(Try(**values, address_index=trier.address_index, tried_at=now))
    except IntegrityError:
        pass  # the same one again tells nothing new
    return True


def _over(kind: Kind, trier: Trier, now: datetime) -> bool:
    """Whether more were tried than may be."""
    return (
        _tried(kind, Try.who_index == trier.who_index, now) > kind.per_person
        or _tried(kind, Try.address_index == trier.address_index, now) > kind.per_address
    )


def _tried(kind: Kind, whose: object, now: datetime) -> int:
    query = select(func.count()).select_from(Try).where(Try.what == kind.name, Try.tried_at > now - DAY, whose)  # type: ignore[arg-type]
    return session.scalar(query) or 0
