"""The tree of organisations: its lock, its counters, and moving a branch.

Whatever changes the tree, or counts in it, takes the lock first: the row of the root. Two moves, a move and a joining,
a merge and a registration come one after the other, and what was read under the lock stays true until the commit. The
order of locks is: the root, other organisations, memberships and what belongs to them.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Column, func, literal, select, update

from app.database import Base, rows_hit, session
from app.organizations.errors import NoRoot
from app.organizations.models import Organization


def lock_tree() -> Organization:
    """Wait until nobody else changes the tree, and keep others waiting; returns the root. Raises NoRoot."""
    query = select(Organization).where(Organization.parent_id.is_(None))
    root = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if root is None:
        raise NoRoot
    return root


def hold(organization: Organization) -> None:
    """Keep it from being merged, suspended or paused until the commit, and see it as it is now.

    For whoever begins something in its name: what is not there yet when a merge moves all that there is stays behind.
    Of several who do so none waits for the others.
    """
    held([organization.id])


def held(ids: Collection[int]) -> Sequence[Organization]:
    """Hold the organisations with these ids, and see them as they are now; see `hold`."""
    query = select(Organization).where(Organization.id.in_(ids)).order_by(Organization.id).with_for_update(read=True)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def fresh(*where: Any) -> Organization | None:
    """The organisation as it is now: what was read before the lock may be out of date."""
    query = select(Organization).where(*where).execution_options(populate_existing=True)
    return session.scalar(query)


def ids_above(path: str) -> list[int]:
    """The ids in a path, from the root down: those above, and the organisation itself."""
    return [int(part) for part in path.strip("/").split("/")]


def count_members(organization: Organization, more: int) -> None:
    """Count `more` active members (or fewer, below 0) of the organisation; the caller has the lock of the tree."""
    if not more:
        return
    own = update(Organization).where(Organization.id == organization.id)
    rows_hit(own.values(members_count=Organization.members_count + more))
    count_subtree(organization.path, more)
    session.expire(organization)


def count_subtree(path: str, more: int) -> None:
    above = update(Organization).where(Organization.id.in_(ids_above(path)))
    rows_hit(above.values(subtree_members_count=Organization.subtree_members_count + more))


def copies() -> list[Column[str]]:
    """The columns, of whatever topic, that keep an organisation's path beside something that belongs to it."""
    tables = Base.metadata.sorted_tables
    return [table.c.organization_path for table in tables if "organization_path" in table.columns]


def graft(branch: Organization, parent: Organization) -> None:
    """Hang a branch under another parent: paths, depths, copies and counters of all below it go along."""
    old, new = branch.path, f"{parent.path}{branch.id}/"
    deeper, members = parent.depth + 1 - branch.depth, branch.subtree_members_count
    count_subtree(old, -members)
    branch.parent_id = parent.id
    session.flush()
    rest = len(old) + 1
    inside = update(Organization).where(Organization.path.startswith(old, autoescape=True))
    path = literal(new) + func.substr(Organization.path, rest)
    rows_hit(inside.values(path=path, depth=Organization.depth + deeper))
    for copy in copies():
        inside = update(copy.table).where(copy.startswith(old, autoescape=True))
        rows_hit(inside.values(organization_path=literal(new) + func.substr(copy, rest)))
    count_subtree(new, members)
    session.expire_all()
