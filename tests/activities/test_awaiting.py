"""Sign-ups that wait for a yes: who is told of them, and how often."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.activities.jobs import tell_of_waiting
from app.activities.models import SignUp
from app.notices.models import Notice
from app.organizations.models import Role
from tests.factories import add_admin, signed_up, suspend

HOUR = timedelta(hours=1)


@pytest.fixture
def event(world, team):
    return world.activity(team, approval_mode="review", quota=20)


@pytest.fixture
def tick(world):
    """Let the timer go; gives how many people are told by it."""

    def act():
        before = len(told(world))
        world.do(tell_of_waiting)
        return len(told(world)) - before

    return act


def told(world):
    query = select(Notice.account_id, Notice.values).where(Notice.kind == "sign_ups_waiting")
    return world.rows(query.order_by(Notice.id))


def come(world, event, number=1):
    for _ in range(number):
        person = world.volunteer()
        world.do(lambda person=person: signed_up(event, person))


def test_all_who_may_judge_are_told_how_many_wait(world, team, event, tick):
    lead, _ = (world.do(lambda role=role: add_admin(team, role)) for role in (Role.LEAD, Role.HELPER))
    assert tick() == 0
    come(world, event, 3)
    assert tick() == 2
    assert {account for account, _ in told(world)} == {team.admin.account_id, lead.account_id}
    values = told(world)[0][1]
    assert (values["title"], values["other"]) == (event.title, "3")
    assert "待审核 3" in world.browser(team.admin).page(values["path"]).text


def test_nobody_is_told_again_on_one_day_while_nobody_looks(world, event, tick, clock):
    come(world, event)
    assert tick() == 1
    clock.advance(3 * HOUR)
    come(world, event)
    assert tick() == 0
    clock.advance(21 * HOUR)
    assert tick() == 1
    assert tick() == 0
    clock.advance(24 * HOUR)
    assert tick() == 0, "nobody new has come"


def test_who_has_answered_all_hears_of_the_next_one_the_same_day(world, team, event, tick, clock):
    come(world, event)
    assert tick() == 1
    number = world.one(select(SignUp.id))
    path = f"/organization/activities/{event.id}/sign-ups/{number}/answer/approve"
    assert world.browser(team.admin).post(path).status_code == 303
    clock.advance(HOUR)
    come(world, event)
    assert tick() == 0
    clock.advance(HOUR)
    assert tick() == 1


def test_nobody_is_told_at_night_or_of_what_the_organisation_cannot_answer(world, team, event, tick, clock):
    come(world, event)
    clock.advance(13 * HOUR)
    assert tick() == 0
    clock.advance(10 * HOUR)
    world.do(lambda: suspend(team, "suspended"))
    assert tick() == 0
    world.do(lambda: suspend(team, "approved"))
    assert tick() == 1


def test_two_workers_at_once_tell_once(world, event):
    come(world, event)
    outcomes = world.at_once([tell_of_waiting] * 3)
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    assert len(told(world)) == 1
