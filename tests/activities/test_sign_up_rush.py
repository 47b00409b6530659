"""Many at one moment: never one too many, nobody twice, nothing half done."""

import pytest
from sqlalchemy import func, select

from app.activities.errors import ActivityFull
from app.activities.leaving import withdraw
from app.activities.models import Shift, SignUp
from app.activities.sign_up import sign_up
from app.context import here
from app.database import in_transaction, session
from app.errors import AppError
from app.notices.models import Notice

RUSH, PLACES = 64, 10


def press(event, person):
    return lambda: in_transaction(lambda: sign_up(event.shift_id, person.volunteer_id, now=here.clock.now())[1])


def places_taken(world, event):
    return world.one(select(Shift.places_taken).where(Shift.id == event.shift_id))


def seated(world, event):
    query = select(SignUp.volunteer_id).where(SignUp.shift_id == event.shift_id, SignUp.state == "confirmed")
    return [volunteer_id for (volunteer_id,) in world.rows(query)]


def test_64_press_at_once_for_10_places_and_10_come(world, team):
    event = world.activity(team, quota=PLACES)
    people = [world.volunteer() for _ in range(RUSH)]
    twice = people[: RUSH // 10]
    outcomes = world.at_once([press(event, person) for person in people + twice])

    came = seated(world, event)
    assert len(came) == len(set(came)) == PLACES
    assert places_taken(world, event) == PLACES
    assert world.one(select(func.count()).select_from(SignUp)) == PLACES
    assert world.one(select(func.count()).select_from(Notice)) == PLACES
    assert sum(outcome is True for outcome in outcomes) == PLACES
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert {type(error) for error in refused} == {ActivityFull}
    # Whoever pressed twice heard the same both times.
    assert len(refused) + outcomes.count(True) + outcomes.count(False) == len(outcomes)


def test_8_presses_of_one_person_are_one_sign_up_and_one_notice(world, team, volunteer):
    event = world.activity(team)
    outcomes = world.at_once([press(event, volunteer)] * 8)
    assert sorted(outcomes, key=str) == [False] * 7 + [True]
    assert seated(world, event) == [volunteer.volunteer_id]
    assert places_taken(world, event) == 1
    assert world.one(select(func.count()).select_from(Notice)) == 1


def test_8_withdrawals_at_once_free_one_place(world, team, volunteer):
    event = world.activity(team)
    world.do(press(event, volunteer))
    world.do(press(event, world.volunteer()))
    take_back = lambda: in_transaction(  # noqa: E731
        lambda: withdraw(event.shift_id, volunteer.volunteer_id, "有事", now=here.clock.now()).state
    )
    assert world.at_once([take_back] * 8) == ["withdrawn"] * 8
    assert places_taken(world, event) == 1


def test_without_a_quota_everybody_comes(world, team):
    event = world.activity(team, quota=0)
    people = [world.volunteer() for _ in range(24)]
    assert world.at_once([press(event, person) for person in people]) == [True] * 24
    assert places_taken(world, event) == 24


def test_two_activities_at_one_time_pressed_at_once_are_one_sign_up(world, team, volunteer):
    events = [world.activity(team), world.activity(team)]
    outcomes = world.at_once([press(event, volunteer) for event in events])
    assert outcomes.count(True) == 1
    assert sum(places_taken(world, event) for event in events) == 1


def test_places_given_back_in_a_rush_are_taken_by_others(world, team):
    event = world.activity(team, quota=5)
    first, later = [world.volunteer() for _ in range(5)], [world.volunteer() for _ in range(15)]
    for person in first:
        world.do(press(event, person))

    def leave(person):
        return lambda: in_transaction(
            lambda: withdraw(event.shift_id, person.volunteer_id, "有事", now=here.clock.now())
        )

    world.at_once([leave(person) for person in first] + [press(event, person) for person in later])
    assert places_taken(world, event) == len(seated(world, event)) <= 5
    for person in later:
        try:
            world.do(press(event, person))
        except AppError:
            assert len(seated(world, event)) == 5
    assert places_taken(world, event) == len(seated(world, event)) == 5


def test_a_sign_up_that_dies_before_its_end_leaves_nothing(world, team, volunteer):
    event = world.activity(team)

    class Killed(BaseException):
        """Not an error that anybody handles."""

    def die():
        sign_up(event.shift_id, volunteer.volunteer_id, now=here.clock.now())
        session.flush()
        raise Killed

    with pytest.raises(Killed):
        world.do(lambda: in_transaction(die))
    assert places_taken(world, event) == 0
    assert world.one(select(func.count()).select_from(SignUp)) == 0
    assert world.one(select(func.count()).select_from(Notice)) == 0
    assert world.do(press(event, volunteer)) is True
