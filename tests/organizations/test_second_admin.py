"""Two admins on one list: who comes second reads what happened, and nothing happens twice."""

import pytest
from sqlalchemy import select

from app.notices.models import Notice
from app.organizations.models import Membership, Role
from app.volunteers.models import Volunteer
from tests import factories
from tests.pages import read

LIST = "/organization/volunteers"


@pytest.fixture
def open_team(world, root):
    return world.organization(root, join_mode="1")


@pytest.fixture
def both(world, open_team):
    second = world.do(lambda: factories.add_admin(open_team, Role.ADMIN))
    return world.browser(open_team.admin), world.browser(second)


def asks(world, team):
    """Somebody asks to join; the page of the wish."""
    person = world.volunteer()
    world.do(lambda: factories.join(person, team))
    mine = Membership.volunteer_id == person.volunteer_id
    return person, f"{LIST}/requests/{world.one(select(Membership.id).where(mine))}"


def state(world, person):
    return world.one(select(Membership.state).where(Membership.volunteer_id == person.volunteer_id))


def follow(browser, answer):
    assert answer.status_code == 303
    return browser.page(answer.location).text


def test_a_wish_that_another_admin_answered_leads_back_to_the_list_with_a_sentence(world, open_team, both):
    first, second = both
    person, wish = asks(world, open_team)
    first.post(f"{wish}/accept")
    assert "已由其他管理员处理" in follow(second, second.get(f"{wish}/reject"))
    assert "已由其他管理员处理" in follow(second, second.post(f"{wish}/reject", {"reason": "不太合适"}))
    assert state(world, person) == "active"
    other, wish = asks(world, open_team)
    first.post(f"{wish}/reject", {"reason": "不太合适"})
    assert "已由其他管理员处理" in follow(second, second.post(f"{wish}/accept"))
    assert state(world, other) == "rejected"


def test_a_wish_that_was_taken_back_says_so(world, open_team, both):
    person, wish = asks(world, open_team)
    world.do(lambda: factories.leave(person, open_team))
    assert "已经撤回" in follow(both[0], both[0].post(f"{wish}/accept"))
    assert state(world, person) == "left"


def test_who_was_removed_by_another_admin_is_not_removed_twice(world, team):
    person = world.do(lambda: factories.create_member(team))
    uid = world.one(select(Volunteer.uid).where(Volunteer.id == person.volunteer_id))
    second = world.browser(world.do(lambda: factories.add_admin(team, Role.ADMIN)))
    world.browser(team.admin).post(f"{LIST}/{uid}/remove", {"reason": "多次缺席"})
    assert "已经不是本组织的成员" in follow(second, second.get(f"{LIST}/{uid}/remove"))
    assert "已经不是本组织的成员" in follow(second, second.post(f"{LIST}/{uid}/remove", {"reason": "又缺席了"}))
    told = select(Notice.kind).where(Notice.account_id == person.account_id)
    assert world.rows(told) == [("membership_removed",)]


def test_the_wish_of_a_stranger_to_the_organisation_stays_unknown(world, root, open_team, both):
    other = world.organization(root, join_mode="1")
    _, wish = asks(world, other)
    for answer in (both[0].get(f"{wish}/reject"), both[0].post(f"{wish}/accept")):
        assert answer.status_code == 404
        assert "处理" not in read(answer).text
