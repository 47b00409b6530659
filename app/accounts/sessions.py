"""Log-in sessions: a random token in a signed cookie, its hash in the database, looked up on every request."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, column, func, select, table, update

from app.accounts.models import Account, AccountState, LoginSession
from app.config import Limits
from app.database import rows_hit, session

#: How often a session's last use is written down; more often would make every page a write.
SEEN_EVERY = timedelta(minutes=10)
#: Who acts for which organisation: asked along, so that no page asks once more whether it is for several. A topic above
#: has this table; here nothing else is known of it.
ADMINS = table("organization_admins", column("account_id"))
LOGINS = (
    select(
        LoginSession.token_hash,
        LoginSession.account_id,
        LoginSession.id,
        LoginSession.organization_id,
        LoginSession.last_seen_at,
        LoginSession.is_paused,
        LoginSession.proved_at,
        LoginSession.created_at,
        Account.state,
        select(func.count())
        .select_from(ADMINS)
        .where(ADMINS.c.account_id == LoginSession.account_id)
        .correlate(LoginSession)
        .scalar_subquery()
        .label("organizations"),
    )
    .join(Account, Account.id == LoginSession.account_id)
    .where(LoginSession.ended_at.is_(None))
)
#: Asked by every page, so that it is put together once.
LIVING = LOGINS.where(LoginSession.token_hash == bindparam("token"))
LIVING_MANY = LOGINS.where(LoginSession.token_hash.in_(bindparam("tokens", expanding=True)))


@dataclass(frozen=True)
class LoggedIn:
    account_id: int
    session_id: int
    organization_id: int | None
    last_seen_at: datetime
    is_paused: bool = False
    #: When the phone was last proved in this session.
    proved_at: datetime | None = None
    #: For how many organisations the person may act.
    organizations: int = 0

    @property
    def acts_for_several(self) -> bool:
        return self.organizations > 1

    def must_be_noted(self, now: datetime) -> bool:
        """Whether its use was last written down so long ago that it has to be again."""
        return now - self.last_seen_at > SEEN_EVERY


def begin(account: Account, *, browser: str, now: datetime, is_paused: bool = False, by_code: bool = False) -> str:
    """Begin a session, `by_code` when the phone was proved a moment ago; returns the token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_hash=_hash(token),
            account_id=account.id,
            browser=browser[:40],
            created_at=now,
            last_seen_at=now,
            is_paused=is_paused,
            proved_at=now if by_code else None,
        )
    )
    return token


def find(token: str, *, limits: Limits, now: datetime) -> LoggedIn | None:
    """Who is logged in with the token, if it still counts."""
    row = session.execute(LIVING, {"token": _hash(token)}).first()
    return _read(row, limits, now) if row else None


def find_many(tokens: Sequence[str], *, limits: Limits, now: datetime) -> dict[str, LoggedIn]:
    """Who is logged in, by token, with those of these tokens that still count."""
    hashes = {_hash(token): token for token in tokens}
    rows = session.execute(LIVING_MANY, {"tokens": list(hashes)}).all()
    found = {hashes[row.token_hash]: _read(row, limits, now) for row in rows}
    return {token: login for token, login in found.items() if login}


def _read(row: Any, limits: Limits, now: datetime) -> LoggedIn | None:
    idle_until = row.last_seen_at + timedelta(hours=limits.session_idle_hours)
    ends = row.created_at + timedelta(days=limits.session_days)
    if row.state != AccountState.ACTIVE or now >= min(idle_until, ends):
        return None
    login = (row.account_id, row.id, row.organization_id, row.last_seen_at, row.is_paused, row.proved_at)
    return LoggedIn(*login, row.organizations)


def owner_of(token: str) -> int | None:
    """Whose session it is or was."""
    return session.scalar(select(LoginSession.account_id).where(LoginSession.token_hash == _hash(token)))


def was_ended(token: str) -> bool:
    """Whether somebody ended the session, or changed what it rests on; False when time did, or when it lives."""
    ended = select(LoginSession.ended_at).where(LoginSession.token_hash == _hash(token))
    return session.scalar(ended) is not None


def note_use(login: LoggedIn, now: datetime) -> None:
    """Write down that the session is in use."""
    session.execute(update(LoginSession).where(LoginSession.id == login.session_id).values(last_seen_at=now))


def note_proof(login: LoggedIn, now: datetime) -> None:
    """Write down that the person proved the phone once more."""
    session.execute(update(LoginSession).where(LoginSession.id == login.session_id).values(proved_at=now))


def end(login: LoggedIn, now: datetime) -> None:
    session.execute(update(LoginSession).where(LoginSession.id == login.session_id).values(ended_at=now))


def end_token(token: str, now: datetime) -> None:
    """End the session of a token that is about to be replaced."""
    live = update(LoginSession).where(LoginSession.token_hash == _hash(token), LoginSession.ended_at.is_(None))
    session.execute(live.values(ended_at=now))


def live(account_id: int, *, limits: Limits, now: datetime) -> Sequence[LoginSession]:
    """Where the account is logged in, what was used last first."""
    query = select(LoginSession).where(
        LoginSession.account_id == account_id,
        LoginSession.ended_at.is_(None),
        LoginSession.created_at > now - timedelta(days=limits.session_days),
        LoginSession.last_seen_at > now - timedelta(hours=limits.session_idle_hours),
    )
    return session.scalars(query.order_by(LoginSession.last_seen_at.desc()).limit(50)).all()


def end_one(account_id: int, session_id: int, now: datetime) -> bool:
    """End one of the account's sessions; False when it is none of theirs."""
    mine = update(LoginSession).where(LoginSession.id == session_id, LoginSession.account_id == account_id)
    return rows_hit(mine.values(ended_at=now)) == 1


def end_all(account_id: int, now: datetime, *, but: int | None = None) -> None:
    """Log the account out everywhere, or everywhere else."""
    live = update(LoginSession).where(LoginSession.account_id == account_id, LoginSession.ended_at.is_(None))
    if but is not None:
        live = live.where(LoginSession.id != but)
    session.execute(live.values(ended_at=now))


def act_for(login: LoggedIn, organization_id: int) -> None:
    """Remember for which organisation the person acts; whether they may is asked on each request."""
    change = update(LoginSession).where(LoginSession.id == login.session_id)
    session.execute(change.values(organization_id=organization_id))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
