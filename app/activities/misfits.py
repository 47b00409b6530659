"""Who is on the list of an activity and does not meet its conditions: these changed since, or the person did.

They keep their place until the organiser takes it from them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from app.activities import conditions, recruiting, risks
from app.activities.facts import ActivityFacts, AudienceFacts
from app.activities.models import LIVE, Activity, RecruitScope, SignUp
from app.activities.texts import told_of
from app.clock import today, years_old
from app.database import in_batches, rows_hit, session
from app.notices import services as notices
from app.organizations.models import Membership, MembershipState
from app.volunteers.models import VolunteerSkill

#: What makes somebody unfit when it is changed.
CONDITIONS = ("min_age", "max_age", "skills_any", "members_only", "training_required", "recruit_scope")


@dataclass(frozen=True)
class _Person:
    """What the conditions ask about somebody."""

    row_id: int
    volunteer_id: int
    #: On the day of the shift; None when nobody knows.
    age: int | None
    #: Whether they say that they have the training.
    is_trained: bool


def of(activity: Activity, rows: Iterable[SignUp]) -> dict[int, list[str]]:
    """By sign-up, for those who are unfit: the conditions that they do not meet, as `conditions.each` names them."""
    people = [
        _Person(
            row.id,
            row.volunteer_id,
            years_old(row.volunteer.birth_date, today(row.shift_starts_at)) if row.volunteer.birth_date else None,
            row.training_confirmed_at is not None,
        )
        for row in rows
        if row.is_live
    ]
    found: dict[int, list[str]] = {}
    for some in in_batches(people):
        found |= _unfit(activity, some)
    return found


def _unfit(activity: Activity, people: Sequence[_Person]) -> dict[int, list[str]]:
    asked = conditions.each(activity)
    ids = [person.volunteer_id for person in people]
    fit: dict[str, set[int]] = {}
    if "age" in asked:
        fit["age"] = {person.volunteer_id for person in people if _is_of_age(activity, person.age)}
    if "skills" in asked:
        able = (VolunteerSkill.volunteer_id.in_(ids), VolunteerSkill.code.in_(activity.skills_any))
        fit["skills"] = set(session.scalars(select(VolunteerSkill.volunteer_id).where(*able)))
    if "members" in asked:
        own = (Membership.organization_id == activity.organization_id, Membership.state == MembershipState.ACTIVE)
        query = select(Membership.volunteer_id).where(Membership.volunteer_id.in_(ids), *own)
        fit["members"] = set(session.scalars(query))
    if "training" in asked:
        fit["training"] = {person.volunteer_id for person in people if person.is_trained}
    if activity.recruit_scope == RecruitScope.DIRECTED:
        fit["scope"] = recruiting.meant_among(activity, ids)
    lacks = {person.row_id: [key for key in fit if person.volunteer_id not in fit[key]] for person in people}
    return {row_id: keys for row_id, keys in lacks.items() if keys}


def _is_of_age(activity: Activity, age: int | None) -> bool:
    return age is not None and (activity.min_age or 0) <= age <= (activity.max_age or age)


def words(activity: Activity, keys: Iterable[str]) -> str:
    said = conditions.each(activity)
    return "；".join(said[key] for key in keys)


def may_be(activity: Activity) -> bool:
    """Whether the activity has conditions that somebody could have ceased to meet."""
    return bool(conditions.each(activity).keys() - {"scope"}) or activity.recruit_scope == RecruitScope.DIRECTED


def everybody(activity: Activity) -> dict[int, list[str]]:
    """The same, of all who are on the list."""
    if not may_be(activity):
        return {}
    query = select(SignUp).where(SignUp.activity_id == activity.id, SignUp.state.in_(LIVE))
    query = query.options(joinedload(SignUp.volunteer)).execution_options(populate_existing=True)
    return of(activity, session.scalars(query.order_by(SignUp.id)).all())


def ask_anew(activity: Activity, now: datetime) -> None:
    """Another training is asked for: what they said was of the one before."""
    to_come = (SignUp.state.in_(LIVE), SignUp.shift_ends_at > now)
    asked = update(SignUp).where(SignUp.activity_id == activity.id, *to_come)
    rows_hit(asked.values(training_confirmed_at=None))


def confirm_training(shift_id: int, volunteer_id: int, *, read_edition: int | None = None, now: datetime) -> None:
    """The person says that they have what the page of that edition asked for. Again is harmless.

    Raises NotSignedUp, Changed.
    """
    mine = risks.live_sign_up(shift_id, volunteer_id)
    risks.hold_as_read(shift_id, read_edition)
    asked = update(SignUp).where(mine, SignUp.training_confirmed_at.is_(None))
    rows_hit(asked.values(training_confirmed_at=now))


def are_changed(activity: Activity, facts: ActivityFacts) -> bool:
    """Whether the facts ask for something else of who may come."""
    there = {AudienceFacts(row.organization_id, row.with_below, row.team_id) for row in activity.audiences}
    meant = set(facts.audience) if facts.recruit_scope == RecruitScope.DIRECTED else set()
    return there != meant or any(getattr(activity, name) != getattr(facts, name) for name in CONDITIONS)


def tell_newly(activity: Activity, before: dict[int, list[str]], *, now: datetime) -> int:
    """Tell those who do not meet a condition that they met before; returns how many they are."""
    number = 0
    for row_id, keys in everybody(activity).items():
        row = session.get_one(SignUp, row_id)
        new = [key for key in keys if key not in before.get(row_id, ())]
        if new and now < row.shift_ends_at:
            number += 1
            values = told_of(activity, row.shift) | {"reason": words(activity, new)}
            occasion = f"conditions:{row_id}:{activity.revision}"
            notices.add(row.volunteer.account_id, "conditions_changed", occasion, values, now=now)
    return number
