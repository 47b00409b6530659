"""What the people of an organisation may still do while it is suspended, paused, merged or refused; who lifts it."""

import pytest
from sqlalchemy import select

from app.activities.models import Activity, SignUp
from app.database import in_transaction, session
from app.organizations import permissions
from app.organizations.models import Organization, OrganizationAdmin, Role
from app.organizations.wishes import Invitation
from app.volunteers.models import Volunteer
from tests import factories
from tests.factories import add_admin, suspend
from tests.pages import read


def state_of(world, team):
    return world.one(select(Organization.state).where(Organization.id == team.id))


@pytest.mark.parametrize("state", ["suspended", "deactivated", "merged", "rejected"])
def test_the_people_of_one_that_rests_look_and_call_off_and_do_nothing_else(world, team, sms, state):
    event = world.activity(team)
    person = world.do(lambda: factories.create_member(team))
    world.do(lambda: factories.signed_up(event, person))
    uid = world.one(select(Volunteer.uid).where(Volunteer.id == person.volunteer_id))
    sign_up = world.one(select(SignUp.id).where(SignUp.shift_id == event.shift_id))
    world.do(lambda: suspend(team, state))
    browser = world.browser(team.admin, proved=True)
    own = f"/organization/activities/{event.id}"
    for address in (
        "/organization",
        "/organization/activities",
        own,
        "/organization/volunteers",
        "/organization/admins",
    ):
        assert browser.get(address).status_code == 200, address
    closed = (
        f"{own}/edit",
        f"{own}/roster/export",
        f"{own}/roster/message",
        f"/organization/volunteers/{uid}/reveal",
        "/organization/admins/invite",
        "/organization/activities/new",
        f"{own}/sign-ups/{sign_up}/phone",
    )
    for address in closed:
        assert browser.post(address).status_code == 403, address
    for address in ("/organization/appeals", "/organization/volunteers/requests"):
        assert browser.get(address).status_code == 403, address
    page = browser.page("/organization")
    assert "/organization/activities/new" not in page.html
    assert browser.post(f"{own}/cancel", {"reason": "组织暂停，活动取消"}).status_code == 303
    assert world.one(select(Activity.state)) == "cancelled"


def test_every_right_that_is_left_is_one_of_the_table():
    for state, left in permissions.LEFT_IN_STATE.items():
        assert left <= set(permissions.PERMISSIONS), state
        assert not left & {permissions.REVEAL, permissions.EXPORT_ROSTER, permissions.CONTACT, permissions.PUBLISH}


def test_a_suspension_is_lifted_by_who_laid_it_or_from_further_above_and_by_nobody_between(world, root):
    middle = world.organization(root)
    low = world.organization(middle)
    top, between = world.browser(root.admin, proved=True), world.browser(middle.admin, proved=True)
    standing = f"/organization/below/{low.uid}/standing"
    assert top.post(f"{standing}/suspend", {"reason": "材料不实"}).status_code == 303
    assert "恢复" not in between.page(f"/organization/below/{low.uid}").text.replace("恢复前", "")
    answer = between.post(f"{standing}/resume", {"reason": "我看可以"})
    assert answer.status_code == 422
    assert "只有它或它的上级才能恢复" in read(answer).text
    assert state_of(world, low) == "suspended"
    assert top.post(f"{standing}/resume", {"reason": "已经改正"}).status_code == 303
    assert between.post(f"{standing}/suspend", {"reason": "材料不实"}).status_code == 303
    assert top.post(f"{standing}/resume", {"reason": "已经改正"}).status_code == 303
    assert between.post(f"{standing}/suspend", {"reason": "材料不实"}).status_code == 303
    assert between.post(f"{standing}/resume", {"reason": "已经改正"}).status_code == 303
    assert state_of(world, low) == "approved"


def test_a_suspension_from_above_is_not_lifted_by_merging_either(world, root):
    middle = world.organization(root)
    low, other = world.organization(middle), world.organization(middle)
    top, between = world.browser(root.admin, proved=True), world.browser(middle.admin, proved=True)
    top.post(f"/organization/below/{low.uid}/standing/suspend", {"reason": "材料不实"})
    form = {"successor": other.uid, "admins": "keep", "reason": "机构改革", "understood": "y"}
    assert between.post(f"/organization/below/{low.uid}/merge", form).status_code == 422
    assert state_of(world, low) == "suspended"


def test_the_owner_of_one_that_was_refused_leaves(world, team):
    world.do(lambda: suspend(team, "rejected"))
    assert world.browser(team.admin).post("/organization/admins/leave").status_code == 303
    assert world.rows(select(OrganizationAdmin.id).where(OrganizationAdmin.organization_id == team.id)) == []


def test_a_merged_one_gets_no_new_owner(world, root, team):
    person = world.do(lambda: add_admin(team, Role.ADMIN))
    row = world.one(select(OrganizationAdmin.id).where(OrganizationAdmin.account_id == person.account_id))
    world.do(lambda: suspend(team, "merged"))
    browser = world.browser(root.admin, proved=True)
    for form in ({"admin": str(row), "reason": "接任"}, {"phone": factories.new_phone(), "reason": "接任"}):
        answer = browser.post(f"/organization/below/{team.uid}/owner", form)
        assert answer.status_code == 422, form
        assert "不用再指定所有者" in read(answer).text
    assert world.rows(select(Invitation.id)) == []


def test_after_sending_again_the_old_reason_is_gone(world, team):
    def returned_before():
        row = session.get_one(Organization, team.id)
        row.state, row.state_reason = "pending", "名称不规范"

    world.do(lambda: in_transaction(returned_before))
    assert "名称不规范" not in world.browser(team.admin).page("/organization").text


def test_a_helper_is_not_shown_drafts_whose_page_is_closed_to_them(world, team):
    event = world.activity(team)

    def unpublish():
        session.get_one(Activity, event.id).state = "draft"

    world.do(lambda: in_transaction(unpublish))
    helper = world.browser(world.do(lambda: add_admin(team, Role.HELPER)))
    for phase in ("all", "draft", "review"):
        assert f"/organization/activities/{event.id}" not in helper.page(f"/organization/activities?phase={phase}").html
    assert (
        f"/organization/activities/{event.id}"
        in world.browser(team.admin).page("/organization/activities?phase=draft").html
    )


def test_who_was_moved_away_from_who_suspended_them_is_let_go_on_by_the_new_parent(world, root):
    one, other = world.organization(root), world.organization(root)
    low = world.organization(one)
    browser = world.browser(one.admin, proved=True)
    reason = {"reason": "材料不实"}
    assert browser.post(f"/organization/below/{low.uid}/standing/suspend", reason).status_code == 303
    form = {"parent": other.uid, "reason": "调整属地"}
    assert world.browser(root.admin).post(f"/organization/below/{low.uid}/move", form).status_code == 303
    browser = world.browser(other.admin)
    assert browser.post(f"/organization/below/{low.uid}/standing/resume", {"reason": "已核实"}).status_code == 303
    assert state_of(world, low) == "approved"
