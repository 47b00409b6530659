"""Suspending an organisation and letting it go on, from above; pausing and going on by its own wish.

A suspended or paused organisation publishes nothing, and what it published takes no sign-ups: both are asked of its
state whenever somebody publishes or signs up, so nothing else is to be changed. Who signed up before keeps the place.
"""

from datetime import datetime

from app.accounts.models import Account
from app.context import here
from app.database import after_commit, session
from app.errors import Forbidden
from app.life_cycle import WrongMove
from app.organizations import chronicle, tree
from app.organizations.errors import MayNotPublish, SuspendedFromAbove
from app.organizations.links import page_for
from app.organizations.models import Organization, OrganizationState
from app.organizations.moving import branch_below

SUSPENDED, DEACTIVATED, APPROVED = (
    OrganizationState.SUSPENDED,
    OrganizationState.DEACTIVATED,
    OrganizationState.APPROVED,
)


#: What the worker does once an organisation goes on: its activities offer the places that came free meanwhile.
GOES_ON = "organizations.goes_on"


def goes_on() -> None:
    """Have the worker see to what waited for the organisation, once the present transaction stands."""
    after_commit(GOES_ON, lambda: here.jobs.wake(GOES_ON))


def check_may_publish(organization: Organization) -> None:
    """Raises MayNotPublish, with what is to be done about it."""
    if organization.state == SUSPENDED:
        raise MayNotPublish(f"组织已被上级暂停，恢复前不能发布活动。原因：{organization.state_reason}")
    if organization.state == DEACTIVATED:
        raise MayNotPublish("组织已停用，所有者在“组织信息”里恢复后才能发布活动")
    if organization.state == OrganizationState.MERGED:
        raise MayNotPublish(why_it_rests(organization))
    if not organization.may_publish:
        raise MayNotPublish


def why_it_rests(organization: Organization) -> str:
    """What people are told whose organisation is in a state that leaves them few rights."""
    if organization.state == SUSPENDED:
        return f"组织已被上级暂停，恢复前不能这样做。原因：{organization.state_reason}"
    if organization.state == DEACTIVATED:
        return "组织已停用，所有者在“组织信息”里恢复后才能这样做"
    if organization.state == OrganizationState.MERGED:
        return "组织已并入其他组织，请到接收它的组织去做"
    return "组织没有通过上级审核，不能这样做；可以重新注册"


def check_may_prepare(organization: Organization) -> None:
    """Who waits for its first approval may prepare everything and publish nothing. Raises MayNotPublish."""
    if organization.state not in (OrganizationState.PENDING, OrganizationState.RETURNED):
        check_may_publish(organization)


def suspend(above: Organization, uid: str, *, reason: str, actor: Account, now: datetime) -> Organization:
    """Raises NotFound, WrongMove."""
    tree.lock_tree()
    organization = branch_below(above, uid)
    organization.suspended_by_id = above.id
    _change(organization, SUSPENDED, "organization.suspend", "organization_suspended", reason, actor, now)
    return organization


def resume(above: Organization, uid: str, *, reason: str, actor: Account, now: datetime) -> Organization:
    """Let it go on, whether it was suspended or paused itself.

    Raises NotFound, WrongMove, SuspendedFromAbove.
    """
    tree.lock_tree()
    organization = branch_below(above, uid)
    if organization.state not in (SUSPENDED, DEACTIVATED):
        raise WrongMove
    check_may_lift(above, organization)
    _change(organization, APPROVED, "organization.resume", "organization_resumed", reason, actor, now)
    return organization


def check_may_lift(above: Organization, organization: Organization) -> None:
    """A suspension is lifted by who laid it, or from further above; by all above once it was moved away from there.

    Raises SuspendedFromAbove.
    """
    who = session.get(Organization, organization.suspended_by_id) if organization.suspended_by_id else None
    if who is not None and who.merged_into_id:
        who = session.get(Organization, who.merged_into_id)
    if organization.state != SUSPENDED or who is None or not organization.is_below(who):
        return
    if not who.path.startswith(above.path):
        raise SuspendedFromAbove(f"这是“{who.name}”作的暂停，只有它或它的上级才能恢复")


def may_resume(above: Organization, organization: Organization) -> bool:
    """Whether the one above may let it go on now."""
    try:
        check_may_lift(above, organization)
    except SuspendedFromAbove:
        return False
    return organization.state in (SUSPENDED, DEACTIVATED)


def deactivate(own: Organization, *, reason: str, actor: Account, now: datetime) -> None:
    """Pause by one's own wish. Raises Forbidden for the root, on which all others hang, and WrongMove."""
    tree.lock_tree()
    session.refresh(own)
    if own.parent_id is None:
        raise Forbidden("总队不能停用")
    _change(own, DEACTIVATED, "organization.deactivate", "organization_deactivated", reason, actor, now)
    above = session.get_one(Organization, own.parent_id)
    values = {"reason": reason, "path": page_for(above, f"/organization/below/{own.uid}")}
    mine = set(chronicle.admins_of(own))
    theirs = [account_id for account_id in chronicle.admins_of(above) if account_id not in mine]
    chronicle.tell(theirs, "organization_deactivated", own, values, now=now)


def reactivate(own: Organization, *, actor: Account, now: datetime) -> None:
    """Go on after a pause of one's own; who was suspended cannot. Raises WrongMove."""
    tree.lock_tree()
    session.refresh(own)
    if own.state != DEACTIVATED:
        raise WrongMove
    _change(own, APPROVED, "organization.resume", "organization_resumed", "", actor, now)


def _change(
    organization: Organization,
    state: OrganizationState,
    action: str,
    kind: str,
    reason: str,
    actor: Account,
    now: datetime,
) -> None:
    organization.move_to(state)
    organization.state_reason, organization.state_changed_at = reason, now
    if state != SUSPENDED:
        organization.suspended_by_id = None
    session.flush()
    if state == APPROVED:
        goes_on()
    chronicle.note(organization, action, reason, actor=actor, now=now)
    chronicle.tell(chronicle.admins_of(organization), kind, organization, {"reason": reason}, now=now)
