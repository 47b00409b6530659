"""One person signs up, withdraws, signs up again: the rules, on each database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.activities import errors, services
from app.activities.leaving import withdraw
from app.activities.models import Activity, Shift, SignUp
from app.activities.queries import find
from app.activities.sign_up import sign_up
from app.context import here
from app.database import in_transaction, session
from app.errors import NotFound
from app.notices.models import Notice
from tests.factories import activity_facts

SECOND = timedelta(seconds=1)


@pytest.fixture
def press(world):
    def press(event, person):
        def act():
            return sign_up(event.shift_id, person.volunteer_id, now=here.clock.now())[1]

        return world.do(lambda: in_transaction(act))

    return press


@pytest.fixture
def take_back(world):
    def take_back(event, person):
        def act():
            return withdraw(event.shift_id, person.volunteer_id, "有事", now=here.clock.now()).state

        return world.do(lambda: in_transaction(act))

    return take_back


def places_taken(world, event):
    return world.one(select(Shift.places_taken).where(Shift.id == event.shift_id))


def occasions(world):
    return [kind for (kind,) in world.rows(select(Notice.kind).order_by(Notice.id))]


def test_pressing_again_is_harmless(world, team, volunteer, press):
    event = world.activity(team, quota=1)
    assert press(event, volunteer) is True
    assert press(event, volunteer) is False
    assert places_taken(world, event) == 1
    assert occasions(world) == ["sign_up_confirmed"]


def test_the_one_who_is_in_is_not_told_that_it_is_full(world, team, volunteer, press):
    event = world.activity(team, quota=1)
    press(event, volunteer)
    assert press(event, volunteer) is False
    with pytest.raises(errors.ActivityFull, match="名额已满"):
        press(event, world.volunteer())


def test_withdrawing_frees_the_place_for_somebody_else(world, team, volunteer, press, take_back):
    event = world.activity(team, quota=1)
    press(event, volunteer)
    assert take_back(event, volunteer) == "withdrawn"
    assert places_taken(world, event) == 0
    assert press(event, world.volunteer()) is True


def test_signing_up_again_after_withdrawing_is_told_again(world, team, volunteer, press, take_back, clock):
    event = world.activity(team)
    for _ in range(2):
        press(event, volunteer)
        clock.advance(SECOND)
        take_back(event, volunteer)
        clock.advance(SECOND)
    assert press(event, volunteer) is True
    assert occasions(world) == ["sign_up_confirmed", "sign_up_withdrawn"] * 2 + ["sign_up_confirmed"]
    rows = world.rows(select(SignUp.state, SignUp.round, SignUp.ended_at, SignUp.signed_up_at))
    assert rows == [("confirmed", 3, None, clock.now())]


def test_withdrawing_twice_frees_one_place_and_tells_once(world, team, volunteer, press, take_back):
    event = world.activity(team)
    press(event, volunteer)
    press(event, world.volunteer())
    take_back(event, volunteer)
    take_back(event, volunteer)
    assert places_taken(world, event) == 1
    assert occasions(world).count("sign_up_withdrawn") == 1


def test_nobody_withdraws_from_what_they_did_not_sign_up_to(world, team, volunteer, take_back):
    with pytest.raises(errors.NotSignedUp):
        take_back(world.activity(team), volunteer)


def test_it_is_too_late_to_withdraw_once_it_begins(world, team, volunteer, press, take_back, clock):
    event = world.activity(team)
    press(event, volunteer)
    clock.advance(timedelta(days=3))
    with pytest.raises(errors.CannotWithdraw):
        take_back(event, volunteer)
    clock.advance(-SECOND)
    assert take_back(event, volunteer) == "withdrawn"


def test_an_overlap_names_the_other_activity(world, team, volunteer, press, take_back, clock):
    start = clock.now() + timedelta(days=3)
    first = world.activity(team, starts_at=start)
    second = world.activity(team, starts_at=start + timedelta(hours=2) - SECOND)
    press(first, volunteer)
    with pytest.raises(errors.Overlapping, match=first.title):
        press(second, volunteer)
    assert places_taken(world, second) == 0
    take_back(first, volunteer)
    assert press(second, volunteer) is True


def test_an_overlap_inside_one_activity_names_the_other_shift_and_its_time(world, team, volunteer, press, clock):
    event = world.activity(team, starts_at=clock.now() + timedelta(days=3))
    late = world.shift(event, starts_at=clock.now() + timedelta(days=3, hours=1), title="讲解岗")
    press(event, volunteer)
    with pytest.raises(errors.Overlapping, match=r"这个活动的另一场（11月26日 10:00 - 12:00）"):
        press(replace(event, shift_id=late), volunteer)
    other = world.volunteer()
    press(replace(event, shift_id=late), other)
    with pytest.raises(errors.Overlapping, match=r"这个活动的“讲解岗”（11月26日 11:00 - 13:00）"):
        press(event, other)


def test_one_after_the_other_is_no_overlap(world, team, volunteer, press, clock):
    start = clock.now() + timedelta(days=3)
    first = world.activity(team, starts_at=start)
    second = world.activity(team, starts_at=start + timedelta(hours=2))
    assert press(first, volunteer)
    assert press(second, volunteer)


def test_a_cancelled_activity_is_no_overlap(world, team, volunteer, press):
    first, second = world.activity(team), world.activity(team)
    press(first, volunteer)
    world.do(lambda: in_transaction(lambda: session.execute(cancel(first))))
    assert press(second, volunteer)
    with pytest.raises(errors.NotPublished):
        press(first, world.volunteer())


def cancel(event):
    return update(Activity).where(Activity.id == event.id).values(state="cancelled")


@pytest.mark.parametrize(
    ("seconds", "refusal"),
    [(-1, errors.SignUpNotOpen), (0, None), (3599, None), (3600, errors.SignUpClosed), (3601, errors.SignUpClosed)],
)
def test_the_window_is_right_to_the_second(world, team, volunteer, press, clock, seconds, refusal):
    opens = clock.now() + timedelta(hours=1)
    event = world.activity(team, signup_start_at=opens, signup_end_at=opens + timedelta(hours=1))
    clock.set(opens + timedelta(seconds=seconds))
    if refusal is None:
        assert press(event, volunteer) is True
    else:
        with pytest.raises(refusal):
            press(event, volunteer)
        assert places_taken(world, event) == 0


def test_what_is_not_there_is_not_found(world, volunteer, press, team):
    event = world.activity(team)
    with pytest.raises(NotFound):
        world.do(lambda: in_transaction(lambda: sign_up(10**9, volunteer.volunteer_id, now=here.clock.now())))
    with pytest.raises(NotFound):
        world.do(lambda: in_transaction(lambda: sign_up(event.shift_id, 10**9, now=here.clock.now())))


def edit(world, event, **changes):
    def act():
        services.edit(find(event.id), activity_facts(**changes), now=here.clock.now())

    return world.do(lambda: in_transaction(act))


def test_the_quota_is_never_set_below_who_is_coming(world, team, press):
    event = world.activity(team, quota=5)
    for _ in range(3):
        press(event, world.volunteer())
    with pytest.raises(errors.QuotaTooLow):
        edit(world, event, quota=2)
    assert world.rows(select(Shift.quota, Shift.places_taken)) == [(5, 3)]
    edit(world, event, quota=3)
    with pytest.raises(errors.ActivityFull):
        press(event, world.volunteer())
    edit(world, event, quota=0)
    assert press(event, world.volunteer())


def test_who_signed_up_is_told_when_the_time_moves_and_not_of_every_word(
    world, team, press, clock, volunteer, take_back
):
    event, start = world.activity(team), clock.now() + timedelta(days=3)
    gone = world.volunteer()
    press(event, volunteer)
    press(event, gone)
    take_back(event, gone)
    edit(world, event, starts_at=start, title=event.title, content="换一种讲法。")
    assert "activity_changed" not in occasions(world)
    edit(world, event, starts_at=start + timedelta(hours=1))
    told = world.rows(select(Notice.account_id).where(Notice.kind == "activity_changed"))
    assert told == [(volunteer.account_id,)]
    copied = world.rows(select(SignUp.shift_starts_at).where(SignUp.volunteer_id == volunteer.volunteer_id))
    assert copied == [(start + timedelta(hours=1),)]


def test_who_signed_up_is_told_of_each_of_two_changes_in_one_moment(world, team, press, clock, volunteer):
    event, start = world.activity(team), clock.now() + timedelta(days=3)
    press(event, volunteer)
    for hours in (1, 2):
        edit(world, event, starts_at=start + timedelta(hours=hours))
    assert occasions(world).count("activity_changed") == 2


def test_an_ended_activity_is_not_changed(world, team, clock):
    event = world.activity(team)
    clock.advance(timedelta(days=3, hours=2))
    with pytest.raises(errors.CannotEdit):
        edit(world, event)


def test_a_sign_up_while_the_organiser_moves_the_shift_has_the_new_time_or_is_refused(world, team, clock):
    start = clock.now() + timedelta(days=3)
    event = world.activity(team, starts_at=start)
    people = [world.volunteer() for _ in range(6)]

    def press(person):
        return lambda: in_transaction(lambda: sign_up(event.shift_id, person.volunteer_id, now=here.clock.now()))

    def move():
        def act():
            services.edit(find(event.id), activity_facts(starts_at=start + timedelta(days=1)), now=here.clock.now())

        in_transaction(act)

    world.at_once([press(person) for person in people[:3]] + [move] + [press(person) for person in people[3:]])
    (shift,) = world.rows(select(Shift.starts_at, Shift.ends_at, Shift.places_taken))
    copies = world.rows(select(SignUp.shift_starts_at, SignUp.shift_ends_at))
    assert copies == [shift[:2]] * shift[2]


def test_the_place_counter_is_the_number_of_seats(world, team, press, take_back):
    event = world.activity(team)
    people = [world.volunteer() for _ in range(4)]
    for person in people:
        press(event, person)
    take_back(event, people[0])
    seats = world.one(select(func.count()).select_from(SignUp).where(SignUp.state == "confirmed"))
    assert places_taken(world, event) == seats == 3
