"""What is told and written down when something happens to an organisation."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.models import Account
from app.context import here
from app.database import session
from app.notices import services as notices
from app.organizations.links import page_for
from app.organizations.models import Organization, OrganizationAdmin
from app.organizations.permissions import ADMINS
from app.volunteers.errors import TooManyReveals
from app.volunteers.revealing import topics_today

CONTACTS_SEEN = "contacts.revealed"


def note(
    organization: Organization, action: str, detail: str, *, actor: Account, now: datetime, whom: int | None = None
) -> None:
    """Into the audit trail; `whom` is the account that it is about, if it is about one person."""
    topic = f"organization:{organization.id}"
    accounts.note_audit(whom or actor.id, action, detail, actor_id=actor.id, now=now, topic=topic)


def note_contacts_seen(organization: Organization, reason: str, *, actor: Account, now: datetime) -> None:
    """Write down, for each whose telephone number is shown, who saw it and why.

    So many organisations a day, however many answer for each, and each as often as one likes. Raises TooManyReveals.
    """
    seen, most = topics_today([CONTACTS_SEEN], actor.id, now), here.config.limits.reveals_per_day
    if f"organization:{organization.id}" not in seen and len(seen) >= most:
        raise TooManyReveals(f"一天最多查看 {most} 个组织的联系电话，请明天再看；今天看过的还可以再看")
    for account_id in dict.fromkeys([*admins_of(organization), *_named(organization)]):
        words = f"{organization.name}：{reason}"
        note(organization, CONTACTS_SEEN, words, actor=actor, now=now, whom=account_id)


def _named(organization: Organization) -> list[int]:
    """The accounts of its leader and of whom to ask, where they have one."""
    phones = [phone for phone in (organization.leader_phone, organization.contact_phone) if phone]
    return [account.id for phone in phones if (account := accounts.find_account_by_phone(phone))]


def admins_of(*organizations: Organization) -> list[int]:
    """The accounts of those who answer for the organisations, each once."""
    query = select(OrganizationAdmin.account_id).where(
        OrganizationAdmin.organization_id.in_([organization.id for organization in organizations]),
        OrganizationAdmin.role.in_(ADMINS),
    )
    return list(dict.fromkeys(session.scalars(query.order_by(OrganizationAdmin.id))))


def acting(organization: Organization) -> set[int]:
    """The accounts of those who act for it, in whatever role."""
    query = select(OrganizationAdmin.account_id).where(OrganizationAdmin.organization_id == organization.id)
    return set(session.scalars(query))


def tell(
    account_ids: Sequence[int],
    kind: str,
    about: Organization,
    values: Mapping[str, str],
    *,
    now: datetime,
    text_until: datetime | None = None,
) -> None:
    """Owe all of them a notice of what happened to the organisation at this moment."""
    occasion, values = _told(kind, about, values, now)
    notices.add_many(kind, occasion, list(dict.fromkeys(account_ids)), values, now=now, text_until=text_until)


def tell_phone(
    phone: str, kind: str, about: Organization, values: Mapping[str, str], *, now: datetime, text_until: datetime
) -> None:
    """Owe the same to whoever has the phone, who may have no account yet."""
    occasion, values = _told(kind, about, values, now)
    notices.add_for_phone(phone, kind, occasion, values, now=now, text_until=text_until)


def _told(kind: str, about: Organization, values: Mapping[str, str], now: datetime) -> tuple[str, dict[str, str]]:
    return f"{kind}:{about.id}:{now:%Y%m%d%H%M%S%f}", {
        "title": about.name,
        "path": page_for(about, "/organization"),
        **values,
    }
