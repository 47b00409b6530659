"""Who is here: accounts, the openids tied to them, their sessions, their consents, and forms begun but not sent."""

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TABLE, Base, BigId, UtcDateTime
from app.life_cycle import LifeCycle
from app.privacy import NONE, PERSONAL, SECRET, Sealed, new_uid, sealed_info


class AccountState(enum.StrEnum):
    ACTIVE = "active"
    FROZEN = "frozen"
    ERASED = "erased"


#: Which state may follow which; an erased account stays erased.
NEXT_STATES = {
    AccountState.ACTIVE: {AccountState.FROZEN, AccountState.ERASED},
    AccountState.FROZEN: {AccountState.ACTIVE, AccountState.ERASED},
    AccountState.ERASED: set(),
}


class Account(LifeCycle, Base):
    """One person, known by a phone number that they proved."""

    NEXT = NEXT_STATES

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("uid"), UniqueConstraint("phone_index"), {**TABLE, "info": {"person": "id"}})

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    phone_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(PERSONAL, "phone"))
    phone_index: Mapped[str | None] = mapped_column(String(32), info=SECRET)
    state: Mapped[str] = mapped_column(String(16), default=AccountState.ACTIVE, info=NONE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)

    phone = Sealed(index="phone")


class WeChatUser(Base):
    """An openid of our Official Account, and the account that it is tied to, if any."""

    __tablename__ = "wechat_users"
    __table_args__ = (
        UniqueConstraint("app_id", "openid"),
        Index(None, "account_id"),
        {**TABLE, "info": {"person": "account_id", "erase": "delete"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    app_id: Mapped[str] = mapped_column(String(64), info=NONE)
    openid: Mapped[str] = mapped_column(String(64), info=PERSONAL)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    tied_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    is_following: Mapped[bool] = mapped_column(default=False, info=NONE)
    #: When the push was made that told us last: an older push that arrives late changes nothing.
    following_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)


class LoginSession(Base):
    """A browser in which somebody is logged in. Looked up on every request, so that ending it works at once."""

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index(None, "account_id"),
        {**TABLE, "info": {"person": "account_id", "erase": "delete"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    token_hash: Mapped[str] = mapped_column(String(64), info=SECRET)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    #: The organisation that the person acts for, when they act for one.
    organization_id: Mapped[int | None] = mapped_column(BigId, info=NONE)
    browser: Mapped[str] = mapped_column(String(40), default="", info=PERSONAL)
    #: The phone was proved, but it may have a new owner: nothing of the account counts here until that is settled.
    is_paused: Mapped[bool] = mapped_column(default=False, info=NONE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)
    #: When the person last proved their phone in it: what matters asks for a proof that is fresh.
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)


class PhoneCodeSend(Base):
    """A code that was sent: what the caps count, so it outlives Redis and restarts. It names nobody."""

    __tablename__ = "phone_code_sends"
    __table_args__ = (
        Index(None, "phone_index", "sent_at"),
        Index(None, "address_index", "sent_at"),
        Index(None, "sent_at"),
        TABLE,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    phone_index: Mapped[str] = mapped_column(String(32), info=SECRET)
    address_index: Mapped[str] = mapped_column(String(32), info=SECRET)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)


class PhoneCodeCount(Base):
    """How many codes a phone, an address or the whole site had on a day in China; see code_caps.py."""

    __tablename__ = "phone_code_counts"
    __table_args__ = (UniqueConstraint("scope", "day", "key_index"), TABLE)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    scope: Mapped[str] = mapped_column(String(8), info=NONE)
    day: Mapped[date] = mapped_column(info=NONE)
    #: The blind index of the phone or the address; empty for the site.
    key_index: Mapped[str] = mapped_column(String(32), info=SECRET)
    sent: Mapped[int] = mapped_column(info=NONE)


class Try(Base):
    """Something that nobody should find out by trying, and was tried within the last day. It names nobody."""

    __tablename__ = "tries"
    __table_args__ = (
        UniqueConstraint("what", "who_index", "subject_index"),
        Index(None, "what", "address_index"),
        Index(None, "tried_at"),
        TABLE,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    what: Mapped[str] = mapped_column(String(16), info=NONE)
    who_index: Mapped[str] = mapped_column(String(32), info=SECRET)
    address_index: Mapped[str] = mapped_column(String(32), info=SECRET)
    subject_index: Mapped[str] = mapped_column(String(32), info=SECRET)
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)


class Consent(Base):
    """A text that the person accepted, in which version and when; a new row when it was withdrawn in between."""

    __tablename__ = "consents"
    __table_args__ = (
        UniqueConstraint("account_id", "document", "version", "accepted_at"),
        {**TABLE, "info": {"person": "account_id", "erase": "delete"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    document: Mapped[str] = mapped_column(String(40), info=PERSONAL)
    version: Mapped[str] = mapped_column(String(20), info=PERSONAL)
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime, info=PERSONAL)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=PERSONAL)


class AuditEntry(Base):
    """What was changed that somebody may have to answer for: by whom, about whom, and from what to what."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        UniqueConstraint("uid"),
        Index(None, "account_id", "at"),
        # How often somebody did something today, and what was done to one thing.
        Index(None, "action", "actor_id", "at"),
        Index(None, "topic", "at"),
        {**TABLE, "info": {"person": "account_id"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    #: Whom it is about (who did it, when it is about no single person), and who did it.
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    actor_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    action: Mapped[str] = mapped_column(String(40), info=NONE)
    #: What it is about besides the person, as `activity:12` or `organization:3`.
    topic: Mapped[str] = mapped_column(String(40), default="", info=NONE)
    detail_sealed: Mapped[str | None] = mapped_column(Text, info=sealed_info(PERSONAL, "text"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)

    detail = Sealed()


class Draft(Base):
    """What somebody typed into a form of several pages and has not sent yet."""

    __tablename__ = "drafts"
    __table_args__ = (
        UniqueConstraint("account_id", "form"),
        UniqueConstraint("uid"),
        {**TABLE, "info": {"person": "account_id", "erase": "delete"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    form: Mapped[str] = mapped_column(String(40), info=NONE)
    content_sealed: Mapped[str | None] = mapped_column(Text, info=sealed_info(PERSONAL, "text"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)

    content = Sealed()
