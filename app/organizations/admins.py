"""Who acts for an organisation: roles, removal, leaving, and the hand-over to another owner.

Each change locks the organisation's row first and then reads both sides anew: of two changes at once the second one
sees what the first did, so that a right that was taken away a moment ago gives nothing any more.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from app.accounts.models import Account
from app.config import Limits
from app.database import rows_hit, session
from app.errors import Forbidden, NotFound
from app.organizations import chronicle, permissions, tree
from app.organizations.errors import AlreadyOwner, LastOwner, NoOwnerAnyMore, TooManyAdmins
from app.organizations.links import page_for, public_page
from app.organizations.models import Organization, OrganizationAdmin, Role
from app.organizations.moving import branch_below
from app.organizations.states import CAME_TO_NOTHING, GONE
from app.organizations.wishes import Invitation, InvitationState

#: From the most to the least.
RANKS = {str(role): place for place, role in enumerate(Role)}
NOT_ONESELF = "不能把自己指定为下级组织的所有者，请由另一位管理员操作"
#: What people are told a role is called.
ROLE_WORDS: dict[str, str] = {
    Role.OWNER: "所有者",
    Role.ADMIN: "管理员",
    Role.LEAD: "活动负责人",
    Role.HELPER: "签到助手",
}


def may_grant(role: str, granted: str) -> bool:
    """Nobody grants more than they hold, and nobody grants ownership: that is handed over."""
    can = permissions.may(role, permissions.MANAGE_ADMINS)
    return can and granted != Role.OWNER and RANKS[role] <= RANKS[granted]


def may_change(actor: OrganizationAdmin, row: OrganizationAdmin) -> bool:
    """Whether the one may change or remove the other: who has less, and never oneself."""
    can = permissions.may(actor.role, permissions.MANAGE_ADMINS)
    return can and actor.id != row.id and RANKS[actor.role] < RANKS[row.role]


def most_admins(organization: Organization, limits: Limits) -> int:
    """How many admins it may have besides its owner: by its members, if the settings say so."""
    if not limits.members_per_admin:
        return limits.organization_admins
    by_members = math.ceil(organization.members_count / limits.members_per_admin)
    return min(limits.organization_admins, max(by_members, 1))


def describe_self(row: OrganizationAdmin, name: str, position: str, id_number: str, *, now: datetime) -> None:
    """Write what somebody says of themselves; an empty number leaves none."""
    had, row.name, row.position, row.id_number = bool(row.id_number), name, position, id_number
    words = f"{row.organization.name}：{name} {position}".rstrip()
    if had != bool(id_number):
        words += "，登记身份证号码" if id_number else "，删去身份证号码"
    chronicle.note(row.organization, "admin.described", words, actor=row.account, now=now)
    session.flush()


def lock(organization_id: int) -> Organization:
    query = select(Organization).where(Organization.id == organization_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def find(organization_id: int, admin_id: int) -> OrganizationAdmin | None:
    """As it is now."""
    query = select(OrganizationAdmin).where(
        OrganizationAdmin.id == admin_id, OrganizationAdmin.organization_id == organization_id
    )
    return session.scalar(query.execution_options(populate_existing=True))


def find_of_account(organization_id: int, account_id: int) -> OrganizationAdmin | None:
    query = select(OrganizationAdmin).where(
        OrganizationAdmin.account_id == account_id, OrganizationAdmin.organization_id == organization_id
    )
    return session.scalar(query.execution_options(populate_existing=True))


def check_room(organization: Organization, limits: Limits) -> None:
    """Raises TooManyAdmins when one more admin would be too many; the organisation is locked."""
    query = select(func.count()).select_from(OrganizationAdmin)
    mine = (OrganizationAdmin.organization_id == organization.id, OrganizationAdmin.role == Role.ADMIN)
    most = most_admins(organization, limits)
    if (session.scalar(query.where(*mine)) or 0) >= most:
        raise TooManyAdmins(f"除所有者外最多 {most} 名管理员，请先调整现有的管理员")


def _both(organization_id: int, actor_id: int, admin_id: int) -> tuple[OrganizationAdmin, OrganizationAdmin]:
    """The one who acts and the one acted on. Raises Forbidden, NotFound."""
    actor, row = find(organization_id, actor_id), find(organization_id, admin_id)
    if row is None:
        raise NotFound
    if actor is None or not may_change(actor, row):
        raise Forbidden
    return actor, row


def change_role(
    organization_id: int, actor_id: int, admin_id: int, role: str, *, limits: Limits, now: datetime
) -> None:
    """Make somebody with less something else, up to what one is oneself. Raises NotFound, Forbidden, TooManyAdmins."""
    organization = lock(organization_id)
    actor, row = _both(organization_id, actor_id, admin_id)
    if not may_grant(actor.role, role):
        raise Forbidden
    if row.role == role:
        return
    if role == Role.ADMIN:
        check_room(organization, limits)
    before, row.role = row.role, Role(role)
    session.flush()
    _end_invitations(organization_id, row.account_id, role, now)
    note = f"{ROLE_WORDS[before]} -> {ROLE_WORDS[role]}"
    chronicle.note(organization, "admin.role", note, actor=actor.account, now=now, whom=row.account_id)
    chronicle.tell([row.account_id], "admin_changed", organization, {"role": ROLE_WORDS[role]}, now=now)


def remove(organization_id: int, actor_id: int, admin_id: int, reason: str, *, now: datetime) -> None:
    """Take the rights of somebody with less away, at once. Raises NotFound, Forbidden."""
    organization = lock(organization_id)
    actor, row = _both(organization_id, actor_id, admin_id)
    account_id, role = row.account_id, ROLE_WORDS[row.role]
    _delete(row, now)
    chronicle.note(organization, "admin.remove", f"{role}：{reason}", actor=actor.account, now=now, whom=account_id)
    values = {"role": role, "reason": f"原因：{reason}", "path": "/"}
    chronicle.tell([account_id], "admin_removed", organization, values, now=now)


def leave(organization_id: int, admin_id: int, *, now: datetime) -> None:
    """Give one's own role back; one that came to nothing needs no owner. Raises NotFound, LastOwner."""
    organization = lock(organization_id)
    row = find(organization_id, admin_id)
    if row is None:
        raise NotFound
    is_needed = organization.state not in CAME_TO_NOTHING
    if is_needed and row.role == Role.OWNER and len(_owners(organization_id)) == 1:
        raise LastOwner
    account, role = row.account, row.role
    _delete(row, now)
    chronicle.note(organization, "admin.leave", ROLE_WORDS[role], actor=account, now=now)


def _delete(row: OrganizationAdmin, now: datetime) -> None:
    organization_id, account_id = row.organization_id, row.account_id
    session.delete(row)
    session.flush()
    _end_invitations(organization_id, account_id, "", now)


def _end_invitations(organization_id: int, account_id: int, role: str, now: datetime) -> None:
    """Take back for good what somebody invited to who may grant it no longer, as this `role` or ("") as none at all."""
    granted = [one for one in RANKS if role and may_grant(role, one)]
    theirs = update(Invitation).where(
        Invitation.organization_id == organization_id,
        Invitation.invited_by_id == account_id,
        Invitation.state == InvitationState.OPEN,
        # The new owner was invited from above, where the person's rights are others.
        Invitation.role.not_in([Role.OWNER, *granted]),
    )
    rows_hit(theirs.values(state=InvitationState.REVOKED, ended_at=now))
    end_appointments([account_id], now)


def end_appointments(account_ids: Collection[int], now: datetime) -> None:
    """Take back for good whom they invited to own an organisation, if they hold no role above it any more that may."""
    theirs = select(Invitation.id, Invitation.invited_by_id, Organization.path).join(Invitation.organization)
    theirs = theirs.where(
        Invitation.invited_by_id.in_(account_ids),
        Invitation.state == InvitationState.OPEN,
        Invitation.role == Role.OWNER,
    )
    roles = select(OrganizationAdmin.account_id, OrganizationAdmin.organization_id).where(
        OrganizationAdmin.account_id.in_(account_ids),
        OrganizationAdmin.role.in_(permissions.PERMISSIONS[permissions.APPOINT_BELOW].below),
    )
    held = {(row.account_id, row.organization_id) for row in session.execute(roles)}
    gone = [
        row.id
        for row in session.execute(theirs)
        if held.isdisjoint((row.invited_by_id, number) for number in tree.ids_above(row.path)[:-1])
    ]
    ended = update(Invitation).where(Invitation.id.in_(gone), Invitation.state == InvitationState.OPEN)
    rows_hit(ended.values(state=InvitationState.REVOKED, ended_at=now))


def owners_of(organization: Organization) -> list[int]:
    """The accounts of those who own it, as it is now."""
    return [row.account_id for row in _owners(organization.id)]


def _owners(organization_id: int) -> list[OrganizationAdmin]:
    query = select(OrganizationAdmin).where(
        OrganizationAdmin.organization_id == organization_id, OrganizationAdmin.role == Role.OWNER
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def hand_over(
    organization_id: int, owner_id: int, account: Account, name: str, *, stays: bool, now: datetime
) -> OrganizationAdmin:
    """Make the account the owner, whose phone was just proved beside the owner's; the owner stays as an admin, or goes.

    Raises Forbidden for one who is no owner any more, AlreadyOwner.
    """
    organization = lock(organization_id)
    owner = find(organization_id, owner_id)
    if owner is None or owner.role != Role.OWNER:
        raise Forbidden("您已经不是这个组织的所有者")
    if owner.account_id == account.id:
        raise AlreadyOwner
    row = make_owner(organization, account, name, now=now)
    if not stays:
        _delete(owner, now)
    note = f"{owner.name} -> {row.name}"
    chronicle.note(organization, "organization.hand_over", note, actor=owner.account, now=now, whom=account.id)
    told = chronicle.admins_of(organization)
    _tell_of_owner(organization, told, {"other": row.name}, now)
    if not stays:
        # The pages of those who act for it are closed to who left.
        _tell_of_owner(organization, [owner.account_id], {"other": row.name, "path": public_page(organization)}, now)
    return row


def check_may_have_owner(organization: Organization) -> None:
    """Raises NoOwnerAnyMore."""
    if organization.state in GONE:
        raise NoOwnerAnyMore


def make_owner(organization: Organization, account: Account, name: str, *, now: datetime) -> OrganizationAdmin:
    """One owner there is: whoever was it is an admin from now on. The organisation is locked."""
    for row in _owners(organization.id):
        row.role = Role.ADMIN
    row_of = find_of_account(organization.id, account.id)
    if row_of is None:
        row_of = OrganizationAdmin(organization_id=organization.id, account_id=account.id, name=name, created_at=now)
        session.add(row_of)
    row_of.role = Role.OWNER
    session.flush()
    return row_of


def appoint(above: Organization, uid: str, admin_id: int, reason: str, *, actor: Account, now: datetime) -> None:
    """Make one of the admins of an organisation below its owner, for a reason that all of them read.

    Raises NotFound, NoOwnerAnyMore, Forbidden when it would be oneself.
    """
    organization = lock(branch_below(above, uid).id)
    check_may_have_owner(organization)
    row = find(organization.id, admin_id)
    if row is None:
        raise NotFound
    if row.account_id == actor.id:
        raise Forbidden(NOT_ONESELF)
    before = owners_of(organization)
    make_owner(organization, row.account, row.name, now=now)
    chronicle.note(
        organization, "organization.appoint", f"{row.name}：{reason}", actor=actor, now=now, whom=row.account_id
    )
    tell_of_appointed(organization, chronicle.admins_of(organization), row.name, reason, before=before, now=now)


def tell_of_appointed(
    organization: Organization, told: Sequence[int], name: str, reason: str, *, before: Sequence[int], now: datetime
) -> None:
    """Who the owner is by the will of the organisation above, and why; who was it `before`, what they are now."""
    words = f"上级组织指定，原因：{reason}" if reason else "上级组织指定"
    for people, more in (
        ([one for one in told if one not in before], ""),
        ([one for one in told if one in before], "。您现在是这个组织的管理员"),
    ):
        _tell_of_owner(organization, people, {"other": name, "reason": words + more}, now)


def _tell_of_owner(organization: Organization, told: Sequence[int], values: Mapping[str, str], now: datetime) -> None:
    """Who did not agree to it must hear of it soon."""
    values = {"path": page_for(organization, "/organization/admins"), **values}
    chronicle.tell(told, "owner_changed", organization, values, now=now, text_until=now + timedelta(days=1))
