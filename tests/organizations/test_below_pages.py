"""下级组织: found by number as by name, all of it listed, and telephone numbers seen so many times a day."""

import pytest
from sqlalchemy import func, select

from app.accounts.models import AuditEntry
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations.models import Organization, Role, Team
from tests.factories import add_admin
from tests.organizations.merges import merge
from tests.pages import read


@pytest.fixture
def above(world, root):
    return world.browser(root.admin, proved=True)


def number_of(world, team):
    return world.one(select(Organization.organization_no).where(Organization.id == team.id))


def test_an_organisation_below_is_found_by_its_number(world, team, above):
    page = above.page(f"/organization/below?q={number_of(world, team)}")
    assert team.name in page.text


@pytest.mark.parametrize("act", ["move", "merge"])
def test_where_to_move_or_merge_is_found_by_number(world, root, team, above, act):
    one, other = world.organization(root), world.organization(root)
    html = above.page(f"/organization/below/{team.uid}/{act}?q={number_of(world, one)}").html
    assert one.uid in html
    assert other.uid not in html


def test_telephone_numbers_of_so_many_organisations_below_are_shown_a_day(world, root, team, above):
    """However many answer for each; whose were shown are shown again."""
    teams = [team, world.organization(root), world.organization(root)]
    for one in teams:
        world.do(lambda one=one: add_admin(one, Role.ADMIN))

    def look(one):
        return above.post(f"/organization/below/{one.uid}/contacts", {"reason": "核对电话"})

    with world.settings(limits={"reveals_per_day": 2}):
        answers = [look(one) for one in (*teams, team)]
    assert [answer.status_code for answer in answers] == [200, 200, 422, 200]
    assert teams[1].admin.phone in read(answers[1]).html
    assert teams[2].admin.phone not in read(answers[2]).html
    assert "一天最多查看 2 个组织的联系电话" in read(answers[2]).text
    assert world.one(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "contacts.revealed")) == 6


def test_all_sub_teams_of_two_that_were_merged_are_listed(world, root):
    two = [world.organization(root) for _ in range(2)]

    def make():
        for one in two:
            names = (f"{one.id}号第{number:02d}队" for number in range(60))
            session.add_all(Team(organization_id=one.id, name=name, created_at=here.clock.now()) for name in names)

    world.do(lambda: in_transaction(make))
    world.do(lambda: in_transaction(merge(root, *two)))
    links = world.browser(two[1].admin).page("/organization/teams").links
    uids = {uid for (uid,) in world.rows(select(Team.uid))}
    assert uids <= {link.rpartition("/")[2] for link in links}


def told_of_move(world, person):
    mine = (Notice.account_id == person.account_id, Notice.kind == "organization_moved")
    ((values,),) = world.rows(select(Notice.values).where(*mine))
    return values["path"]


def test_the_notice_of_a_move_leads_each_to_where_they_see_it(world, root, above):
    one, other = world.organization(root), world.organization(root)
    leaf = world.organization(one)
    form = {"parent": other.uid, "reason": "调整属地"}
    assert above.post(f"/organization/below/{leaf.uid}/move", form).status_code == 303
    assert leaf.name in world.browser(other.admin).page(told_of_move(world, other.admin)).text
    assert leaf.name in world.browser(leaf.admin).page(told_of_move(world, leaf.admin)).text
    assert world.browser(one.admin).get(told_of_move(world, one.admin)).status_code == 200


def test_the_notice_of_a_new_one_below_leads_to_it(world, root, legal, admin_form):
    applicant = world.browser(world.account())
    assert applicant.post("/organization/register", legal).status_code == 303
    assert applicant.post("/organization/register?step=admin", admin_form).status_code == 303
    ((values,),) = world.rows(select(Notice.values).where(Notice.kind == "organization_below"))
    assert legal["name"] in world.browser(root.admin).page(values["path"]).text
