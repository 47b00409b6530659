"""Who is told what of an organisation's way into the tree: those who run it, and those who judge it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from app import regions
from app.clock import local
from app.database import session
from app.notices import services as notices
from app.organizations import chronicle, tree
from app.organizations.links import page_for
from app.organizations.models import Membership, Organization, OrganizationAdmin, OrganizationState, Role
from app.organizations.wishes import OrganizationChange

#: Who answers for an organisation.
ANSWERING = (Role.OWNER, Role.ADMIN)
#: What those who run it are told once it was judged.
JUDGED = {
    OrganizationState.APPROVED: "organization_approved",
    OrganizationState.RETURNED: "organization_returned",
    OrganizationState.REJECTED: "organization_rejected",
}
#: What those read who were to judge it, and for whom one further up did.
OUTCOMES = {
    OrganizationState.APPROVED: "注册已通过",
    OrganizationState.RETURNED: "注册已退回",
    OrganizationState.REJECTED: "注册没有通过",
}
INFORMATION = "/organization"


def answering(organization_id: int) -> list[int]:
    """The accounts that answer for the organisation."""
    query = select(OrganizationAdmin.account_id).where(OrganizationAdmin.organization_id == organization_id)
    return list(session.scalars(query.where(OrganizationAdmin.role.in_(ANSWERING)).order_by(OrganizationAdmin.id)))


def nearest_above(organization: Organization) -> Organization | None:
    """The nearest organisation above for which somebody answers."""
    above = tree.ids_above(organization.path)[:-1]
    query = (
        select(Organization)
        .join(OrganizationAdmin)
        .where(Organization.id.in_(above), Organization.state == OrganizationState.APPROVED)
        .where(OrganizationAdmin.role.in_(ANSWERING))
    )
    return session.scalars(query.order_by(Organization.depth.desc()).limit(1)).first()


def judging(organization: Organization, barred: Collection[int]) -> tuple[Organization | None, list[int]]:
    """Who is to judge what it asks for: the nearest organisation above where somebody who is not barred answers.

    Where there is nobody up to the root it is those of the nearest one: they read there that others have to.
    """
    query = (
        select(OrganizationAdmin.account_id, OrganizationAdmin.organization_id)
        .join(OrganizationAdmin.organization)
        .where(Organization.id.in_(tree.ids_above(organization.path)[:-1]), OrganizationAdmin.role.in_(ANSWERING))
        .where(Organization.state == OrganizationState.APPROVED)
    )
    rows = session.execute(query.order_by(Organization.depth.desc(), OrganizationAdmin.id)).all()
    free = [row for row in rows if row.account_id not in barred] or rows
    if not free:
        return None, []
    number = free[0].organization_id
    return session.get_one(Organization, number), [row.account_id for row in free if row.organization_id == number]


def registered(organization: Organization, now: datetime) -> None:
    """It works at once; the organisation above hears of it."""
    tell(organization, "organization_registered", organization, now, path=INFORMATION)
    place = regions.full_name(organization.region)
    path = f"/organization/below/{organization.uid}"
    tell(nearest_above(organization), "organization_below", organization, now, path=path, place=place)


def submitted(organization: Organization, by: int, now: datetime) -> None:
    """It waits to be judged, for the first time or again.

    Who sent it saw so: WeChat allows few messages, and the answer must get through.
    """
    tell(organization, "organization_submitted", organization, now, path=INFORMATION, but=by)
    place = regions.full_name(organization.region)
    path = f"/organization/below/{organization.uid}/review"
    judge, whom = judging(organization, chronicle.acting(organization) | {by})
    tell(judge, "organization_waiting", organization, now, path=path, place=place, whom=whom)


def judged(organization: Organization, by: int, now: datetime) -> None:
    state, reason = OrganizationState(organization.state), organization.state_reason
    path = "/organization/edit" if state == OrganizationState.RETURNED else INFORMATION
    tell(organization, JUDGED[state], organization, now, path=path, reason=reason)
    _tell_who_waited(organization, _with_reason(OUTCOMES[state], reason), by, now)


def _with_reason(outcome: str, reason: str) -> str:
    return f"{outcome}：{reason}" if reason else outcome


def _tell_who_waited(organization: Organization, outcome: str, by: int, now: datetime, *, about: str = "") -> None:
    """Those who were told that it waits for them, when it was none of them who judged it."""
    told, whom = judging(organization, chronicle.acting(organization))
    if told and by not in answering(told.id):
        path = f"/organization/below/{organization.uid}"
        tell(told, "judged_further_up", organization, now, path=path, reason=outcome, about=about, whom=whom)


def withdrawn(organization: Organization, by: int, now: datetime) -> None:
    """It waits no more: its applicant took it back."""
    about = f"{organization.id}.{organization.revision}"
    path = "/organization/reviews"
    judge, whom = judging(organization, chronicle.acting(organization))
    tell(judge, "organization_withdrawn", organization, now, path=path, about=about, but=by, whom=whom)


def change_asked(organization: Organization, change: OrganizationChange, now: datetime) -> None:
    """A wish to change what those above have a say in waits for them."""
    path, place = f"/organization/changes/{change.uid}/review", regions.full_name(organization.region)
    about = f"change.{change.id}"
    judge, whom = judging(organization, chronicle.acting(organization) | {change.account_id})
    tell(judge, "change_waiting", organization, now, path=path, place=place, about=about, whom=whom)


def change_judged(
    organization: Organization, change: OrganizationChange, *, accept: bool, reason: str, by: int, now: datetime
) -> None:
    kind = "change_accepted" if accept else "change_refused"
    about = f"change.{change.id}"
    tell(organization, kind, organization, now, path=INFORMATION, reason=reason, about=about)
    outcome = _with_reason("更改已同意" if accept else "更改没有同意", reason)
    _tell_who_waited(organization, outcome, by, now, about=about)


def asked(organization: Organization, membership: Membership, now: datetime) -> None:
    """Somebody wants to join."""
    about, path = f"{membership.id}.{now:%Y%m%d%H%M%S}", "/organization/volunteers/requests"
    tell(organization, "membership_asked", organization, now, path=path, about=about)


def restored(organization: Organization, membership: Membership, by: int, now: datetime, *, reason: str) -> None:
    """A removal of theirs was taken back by the organisation above."""
    about, path = f"{membership.id}.{now:%Y%m%d%H%M%S}", "/organization/volunteers"
    tell(organization, "membership_restored", organization, now, path=path, reason=reason, about=about, but=by)


def tell(
    told: Organization | None,
    kind: str,
    organization: Organization,
    now: datetime,
    *,
    path: str,
    place: str = "",
    reason: str = "",
    about: str = "",
    but: int = 0,
    whom: Collection[int] | None = None,
) -> None:
    """Owe the notice to each who answers for `told` (or to `whom` of them), once for this edition of the facts (or for
    `about`).

    Who did it themselves (`but`) is not told.
    """
    if told is None:
        return
    parent = organization.parent
    values = {
        "title": organization.name,
        "place": place or (parent.name if parent else ""),
        "time": f"{local(now):%Y-%m-%d %H:%M}",
        "reason": reason,
        "path": page_for(told, path),
    }
    about = about or f"{organization.id}.{organization.revision}"
    for account_id in answering(told.id) if whom is None else whom:
        if account_id == but:
            continue
        notices.add(account_id, kind, f"{kind}:{about}:{account_id}", values, now=now)
