"""The list of one shift: what is done there is done for that shift, and one comes back to it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.activities.sign_up import sign_up
from app.context import here
from app.database import in_transaction
from app.notices.models import Notice


@pytest.fixture
def afternoon(world, team, clock):
    """An activity with two shifts, the second one, and who waits for a yes in each."""
    event = world.activity(team, quota=3, approval_mode="review")
    other = world.shift(event, starts_at=clock.now() + timedelta(days=4), title="下午场")
    people = [world.volunteer() for _ in range(2)]
    for person, shift_id in zip(people, (event.shift_id, other), strict=True):
        world.do(
            lambda whose=person.volunteer_id, where=shift_id: in_transaction(
                lambda: sign_up(where, whose, now=here.clock.now())
            )
        )
    return event, other, people


def told(world) -> list[int]:
    query = select(Notice.account_id).where(Notice.kind == "organizer_message").order_by(Notice.account_id)
    return [account_id for (account_id,) in world.rows(query)]


def test_a_message_from_the_list_of_one_shift_goes_to_its_people(world, team, afternoon):
    event, other, (_, second) = afternoon
    browser = world.browser(team.admin, proved=True)
    page = browser.page(f"/organization/activities/{event.id}/roster?shift={other}&group=pending")
    (link,) = [link for link in page.links if "/roster/message" in link]
    form = browser.page(link)
    assert (form.of("shift").value, form.of("group").value) == (str(other), "pending")
    browser.post(link, form.sent(words="下午场改到二楼集合"))
    assert told(world) == [second.account_id]


def test_a_message_from_the_whole_list_goes_to_all_shifts_unless_one_is_chosen(world, team, afternoon):
    event, other, people = afternoon
    browser = world.browser(team.admin, proved=True)
    address = f"/organization/activities/{event.id}/roster/message"
    browser.post(address, browser.page(address).sent(group="pending", words="请带水杯"))
    assert told(world) == sorted(person.account_id for person in people)
    browser.post(address, browser.page(address).sent(group="pending", words="请提前到", shift=str(other)))
    assert told(world).count(people[1].account_id) == 2
    assert len(told(world)) == 3


def test_a_message_from_a_group_that_is_empty_now_is_for_all_on_the_list(world, team, afternoon):
    event, _, _ = afternoon
    page = world.browser(team.admin).page(f"/organization/activities/{event.id}/roster/message?group=leave")
    assert page.of("group").value == "in"


def test_a_shift_of_something_else_is_not_written_to(world, team, afternoon):
    event, _, _ = afternoon
    address, strange = f"/organization/activities/{event.id}/roster/message", world.activity(team)
    browser = world.browser(team.admin, proved=True)
    answer = browser.post(
        address, browser.page(address).sent(group="pending", words="请带水杯", shift=str(strange.shift_id))
    )
    assert (answer.status_code, told(world)) == (422, [])


def test_after_each_answer_one_is_back_in_the_same_list(world, team, afternoon):
    event, other, _ = afternoon
    browser = world.browser(team.admin, proved=True)
    mine = f"/organization/activities/{event.id}/roster?group=pending&shift={other}"
    page = browser.page(mine)
    (approve,) = re.findall(r'action="([^"]*/answer/approve[^"]*)"', page.html)
    approve = approve.replace("&amp;", "&")
    assert browser.post(approve, page.sent()).location == mine
    (refuse,) = [link for link in page.links if "/refuse/reject" in link]
    assert mine in browser.page(refuse).links
