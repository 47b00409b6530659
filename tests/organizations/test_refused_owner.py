"""The owner of a registration that was refused for good lets go of it, and is bound to it by nothing."""

import pytest
from sqlalchemy import select

from app.organizations.models import OrganizationAdmin
from tests.own_data.test_account import prove


@pytest.fixture
def refused(world, root):
    team = world.organization(root, review="parent")
    verdict = {"action": "refuse", "reason": "重复注册"}
    answer = world.browser(root.admin).post(f"/organization/below/{team.uid}/review", verdict)
    assert answer.status_code == 303
    return team


def admins_of(world, team):
    return world.rows(select(OrganizationAdmin.account_id).where(OrganizationAdmin.organization_id == team.id))


def test_the_page_of_admins_leads_out_of_it(world, refused):
    browser = world.browser(refused.admin, proved=True)
    assert "/organization/admins/leave" in browser.page("/organization/admins").links
    assert browser.post("/organization/admins/leave").status_code == 303
    assert admins_of(world, refused) == []


def test_of_one_that_works_the_owner_is_not_led_out(world, team):
    assert "/organization/admins/leave" not in world.browser(team.admin).page("/organization/admins").links


def test_the_account_can_be_closed(world, refused, sms):
    browser = world.browser(refused.admin)
    assert prove(browser, sms, "/account/close", refused.admin, understood="y").status_code == 303
    assert admins_of(world, refused) == []
