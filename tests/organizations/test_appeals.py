"""申诉: found from the pages, and right whatever became of the person or of the organisation meanwhile."""

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.context import here
from app.database import in_transaction, session
from app.governance.models import Appeal
from app.notices.models import Notice
from app.organizations.models import Membership, Organization
from app.own_data import services as own_data
from app.volunteers.models import Volunteer
from tests import factories
from tests.organizations.merges import merge

UPHELD = {"outcome": "upheld", "decision": "请假属实"}


def remove(world, team, person, reason="多次无故缺席"):
    uid = world.one(select(Volunteer.uid).where(Volunteer.id == person.volunteer_id))
    answer = world.browser(team.admin).post(f"/organization/volunteers/{uid}/remove", {"reason": reason})
    assert answer.status_code == 303


def appeal(world, team, person):
    """Appeal against a removal; returns the page where it is judged."""
    words = {"words": "那几次我都请过假"}
    assert world.browser(person).post(f"/volunteer/removals/{team.uid}/appeal", words).status_code == 303
    return f"/organization/appeals/{world.one(select(Appeal.uid).order_by(Appeal.id.desc()).limit(1))}"


def states(world, person):
    query = select(Membership.organization_id, Membership.state).where(Membership.volunteer_id == person.volunteer_id)
    return dict(world.rows(query))


def members_of(world, team):
    return world.one(select(Organization.members_count).where(Organization.id == team.id))


@pytest.fixture
def removed(world, root, team):
    person = world.do(lambda: factories.create_member(team))
    remove(world, team, person)
    return person


@pytest.fixture
def two(world, root):
    return world.organization(root, name="甲科技志愿服务队"), world.organization(root, name="乙科技志愿服务队")


def uphold_after_merge(world, root, one, other, address):
    world.do(lambda: in_transaction(merge(root, one, other)))
    assert world.browser(root.admin).post(address, UPHELD).status_code == 303


def test_an_appeal_that_waits_is_counted_on_the_page_of_the_organisation(world, root, team, removed):
    above = world.browser(root.admin)
    page = above.page("/organization")
    assert "/organization/appeals" in page.links
    assert "等待您处理的申诉" not in page.text
    address = appeal(world, team, removed)
    page = above.page("/organization")
    assert "等待您处理的申诉（1）" in page.text
    assert address in page.links
    assert above.post(address, UPHELD).status_code == 303
    assert "等待您处理的申诉" not in above.page("/organization").text
    lead = world.do(lambda: factories.add_admin(root, "lead"))
    assert "/organization/appeals" not in world.browser(lead).page("/organization").links


def test_whoever_closes_their_account_takes_the_appeal_along(world, root, team, removed):
    address = appeal(world, team, removed)

    def close():
        own_data.close(session.get_one(Account, removed.account_id), now=here.clock.now())

    world.do(lambda: in_transaction(close))
    above = world.browser(root.admin)
    assert "现在没有要处理的申诉" in above.page("/organization/appeals").text
    assert above.post(address, UPHELD).status_code in (404, 409)
    assert states(world, removed) == {team.id: "removed"}
    assert members_of(world, team) == 0


def test_who_was_removed_and_had_left_the_successor_is_brought_back_there(world, root, two):
    one, other = two
    person = world.do(lambda: factories.create_member(one))
    world.do(lambda: factories.join(person, other))
    world.do(lambda: factories.leave(person, other))
    remove(world, one, person)
    address = appeal(world, one, person)
    world.do(lambda: in_transaction(merge(root, one, other)))
    me = world.browser(person)
    page = me.page("/volunteer/removals").text
    assert "多次无故缺席" in page
    assert "已申诉，等待上级组织处理" in page
    me.post(f"/volunteer/organizations/{other.uid}/join")
    assert states(world, person) == {one.id: "merged", other.id: "removed"}
    assert world.browser(root.admin).post(address, UPHELD).status_code == 303
    assert states(world, person) == {one.id: "merged", other.id: "active"}
    assert members_of(world, other) == 1


def test_an_appeal_that_was_right_does_not_undo_what_the_successor_decided_itself(world, root, two):
    one, other = two
    person = world.do(lambda: factories.create_member(one))
    world.do(lambda: factories.join(person, other))
    remove(world, one, person)
    remove(world, other, person, "泄露他人信息")
    address = appeal(world, one, person)
    uphold_after_merge(world, root, one, other, address)
    assert states(world, person) == {one.id: "merged", other.id: "removed"}
    assert "泄露他人信息" in world.browser(person).page("/volunteer/removals").text


def test_a_member_of_the_successor_stays_one_whatever_the_merged_one_decided(world, root, two):
    one, other = two
    person = world.do(lambda: factories.create_member(one))
    world.do(lambda: factories.join(person, other))
    remove(world, one, person)
    address = appeal(world, one, person)
    uphold_after_merge(world, root, one, other, address)
    assert states(world, person) == {one.id: "merged", other.id: "active"}
    assert members_of(world, other) == 1


def test_after_a_merge_it_still_says_who_removed_one(world, root, two):
    one, other = two
    person = world.do(lambda: factories.create_member(one))
    remove(world, one, person)
    world.do(lambda: in_transaction(merge(root, one, other)))
    page = world.browser(person).page("/volunteer/removals").text
    assert one.name in page
    address = appeal(world, other, person)
    assert one.name in world.browser(root.admin).page(address).text


def waiting_words(world, person):
    query = select(Notice.values).where(Notice.account_id == person.account_id, Notice.kind == "appeal_waits")
    return [values["reason"] for (values,) in world.rows(query.order_by(Notice.id))]


def test_at_a_root_with_one_admin_everybody_reads_that_another_one_is_needed(world, root):
    person = world.do(lambda: factories.create_member(root))
    uid = world.one(select(Volunteer.uid).where(Volunteer.id == person.volunteer_id))
    alone = world.browser(root.admin)
    assert "请先邀请另一位管理员" in alone.page(f"/organization/volunteers/{uid}/remove").text
    remove(world, root, person)
    assert "由上级组织处理，" not in world.browser(person).page(f"/volunteer/removals/{root.uid}/appeal").text
    address = appeal(world, root, person)
    assert waiting_words(world, root.admin) == ["要由另一位管理员处理，请先邀请一位"]
    refusal = alone.post(address, UPHELD)
    assert "请先邀请一位" in refusal.text
    second = world.browser(world.do(lambda: factories.add_admin(root, "admin")))
    assert "等待您处理的申诉（1）" in second.page("/organization").text
    assert second.post(address, UPHELD).status_code == 303
    assert states(world, person) == {root.id: "active"}


def test_at_a_root_with_two_admins_the_other_one_hears_of_the_appeal(world, root):
    second = world.do(lambda: factories.add_admin(root, "admin"))
    person = world.do(lambda: factories.create_member(root))
    remove(world, root, person)
    appeal(world, root, person)
    assert waiting_words(world, root.admin) == []
    assert waiting_words(world, second) == ["请处理"]


def test_where_all_above_act_for_the_organisation_too_the_next_one_up_hears_of_it(world, root, team):
    leaf = world.do(lambda: factories.create_organization(team, admin=team.admin))
    person = world.do(lambda: factories.create_member(leaf))
    browser = world.browser(team.admin)
    browser.act_for(leaf)
    uid = world.one(select(Volunteer.uid).where(Volunteer.id == person.volunteer_id))
    answer = browser.post(f"/organization/volunteers/{uid}/remove", {"reason": "多次无故缺席"})
    assert answer.status_code == 303
    address = appeal(world, leaf, person)
    assert (waiting_words(world, team.admin), waiting_words(world, root.admin)) == ([], ["请处理"])
    assert world.browser(root.admin).post(address, UPHELD).status_code == 303


def test_where_no_organisation_is_yet_accounts_close_all_the_same(world):
    person = world.volunteer()

    def close():
        own_data.close(session.get_one(Account, person.account_id), now=here.clock.now())

    world.do(lambda: in_transaction(close))
    assert world.one(select(Account.state).where(Account.id == person.account_id)) == "erased"
