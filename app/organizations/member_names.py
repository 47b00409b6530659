"""Members found by a part of their name. What is kept for that follows each change of a name or a membership.

Of an organisation's own members the tails of the names are kept, by organisation: whatever is looked for lies in one
place, and what lies there are that organisation's members alone. Members of organisations below are shown masked and
found by their first character only; each membership has a copy of it.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, bindparam, event, func, inspect, select, update
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from app import tails
from app.database import TABLE, Base, session
from app.organizations.models import Membership, MembershipState
from app.privacy import NONE, PERSONAL
from app.volunteers.models import Volunteer


class NameTail(Base):
    """The name of an active member from one of its characters on."""

    __tablename__ = "member_name_tails"
    __table_args__ = (
        Index(None, "organization_id", "tail", "membership_id"),
        Index(None, "volunteer_id"),
        {**TABLE, "info": {"person": "volunteer_id", "erase": "delete", "merge": "move", "copy": True}},
    )

    membership_id: Mapped[int] = mapped_column(
        ForeignKey("memberships.id", ondelete="CASCADE"), primary_key=True, info=NONE
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), info=NONE)
    tail: Mapped[str] = mapped_column(tails.Tail, info=PERSONAL)


memberships = Membership.__table__
COPY_INITIAL = (
    update(memberships)  # type: ignore[arg-type]
    .where(memberships.c.id == bindparam("membership"))
    .values(initial=bindparam("first"))
)


class Kept(tails.Kept):
    """The tails, and with them the copies of the first characters."""

    def write(self, connection: Connection, ids: Collection[int]) -> list[dict[str, Any]]:
        found = super().write(connection, ids)
        if initials := [{"membership": row["membership_id"], "first": tails.folded(row["text"])[:1]} for row in found]:
            connection.execute(COPY_INITIAL, initials)
        return found

    def differing(self, first: int, last: int) -> set[int]:
        copied = func.substr(NameTail.tail, 1, 1) == Membership.initial
        query = select(NameTail.membership_id).join(Membership, Membership.id == NameTail.membership_id)
        query = query.where(NameTail.membership_id.between(first, last), NameTail.position == 0, ~copied)
        return super().differing(first, last) | set(session.scalars(query))


KEPT = Kept(
    NameTail,
    NameTail.membership_id,
    select(
        Membership.id.label("membership_id"),
        Membership.organization_id,
        Membership.volunteer_id,
        Volunteer.name.label("text"),
    )
    .join(Membership.volunteer)
    .where(Membership.state == MembershipState.ACTIVE),
)


@event.listens_for(Membership, "after_insert")
@event.listens_for(Membership, "after_update")
def _keep(mapper: Mapper[Membership], connection: Connection, membership: Membership) -> None:
    facts = inspect(membership).attrs
    if facts.state.history.has_changes() or facts.organization_id.history.has_changes():
        KEPT.write(connection, [membership.id])


@event.listens_for(Volunteer, "after_update")
def _rename(mapper: Mapper[Volunteer], connection: Connection, volunteer: Volunteer) -> None:
    if inspect(volunteer).attrs.name.history.has_changes():
        mine = select(memberships.c.id).where(memberships.c.volunteer_id == volunteer.id)
        KEPT.write(connection, connection.scalars(mine).all())
