"""待本人确认: what an organisation entered for somebody, answered by whoever has proved the phone."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import contains_eager

from app.accounts.models import Account
from app.config import Limits
from app.database import rows_hit, session
from app.group_registration.errors import NotWaiting
from app.group_registration.models import ImportBatch, ImportRow, RowState
from app.organizations import membership, tree
from app.organizations.errors import TooManyOrganizations
from app.organizations.models import Membership, MembershipState, Organization, OrganizationState
from app.organizations.queries import memberships_of
from app.volunteers import services as volunteers
from app.volunteers.models import Source, Volunteer
from app.volunteers.services import Registration


def waiting_for(account: Account, now: datetime) -> Sequence[ImportRow]:
    """What organisations entered for the account's phone, the oldest first."""
    if not account.phone_index:
        return []
    query = select(ImportRow).join(ImportRow.organization).where(*_waits(account, now))
    query = query.where(Organization.state == OrganizationState.APPROVED)
    return session.scalars(query.options(contains_eager(ImportRow.organization)).order_by(ImportRow.id)).all()


def _waits(account: Account, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        ImportRow.phone_index == account.phone_index,
        ImportRow.state == RowState.INVITED,
        ImportRow.expires_at > now,
    )


def entered(row: ImportRow) -> dict[str, Any]:
    """What was entered, field by field; see judging.Facts."""
    facts: dict[str, Any] = json.loads(row.content)["facts"]
    return facts


def activate(uid: str, account: Account, facts: Registration, *, limits: Limits, now: datetime) -> Volunteer:
    """Make a volunteer of whoever was entered, with the facts as they now say, and a member of who entered them.

    Raises NotWaiting and what `volunteers.services.register` raises.
    """
    tree.lock_tree()
    row = _taken(uid, account, now)
    volunteer = volunteers.register(account, facts, limits=limits, now=now, source=Source.IMPORT)
    _become_member(row, volunteer, now)
    return volunteer


def accept(uid: str, account: Account, volunteer: Volunteer, *, most_homes: int, now: datetime) -> Membership:
    """Join the organisation, for whoever is a volunteer already. Raises NotWaiting, TooManyOrganizations."""
    tree.lock_tree()
    row = _taken(uid, account, now)
    if len(memberships_of(volunteer.id)) >= most_homes:
        raise TooManyOrganizations
    return _become_member(row, volunteer, now)


def refuse(uid: str, account: Account, *, now: datetime) -> None:
    """Everything that was entered goes. Again is harmless."""
    rows_hit(delete(ImportRow).where(ImportRow.uid == uid, *_waits(account, now)))


def _taken(uid: str, account: Account, now: datetime) -> ImportRow:
    query = select(ImportRow).where(ImportRow.uid == uid, *_waits(account, now)).with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotWaiting
    return row


def _become_member(row: ImportRow, volunteer: Volunteer, now: datetime) -> Membership:
    organization = tree.fresh(Organization.id == row.organization_id)
    if organization is None or organization.state != OrganizationState.APPROVED:
        raise NotWaiting
    # With other papers it may be somebody else than the organisation meant: it looks first.
    is_meant = (row.id_type, row.id_number_index) == (volunteer.id_type, volunteer.id_number_index)
    mine = membership.find_membership(organization.id, volunteer.id)
    if (mine is None or mine.state == MembershipState.LEFT) and is_meant:
        mine = membership.enter(organization, volunteer.id, MembershipState.ACTIVE, now=now)
    elif mine is None or mine.state == MembershipState.LEFT:
        mine = membership.ask(organization, volunteer.id, now=now)
    row.state, row.account_id = RowState.ACTIVATED, volunteer.account_id
    row.content, row.phone_index, row.id_number_index, row.id_type = "", None, None, ""
    session.flush()
    sheet = update(ImportBatch).where(ImportBatch.id == row.batch_id)
    rows_hit(sheet.values(confirmed_count=ImportBatch.confirmed_count + 1))
    return mine
