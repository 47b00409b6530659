"""撤回注册: the owner takes a registration back that nobody has accepted."""

from datetime import datetime

from sqlalchemy import update

from app.accounts.models import Account
from app.database import rows_hit
from app.organizations import chronicle, telling, tree
from app.organizations.errors import NotWithdrawable
from app.organizations.models import Organization, OrganizationState
from app.organizations.states import ON_THE_WAY

ACTION = "organization.withdrawn"


def withdraw(organization_id: int, *, actor: Account, now: datetime) -> None:
    """Take it back; its name is free again, and who was to judge it hears. Raises NotWithdrawable."""
    organization = tree.fresh(Organization.id == organization_id)
    if organization is None or organization.state not in ON_THE_WAY:
        raise NotWithdrawable
    before = organization.state
    values = {"state": OrganizationState.WITHDRAWN, "state_reason": "", "state_changed_at": now, "held_name": None}
    # Conditional, because it may be judged, or sent again, at the same moment.
    mine = update(Organization).where(Organization.id == organization.id, Organization.state == before)
    if not rows_hit(mine.values(values)):
        raise NotWithdrawable
    organization = tree.fresh(Organization.id == organization_id)
    assert organization is not None
    chronicle.note(organization, ACTION, organization.name, actor=actor, now=now)
    if before == OrganizationState.PENDING:
        telling.withdrawn(organization, actor.id, now)
