"""People in number, an activity that they all want, and whether all came right in the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, insert, select

from app import crypto
from app.accounts.models import Account
from app.activities.models import Shift, SignUp, SignUpState
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.privacy import new_uid, place
from app.volunteers.models import Volunteer
from bench import pushes
from bench.sessions import CSRF, log_in
from tests import factories

T = TypeVar("T")
#: Rows that one statement inserts.
BATCH = 1000


class AuditFailed(Exception):
    """The database does not say what people were told."""


@dataclass(frozen=True)
class Event:
    id: int
    shift_id: int
    places: int


class Crowd:
    """Volunteers who are logged in, in one product."""

    def __init__(self, app: Flask, count: int) -> None:
        self.app = app
        self.volunteers = self.do(lambda: in_transaction(lambda: _people(count)))
        self.accounts: dict[int, int] = self.do(lambda: in_transaction(_accounts))
        cookies = self.do(lambda: in_transaction(lambda: log_in(app, list(self.accounts.values()))))
        self.cookies = {one: cookies[account_id] for one, account_id in self.accounts.items()}
        self.team = self.do(factories.create_organization)
        self._events = 0

    def do(self, work: Callable[[], T]) -> T:
        with self.app.app_context():
            return work()

    def event(self, places: int) -> Event:
        """An activity that overlaps with no other."""
        self._events += 1
        start = self.do(lambda: here.clock.now()) + timedelta(days=2 + self._events)
        made = self.do(lambda: factories.create_activity(self.team, quota=places, starts_at=start))
        return Event(made.id, made.shift_id, places)

    def request(self, event: Event, volunteer_id: int) -> bytes:
        """立即报名 as the person's browser sends it."""
        key = str(self.app.secret_key)
        body = urlencode({"csrf_token": URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(CSRF), "risk": "y"})
        headers = f"Cookie: {self.cookies[volunteer_id]}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        return pushes.post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up", body.encode(), headers)

    def places_taken(self, event: Event) -> int:
        return self.do(lambda: session.scalars(select(Shift.places_taken).where(Shift.id == event.shift_id)).one())

    def audit(self, event: Event, told: Sequence[int], *, full: bool = True) -> None:
        """Nobody too many, nobody twice, nobody lost of those who were told that they are in. Raises AuditFailed."""
        self.do(lambda: _audit(event, set(told), full=full))


def _people(count: int) -> list[int]:
    now = here.clock.now()
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        accounts = [{"uid": new_uid(), "phone_index": f"bench-{number}", "created_at": now} for number in numbers]
        session.execute(insert(Account), accounts)
    ids = list(session.scalars(select(Account.id).where(Account.phone_index.startswith("bench-"))))
    for first in range(0, count, BATCH):
        session.execute(insert(Volunteer), [_volunteer(account_id, now) for account_id in ids[first : first + BATCH]])
    return list(session.scalars(select(Volunteer.id).order_by(Volunteer.id)))


def _volunteer(account_id: int, now: Any) -> dict[str, Any]:
    uid = new_uid()
    return {
        "uid": uid,
        "account_id": account_id,
        "name": "测试者",
        "gender": "1",
        "birth_date": date(1990, 5, 1),
        "id_type": "01",
        "id_number_sealed": crypto.ring().seal("210202199005011234", place("volunteers", "id_number", uid)),
        "id_number_index": f"bench-{account_id}",
        "residence_region": "210202",
        "registered_at": now,
    }


def _accounts() -> dict[int, int]:
    """The account of each volunteer."""
    return {row.id: row.account_id for row in session.execute(select(Volunteer.id, Volunteer.account_id))}


def _audit(event: Event, told: set[int], *, full: bool) -> None:
    mine = (SignUp.shift_id == event.shift_id, SignUp.state == SignUpState.CONFIRMED)
    rows = session.execute(select(SignUp.id, SignUp.volunteer_id).where(*mine)).all()
    people = {row.volunteer_id for row in rows}
    taken = session.scalar(select(Shift.places_taken).where(Shift.id == event.shift_id))
    occasions = [f"sign-up:{row.id}:1:sign_up_confirmed" for row in rows]
    notices = session.scalar(select(func.count()).where(Notice.occasion.in_(occasions)))
    faults = {
        "oversold": len(rows) > event.places,
        "not full": full and len(rows) < event.places,
        "somebody twice": len(people) < len(rows),
        f"the counter says {taken}, the rows {len(rows)}": taken != len(rows),
        f"{notices} notices for {len(rows)} sign-ups": notices != len(rows),
        f"{len(told - people)} were told that they are in and are not": bool(told - people),
    }
    if found := [fault for fault, is_so in faults.items() if is_so]:
        raise AuditFailed("; ".join(found))
