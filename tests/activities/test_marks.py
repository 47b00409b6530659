"""How many on a list do not meet the conditions, and how many word did not reach: counted at once, however many."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.activities import calls, marks, misfits, services
from app.activities.facts import AudienceFacts
from app.activities.models import RecruitScope, SignUp
from app.activities.queries import find
from app.context import here
from app.database import in_transaction, session
from app.notices import services as notices
from app.notices.models import Notice, NoticeState
from app.volunteers.models import Volunteer
from tests.factories import activity_facts, create_member, signed_up
from tests.web.test_queries import counted


@pytest.fixture
def event(world, team):
    return world.activity(team)


def change(world, event, **facts):
    def act():
        activity = find(event.id)
        same = {"title": activity.title, "starts_at": activity.starts_at, "ends_at": activity.ends_at}
        services.edit(activity, activity_facts(**same | facts), now=here.clock.now())

    world.do(lambda: in_transaction(act))


def come(world, event, person=None, **changes):
    person = person or world.volunteer()
    world.do(lambda: signed_up(event, person))
    if changes:
        mine = update(Volunteer).where(Volunteer.id == person.volunteer_id).values(**changes)
        world.do(lambda: in_transaction(lambda: session.execute(mine)))
    return person


def same_in_both_ways(world, event):
    """The volunteers that the database finds; those that the page's own words are for are the same."""

    def act():
        activity = find(event.id)
        rows = session.scalars(select(SignUp).where(SignUp.activity_id == event.id)).all()
        unfit = set(session.scalars(select(SignUp.id).where(marks.unfit(activity))))
        missed = set(session.scalars(marks.unreached(activity)))
        assert unfit == set(misfits.of(activity, rows))
        assert missed == set(calls.missed(activity, rows, here.clock.now()))
        by_id = {row.id: row.volunteer_id for row in rows}
        return {by_id[one] for one in unfit}, {by_id[one] for one in missed}

    return world.do(act)


@pytest.mark.parametrize(
    ("born", "is_unfit"),
    [
        (date(1996, 11, 26), False),  # thirty on the day
        (date(1996, 11, 27), True),
        (date(1965, 11, 27), False),  # sixty, until tomorrow
        (date(1965, 11, 26), True),
        (None, True),
    ],
)
def test_the_age_on_the_day_of_the_shift_counts(world, event, born, is_unfit):
    person = come(world, event, birth_date=born)
    change(world, event, min_age=30, max_age=60)
    unfit, _ = same_in_both_ways(world, event)
    assert unfit == ({person.volunteer_id} if is_unfit else set())


@pytest.mark.parametrize("born", [date(2008, 2, 28), date(2008, 2, 29), date(2008, 3, 1), date(2010, 3, 1)])
@pytest.mark.parametrize("day", [datetime(2028, 2, 29, 2, tzinfo=UTC), datetime(2026, 2, 28, 2, tzinfo=UTC)])
def test_of_a_leap_day_both_say_the_same(world, clock, team, born, day):
    clock.set(day - timedelta(days=3))
    event = world.activity(team, starts_at=day)
    come(world, event, birth_date=born)
    for ages in ({"min_age": 18}, {"max_age": 17}, {"min_age": 17, "max_age": 18}):
        change(world, event, **ages)
        same_in_both_ways(world, event)


def test_of_several_shifts_each_has_its_day(world, event):
    ages = {"min_age": 30}
    change(world, event, **ages)
    later = world.shift(event, starts_at=datetime(2026, 12, 20, 2, tzinfo=UTC))
    early, late = world.volunteer(), world.volunteer()
    born = update(Volunteer).values(birth_date=date(1990, 1, 1))
    world.do(lambda: in_transaction(lambda: session.execute(born)))
    world.do(lambda: signed_up(event, early))
    world.do(lambda: signed_up(replace(event, shift_id=later), late))
    born = update(Volunteer).values(birth_date=date(1996, 12, 1))
    world.do(lambda: in_transaction(lambda: session.execute(born)))
    unfit, _ = same_in_both_ways(world, event)
    assert unfit == {early.volunteer_id}


def test_skills_membership_training_and_audience(world, team, event):
    below = world.organization(team)
    own, under = (world.do(lambda one=one: create_member(one)) for one in (team, below))
    stranger = come(world, event)
    for person in (own, under):
        come(world, event, person)
    everybody = {one.volunteer_id for one in (own, under, stranger)}
    for facts, unfit in (
        ({"members_only": True}, {under.volunteer_id, stranger.volunteer_id}),
        ({"skills_any": ["15"]}, everybody),
        ({"skills_any": ["01", "15"]}, set()),
        ({"training_required": "急救证"}, everybody),
        ({"members_only": True, "skills_any": ["01"]}, {under.volunteer_id, stranger.volunteer_id}),
    ):
        change(world, event, **facts)
        assert same_in_both_ways(world, event)[0] == unfit
    directed = {"recruit_scope": RecruitScope.DIRECTED}
    for audience, unfit in (
        ((AudienceFacts(team.id),), {under.volunteer_id, stranger.volunteer_id}),
        ((AudienceFacts(team.id, with_below=True),), {stranger.volunteer_id}),
        ((AudienceFacts(below.id),), {own.volunteer_id, stranger.volunteer_id}),
    ):
        change(world, event, **directed, audience=audience)
        assert same_in_both_ways(world, event)[0] == unfit


def owe(world, person, path, state, kind="activity_changed"):
    def act():
        name = f"test:{session.query(Notice).count()}"
        notice = notices.add(person.account_id, kind, name, {"path": path}, now=here.clock.now())
        notice.state = state

    world.do(lambda: in_transaction(act))


def test_whom_word_of_this_activity_did_not_reach(world, event):
    path = f"/activities/{event.id}"
    cases = {
        "unreachable": [(path, NoticeState.UNREACHABLE)],
        "with the place on the page": [(f"{path}#shift-1", NoticeState.FAILED)],
        "nobody knows": [(path, NoticeState.UNKNOWN)],
        "arrived later": [(path, NoticeState.UNREACHABLE), (f"{path}#shift-1", NoticeState.SENT)],
        "missed after one that arrived": [(path, NoticeState.SENT), (path, NoticeState.UNREACHABLE)],
        "of another activity": [(f"{path}0", NoticeState.UNREACHABLE)],
        "another one arrived": [(path, NoticeState.UNREACHABLE), (f"{path}0", NoticeState.SENT)],
        "on its way": [(path, NoticeState.WAITING)],
    }
    people = {}
    for name, owed in cases.items():
        people[name] = come(world, event)
        for where, state in owed:
            owe(world, people[name], where, state)
    owe(world, come(world, event), path, NoticeState.UNREACHABLE, kind="sign_up_confirmed")
    _, missed = same_in_both_ways(world, event)
    found = {name for name, person in people.items() if person.volunteer_id in missed}
    assert found == {
        "unreachable",
        "with the place on the page",
        "nobody knows",
        "missed after one that arrived",
        "another one arrived",
    }
    assert len(missed) == len(found)


def test_the_chips_have_their_counts_and_who_left_is_in_none(world, event, admin):
    path = f"/activities/{event.id}"
    people = [come(world, event, birth_date=date(2006, 1, 1)) for _ in range(3)]
    owe(world, people[0], path, NoticeState.UNREACHABLE)
    change(world, event, min_age=40)
    chips = re.sub(r"\s+", " ", admin.page(f"/organization/activities/{event.id}/roster").text)
    assert "不符合条件 3" in chips
    assert "未送达 1" in chips
    leave = f"{path}/shifts/{event.shift_id}/withdraw"
    assert world.browser(people[0]).post(leave, {"why": "time"}).status_code == 303
    chips = re.sub(r"\s+", " ", admin.page(f"/organization/activities/{event.id}/roster").text)
    assert "不符合条件 2" in chips
    assert "未送达 0" in chips


def test_a_list_asks_as_often_for_many_as_for_one(world, app, team):
    event = world.activity(team, quota=0)

    def missed():
        owe(world, come(world, event), f"/activities/{event.id}", NoticeState.UNREACHABLE)

    def asked():
        change(world, event, min_age=40, members_only=True, skills_any=["15"])
        browser = world.browser(team.admin)
        with counted(app) as statements:
            for group in ("in", "unfit", "missed"):
                browser.page(f"/organization/activities/{event.id}/roster?group={group}")
        change(world, event)
        return len(statements)

    missed()
    few = asked()
    for _ in range(8):
        missed()
    assert asked() == few
