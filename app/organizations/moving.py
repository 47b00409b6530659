"""Moving an organisation, with all below it, under another parent."""

from datetime import datetime

from sqlalchemy import func, select

from app.accounts.models import Account
from app.accounts.services import note_audit
from app.database import session
from app.errors import NotFound
from app.organizations import chronicle, expected, tree
from app.organizations.errors import MovedTooDeep, ParentNotFound, StaysWhereItIs, WouldLoop
from app.organizations.links import page_for
from app.organizations.models import Organization, OrganizationState
from app.organizations.states import GONE

#: What those read who expected it.
CHOSE_ANOTHER = "退回修改时改选了上级，在您开放下级注册的名单里又是“未开始”，不再需要请删去"


def move(
    above: Organization, uid: str, parent_uid: str, *, reason: str, actor: Account, deepest: int, now: datetime
) -> Organization:
    """Move a branch from one place below `above` to another, by an admin of `above`.

    Raises NotFound, ParentNotFound, WouldLoop, StaysWhereItIs, MovedTooDeep.
    """
    tree.lock_tree()
    branch = branch_below(above, uid)
    parent = tree.fresh(Organization.uid == parent_uid, Organization.state == OrganizationState.APPROVED)
    if parent is None or not parent.path.startswith(above.path):
        raise ParentNotFound
    if parent.path.startswith(branch.path):
        raise WouldLoop
    if parent.id == branch.parent_id:
        raise StaysWhereItIs
    check_depth(branch, parent, deepest)
    before = session.get_one(Organization, branch.parent_id)
    tree.graft(branch, parent)
    expected.settle_branch(branch)
    chronicle.note(branch, "organization.move", f"{before.name} -> {parent.name}：{reason}", actor=actor, now=now)
    _tell(branch, before, parent, reason, now)
    return branch


def _tell(branch: Organization, before: Organization, parent: Organization, reason: str, now: datetime) -> None:
    """Lead each to where they see it: its own page, or that of those who have it below them now, or had."""
    values, told = {"other": parent.name, "reason": reason}, set[int]()
    for side, path in (
        (branch, "/organization"),
        (parent, f"/organization/below/{branch.uid}"),
        (before, "/organization/below"),
    ):
        people = [one for one in chronicle.admins_of(side) if one not in told]
        whole = values | {"path": page_for(side, path)}
        chronicle.tell(people, "organization_moved", branch, whole, now=now)
        told |= set(people)


def ask_another(registration: Organization, parent_uid: str, *, by: int, deepest: int, now: datetime) -> None:
    """Let a registration that was sent back wait under another parent. The tree is locked by the caller.

    Nobody had it to judge any more; who has it on a list of units that are expected is told.
    Raises ParentNotFound, WouldLoop, MovedTooDeep.
    """
    parent = tree.fresh(Organization.uid == parent_uid, Organization.state == OrganizationState.APPROVED)
    if parent is None:
        raise ParentNotFound
    if parent.path.startswith(registration.path):
        raise WouldLoop
    check_depth(registration, parent, deepest)
    before, topic = registration.parent, f"organization:{registration.id}"
    words = f"{before.name if before else ''} -> {parent.name}：退回后改选上级组织"
    tree.graft(registration, parent)
    for caller in expected.let_go(registration):
        whom = [account_id for account_id in chronicle.admins_of(caller) if account_id != by]
        values = {"other": parent.name, "reason": CHOSE_ANOTHER, "path": page_for(caller, "/organization/expected")}
        chronicle.tell(whom, "organization_moved", registration, values, now=now)
    note_audit(by, "organization.move", words, actor_id=by, topic=topic, now=now)


def branch_below(above: Organization, uid: str) -> Organization:
    """The organisation, as it is now, if it lies below the other one: its place may have changed a moment ago.

    The root lies below nobody, so that nobody moves, merges or suspends it. Raises NotFound.
    """
    above_now = tree.fresh(Organization.id == above.id)
    branch = tree.fresh(Organization.uid == uid)
    if above_now is None or branch is None or not branch.is_below(above_now):
        raise NotFound
    return branch


def check_depth(branch: Organization, parent: Organization, deepest: int) -> None:
    """Raises MovedTooDeep when something of the branch would lie deeper than `deepest`, dead ones apart."""
    inside = select(func.max(Organization.depth)).where(
        Organization.state.not_in(GONE), Organization.path.startswith(branch.path, autoescape=True)
    )
    levels = (session.scalar(inside) or branch.depth) - branch.depth
    if parent.depth + 1 + levels > deepest:
        raise MovedTooDeep
