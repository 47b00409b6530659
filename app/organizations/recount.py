"""Whether what is kept of the tree is what would be counted, organisation by organisation."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from app.database import rows_hit, session
from app.organizations import tree
from app.organizations.models import Membership, MembershipState, Organization


@dataclass(frozen=True)
class Difference:
    """What is kept of an organisation, and what it should be."""

    organization_id: int
    what: str
    kept: Any
    true: Any


def recount(*, mends: bool) -> list[Difference]:
    """Compare paths, depths, copies and counters of all organisations; put right what is wrong if it `mends`.

    Raises NoRoot.
    """
    tree.lock_tree()
    every = select(Organization).order_by(Organization.id).execution_options(populate_existing=True)
    rows = {row.id: row for row in session.scalars(every)}
    order = _parents_first(rows)
    found = [Difference(row.id, "parent_id", row.parent_id, None) for row in rows.values() if row not in order]
    for row, facts in _facts(order).items():
        wrong = {name: value for name, value in facts.items() if getattr(row, name) != value}
        found += [Difference(row.id, name, getattr(row, name), value) for name, value in wrong.items()]
        if mends:
            for name, value in wrong.items():
                setattr(row, name, value)
    session.flush()
    return found + _copies(mends=mends)


def _parents_first(rows: Mapping[int, Organization]) -> list[Organization]:
    """All that hang on the root; what is missing hangs on nothing, or in a circle."""
    children: dict[int | None, list[Organization]] = defaultdict(list)
    for row in rows.values():
        children[row.parent_id].append(row)
    order = list(children[None])
    for row in order:  # grows as it goes
        order += children[row.id]
    return order


def _facts(order: list[Organization]) -> dict[Organization, dict[str, Any]]:
    active = Membership.state == MembershipState.ACTIVE
    counted = select(Membership.organization_id, func.count()).where(active).group_by(Membership.organization_id)
    own: dict[int | None, int] = defaultdict(int)
    for organization_id, count in session.execute(counted):
        own[organization_id] = count
    totals = own.copy()
    for row in reversed(order):
        totals[row.parent_id] += totals[row.id]
    paths: dict[int | None, str] = {None: "/"}
    facts: dict[Organization, dict[str, Any]] = {}
    for row in order:
        paths[row.id] = f"{paths[row.parent_id]}{row.id}/"
        facts[row] = {
            "path": paths[row.id],
            "depth": paths[row.id].count("/") - 1,
            "members_count": own[row.id],
            "subtree_members_count": totals[row.id],
        }
    return facts


def _copies(*, mends: bool) -> list[Difference]:
    """Memberships have a copy of their organisation's path."""
    query = select(Organization.id, Membership.organization_path, Organization.path).distinct()
    query = query.join(Membership, Membership.organization_id == Organization.id)
    found = session.execute(query.where(Membership.organization_path != Organization.path)).all()
    for organization_id, copy, path in found if mends else []:
        wrong = update(Membership).where(
            Membership.organization_id == organization_id, Membership.organization_path == copy
        )
        rows_hit(wrong.values(organization_path=path))
    return [Difference(organization_id, "organization_path", copy, path) for organization_id, copy, path in found]
