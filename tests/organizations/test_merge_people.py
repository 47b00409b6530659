"""What a merge means to people: what they may do afterwards, that they hear of it, and where the notice leads."""

import pytest
from sqlalchemy import select

from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations.models import Membership, OrganizationAdmin, Role
from tests import factories
from tests.organizations.merges import merge


@pytest.fixture
def two(world, root):
    return world.organization(root), world.organization(root)


def act_for(world, team, person, role):
    def act():
        row = {"organization_id": team.id, "account_id": person.account_id, "role": role, "name": "兼任"}
        session.add(OrganizationAdmin(**row, created_at=here.clock.now()))

    world.do(lambda: in_transaction(act))


def roles_of(world, person):
    mine = OrganizationAdmin.account_id == person.account_id
    return dict(world.rows(select(OrganizationAdmin.organization_id, OrganizationAdmin.role).where(mine)))


def page_told(world, person, kind="organization_merged"):
    """Where the one notice of this kind leads."""
    mine = (Notice.account_id == person.account_id, Notice.kind == kind)
    ((values,),) = world.rows(select(Notice.values).where(*mine))
    return values["path"]


def run(world, root, two, **how):
    world.do(lambda: in_transaction(merge(root, *two, **how)))


@pytest.mark.parametrize(
    ("there", "here_", "after"),
    [
        (Role.OWNER, Role.HELPER, Role.ADMIN),
        (Role.ADMIN, Role.LEAD, Role.ADMIN),
        (Role.LEAD, Role.HELPER, Role.LEAD),
        (Role.HELPER, Role.LEAD, Role.LEAD),
        (Role.ADMIN, Role.OWNER, Role.OWNER),
    ],
)
def test_who_acts_for_both_keeps_the_larger_right(world, root, two, there, here_, after):
    one, other = two
    person = one.admin if there == Role.OWNER else other.admin if here_ == Role.OWNER else world.account()
    if there != Role.OWNER:
        act_for(world, one, person, there)
    if here_ != Role.OWNER:
        act_for(world, other, person, here_)
    run(world, root, two)
    assert roles_of(world, person) == {other.id: after}


def test_rights_are_not_grown_by_a_merge_that_drops_the_admins(world, root, two):
    one, other = two
    act_for(world, other, one.admin, Role.HELPER)
    run(world, root, two, keeps_admins=False)
    assert roles_of(world, one.admin) == {other.id: Role.HELPER}


def test_the_notice_leads_members_and_dropped_admins_to_the_page_for_everybody(world, root, two):
    one, other = two
    member = world.do(lambda: factories.create_member(one))
    lead = world.do(lambda: factories.add_admin(one, Role.LEAD))
    run(world, root, two, keeps_admins=False)
    for person in (member, lead, one.admin):
        browser = world.browser(person)
        found = browser.get(page_told(world, person), follow_redirects=True)
        assert found.request.path == f"/organizations/{other.uid}"
        assert found.status_code == 200
    own = world.browser(other.admin)
    assert other.name in own.page(page_told(world, other.admin)).text


def test_the_notice_leads_admins_who_went_along_to_the_pages_of_the_successor(world, root, two):
    one, other = two
    act_for(world, root, one.admin, Role.HELPER)
    run(world, root, two)
    address = page_told(world, one.admin)
    assert address == f"/organization?for={other.uid}"
    browser = world.browser(one.admin)
    browser.act_for(other)
    assert browser.get(address).status_code == 200


def test_who_had_asked_to_join_hears_that_the_wish_went_along(world, root, two):
    one, other = world.organization(root, join_mode="1"), two[1]
    person = world.volunteer()
    assert world.do(lambda: factories.join(person, one)) == "pending"
    run(world, root, (one, other))
    assert page_told(world, person).startswith("/organizations/")
    assert world.rows(select(Membership.organization_id, Membership.state)) == [(other.id, "pending")]


def test_who_hands_over_and_goes_is_led_to_the_page_for_everybody(world, team, sms):
    browser, successor = world.browser(team.admin, proved=True), world.account()
    form = {"phone": successor.phone, "name": "新所有者", "stays": "leave"}
    browser.post("/organization/admins/hand-over", form | {"action": "send"})
    answer = browser.post("/organization/admins/hand-over", form | {"code": sms.code(successor.phone)})
    assert answer.status_code == 303
    assert page_told(world, team.admin, "owner_changed") == f"/organizations/{team.uid}"
    assert browser.get(f"/organizations/{team.uid}").status_code == 200
    assert page_told(world, successor, "owner_changed") == f"/organization/admins?for={team.uid}"
