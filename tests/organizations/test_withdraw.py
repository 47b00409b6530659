"""撤回注册: the owner takes back what nobody has accepted, and is free of it."""

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations import reviewing, withdrawing
from app.organizations.errors import NotReviewable, NotWithdrawable
from app.organizations.models import Organization, OrganizationAdmin, Role
from app.organizations.reviewing import Verdict
from tests.factories import add_admin
from tests.own_data.test_account import prove

PATH = "/organization/withdraw"


def state_of(world, team):
    return world.one(select(Organization.state).where(Organization.id == team.id))


def told(world, person):
    query = select(Notice.kind).where(Notice.account_id == person.account_id).order_by(Notice.id)
    return [kind for (kind,) in world.rows(query)]


@pytest.fixture
def waiting(world, team):
    return world.organization(team, review="parent", name="等待中的科普服务队")


@pytest.fixture
def owner(world, waiting):
    return world.browser(waiting.admin, proved=True)


def test_what_waits_is_taken_back_and_who_was_to_judge_hears(world, team, waiting, owner):
    assert PATH in owner.page("/organization").links
    assert "名称可以由别人使用" in owner.page(PATH).text
    assert owner.post(PATH).location == "/organization"
    page = owner.page("/organization")
    assert "已撤回" in page.text
    assert "/organization/register" in page.links
    assert PATH not in page.links
    assert told(world, team.admin)[-1] == "organization_withdrawn"
    judge = world.browser(team.admin)
    assert waiting.name not in judge.page("/organization/reviews").text
    assert "已撤回" in judge.page(f"/organization/below/{waiting.uid}/review").text
    assert judge.post(f"/organization/below/{waiting.uid}/review", {"action": "accept"}).status_code == 409
    assert "organization.withdrawn" in {row[0] for row in world.rows(select(AuditEntry.action))}


def test_again_is_harmless(world, team, waiting, owner):
    assert [owner.post(PATH).location for _ in range(3)] == ["/organization"] * 3
    assert told(world, team.admin).count("organization_withdrawn") == 1


def test_what_was_sent_back_is_taken_back_too_and_nobody_is_told(world, team, waiting, owner):
    verdict = {"action": "return", "reason": "地址写全"}
    world.browser(team.admin).post(f"/organization/below/{waiting.uid}/review", verdict)
    assert owner.post(PATH).status_code == 303
    assert state_of(world, waiting) == "withdrawn"
    assert "organization_withdrawn" not in told(world, team.admin)


def test_its_name_is_free_and_its_owner_too(world, team, waiting, owner, sms):
    owner.post(PATH)
    world.organization(team, name=waiting.name)
    assert "/organization/admins/leave" in owner.page("/organization/admins").links
    assert prove(owner, sms, "/account/close", waiting.admin, understood="y").status_code == 303
    query = select(OrganizationAdmin.id).where(OrganizationAdmin.organization_id == waiting.id)
    assert world.rows(query) == []


def test_the_unit_that_it_was_has_not_begun(world, team, owner, waiting):
    caller = world.browser(team.admin)
    assert caller.post("/organization/expected", {"due_on": "2026-12-31", "names": waiting.name}).status_code == 303
    assert "进行中 1 个" in caller.page("/organization/expected").text
    owner.post(PATH)
    assert "未开始 1 个 · 进行中 0 个" in caller.page("/organization/expected").text


def test_what_was_accepted_is_not_taken_back(world, team):
    browser = world.browser(team.admin, proved=True)
    assert PATH not in browser.page("/organization").links
    assert browser.get(PATH).status_code == browser.post(PATH).status_code == 409
    assert state_of(world, team) == "approved"


def test_only_its_owner_takes_it_back(world, waiting):
    second = world.browser(world.do(lambda: add_admin(waiting, Role.ADMIN)))
    assert PATH not in second.page("/organization").links
    assert second.post(PATH).status_code == 403
    assert state_of(world, waiting) == "pending"


def test_taken_back_and_accepted_at_once_it_is_one_of_both(world, root, waiting):
    def withdraw():
        row = session.scalar(select(OrganizationAdmin).where(OrganizationAdmin.organization_id == waiting.id))
        in_transaction(lambda: withdrawing.withdraw(waiting.id, actor=row.account, now=here.clock.now()))

    def accept():
        how = {"by": root.admin.account_id, "now": here.clock.now()}
        in_transaction(lambda: reviewing.judge(waiting.uid, Verdict.ACCEPT, "", **how) and None)

    outcomes = world.at_once([withdraw, accept])
    assert sorted(type(one) for one in outcomes if one) in ([NotWithdrawable], [NotReviewable])
    assert state_of(world, waiting) == ("approved" if outcomes[1] is None else "withdrawn")


def test_a_dead_organisation_holds_no_branch_back(world, root):
    with world.settings(limits={"organization_depth": 4}):
        deep = world.organization(world.organization(root))
        branch = world.organization(root)
        dead = world.organization(branch, review="parent")
        form = {"parent": deep.uid, "reason": "调整属地"}
        top = world.browser(root.admin, proved=True)
        assert top.post(f"/organization/below/{branch.uid}/move", form).status_code == 422
        assert world.browser(dead.admin, proved=True).post(PATH).status_code == 303
        assert top.post(f"/organization/below/{branch.uid}/move", form).status_code == 303


def test_what_came_to_nothing_is_not_listed_but_found(world, team, waiting, owner):
    above = world.browser(team.admin)
    assert waiting.name in above.page("/organization/below").text
    owner.post(PATH)
    assert waiting.name not in above.page("/organization/below").text
    assert waiting.name in above.page("/organization/below?q=等待中").text
