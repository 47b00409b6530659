"""How the people on a list are seen.

Who signed up gave the organiser name and phone. Who was put there by hand did not: they are seen as a member is
(`app/organizations/permissions.py`, FIELDS), until they sign up by themselves.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, select

from app.activities.models import Activity, SignUp
from app.database import session
from app.organizations.models import Membership, MembershipState


def is_stranger(activity: Activity) -> ColumnElement[bool]:
    """The condition for a sign-up: put on the list by hand, of somebody who is no member of the organisation itself."""
    member = exists().where(
        Membership.organization_id == activity.organization_id,
        Membership.volunteer_id == SignUp.volunteer_id,
        Membership.state == MembershipState.ACTIVE,
    )
    return and_(SignUp.by_hand, ~member)


def strangers(activity: Activity, rows: Sequence[SignUp] | None = None) -> set[int]:
    """Of these sign-ups (or of all), those put on the list by hand whose people are no members of the organisation
    itself: they belong to one below it, or left."""
    if rows is not None and not any(row.by_hand for row in rows):
        return set()
    query = select(SignUp.id).where(SignUp.activity_id == activity.id, is_stranger(activity))
    if rows is not None:
        query = query.where(SignUp.id.in_([row.id for row in rows]))
    return set(session.scalars(query))
