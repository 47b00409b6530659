"""A new owner by the will of the organisation above: nobody who is replaced stops it, and all read why."""

import pytest
from sqlalchemy import select

from app.database import in_transaction
from app.notices.models import Notice
from app.organizations.models import OrganizationAdmin, Role
from app.organizations.wishes import Invitation
from tests import factories
from tests.organizations.merges import merge
from tests.pages import read

WHY = "原负责人失联三个月"


@pytest.fixture
def above(world, root):
    return world.browser(root.admin, proved=True)


@pytest.fixture
def person(world):
    return world.account()


def invite_owner(browser, team, person):
    form = {"phone": person.phone, "reason": WHY}
    assert browser.post(f"/organization/below/{team.uid}/owner", form).status_code == 303


def accept(browser):
    """Accept what one is invited to, if there is one; returns the answer."""
    listed = browser.get("/organization/invitations")
    return browser.post(listed.location, {"name": "新所有者", "position": ""}) if listed.location else listed


def role_of(world, team, person):
    mine = (OrganizationAdmin.organization_id == team.id, OrganizationAdmin.account_id == person.account_id)
    return world.one(select(OrganizationAdmin.role).where(*mine))


def told(world, person):
    rows = world.rows(
        select(Notice.kind, Notice.values, Notice.text_until).where(Notice.account_id == person.account_id)
    )
    return [(kind, values.get("reason", ""), is_texted is not None) for kind, values, is_texted in rows]


def test_whoever_is_replaced_sees_the_invitation_from_above_and_cannot_take_it_back(world, team, above, person):
    invite_owner(above, team, person)
    own = world.browser(team.admin, proved=True)
    page = own.page("/organization/admins")
    assert WHY in page.text
    uid = world.one(select(Invitation.uid))
    assert uid not in page.html
    refusal = own.post(f"/organization/admins/invitations/{uid}/revoke")
    assert refusal.status_code == 403
    assert "只有上级组织能撤回" in read(refusal).text
    assert accept(world.browser(person)).status_code == 303
    assert (role_of(world, team, person), role_of(world, team, team.admin)) == ("owner", "admin")


def test_whoever_is_replaced_does_not_replace_the_invitation_by_a_lesser_one(world, team, above, person):
    invite_owner(above, team, person)
    own = world.browser(team.admin, proved=True)
    assert own.post("/organization/admins/invite", {"role": "helper", "phone": person.phone}).status_code == 303
    browser = world.browser(person)
    listed = browser.page("/organization/invitations")
    assert "所有者" in listed.text
    for role in (Role.HELPER, Role.OWNER):
        uid = world.one(select(Invitation.uid).where(Invitation.role == role))
        browser.post(f"/organization/invitations/{uid}", {"name": "新所有者", "position": ""})
    assert role_of(world, team, person) == "owner"


def test_those_above_take_their_invitation_back(world, root, team, above, person):
    invite_owner(above, team, person)
    address = f"/organization/below/{team.uid}/owner"
    other = world.browser(world.do(lambda: factories.add_admin(root, Role.ADMIN)), proved=True)
    page = other.page(address)
    assert person.phone[-4:] in page.text
    assert other.post(f"{address}/revoke").status_code == 303
    assert person.phone[-4:] not in other.page(address).text
    accept(world.browser(person))
    assert role_of(world, team, person) is None


def test_all_admins_read_of_a_new_owner_by_phone_as_of_one_who_was_admin(world, team, above, person):
    admin = world.do(lambda: factories.add_admin(team, Role.ADMIN))
    invite_owner(above, team, person)
    assert accept(world.browser(person)).status_code == 303
    (kind, words, is_texted), *more = told(world, team.admin)
    assert (kind, is_texted, more) == ("owner_changed", True, [])
    assert WHY in words
    assert "您现在是这个组织的管理员" in words
    ((kind, words, _),) = told(world, admin)
    assert kind == "owner_changed"
    assert WHY in words
    assert "您现在是" not in words
    assert all(kind == "admin_invited" for kind, *_ in told(world, person))


def test_who_was_the_owner_reads_what_they_are_when_another_admin_is_appointed(world, team, above):
    admin = world.do(lambda: factories.add_admin(team, Role.ADMIN))
    row = world.one(select(OrganizationAdmin.id).where(OrganizationAdmin.account_id == admin.account_id))
    form = {"admin": str(row), "reason": WHY}
    assert above.post(f"/organization/below/{team.uid}/owner", form).status_code == 303
    ((_, words, _),) = told(world, team.admin)
    assert "您现在是这个组织的管理员" in words
    ((_, words, _),) = told(world, admin)
    assert "您现在是" not in words


def test_an_invitation_to_own_ends_with_the_power_of_the_organisation_that_invited(world, root, team, person):
    leaf = world.organization(team)
    invite_owner(world.browser(team.admin, proved=True), leaf, person)
    world.do(lambda: factories.suspend(team, "suspended"))
    accept(world.browser(person))
    assert role_of(world, leaf, person) is None
    assert person.phone[-4:] not in world.browser(leaf.admin).page("/organization/admins").text


def test_nobody_becomes_the_owner_of_one_that_was_refused_meanwhile(world, root, above, person):
    leaf = world.organization(root, review="parent")
    invite_owner(above, leaf, person)
    refusal = {"action": "refuse", "reason": "重复注册"}
    assert above.post(f"/organization/below/{leaf.uid}/review", refusal).status_code == 303
    accept(world.browser(person))
    assert role_of(world, leaf, person) is None


def invite_by_link(browser):
    assert browser.post("/organization/admins/invite", {"role": "lead", "phone": ""}).status_code == 303
    html = browser.get("/organization/admins").text
    return next(part for part in html.split('"') if "/organization/invitation?key=" in part)


def test_what_a_removed_admin_invited_to_is_gone_for_good(world, team):
    admin = world.do(lambda: factories.add_admin(team, Role.ADMIN))
    link = invite_by_link(world.browser(admin, proved=True)).removeprefix("http://localhost")
    own = world.browser(team.admin, proved=True)
    row = world.one(select(OrganizationAdmin.id).where(OrganizationAdmin.account_id == admin.account_id))
    assert "链接邀请" in own.page("/organization/admins").text
    assert own.post(f"/organization/admins/{row}/remove", {"reason": "换届"}).status_code == 303
    assert "链接邀请" not in own.page("/organization/admins").text
    # The same person comes back.
    assert own.post("/organization/admins/invite", {"role": "admin", "phone": admin.phone}).status_code == 303
    assert accept(world.browser(admin)).status_code == 303
    browser = world.browser(world.account())
    browser.get(link)
    assert "没有可以接受的邀请" in read(accept(browser)).text


def test_what_one_may_grant_no_longer_with_a_lesser_role_is_gone(world, team):
    admin = world.do(lambda: factories.add_admin(team, Role.ADMIN))
    invite_by_link(world.browser(admin, proved=True))
    own = world.browser(team.admin, proved=True)
    invite_by_link(own)
    row = world.one(select(OrganizationAdmin.id).where(OrganizationAdmin.account_id == admin.account_id))
    assert own.post(f"/organization/admins/{row}", {"role": "lead"}).status_code == 303
    theirs = select(Invitation.state).where(Invitation.invited_by_id == admin.account_id)
    assert world.rows(theirs) == [("revoked",)]
    assert own.page("/organization/admins").text.count("链接邀请") == 1


def test_a_code_to_hand_over_one_organisation_hands_over_no_other(world, root, team, sms):
    other = world.do(lambda: factories.create_organization(root, admin=team.admin))
    browser, person = world.browser(team.admin, proved=True), world.account()
    form = {"phone": person.phone, "name": "新人", "stays": "leave"}
    address = "/organization/admins/hand-over"
    browser.act_for(team)
    browser.post(address, form | {"action": "send"})
    code = sms.code(person.phone)
    browser.act_for(other)
    assert browser.post(address, form | {"code": code}).status_code == 422
    assert role_of(world, other, person) is None
    browser.act_for(team)
    assert browser.post(address, form | {"code": code}).status_code == 303
    assert role_of(world, team, person) == "owner"


def admin_id(world, team, person):
    mine = (OrganizationAdmin.organization_id == team.id, OrganizationAdmin.account_id == person.account_id)
    return world.one(select(OrganizationAdmin.id).where(*mine))


@pytest.mark.parametrize("how", ["removed", "lead", "left"])
def test_whom_one_invited_to_own_one_below_is_not_when_one_comes_back_after_losing_the_role(
    world, root, team, person, how
):
    second = world.do(lambda: factories.add_admin(root, Role.ADMIN))
    theirs, boss = world.browser(second, proved=True), world.browser(root.admin, proved=True)
    invite_owner(theirs, team, person)
    address = f"/organization/admins/{admin_id(world, root, second)}"
    if how == "left":
        assert theirs.post("/organization/admins/leave").status_code == 303
    elif how == "lead":
        assert boss.post(address, {"role": "lead"}).status_code == 303
        assert boss.post(address, {"role": "admin"}).status_code == 303
    else:
        assert boss.post(f"{address}/remove", {"reason": "离任"}).status_code == 303
    if how != "lead":
        world.do(lambda: factories.add_admin(root, Role.ADMIN, second))
    accept(world.browser(person))
    assert role_of(world, team, person) is None
    assert person.phone[-4:] not in boss.page(f"/organization/below/{team.uid}/owner").text


def test_who_may_appoint_by_another_role_above_has_invited_all_the_same(world, root, team, person):
    leaf = world.organization(team)
    second = world.do(lambda: factories.add_admin(root, Role.ADMIN))
    world.do(lambda: factories.add_admin(team, Role.ADMIN, second))
    theirs, boss = world.browser(second, proved=True), world.browser(root.admin, proved=True)
    theirs.act_for(root)
    invite_owner(theirs, leaf, person)
    address = f"/organization/admins/{admin_id(world, root, second)}/remove"
    assert boss.post(address, {"reason": "离任"}).status_code == 303
    accept(world.browser(person))
    assert role_of(world, leaf, person) == "owner"


@pytest.mark.parametrize("keeps_admins", [True, False])
def test_a_merge_that_takes_the_role_takes_whom_one_invited_to_own_one_below(world, root, team, person, keeps_admins):
    leaf, other = world.organization(team), world.organization(root)
    invite_owner(world.browser(team.admin, proved=True), leaf, person)
    world.do(lambda: in_transaction(merge(root, team, other, keeps_admins=keeps_admins)))
    if not keeps_admins:
        world.do(lambda: factories.add_admin(other, Role.ADMIN, team.admin))
    accept(world.browser(person))
    assert role_of(world, leaf, person) == ("owner" if keeps_admins else None)


def revoke(browser, team):
    return browser.post(f"/organization/below/{team.uid}/owner/revoke")


@pytest.mark.parametrize("how", ["taken back", "invited anew and taken back"])
@pytest.mark.parametrize("is_replaced", [True, False])
def test_what_one_further_up_wished_the_one_between_does_not_take_back(
    world, root, team, above, person, how, is_replaced
):
    """Neither when it is the one to be replaced who acts for it, nor another."""
    leaf = world.do(lambda: factories.create_organization(team, admin=team.admin if is_replaced else None))
    invite_owner(above, leaf, person)
    between = world.browser(team.admin, proved=True)
    between.act_for(team)
    page = between.page(f"/organization/below/{leaf.uid}/owner")
    assert person.phone[-4:] in page.text
    assert "owner/revoke" not in page.html
    if how == "taken back":
        refusal = revoke(between, leaf)
        assert refusal.status_code == 403
        assert "不由您撤回" in read(refusal).text
    else:
        invite_owner(between, leaf, person)
        assert revoke(between, leaf).status_code == 303
    assert accept(world.browser(person)).status_code == 303
    assert role_of(world, leaf, person) == "owner"


def test_what_the_one_between_wished_it_takes_back_itself_and_so_does_one_further_up(world, root, team, above, person):
    leaf = world.organization(team)
    for browser in (world.browser(world.do(lambda: factories.add_admin(team, Role.ADMIN)), proved=True), above):
        invite_owner(world.browser(team.admin, proved=True), leaf, person)
        assert "owner/revoke" in browser.page(f"/organization/below/{leaf.uid}/owner").html
        assert revoke(browser, leaf).status_code == 303
        assert revoke(browser, leaf).status_code == 303
    accept(world.browser(person))
    assert role_of(world, leaf, person) is None
