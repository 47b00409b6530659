"""Accounts: found by a proved phone, tied to openids, consenting to texts, keeping drafts."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from app import crypto, seals
from app.accounts import agreements, sessions
from app.accounts.errors import AccountFrozen, PhoneTaken
from app.accounts.models import Account, AccountState, AuditEntry, Consent, Draft, WeChatUser
from app.database import session


def find_account_by_phone(phone: str) -> Account | None:
    return session.scalar(select(Account).where(Account.phone_index == crypto.ring().index("phone", phone)))


def may_have_new_owner(account: Account, app_id: str, openid: str | None, days: int, now: datetime) -> bool:
    """Whether the phone may have come into other hands: nobody logged in for so long, and the WeChat is not theirs.

    Outside WeChat each browser is a new one: none is remembered for as long.
    """
    last = account.last_login_at or account.created_at
    if now - last <= timedelta(days=days):
        return False
    user = find_wechat_user(app_id, openid) if openid else None
    return user is None or user.account_id != account.id


def get_or_create_account(phone: str, now: datetime) -> Account:
    """The account of a phone, for those who vouch for it. Raises KeysDoNotFit, CannotOpen."""
    account = find_account_by_phone(phone)
    if account is None:
        # Under a wrong index key nobody is found: rather nobody comes in than everybody is made a second time.
        seals.check_newest(Account.metadata.tables[Account.__tablename__])
        try:
            with session.begin_nested():
                account = Account(phone=phone, state=AccountState.ACTIVE, created_at=now)
                session.add(account)
        except IntegrityError:
            # Two browsers proved the same phone at the same moment.
            account = find_account_by_phone(phone)
            assert account is not None
    return account


def take_over_phone(account: Account, newer: Account, now: datetime) -> None:
    """Give the account the phone of a newer one of the same person, which ends: it must have nothing of its own.

    Whoever was logged in to either is logged out; the caller begins a new session.
    """
    phone = newer.phone
    newer.phone = ""
    newer.move_to(AccountState.ERASED)
    for mine in (newer, account):
        sessions.end_all(mine.id, now)
        untie(mine.id)
    session.execute(delete(Draft).where(Draft.account_id == newer.id))
    session.flush()
    _set_phone(account, phone, now)


def change_phone(account: Account, phone: str, now: datetime) -> None:
    """Put a phone that was just proved in the place of the old one. Raises PhoneTaken."""
    if find_account_by_phone(phone):
        raise PhoneTaken
    sessions.end_all(account.id, now)
    try:
        with session.begin_nested():
            _set_phone(account, phone, now)
    except IntegrityError:
        raise PhoneTaken from None


def _set_phone(account: Account, phone: str, now: datetime) -> None:
    before = account.phone
    account.phone = phone
    session.flush()
    note_audit(account.id, "account.phone", f"{before} -> {phone}", actor_id=account.id, now=now)


def untie(account_id: int) -> None:
    """Nobody comes in by WeChat alone any more; messages reach nobody there."""
    tied = update(WeChatUser).where(WeChatUser.account_id == account_id)
    session.execute(tied.values(account_id=None, tied_at=None))


def log_in_by_openid(app_id: str, openid: str, now: datetime) -> Account | None:
    """The account that the openid is tied to, if any. Raises AccountFrozen."""
    user = find_wechat_user(app_id, openid)
    if user is None or user.account_id is None:
        return None
    account = session.get_one(Account, user.account_id)
    note_log_in(account, now)
    return account


def is_tied_to_active(app_id: str, openid: str) -> bool:
    """Whether the openid would be logged in."""
    query = select(Account.state).join(WeChatUser, WeChatUser.account_id == Account.id)
    state = session.scalar(query.where(WeChatUser.app_id == app_id, WeChatUser.openid == openid))
    return state == AccountState.ACTIVE


def note_log_in(account: Account, now: datetime) -> None:
    check_active(account)
    account.last_login_at = now


def check_active(account: Account) -> None:
    """Raises AccountFrozen."""
    if account.state != AccountState.ACTIVE:
        raise AccountFrozen


def find_wechat_user(app_id: str, openid: str) -> WeChatUser | None:
    return session.scalar(select(WeChatUser).where(WeChatUser.app_id == app_id, WeChatUser.openid == openid))


def get_or_create_wechat_user(app_id: str, openid: str) -> WeChatUser:
    user = find_wechat_user(app_id, openid)
    if user is None:
        try:
            with session.begin_nested():
                user = WeChatUser(app_id=app_id, openid=openid, is_following=False)
                session.add(user)
        except IntegrityError:
            user = find_wechat_user(app_id, openid)
            assert user is not None
    return user


def tie_openid(account: Account, app_id: str, openid: str, now: datetime) -> None:
    """Tie an openid from the OAuth exchange to the account whose phone was just proved.

    A person has one WeChat here: who proves the phone in a new WeChat is untied from the old one, and a phone that came
    into other hands takes nothing along.
    """
    user = get_or_create_wechat_user(app_id, openid)
    if user.account_id == account.id:
        return
    others = update(WeChatUser).where(WeChatUser.app_id == app_id, WeChatUser.account_id == account.id)
    session.execute(others.values(account_id=None, tied_at=None))
    user.account_id, user.tied_at = account.id, now


def note_following(app_id: str, openid: str, *, is_following: bool, pushed_at: datetime) -> None:
    """Remember whether the person follows the account. A push older than the last one heard changes nothing."""
    user = get_or_create_wechat_user(app_id, openid)
    if user.following_changed_at is None or user.following_changed_at <= pushed_at:
        user.is_following, user.following_changed_at = is_following, pushed_at


def openid_of(account_id: int, app_id: str) -> str | None:
    """Where the person can be reached in WeChat."""
    query = select(WeChatUser.openid).where(WeChatUser.app_id == app_id, WeChatUser.account_id == account_id)
    return session.scalar(query)


def record_consents(account: Account, documents: dict[str, str], now: datetime) -> None:
    """Remember which version of each text was accepted, and when first since it was last withdrawn."""
    standing = (Consent.account_id == account.id, Consent.withdrawn_at.is_(None))
    query = select(Consent.document, Consent.version).where(*standing)
    known = {tuple(row) for row in session.execute(query)}
    for document, version in documents.items():
        if (document, version) not in known:
            session.add(Consent(account_id=account.id, document=document, version=version, accepted_at=now))


def renewed_texts(account_id: int) -> dict[str, str]:
    """The version in force of each text of which the person accepted an older one, and did not withdraw that."""
    standing = select(Consent.document, func.max(Consent.version)).where(
        Consent.account_id == account_id, Consent.withdrawn_at.is_(None)
    )
    newest = {row[0]: row[1] for row in session.execute(standing.group_by(Consent.document))}
    in_force = agreements.current(*(document for document in newest if document in agreements.TITLES))
    return {document: version for document, version in in_force.items() if version > newest[document]}


def standing_consent(account_id: int, document: str) -> Consent | None:
    """The newest consent to the text that was not withdrawn."""
    query = select(Consent).where(
        Consent.account_id == account_id, Consent.document == document, Consent.withdrawn_at.is_(None)
    )
    return session.scalar(query.order_by(Consent.accepted_at.desc(), Consent.id.desc()).limit(1))


def consents_of(account_id: int) -> Sequence[Consent]:
    return session.scalars(select(Consent).where(Consent.account_id == account_id).order_by(Consent.accepted_at)).all()


def note_audit(account_id: int, action: str, detail: str, *, actor_id: int, now: datetime, topic: str = "") -> None:
    """Write down, once and for all, what was done that concerns a person; `topic` names a thing, as `activity:12`."""
    entry = {"account_id": account_id, "actor_id": actor_id, "action": action, "topic": topic, "detail": detail}
    session.add(AuditEntry(**entry, at=now))


def save_draft(account: Account, form: str, content: dict[str, Any], now: datetime) -> None:
    words = json.dumps(content, ensure_ascii=False)
    draft = _find_draft(account, form)
    if draft is None:
        try:
            with session.begin_nested():
                session.add(Draft(account_id=account.id, form=form, content=words, changed_at=now))
        except IntegrityError:
            pass  # sent twice at the same moment: the other one kept it
        return
    draft.content, draft.changed_at = words, now


def load_draft(account: Account, form: str) -> dict[str, Any]:
    draft = _find_draft(account, form)
    return json.loads(draft.content) if draft else {}


def drafts_of(form: str) -> list[tuple[int, dict[str, Any]]]:
    """Whose it is and what was typed, of everybody who began this form and has not sent it."""
    rows = session.scalars(select(Draft).where(Draft.form == form).order_by(Draft.id))
    return [(row.account_id, json.loads(row.content)) for row in rows]


def drop_draft(account: Account, form: str) -> None:
    session.execute(delete(Draft).where(Draft.account_id == account.id, Draft.form == form))


def _find_draft(account: Account, form: str) -> Draft | None:
    return session.scalar(select(Draft).where(Draft.account_id == account.id, Draft.form == form))
