"""Nobody judges what they asked for themselves, nor what their own organisation did when another one is to judge it."""

import pytest
from sqlalchemy import select

from app.context import here
from app.database import in_transaction, session
from app.governance.models import Appeal
from app.organizations.models import Membership, OrganizationAdmin, Role
from app.volunteers.models import Volunteer
from tests import factories


@pytest.fixture
def asking(world, root):
    """An organisation that judges who joins, and its second admin, who asks to."""
    team = world.organization(root, join_mode="1")
    admin = world.do(lambda: factories.create_volunteer(phone=factories.add_admin(team, Role.ADMIN).phone))
    assert world.do(lambda: factories.join(admin, team)) == "pending"
    return team, admin


@pytest.mark.parametrize("verdict", ["accept", "reject"])
def test_an_admin_leaves_their_own_wish_to_join_to_another_one(world, asking, verdict):
    team, admin = asking
    path = f"/organization/volunteers/requests/{world.one(select(Membership.id))}/{verdict}"
    refusal = world.browser(admin).post(path, {"reason": "名额已满"})
    assert refusal.status_code in (403, 422)
    assert "由组织里另一位管理员处理" in refusal.text
    assert world.one(select(Membership.state)) == "pending"
    assert world.browser(team.admin).post(path, {"reason": "名额已满"}).status_code == 303
    assert world.one(select(Membership.state)) == ("active" if verdict == "accept" else "rejected")


@pytest.fixture
def appealed(world, root, team):
    """An appeal against what another admin did in the organisation whose owner is an admin of the root, too."""
    member = world.do(lambda: factories.create_member(team))
    other = world.do(lambda: factories.add_admin(team, Role.ADMIN))
    act_for(world, root, team.admin)
    uid = world.one(select(Volunteer.uid).where(Volunteer.id == member.volunteer_id))
    world.browser(other).post(f"/organization/volunteers/{uid}/remove", {"reason": "多次缺席"})
    world.browser(member).post(f"/volunteer/removals/{team.uid}/appeal", {"words": "我没有缺席，请看"})
    return f"/organization/appeals/{world.one(select(Appeal.uid))}"


def act_for(world, organization, person):
    row = {"organization_id": organization.id, "account_id": person.account_id, "role": Role.ADMIN, "name": "双职"}
    world.do(lambda: in_transaction(lambda: session.add(OrganizationAdmin(**row, created_at=here.clock.now()))))


def test_whoever_acts_for_the_organisation_that_removed_leaves_the_appeal_to_others_above(world, root, team, appealed):
    verdict = {"outcome": "dismissed", "decision": "维持原来的决定"}
    browser = world.browser(team.admin)
    browser.act_for(root)
    refusal = browser.post(appealed, verdict)
    assert "您也是这个组织的管理员" in refusal.text
    assert world.one(select(Appeal.state)) == "open"
    assert world.browser(root.admin).post(appealed, verdict).status_code == 303
    assert world.one(select(Appeal.state)) == "dismissed"
