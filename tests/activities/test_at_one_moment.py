"""Whoever signs up while the organiser calls off or changes what they sign up to: both at the same moment."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.activities import ending, enlisting, judging, leaving, services
from app.activities.errors import Changed, NotPublished, RiskNotAccepted
from app.activities.facts import ShiftFacts
from app.activities.models import Activity, Shift, SignUp
from app.activities.sign_up import sign_up
from app.context import here
from app.database import session
from app.life_cycle import WrongMove
from app.notices.models import Notice
from app.volunteers.models import Volunteer
from tests import factories
from tests.held import in_each_others_way


def press(event, person):
    return lambda: sign_up(event.shift_id, person.volunteer_id, now=here.clock.now())[0].state


def find(event):
    return session.get_one(Activity, event.id)


def cancel(event):
    return lambda: ending.cancel(find(event), "台风", actor_id=event.team.admin.account_id, now=here.clock.now())


def put_on_list(event, person):
    def act():
        one, whose = session.get_one(Volunteer, person.volunteer_id), event.team.admin.account_id
        enlisting.put_on_list(find(event), event.shift_id, one, "骨干", actor_id=whose, now=here.clock.now())

    return act


def edit(event, **changes):
    """Save the form as it is opened now, with these changes."""

    def act():
        activity = find(event)
        shifts = tuple(ShiftFacts(one.starts_at, one.ends_at, one.quota, uid=one.uid) for one in activity.shifts)
        times = {"signup_start_at": activity.signup_start_at, "signup_end_at": activity.signup_end_at}
        facts = factories.activity_facts(title=activity.title, waitlist_limit=activity.waitlist_limit, **times)
        return services.edit(activity, replace(facts, **({"shifts": shifts} | changes)), now=here.clock.now())

    return act


def told(world, person):
    query = select(Notice.kind).where(Notice.account_id == person.account_id).order_by(Notice.id)
    return [kind for (kind,) in world.rows(query)]


def states(world):
    return [state for (state,) in world.rows(select(SignUp.state).order_by(SignUp.id))]


def counted(world, event):
    return world.rows(select(Shift.places_taken, Shift.waiting).where(Shift.id == event.shift_id))[0]


def test_whoever_got_in_just_before_the_activity_is_called_off_hears_of_it(world, team, volunteer):
    event = world.activity(team)
    assert in_each_others_way(world, press(event, volunteer), cancel(event)) == ("confirmed", None)
    assert told(world, volunteer) == ["sign_up_confirmed", "activity_cancelled"]


def test_nobody_gets_in_while_the_activity_is_called_off(world, team, volunteer):
    event = world.activity(team)
    _, refusal = in_each_others_way(world, cancel(event), press(event, volunteer))
    assert isinstance(refusal, NotPublished)
    assert (states(world), counted(world, event)) == ([], (0, 0))


def test_whoever_was_put_on_the_list_just_before_hears_that_it_is_called_off(world, team):
    member, event = world.do(lambda: factories.create_member(team)), world.activity(team)
    in_each_others_way(world, put_on_list(event, member), cancel(event))
    assert told(world, member) == ["put_on_list", "activity_cancelled"]


def test_nobody_is_put_on_the_list_while_the_activity_is_called_off(world, team):
    member, event = world.do(lambda: factories.create_member(team)), world.activity(team)
    _, refusal = in_each_others_way(world, cancel(event), put_on_list(event, member))
    assert isinstance(refusal, NotPublished)
    assert (states(world), told(world, member)) == ([], [])


def test_nobody_who_waits_is_offered_a_place_of_what_is_being_called_off(world, team, volunteer):
    event, other = world.activity(team, quota=1, waitlist_limit=3), world.volunteer()
    world.do(lambda: factories.signed_up(event, volunteer))
    world.do(lambda: factories.signed_up(event, other))
    number = world.one(select(SignUp.id).where(SignUp.volunteer_id == volunteer.volunteer_id))

    def remove():
        whose = team.admin.account_id
        judging.remove(find(event), number, "没有联系上", actor_id=whose, now=here.clock.now())

    in_each_others_way(world, cancel(event), remove)
    assert told(world, other) == ["sign_up_waitlisted", "activity_cancelled"]


def test_nobody_is_told_yes_for_what_is_being_called_off(world, team, volunteer):
    event = world.activity(team, approval_mode="review")
    world.do(lambda: factories.signed_up(event, volunteer))
    number = world.one(select(SignUp.id))

    def approve():
        judging.approve(find(event), number, actor_id=team.admin.account_id, now=here.clock.now())

    _, refusal = in_each_others_way(world, cancel(event), approve)
    assert isinstance(refusal, WrongMove)
    assert told(world, volunteer) == ["sign_up_pending", "activity_cancelled"]


def test_a_shift_that_was_just_added_is_called_off_with_the_others(world, team, volunteer):
    event = world.activity(team)
    start = world.one(select(Shift.starts_at)) + timedelta(days=1)

    def add_and_come():
        more = ShiftFacts(start, start + timedelta(hours=2), 5)
        activity = find(event)
        first = activity.shifts[0]
        kept = ShiftFacts(first.starts_at, first.ends_at, first.quota, uid=first.uid)
        facts = factories.activity_facts(title=activity.title, signup_end_at=activity.signup_end_at)
        services.edit(activity, replace(facts, shifts=(kept, more)), now=here.clock.now())
        return sign_up(activity.shifts[1].id, volunteer.volunteer_id, now=here.clock.now())[0].state

    outcomes = in_each_others_way(world, add_and_come, cancel(event))
    assert outcomes == ("confirmed", None)
    assert told(world, volunteer) == ["sign_up_confirmed", "activity_cancelled"]


CHANGES = {
    "another place": {"address": "新的地点：体育馆"},
    "members alone": {"members_only": True},
    "judged first": {"approval_mode": "review"},
    "adults alone": {"min_age": 60},
}


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_signs_up_while_it_is_changed_has_to_look_again(world, team, volunteer, change, backend):
    event = world.activity(team)
    _, refusal = in_each_others_way(world, edit(event, **CHANGES[change]), press(event, volunteer))
    if backend == "sqlite":
        return  # who comes after it has seen it
    assert isinstance(refusal, Changed)
    assert (states(world), counted(world, event), told(world, volunteer)) == ([], (0, 0), [])


@pytest.mark.parametrize("waits", [False, True])
def test_nobody_is_in_for_a_risk_that_they_did_not_accept(world, team, volunteer, waits):
    event = world.activity(team, quota=1, waitlist_limit=3)
    if waits:
        world.do(lambda: factories.signed_up(event, world.volunteer()))
    riskier = edit(event, risk_level="general", risk_text="山路湿滑")
    _, refusal = in_each_others_way(world, riskier, press(event, volunteer))
    assert isinstance(refusal, Changed | RiskNotAccepted)
    assert told(world, volunteer) == []


def test_whoever_got_in_just_before_a_new_risk_is_asked_to_accept_it(world, team, volunteer):
    event = world.activity(team)
    in_each_others_way(world, press(event, volunteer), edit(event, risk_level="general", risk_text="山路湿滑"))
    assert told(world, volunteer) == ["sign_up_confirmed", "risk_changed"]


def test_whoever_leaves_while_it_is_called_off_frees_their_place_once(world, team, volunteer):
    event = world.activity(team)
    world.do(lambda: factories.signed_up(event, volunteer))

    def leave():
        return leaving.withdraw(event.shift_id, volunteer.volunteer_id, "有事", now=here.clock.now()).state

    assert in_each_others_way(world, cancel(event), leave) == (None, "withdrawn")
    assert counted(world, event) == (0, 0)


def test_nobody_is_put_into_a_shift_that_is_taken_away(world, team):
    event = world.activity(team)
    later = world.one(select(Shift.starts_at)) + timedelta(days=3)
    world.shift(event, starts_at=later)
    member = world.do(lambda: factories.create_member(team))
    (first, other) = (uid for (uid,) in world.rows(select(Shift.uid).order_by(Shift.id)))

    def take_away():
        activity = find(event)
        (left,) = (one for one in activity.shifts if one.uid == other)
        rest = (ShiftFacts(left.starts_at, left.ends_at, left.quota, uid=left.uid),)
        return edit(event, shifts=rest, removed=frozenset({first}))()

    changed, refusal = in_each_others_way(world, take_away, put_on_list(event, member))
    assert not isinstance(changed, Exception)
    assert isinstance(refusal, Changed)
    assert states(world) == []
