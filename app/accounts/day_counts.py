"""How many messages a phone, an address or the whole site had on a day in China: what costs money has a cap.

Counted in the database, which outlives Redis and restarts. Each message takes from a counter of its day by a
conditional update: whoever comes at the same moment waits for that row, so that no cap is passed however many press.
"""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.models import PhoneCodeCount
from app.database import in_transaction, rows_hit, session

#: What is kept of days gone by: enough for whatever looks back an hour, or from another time zone.
KEPT = timedelta(days=2)


def make(scope: str, key: str, day: date) -> None:
    """Make the day's counter, in a transaction of its own: inserts that race would else end in deadlocks."""
    if session.scalar(select(PhoneCodeCount.id).where(*_counter(scope, key, day))) is not None:
        return
    counter = {"scope": scope, "day": day, "key_index": key, "sent": 0}
    try:
        in_transaction(lambda: session.add(PhoneCodeCount(**counter)))
    except IntegrityError:
        return  # another press made it
    if not key:
        # The site's own, once a day.
        in_transaction(lambda: _forget_before(day - KEPT))


def take(scope: str, key: str, day: date, cap: int) -> bool:
    """Count one more, unless the cap is reached."""
    counter = update(PhoneCodeCount).where(*_counter(scope, key, day), PhoneCodeCount.sent < cap)
    return rows_hit(counter.values(sent=PhoneCodeCount.sent + 1)) == 1


def give_back(scope: str, key: str, day: date) -> None:
    """It surely was not sent."""
    counter = update(PhoneCodeCount).where(*_counter(scope, key, day), PhoneCodeCount.sent > 0)
    session.execute(counter.values(sent=PhoneCodeCount.sent - 1))


def of_day(scope: str, key: str, day: date) -> int:
    return session.scalar(select(PhoneCodeCount.sent).where(*_counter(scope, key, day))) or 0


def forget(key: str) -> None:
    """Nothing of the phone or the address is left in what is counted."""
    session.execute(delete(PhoneCodeCount).where(PhoneCodeCount.key_index == key))


def _counter(scope: str, key: str, day: date) -> tuple[ColumnElement[bool], ...]:
    return PhoneCodeCount.scope == scope, PhoneCodeCount.day == day, PhoneCodeCount.key_index == key


def _forget_before(day: date) -> None:
    session.execute(delete(PhoneCodeCount).where(PhoneCodeCount.day < day))
