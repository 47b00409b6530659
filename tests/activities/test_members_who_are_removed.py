"""Who waits, has an offer or a lot when the organisation removes them; and who keeps the place: all others."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.activities import drawing
from app.activities.facts import AudienceFacts
from app.activities.jobs import end_offers
from app.activities.models import Activity, RecruitScope, SignUp
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations import membership
from app.organizations.models import MembershipState
from app.volunteers.models import Volunteer
from tests.factories import create_member, signed_up, withdrawn
from tests.pages import read

WAITS = {"quota": 1, "waitlist_limit": 3}


@pytest.fixture
def members(world, team):
    return [world.do(lambda: create_member(team)) for _ in range(3)]


@pytest.fixture
def meant(team):
    return {
        "members": {"members_only": True},
        "directed": {"recruit_scope": RecruitScope.DIRECTED, "audience": (AudienceFacts(team.id),)},
    }


def enter(world, event, people):
    for person in people:
        world.do(lambda person=person: signed_up(event, person))


def remove(world, team, person):
    uid = world.one(select(Volunteer.uid).where(Volunteer.id == person.volunteer_id))
    answer = world.browser(team.admin).post(f"/organization/volunteers/{uid}/remove", {"reason": "多次缺席"})
    assert answer.status_code == 303


def states(world, people):
    rows = dict(world.rows(select(SignUp.volunteer_id, SignUp.state)))
    return [rows[person.volunteer_id] for person in people]


def told(world, person):
    query = select(Notice.kind).where(Notice.account_id == person.account_id).order_by(Notice.id)
    return [kind for (kind,) in world.rows(query)]


def say_yes(world, event, person):
    return world.browser(person).post(f"/activities/{event.id}/shifts/{event.shift_id}/accept")


def tighten(world, admin, event):
    path = f"/organization/activities/{event.id}/edit"
    answer = admin.post(path, admin.page(path).sent(members_only="y"))
    assert answer.status_code == 303, read(answer).alerts


def test_who_waits_when_the_conditions_change_keeps_the_place_and_may_take_it(world, team, admin):
    people = [world.volunteer() for _ in range(3)]
    event = world.activity(team, **WAITS)
    enter(world, event, people)
    tighten(world, admin, event)
    world.do(lambda: withdrawn(event, people[0]))
    assert states(world, people[1:]) == ["offered", "waitlisted"]
    assert say_yes(world, event, people[1]).status_code == 303
    assert states(world, people[1:]) == ["confirmed", "waitlisted"]
    assert f"只限“{team.name}”的成员" in admin.page(f"/organization/activities/{event.id}").text


def test_who_left_the_organisation_by_themselves_keeps_the_place(world, team, members):
    event = world.activity(team, members_only=True, **WAITS)
    enter(world, event, members)
    assert world.browser(members[1]).post(f"/volunteer/organizations/{team.uid}/leave", {}).status_code == 303
    world.do(lambda: withdrawn(event, members[0]))
    assert states(world, members[1:]) == ["offered", "waitlisted"]
    assert say_yes(world, event, members[1]).status_code == 303


@pytest.mark.parametrize("how", ["members", "directed"])
def test_the_offer_of_who_is_removed_ends_and_the_next_one_gets_it(world, team, members, meant, how):
    event = world.activity(team, **WAITS, **meant[how])
    enter(world, event, members)
    world.do(lambda: withdrawn(event, members[0]))
    remove(world, team, members[1])
    answer = say_yes(world, event, members[1])
    assert answer.status_code == 409
    assert "您已被清退" in read(answer).alerts[0]
    assert world.do(end_offers) == 1
    assert world.do(end_offers) == 0
    assert states(world, members) == ["withdrawn", "withdrawn", "offered"]
    assert told(world, members[1])[-1] == "sign_up_removed"
    assert told(world, members[2])[-1] == "place_offered"


def test_who_is_removed_keeps_the_offer_of_what_is_open_to_everybody(world, team, members):
    event = world.activity(team, **WAITS)
    enter(world, event, members)
    world.do(lambda: withdrawn(event, members[0]))
    remove(world, team, members[1])
    assert world.do(end_offers) == 0
    assert say_yes(world, event, members[1]).status_code == 303


def test_nobody_reads_that_they_cancelled_what_they_did_not(world, team, members):
    event = world.activity(team, members_only=True, **WAITS)
    enter(world, event, members)
    remove(world, team, members[1])
    world.do(lambda: withdrawn(event, members[0]))
    assert states(world, members[1:]) == ["withdrawn", "offered"]
    browser = world.browser(members[1])
    mine = browser.page("/volunteer/activities").text
    assert ("报名已失效" in mine, "我已取消" in mine) == (True, False)
    assert "已失效：只限" in browser.page(f"/activities/{event.id}").text
    assert "我已取消" in world.browser(members[0]).page("/volunteer/activities").text


@pytest.mark.parametrize("how", ["members", "directed"])
def test_no_lot_is_drawn_of_who_was_removed(world, team, members, meant, clock, how):
    ends = clock.now() + timedelta(days=1)
    event = world.activity(team, quota=1, approval_mode="lottery", signup_end_at=ends, **meant[how])
    enter(world, event, members[:2])
    remove(world, team, members[0])
    clock.advance(timedelta(days=1, minutes=1))
    drawn = world.do(lambda: in_transaction(lambda: drawing.draw(event.shift_id, now=here.clock.now())))
    assert drawn == 1
    assert states(world, members[:2]) == ["withdrawn", "confirmed"]
    assert told(world, members[0])[-1] == "sign_up_removed"
    shift = world.do(lambda: session.get_one(Activity, event.id).shifts[0])
    assert (shift.places_taken, shift.entered) == (1, 0)


def test_by_hand_the_place_goes_to_the_next_who_was_not_removed(world, team, admin, members):
    event = world.activity(team, members_only=True, waitlist_mode="by_hand", **WAITS)
    enter(world, event, members)
    remove(world, team, members[1])
    world.do(lambda: withdrawn(event, members[0]))
    gone = world.one(select(SignUp.id).where(SignUp.volunteer_id == members[1].volunteer_id))
    refused = admin.post(f"/organization/activities/{event.id}/sign-ups/{gone}/give-place", {"reason": "等得最久"})
    assert refused.status_code == 422
    assert "报名后被清退" in read(refused).alerts[0]
    assert admin.post(f"/organization/activities/{event.id}/shifts/{event.shift_id}/next").status_code == 303
    assert states(world, members[1:]) == ["waitlisted", "offered"]


def test_who_came_back_before_a_place_was_free_is_offered_it(world, team, members):
    event = world.activity(team, members_only=True, **WAITS)
    enter(world, event, members)
    remove(world, team, members[1])

    def come_back():
        row = membership.find_membership(team.id, members[1].volunteer_id)
        membership.move(row, MembershipState.ACTIVE, now=here.clock.now())

    world.do(lambda: in_transaction(come_back))
    world.do(lambda: withdrawn(event, members[0]))
    assert states(world, members[1:]) == ["offered", "waitlisted"]
