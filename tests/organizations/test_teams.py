"""分支队伍: an organisation's sub-teams, their members and leaders."""

import pytest
from sqlalchemy import select

from app.database import in_transaction
from app.notices.models import Notice
from app.organizations import teams
from app.organizations.models import Role, Team, TeamMember
from app.volunteers.models import Volunteer
from tests import factories
from tests.pages import read


@pytest.fixture
def member(world, team):
    return world.do(lambda: factories.create_member(team))


@pytest.fixture
def admin(world, team):
    return world.browser(team.admin)


def create(browser, name="青少年科普分队"):
    answer = browser.post("/organization/teams/new", {"name": name, "intro": "进校园做科学实验"})
    assert answer.status_code == 303, read(answer).alerts
    return answer.location


def uid_of(world, person):
    return world.one(select(Volunteer.uid).where(Volunteer.id == person.volunteer_id))


def change(browser, address, uid, what):
    return browser.post(f"{address}/members/{uid}/{what}")


def test_an_admin_makes_a_team_with_a_leader_in_three_steps(world, admin, member):
    address, uid = create(admin), uid_of(world, member)
    assert member.name in admin.page(f"{address}?q={member.name}").text
    assert change(admin, address, uid, "add").status_code == 303
    assert change(admin, address, uid, "lead").status_code == 303
    page = admin.page(address)
    assert "队员（1 人）" in page.text
    assert "队长" in page.text
    assert "1 人，队长 1 人" in admin.page("/organization/teams").text


def test_only_members_of_the_organisation_can_be_added(world, admin, root, volunteer):
    address, uid = create(admin), uid_of(world, volunteer)
    assert volunteer.name not in admin.page(f"{address}?q={volunteer.name}").text
    answer = change(admin, address, uid, "add")
    assert answer.status_code == 422
    assert "只有本组织的成员" in read(answer).text
    assert world.rows(select(TeamMember.team_id)) == []


def test_who_leaves_the_organisation_leaves_its_teams(world, admin, team, member):
    address = create(admin)
    change(admin, address, uid_of(world, member), "add")
    assert world.browser(member).post(f"/volunteer/organizations/{team.uid}/leave").status_code == 303
    assert world.rows(select(TeamMember.team_id)) == []


def test_two_teams_of_one_name_are_told_apart_by_their_organisation(world, admin, root):
    create(admin)
    answer = admin.post("/organization/teams/new", {"name": "青少年科普分队", "intro": "另一支"})
    assert answer.status_code == 422
    assert "同名" in read(answer).of("name").errors[0]
    assert read(answer).of("intro").value.strip() == "另一支"
    create(world.browser(root.admin))


def test_a_dissolved_team_keeps_its_list_and_can_come_back(world, admin, member):
    address, uid = create(admin), uid_of(world, member)
    change(admin, address, uid, "add")
    assert admin.post(f"{address}/state/dissolve").status_code == 303
    assert member.name in admin.page(address).text
    assert change(admin, address, uid, "lead").status_code == 409
    assert admin.post(f"{address}/edit", {"name": "别的名称"}).status_code == 422
    assert admin.post(f"{address}/state/dissolve").status_code == 409
    assert admin.post(f"{address}/state/restore").status_code == 303
    assert change(admin, address, uid, "lead").status_code == 303


def test_a_team_is_renamed_and_a_member_taken_out_again(world, admin, member):
    address, uid = create(admin), uid_of(world, member)
    assert admin.post(f"{address}/edit", {"name": "银龄跨越数字鸿沟分队", "intro": ""}).status_code == 303
    assert world.rows(select(Team.name)) == [("银龄跨越数字鸿沟分队",)]
    for _ in range(2):
        assert change(admin, address, uid, "add").status_code == 303
    assert len(world.rows(select(TeamMember.team_id))) == 1
    for _ in range(2):
        assert change(admin, address, uid, "remove").status_code == 303
    assert world.rows(select(TeamMember.team_id)) == []


def test_leads_see_the_teams_and_change_none(world, team, admin):
    address = create(admin)
    lead = world.browser(world.do(lambda: factories.add_admin(team, Role.LEAD)))
    assert "新建队伍" not in lead.page("/organization/teams").text
    assert "添加队员" not in lead.page(address).text
    assert lead.post(f"{address}/state/dissolve").status_code == 403
    helper = world.browser(world.do(lambda: factories.add_admin(team, Role.HELPER)))
    assert helper.get(address).status_code == 403


def test_a_team_of_another_organisation_is_not_found(world, admin, root):
    address = create(admin)
    above = world.browser(root.admin)
    assert above.get(address).status_code == 404
    assert above.post(f"{address}/state/dissolve").status_code == 404


def test_one_person_added_by_two_admins_at_once_is_in_it_once(world, team, admin, member):
    create(admin)
    uid = uid_of(world, member)
    adding = [lambda: in_transaction(lambda: factories.add_to_team(team, uid)) for _ in range(4)]
    assert [outcome for outcome in world.at_once(adding) if isinstance(outcome, Exception)] == []
    assert len(world.rows(select(TeamMember.team_id))) == 1


def test_of_a_large_team_the_rest_is_loaded_below_the_leaders_first(world, team, admin, monkeypatch):
    monkeypatch.setattr(teams, "PART", 2)
    address = create(admin)
    people = [world.do(lambda n=n: factories.create_member(team, name=f"第{n}队员")) for n in "甲乙丙丁戊"]
    for person in people:
        change(admin, address, uid_of(world, person), "add")
    change(admin, address, uid_of(world, people[4]), "lead")
    seen, path = [], address
    while path:
        page = admin.page(path)
        assert "队员（5 人）" in page.text
        shown = page.html.split(">添加队员<")[0]
        seen.append([person.name[1] for person in people if f"移出：{person.name}" in shown])
        path = next((link for link in page.links if "after=" in link), "")
    assert [set(part) for part in seen] == [{"戊", "甲"}, {"乙", "丙"}, {"丁"}]
    assert change(admin, address, uid_of(world, people[3]), "remove").status_code == 303
    assert "队员（4 人）" in admin.page(address).text


def test_a_member_of_a_team_is_found_by_name(world, team, admin):
    address = create(admin)
    people = [world.do(lambda n=n: factories.create_member(team, name=n)) for n in ("欧阳小红", "张小明")]
    for person in people:
        change(admin, address, uid_of(world, person), "add")
    text = admin.page(f"{address}?q=小红").text
    assert "欧阳小红" in text
    assert "张小明" not in text
    assert "队员里没有这个人" in admin.page(f"{address}?q=小蓝").text


def told(world, person):
    query = select(Notice.values).where(Notice.account_id == person.account_id, Notice.kind == "team_changed")
    return [values["reason"] for (values,) in world.rows(query.order_by(Notice.id))]


def test_members_hear_of_what_becomes_of_them_in_a_sub_team_and_see_it_among_their_organisations(world, admin, member):
    address, uid = create(admin), uid_of(world, member)
    me = world.browser(member)
    for what in ("add", "add"):
        change(admin, address, uid, what)
    assert "分支队伍：青少年科普分队" in me.page("/volunteer").text
    for what in ("lead", "lead"):
        change(admin, address, uid, what)
    assert "青少年科普分队（队长）" in me.page("/volunteer").text
    change(admin, address, uid, "follow")
    assert "（队长）" not in me.page("/volunteer").text
    for _ in range(2):
        change(admin, address, uid, "remove")
    assert "青少年科普分队" not in me.page("/volunteer").text
    assert told(world, member) == ["您已编入队伍", "您已担任队长", "您不再担任队长", "您已不在队伍里"]


def test_a_dissolved_team_is_nobodys_any_more(world, admin, member):
    address = create(admin)
    change(admin, address, uid_of(world, member), "add")
    admin.post(f"{address}/state/dissolve")
    assert "青少年科普分队" not in world.browser(member).page("/volunteer").text
