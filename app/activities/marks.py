"""Who on a list is marked: what the database answers about all of it at once, however long it is.

It says the same as `misfits.of` and `calls.missed`, which know the words for those whom a page shows.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select
from sqlalchemy.orm import aliased

from app.activities import conditions
from app.activities.calls import kinds_of
from app.activities.models import LIVE, Activity, Audience, RecruitScope, SignUp
from app.clock import today
from app.notices import undelivered
from app.notices.models import Notice
from app.organizations.models import Membership, MembershipState, TeamMember
from app.volunteers.models import Volunteer, VolunteerSkill


def unfit(activity: Activity) -> ColumnElement[bool]:
    """Whether who signed up does not meet one of the conditions."""
    asked = conditions.each(activity)
    met: list[ColumnElement[bool]] = []
    if "age" in asked:
        met.append(or_(false(), *_of_age(activity)))
    if "skills" in asked:
        met.append(_theirs(VolunteerSkill, VolunteerSkill.code.in_(activity.skills_any)))
    if "members" in asked:
        met.append(_belongs(Membership.organization_id == activity.organization_id))
    if "training" in asked:
        met.append(SignUp.training_confirmed_at.is_not(None))
    if activity.recruit_scope == RecruitScope.DIRECTED:
        met.append(or_(false(), *(_is_meant(row) for row in activity.audiences)))
    return not_(and_(*met)) if met else false()


def unreached(activity: Activity) -> Select[int]:
    """The ids of the sign-ups of those who were owed word of the activity that did not arrive.

    One pass over their notices: asked for each person anew, some databases would read all notices each time.
    """
    row = aliased(SignUp)
    query = select(row.id).join(Volunteer, Volunteer.id == row.volunteer_id)
    query = query.join(Notice, Notice.account_id == Volunteer.account_id)
    query = query.where(row.activity_id == activity.id, row.state.in_(sorted(LIVE)))
    query = query.where(*undelivered.concern(f"/activities/{activity.id}", kinds_of(activity)))
    return query.group_by(row.id).having(undelivered.last_missed())


def _of_age(activity: Activity) -> Iterator[ColumnElement[bool]]:
    """For each day with shifts: whether who signed up to one of them is of age on that day."""
    days: dict[date, list[int]] = {}
    for shift in activity.shifts:
        days.setdefault(today(shift.starts_at), []).append(shift.id)
    for day, shift_ids in days.items():
        person = aliased(Volunteer)
        born = [person.id == SignUp.volunteer_id, person.birth_date.is_not(None)]
        if activity.min_age:
            born.append(person.birth_date <= years_before(day, activity.min_age))
        if activity.max_age:
            born.append(person.birth_date > years_before(day, activity.max_age + 1))
        yield and_(SignUp.shift_id.in_(shift_ids), exists().where(*born).correlate(SignUp))


def years_before(day: date, years: int) -> date:
    """Who was born by then is so many years old on the day; of 29 February that is 28 February in most years."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _is_meant(row: Audience) -> ColumnElement[bool]:
    if row.team_id:
        return _theirs(TeamMember, TeamMember.team_id == row.team_id)
    below = Membership.organization_path.startswith(row.organization.path, autoescape=True)
    return _belongs(below if row.with_below else Membership.organization_id == row.organization_id)


def _belongs(where: ColumnElement[bool]) -> ColumnElement[bool]:
    return _theirs(Membership, where, Membership.state == MembershipState.ACTIVE)


def _theirs(
    table: type[Membership] | type[TeamMember] | type[VolunteerSkill], *where: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Whether who signed up has such a row."""
    return exists(select(table.volunteer_id).where(table.volunteer_id == SignUp.volunteer_id, *where).correlate(SignUp))
