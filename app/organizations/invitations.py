"""Inviting somebody to act for an organisation: by phone, or by a link that one person can use once."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import joinedload

from app import crypto
from app.accounts.models import Account
from app.clock import said
from app.config import Limits
from app.database import rows_hit, session
from app.errors import Forbidden, NotFound
from app.organizations import admins, chronicle, permissions, tree
from app.organizations.admins import NOT_ONESELF, RANKS, ROLE_WORDS
from app.organizations.errors import AlreadyAdmin, FromAbove, InvitationGone, TooManyInvitations
from app.organizations.links import page_for
from app.organizations.models import Organization, OrganizationAdmin, Role
from app.organizations.states import GONE
from app.organizations.wishes import Invitation, InvitationState
from app.privacy import mask_phone

#: How many that wait are listed.
MOST_SHOWN = 50
#: Those by the organisation itself: to own it people are invited from above.
_OWN = Invitation.role != Role.OWNER
NOT_YOURS = "这份邀请不由您撤回，请由发出邀请的人，或他们组织的其他管理员撤回"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(
    organization_id: int, actor: OrganizationAdmin, role: str, phone: str, *, limits: Limits, now: datetime
) -> tuple[Invitation, str]:
    """Invite whoever has the phone, or ("") whoever opens the link first; returns the link's token, kept nowhere.

    Raises Forbidden, TooManyAdmins, TooManyInvitations.
    """
    organization = admins.lock(organization_id)
    row = admins.find(organization_id, actor.id)
    if row is None or not admins.may_grant(row.role, role):
        raise Forbidden
    if role == Role.ADMIN:
        admins.check_room(organization, limits)
    return _write(organization, row.account, role, phone, limits=limits, now=now)


def invite_owner(
    organization: Organization,
    phone: str,
    reason: str,
    *,
    above: Organization,
    actor: Account,
    limits: Limits,
    now: datetime,
) -> tuple[Invitation, str]:
    """Have an organisation below get a new owner, who has the phone; the caller acts for `above` and has the right to.

    Raises NoOwnerAnyMore, TooManyInvitations, Forbidden when it would be oneself.
    """
    if phone == actor.phone:
        raise Forbidden(NOT_ONESELF)
    organization = admins.lock(organization.id)
    admins.check_may_have_owner(organization)
    replaces = or_(_OWN, _revocable(organization, above, actor.id))
    invitation, token = _write(organization, actor, Role.OWNER, phone, replaces=replaces, limits=limits, now=now)
    invitation.reason = reason
    chronicle.note(organization, "organization.appoint", f"{mask_phone(phone)}：{reason}", actor=actor, now=now)
    return invitation, token


def _write(
    organization: Organization,
    inviter: Account,
    role: str,
    phone: str,
    *,
    replaces: ColumnElement[bool] = _OWN,
    limits: Limits,
    now: datetime,
) -> tuple[Invitation, str]:
    token = secrets.token_urlsafe(24)
    index = crypto.ring().index("phone", phone) if phone else None
    if index:
        _check_day(organization, inviter, limits, now)
        # What those above wish, those who are to be replaced do not take back by inviting the same person.
        same = (Invitation.organization_id == organization.id, Invitation.phone_index == index)
        _revoke(*same, replaces, now=now)
    invitation = Invitation(
        organization_id=organization.id,
        role=role,
        token_hash=_hash(token),
        phone_index=index,
        masked_phone=mask_phone(phone) if phone else "",
        invited_by_id=inviter.id,
        created_at=now,
        expires_at=now + timedelta(hours=limits.invitation_hours),
    )
    session.add(invitation)
    session.flush()
    whom = f"{invitation.masked_phone or '链接'}，{ROLE_WORDS[role]}"
    chronicle.note(organization, "admin.invite", whom, actor=inviter, now=now)
    if phone:
        values = {
            "role": ROLE_WORDS[role],
            "until": said(invitation.expires_at),
            "path": f"/organization/invitations/{invitation.uid}",
        }
        chronicle.tell_phone(phone, "admin_invited", organization, values, now=now, text_until=invitation.expires_at)
    return invitation, token


def _check_day(organization: Organization, inviter: Account, limits: Limits, now: datetime) -> None:
    """Each is a text message to somebody who did not ask for it. Raises TooManyInvitations."""
    for whose, who, most in (
        (Invitation.organization_id == organization.id, "一个组织", limits.invitations_per_day),
        (Invitation.invited_by_id == inviter.id, "一个人", limits.invitations_per_person_day),
    ):
        lately = (Invitation.phone_index.is_not(None), Invitation.created_at > now - timedelta(days=1))
        if (session.scalar(select(func.count()).where(whose, *lately)) or 0) >= most:
            raise TooManyInvitations(f"{who}一天最多按手机号邀请 {most} 次，请明天再邀请，或改用邀请链接")


def open_of(organization: Organization, now: datetime) -> Sequence[Invitation]:
    """Those that wait for an answer and would be one still; to own it before all others."""
    return [*owners_invited(organization, now), *_open_of(organization, _OWN, now)]


def owners_invited(organization: Organization, now: datetime) -> Sequence[Invitation]:
    """Who is invited to own it, and has not answered."""
    return _open_of(organization, ~_OWN, now)


def _open_of(organization: Organization, which: ColumnElement[bool], now: datetime) -> Sequence[Invitation]:
    query = select(Invitation).where(Invitation.organization_id == organization.id, which, *_open(now))
    query = query.options(joinedload(Invitation.organization))
    return _standing(session.scalars(query.order_by(Invitation.id).limit(MOST_SHOWN)).all())


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Invitation.state == InvitationState.OPEN, Invitation.expires_at > now


def revoke(organization: Organization, uid: str, *, actor: Account, now: datetime) -> None:
    """Again is harmless. Raises NotFound, FromAbove."""
    mine = select(Invitation.role).where(Invitation.organization_id == organization.id, Invitation.uid == uid)
    role = session.scalar(mine)
    if role is None:
        raise NotFound
    if role == Role.OWNER:
        raise FromAbove
    if _revoke(Invitation.organization_id == organization.id, Invitation.uid == uid, now=now):
        chronicle.note(organization, "admin.uninvite", "", actor=actor, now=now)


def revoke_owner(organization: Organization, *, above: Organization, actor: Account, now: datetime) -> None:
    """Take back that somebody is to own an organisation below; the caller acts for `above` and has the right to.

    Again is harmless. Raises FromAbove when it is not theirs to take back.
    """
    if _revoke(_revocable(organization, above, actor.id), now=now):
        chronicle.note(organization, "admin.uninvite", ROLE_WORDS[Role.OWNER], actor=actor, now=now)
    elif owners_invited(organization, now):
        raise FromAbove(NOT_YOURS)


def is_revocable(organization: Organization, *, above: Organization, actor: Account) -> bool:
    """Whether there is one to own it that the person may take back for `above`."""
    theirs = (_revocable(organization, above, actor.id), Invitation.state == InvitationState.OPEN)
    return session.scalar(select(Invitation.id).where(*theirs).limit(1)) is not None


def _revocable(organization: Organization, above: Organization, actor_id: int) -> ColumnElement[bool]:
    """To own it, what was wished for `above` or for one between: not what one further up did.

    Who acts for the organisation itself, and may be the one to be replaced, has but their own.
    """
    mine = Invitation.invited_by_id == actor_id
    inviters = select(OrganizationAdmin.account_id).join(OrganizationAdmin.organization)
    inviters = inviters.where(
        Organization.id.in_(tree.ids_above(organization.path)[:-1]),
        Organization.path.startswith(above.path, autoescape=True),
        OrganizationAdmin.role.in_(permissions.PERMISSIONS[permissions.APPOINT_BELOW].below),
    )
    if admins.find_of_account(organization.id, actor_id) is None:
        mine |= Invitation.invited_by_id.in_(inviters)
    return and_(Invitation.organization_id == organization.id, ~_OWN, mine)


def _revoke(*where: ColumnElement[bool], now: datetime) -> int:
    standing = update(Invitation).where(*where, Invitation.state == InvitationState.OPEN)
    return rows_hit(standing.values(state=InvitationState.REVOKED, ended_at=now))


def for_visitor(account: Account, token: str, now: datetime) -> list[Invitation]:
    """What the person may accept: invitations of their phone, and the one whose link they opened."""
    mine = Invitation.token_hash == _hash(token)
    if account.phone_index:
        mine |= Invitation.phone_index == account.phone_index
    query = select(Invitation).where(mine, *_open(now)).options(joinedload(Invitation.organization))
    found = session.scalars(query.order_by(Invitation.id.desc()).limit(20))
    return _standing([one for one in found if _is_for(one, account)])


def _is_for(invitation: Invitation, account: Account) -> bool:
    return invitation.phone_index in (None, account.phone_index)


def _standing(found: Sequence[Invitation]) -> list[Invitation]:
    """Those whose inviter may still grant what they invited to, as it is now."""
    if not found:
        return []
    places = {number for one in found for number in tree.ids_above(one.organization.path)}
    query = select(OrganizationAdmin).where(
        OrganizationAdmin.account_id.in_({one.invited_by_id for one in found}),
        OrganizationAdmin.organization_id.in_(places),
    )
    query = query.options(joinedload(OrganizationAdmin.organization)).execution_options(populate_existing=True)
    held = {(row.organization_id, row.account_id): row for row in session.scalars(query)}
    return [one for one in found if _stands(one, held)]


def _stands(invitation: Invitation, held: Mapping[tuple[int, int], OrganizationAdmin]) -> bool:
    """Whether the one who invited may still grant it, and the organisation is there to act for."""
    organization, inviter = invitation.organization, invitation.invited_by_id
    if organization.state in GONE:
        return False
    if invitation.role != Role.OWNER:
        row = held.get((organization.id, inviter))
        is_left = permissions.is_left(organization.state, permissions.MANAGE_ADMINS)
        return is_left and row is not None and admins.may_grant(row.role, invitation.role)
    above = [row for number in tree.ids_above(organization.path)[:-1] if (row := held.get((number, inviter)))]
    # One that rests has no power over those below it.
    return any(
        row.organization.may_publish and permissions.may(row.role, permissions.APPOINT_BELOW, below=True)
        for row in above
    )


def accept(
    uid: str, account: Account, token: str, name: str, position: str, *, limits: Limits, now: datetime
) -> OrganizationAdmin:
    """Become what one was invited to be. Of two who press at once one does.

    Raises InvitationGone, AlreadyAdmin, TooManyAdmins.
    """
    mine = next((one for one in for_visitor(account, token, now) if one.uid == uid), None)
    if mine is None:
        raise InvitationGone
    organization = admins.lock(mine.organization_id)
    row = admins.find_of_account(organization.id, account.id)
    if row is not None and RANKS[row.role] <= RANKS[mine.role]:
        raise AlreadyAdmin
    take = update(Invitation).where(Invitation.id == mine.id, *_open(now))
    if not _standing([mine]) or not rows_hit(take.values(state=InvitationState.ACCEPTED, ended_at=now)):
        raise InvitationGone
    if mine.role == Role.ADMIN:
        admins.check_room(organization, limits)
    before = admins.owners_of(organization)
    if mine.role == Role.OWNER:
        row = admins.make_owner(organization, account, name, now=now)
    elif row is None:
        row = OrganizationAdmin(organization_id=organization.id, account_id=account.id, created_at=now)
        session.add(row)
    row.role, row.name, row.position = Role(mine.role), name, position
    session.flush()
    chronicle.note(organization, "admin.join", ROLE_WORDS[row.role], actor=account, now=now)
    _tell_others(organization, row, mine, before, now)
    return row


def _tell_others(
    organization: Organization, row: OrganizationAdmin, mine: Invitation, before: Sequence[int], now: datetime
) -> None:
    others = [one for one in chronicle.admins_of(organization) if one != row.account_id]
    if row.role == Role.OWNER:
        admins.tell_of_appointed(organization, others, row.name, mine.reason, before=before, now=now)
        return
    values = {"other": row.name, "role": ROLE_WORDS[row.role], "path": page_for(organization, "/organization/admins")}
    chronicle.tell(others, "admin_joined", organization, values, now=now)
