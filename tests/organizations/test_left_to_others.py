"""Who handed something in, left the organisation to others and has a say above it does not judge it either."""

import pytest
from sqlalchemy import select

from app.organizations.models import Organization, Role
from app.organizations.wishes import OrganizationChange
from tests.factories import add_admin
from tests.organizations.test_admins import hand_over
from tests.organizations.test_edit import save, wish_path
from tests.pages import read


@pytest.fixture
def judge(world, root):
    """An admin of the root who does not own it."""
    return world.do(lambda: add_admin(root, Role.ADMIN))


def refused(answer):
    return answer.status_code == 403 and "您自己提交的" in read(answer).text


def accept(world, root, person, address):
    browser = world.browser(person)
    browser.opened_for = root.uid
    return browser.post(address, {"action": "accept"})


def review_path(team):
    return f"/organization/below/{team.uid}/review"


def state_of(world, team):
    return world.one(select(Organization.state).where(Organization.id == team.id))


def test_a_registration_by_who_registered_it(world, root, judge, sms):
    mine = world.organization(root, admin=judge, review="parent")
    browser = world.browser(judge, proved=True)
    browser.act_for(mine)
    assert hand_over(browser, sms, world.account().phone, "leave").status_code == 303
    assert refused(accept(world, root, judge, review_path(mine)))
    assert state_of(world, mine) == "pending"
    assert accept(world, root, root.admin, review_path(mine)).status_code == 303


def test_a_registration_by_who_mended_it(world, root, judge):
    mended = world.organization(root, review="parent", org_class="2", uscc="52210200MJ00000004")
    world.do(lambda: add_admin(mended, Role.ADMIN, judge))
    browser = world.browser(judge, proved=True)
    browser.act_for(mended)
    assert save(browser, address="科普路2号").status_code == 303
    assert browser.post("/organization/admins/leave").status_code == 303
    assert refused(accept(world, root, judge, review_path(mended)))
    assert state_of(world, mended) == "pending"


def test_a_change_by_who_asked_for_it(world, root, team, judge):
    world.do(lambda: add_admin(team, Role.ADMIN, judge))
    browser = world.browser(judge, proved=True)
    browser.act_for(team)
    with world.settings(organizations={"review": "parent"}):
        assert save(browser, name="新名字科普服务队").status_code == 303
    assert browser.post("/organization/admins/leave").status_code == 303
    assert refused(accept(world, root, judge, wish_path(world)))
    assert world.one(select(OrganizationChange.state)) == "pending"
    assert accept(world, root, root.admin, wish_path(world)).status_code == 303
