"""Presses at one moment share a transaction: never one too many, nobody twice, and each hears what is true of them."""

import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import func, select

from app.activities import leaving
from app.activities.doors import Door
from app.activities.errors import ActivityFull, SignUpClosed
from app.activities.models import Activity, Shift, SignUp
from app.activities.sharing import Press, share, sign_up_together
from app.activities.sign_up import sign_up
from app.context import here
from app.database import in_transaction
from app.notices.models import Notice
from tests.pages import read
from tests.web.test_queries import counted

PLACES = 10


def until(holds):
    """Wait for it, up to a deadline."""
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.001)
    return holds()


def together(event, person, **more):
    """As the page does it: what was not shared is done by itself."""

    def act():
        now = here.clock.now()
        press = Press(event.id, event.shift_id, person.account_id, **more)
        came = sign_up_together(current_app._get_current_object(), press, now=now)
        if came:
            return came.is_new
        return in_transaction(lambda: sign_up(event.shift_id, person.volunteer_id, now=now, **more)[1])

    return act


def counts(world, event):
    query = select(func.count(), func.count(SignUp.volunteer_id.distinct())).where(SignUp.shift_id == event.shift_id)
    taken = world.one(select(Shift.places_taken).where(Shift.id == event.shift_id))
    return {taken, *world.rows(query)[0], world.one(select(func.count()).select_from(Notice))}


def came(outcomes):
    return [one for one in outcomes if one is True]


def test_64_press_at_once_for_10_places_and_10_come(world, team):
    event = world.activity(team, quota=PLACES)
    people = [world.volunteer() for _ in range(64)]
    outcomes = world.at_once([together(event, person) for person in people + people[:6]])
    assert counts(world, event) == {PLACES}
    assert len(came(outcomes)) == PLACES
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert {type(error) for error in refused} == {ActivityFull}
    # Whoever pressed twice heard the same both times.
    assert len(refused) + len(came(outcomes)) + outcomes.count(False) == len(outcomes)


def test_with_room_for_all_everybody_comes_and_is_told_once(world, team):
    event = world.activity(team, quota=0)
    people = [world.volunteer() for _ in range(24)]
    outcomes = world.at_once([together(event, person) for person in people + people])
    assert counts(world, event) == {24}
    assert len(came(outcomes)) == outcomes.count(False) == 24


def test_who_is_in_never_hears_that_it_is_full(world, team, volunteer):
    event = world.activity(team, quota=1)
    assert world.do(together(event, volunteer)) is True
    with pytest.raises(ActivityFull):
        world.do(together(event, world.volunteer()))
    assert world.do(together(event, volunteer)) is False


def test_who_is_elsewhere_at_that_time_is_told_so_and_the_others_come(world, team):
    event, other = world.activity(team), world.activity(team)
    people = [world.volunteer() for _ in range(8)]
    world.do(together(other, people[0]))
    outcomes = world.at_once([together(event, person) for person in people])
    assert "同时" in str(outcomes[0]) or "已经报名了" in str(outcomes[0])
    assert len(came(outcomes)) == 7


def test_what_somebody_must_accept_they_must_accept_here_too(world, team):
    event = world.activity(team, risk_text="户外有风险")
    careless, careful = world.volunteer(), world.volunteer()
    outcomes = world.at_once([together(event, careless), together(event, careful, accepts_risk=True)])
    assert isinstance(outcomes[0], Exception)
    assert came(outcomes) == [True]
    assert world.rows(select(SignUp.volunteer_id).where(SignUp.risk_accepted_at.is_not(None))) == [
        (careful.volunteer_id,)
    ]


def test_after_the_end_of_sign_up_nobody_comes(world, team, clock, volunteer):
    event = world.activity(team)
    clock.set(world.one(select(Activity.signup_end_at).where(Activity.id == event.id)) + timedelta(seconds=1))
    with pytest.raises(SignUpClosed):
        world.do(together(event, volunteer))


def test_a_press_for_a_shift_of_another_activity_is_no_press(world, team, volunteer):
    event, other = world.activity(team), world.activity(team)
    answer = world.browser(volunteer).post(f"/activities/{other.id}/shifts/{event.shift_id}/sign-up")
    assert answer.status_code == 404
    assert world.one(select(func.count()).select_from(SignUp)) == 0


def test_who_is_no_volunteer_is_sent_to_register(world, team):
    event = world.activity(team, quota=1)
    press = lambda: world.browser(world.account()).post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up")  # noqa: E731
    assert press().location.startswith("/volunteer/register")
    world.do(together(event, world.volunteer()))
    assert press().location.startswith("/volunteer/register")


def test_20_presses_together_ask_the_database_as_often_as_two(world, app, team):
    def asked(many):
        event = world.activity(team, quota=0)
        group = [Press(event.id, event.shift_id, world.volunteer().account_id) for _ in range(many)]
        with counted(app) as statements:
            world.do(lambda: share(group, here.clock.now()))
        assert {press.outcome for press in group} == {("confirmed", True)}
        # SQLite gives back the numbers of new rows one by one only.
        return len([one for one in statements if not one.startswith("INSERT")])

    assert asked(20) == asked(2)


def test_who_waits_at_the_door_goes_with_the_next_one_for_the_same_shift():
    door, inside, gate = Door(), threading.Event(), threading.Event()
    gone = []

    def slow(group):
        gone.append(group)
        inside.set()
        assert gate.wait(10)

    presses = [Press(1, 1, 1), Press(1, 1, 2), Press(2, 65, 3), Press(1, 1, 4)]
    threads = [threading.Thread(target=door.go_through, args=(press, slow)) for press in presses]
    threads[0].start()
    assert inside.wait(10)
    for number, thread in enumerate(threads[1:], 1):
        thread.start()
        assert until(lambda number=number: len(door.waiting) == number)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert {tuple(sorted(press.account_id for press in group)) for group in gone} == {(1,), (2, 4), (3,)}
    assert all(press.is_done for press in presses)


def test_when_the_one_who_goes_fails_the_others_are_not_left_waiting():
    door, inside, gate = Door(), threading.Event(), threading.Event()
    presses = [Press(1, 1, 1), Press(1, 1, 2)]

    def fails(group):
        inside.set()
        gate.wait(10)
        raise RuntimeError

    def go(press):
        with suppress(RuntimeError):
            door.go_through(press, fails)

    threads = [threading.Thread(target=go, args=(press,)) for press in presses]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    assert until(lambda: len(door.waiting) == 1)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert [press.outcome for press in presses] == [None, None]
    assert all(press.is_done for press in presses)


def test_once_it_was_full_a_place_that_comes_free_is_seen_at_once(world, team, volunteer):
    event = world.activity(team, quota=1)
    world.do(together(event, volunteer))
    late = world.volunteer()
    for _ in range(3):
        with pytest.raises(ActivityFull):
            world.do(together(event, late))
    withdraw = lambda: leaving.withdraw(event.shift_id, volunteer.volunteer_id, "有事", now=here.clock.now())  # noqa: E731
    world.do(lambda: in_transaction(withdraw))
    assert world.do(together(event, late)) is True
    # And who left may come back only when there is a place.
    with pytest.raises(ActivityFull):
        world.do(together(event, volunteer))
    assert world.one(select(Shift.places_taken).where(Shift.id == event.shift_id)) == 1


def test_while_it_is_full_each_hears_what_is_true_of_them(world, team, volunteer):
    event = world.activity(team, quota=1)
    world.do(together(event, volunteer))
    press = lambda person: world.browser(person).post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up")  # noqa: E731
    for _ in range(3):
        answer = press(world.volunteer())
        assert (answer.status_code, read(answer).alerts) == (409, ["名额已满，看看别的活动吧"])
    assert press(volunteer).status_code == 303
    assert press(world.account()).location.startswith("/volunteer/register")
    assert world.browser().post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up").status_code == 303
