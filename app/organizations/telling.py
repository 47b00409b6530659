"""Who is told what of an organisation's way into the tree: those who run it, and those who judge it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from app import regions
from app.clock import local
from app.database import session
from app.notices import services as notices
from app.organizations import tree
from app.organizations.models import Organization, OrganizationAdmin, OrganizationState, Role
from app.organizations.wishes import OrganizationChange

#: Who answers for an organisation.
ANSWERING = (Role.OWNER, Role.ADMIN)
#: What those who run it are told once it was judged.
JUDGED = {
    OrganizationState.APPROVED: "organization_approved",
    OrganizationState.RETURNED: "organization_returned",
    OrganizationState.REJECTED: "organization_rejected",
}
INFORMATION = "/organization"


def answering(organization_id: int) -> list[int]:
    """The accounts that answer for the organisation."""
    query = select(OrganizationAdmin.account_id).where(OrganizationAdmin.organization_id == organization_id)
    return list(session.scalars(query.where(OrganizationAdmin.role.in_(ANSWERING)).order_by(OrganizationAdmin.id)))


def answering_above(organization: Organization) -> list[int]:
    """The accounts that answer for the nearest organisation above that has any."""
    above = tree.ids_above(organization.path)[:-1]
    query = (
        select(OrganizationAdmin.account_id, OrganizationAdmin.organization_id)
        .join(Organization)
        .where(Organization.id.in_(above), Organization.state == OrganizationState.APPROVED)
        .where(OrganizationAdmin.role.in_(ANSWERING))
        .order_by(Organization.depth.desc(), OrganizationAdmin.id)
    )
    rows = session.execute(query).all()
    return [account_id for account_id, organization_id in rows if organization_id == rows[0][1]]


def registered(organization: Organization, now: datetime) -> None:
    """It works at once; the organisation above hears of it."""
    tell(answering(organization.id), "organization_registered", organization, now, path=INFORMATION)
    place = regions.full_name(organization.region)
    tell(answering_above(organization), "organization_below", organization, now, path=INFORMATION, place=place)


def submitted(organization: Organization, by: int, now: datetime) -> None:
    """It waits to be judged, for the first time or again.

    Who sent it saw so: WeChat allows few messages, and the answer must get through.
    """
    others = [account_id for account_id in answering(organization.id) if account_id != by]
    tell(others, "organization_submitted", organization, now, path=INFORMATION)
    place = regions.full_name(organization.region)
    path = f"/organization/below/{organization.uid}/review"
    tell(answering_above(organization), "organization_waiting", organization, now, path=path, place=place)


def judged(organization: Organization, now: datetime) -> None:
    path = "/organization/edit" if organization.state == OrganizationState.RETURNED else INFORMATION
    kind = JUDGED[OrganizationState(organization.state)]
    tell(answering(organization.id), kind, organization, now, path=path, reason=organization.state_reason)


def change_asked(organization: Organization, change: OrganizationChange, now: datetime) -> None:
    """A wish to change what those above have a say in waits for them."""
    path, place = f"/organization/changes/{change.uid}/review", regions.full_name(organization.region)
    above = answering_above(organization)
    tell(above, "change_waiting", organization, now, path=path, place=place, about=f"change.{change.id}")


def change_judged(
    organization: Organization, change: OrganizationChange, *, accept: bool, reason: str, now: datetime
) -> None:
    kind = "change_accepted" if accept else "change_refused"
    told, about = answering(organization.id), f"change.{change.id}"
    tell(told, kind, organization, now, path=INFORMATION, reason=reason, about=about)


def tell(
    accounts: Iterable[int],
    kind: str,
    organization: Organization,
    now: datetime,
    *,
    path: str,
    place: str = "",
    reason: str = "",
    about: str = "",
) -> None:
    """Owe each of them the notice, once for this edition of the organisation's facts (or for `about`)."""
    parent = organization.parent
    values = {
        "title": organization.name,
        "place": place or (parent.name if parent else ""),
        "time": f"{local(now):%Y-%m-%d %H:%M}",
        "reason": reason,
        "path": path,
    }
    about = about or f"{organization.id}.{organization.revision}"
    for account_id in accounts:
        notices.add(account_id, kind, f"{kind}:{about}:{account_id}", values, now=now)
