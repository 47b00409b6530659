"""查看全部志愿者: who sees whom, who is let in, who has to go and what they can do about it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.context import here
from app.database import in_transaction, session
from app.governance import appeals
from app.governance.models import Appeal
from app.notices.models import Notice
from app.organizations import members, teams
from app.organizations import services as organizations
from app.organizations.models import Membership, Organization, Role, Team
from app.privacy import mask_name
from app.volunteers.models import Volunteer
from tests.factories import add_admin
from tests.pages import read

LIST = "/organization/volunteers"


@pytest.fixture
def boss(world, team):
    """Who has proved the phone just now."""
    return world.browser().log_in(team.admin, proved=True)


def join(world, person, team):
    def act():
        row = session.get_one(Volunteer, person.volunteer_id)
        organizations.join(row, team.uid, most=5, now=here.clock.now())

    world.do(lambda: in_transaction(act))


def uid_of(world, person):
    return world.one(select(Volunteer.uid).where(Volunteer.id == person.volunteer_id))


def membership(world, person):
    return world.rows(
        select(Membership.id, Membership.state, Membership.reason).where(Membership.volunteer_id == person.volunteer_id)
    )[0]


def told(world, person):
    query = select(Notice.kind).where(Notice.account_id == person.account_id).order_by(Notice.id)
    return [kind for (kind,) in world.rows(query)]


def counted(world, team):
    query = select(Organization.members_count, Organization.subtree_members_count)
    return world.rows(query.where(Organization.id == team.id))[0]


def test_the_list_shows_members_masked_and_newest_first(world, team, boss):
    people = [world.volunteer(name=name) for name in ("张甲", "李乙")]
    for person in people:
        join(world, person, team)
    page = boss.get(LIST).text
    assert page.index("李乙") < page.index("张甲")
    assert people[0].phone not in page
    assert f"{people[0].phone[:3]}****{people[0].phone[-4:]}" in page
    assert counted(world, team) == (2, 2)


def test_filters_find_by_name_skill_and_object(world, team, boss):
    one = world.volunteer(name="张甲", skills=["05"])
    other = world.volunteer(name="李乙", skills=["01"])
    for person in (one, other):
        join(world, person, team)
    wishes = lambda: setattr(session.get_one(Volunteer, one.volunteer_id), "target_groups", ["K1", "03"])  # noqa: E731
    world.do(lambda: in_transaction(wishes))
    for query in ("q=张", "skill=05", "group=K1"):
        page = boss.get(f"{LIST}?{query}").text
        assert "张甲" in page, query
        assert "李乙" not in page, query
    assert "没有符合条件" in boss.get(f"{LIST}?q=%25").text
    assert boss.get(f"{LIST}?skill=nonsense&team=x&after=zz").status_code == 200


def test_a_sub_team_is_a_filter(world, team, boss):
    one, other = world.volunteer(name="张甲"), world.volunteer(name="李乙")
    for person in (one, other):
        join(world, person, team)

    def make():
        now, owner = here.clock.now(), session.get_one(Organization, team.id)
        actor = session.get_one(Volunteer, one.volunteer_id).account
        made = teams.create(owner, "宣讲队", "", actor=actor, now=now)
        teams.add(made, session.get_one(Volunteer, one.volunteer_id).uid, now=now)

    world.do(lambda: in_transaction(make))
    page = boss.get(f"{LIST}?team={world.one(select(Team.uid))}").text
    assert "张甲" in page
    assert "李乙" not in page


def test_the_parent_sees_those_below_with_masked_names_and_no_id(world, root, team):
    person = world.volunteer(name="张甲")
    join(world, person, team)
    above = world.browser().log_in(root.admin, proved=True)
    assert "张" not in read(above.get(LIST)).text.replace("张甲", "甲")
    page = above.get(f"{LIST}?below=1").text
    assert "张*" in page
    assert "张甲" not in page
    shown = above.get(f"{LIST}/{uid_of(world, person)}")
    assert shown.status_code == 200
    assert "证件号码" not in shown.text
    assert above.get(f"{LIST}/{uid_of(world, person)}/reveal").status_code == 404
    assert above.post(f"{LIST}/{uid_of(world, person)}/remove", {"reason": "不合适"}).status_code == 404


def test_strangers_and_siblings_find_nobody(world, root, team):
    person = world.volunteer(name="张甲")
    join(world, person, team)
    sibling = world.organization(root)
    other = world.browser(sibling.admin)
    assert "张" not in other.get(f"{LIST}?below=1").text
    assert other.get(f"{LIST}/{uid_of(world, person)}").status_code == 404
    assert world.browser().get(LIST).status_code == 303


def test_of_many_the_rest_is_loaded_below(world, team, boss):
    people = [world.volunteer(name=f"第{chr(0x4E00 + number)}人") for number in range(32)]
    for person in people:
        join(world, person, team)
    first = boss.get(LIST)
    (more,) = [link for link in read(first).links if "after=" in link]
    assert people[0].name not in first.text
    assert people[0].name in boss.get(more).text


def test_a_request_is_accepted_or_refused_with_a_reason(world, root):
    team = world.organization(root, join_mode="1")
    people = [world.volunteer(name="张甲"), world.volunteer(name="李乙")]
    for person in people:
        join(world, person, team)
    boss = world.browser(team.admin)
    assert "2 人待审核" in boss.get(LIST).text
    first, second = (membership(world, person)[0] for person in people)
    assert boss.post(f"{LIST}/requests/{first}/accept").status_code == 303
    assert boss.post(f"{LIST}/requests/{first}/accept").status_code == 303
    assert boss.post(f"{LIST}/requests/{second}/reject", {}).status_code == 422
    assert boss.post(f"{LIST}/requests/{second}/reject", {"reason": "专业不符"}).status_code == 303
    assert membership(world, people[0])[1:] == ("active", "")
    assert membership(world, people[1])[1:] == ("rejected", "专业不符")
    assert told(world, people[0]) == ["membership_accepted"]
    assert told(world, people[1]) == ["membership_rejected"]
    assert counted(world, team) == (1, 1)


def test_one_request_judged_by_two_at_once_is_judged_once(world, root):
    team = world.organization(root, join_mode="1")
    person = world.volunteer()
    join(world, person, team)
    number = membership(world, person)[0]

    def judge(accept):
        def act():
            owner = session.get_one(Organization, team.id)
            facts = {"reason": "专业不符", "actor_id": team.admin.account_id, "now": here.clock.now()}
            return members.judge(owner, number, accept=accept, **facts).state

        return lambda: in_transaction(act)

    outcomes = world.at_once([judge(True), judge(False)])
    assert sorted(isinstance(outcome, Exception) for outcome in outcomes) == [False, True]
    state = membership(world, person)[1]
    assert counted(world, team) == ((1, 1) if state == "active" else (0, 0))


def test_a_lead_sees_members_and_judges_nobody(world, team):
    person = world.volunteer()
    join(world, person, team)
    lead = world.browser(world.do(lambda: add_admin(team, Role.LEAD)))
    assert lead.get(LIST).status_code == 200
    assert lead.get(f"{LIST}/requests").status_code == 403
    for path in ("remove", "reveal"):
        assert lead.get(f"{LIST}/{uid_of(world, person)}/{path}").status_code == 403
    helper = world.browser(world.do(lambda: add_admin(team, Role.HELPER)))
    assert helper.get(LIST).status_code == 403


def test_an_id_number_is_shown_to_its_organisation_for_a_reason(world, team, boss):
    person = world.volunteer()
    join(world, person, team)
    path = f"{LIST}/{uid_of(world, person)}/reveal"
    refused = boss.post(path, {"what": "id_number"})
    assert (refused.status_code, person.id_number in refused.text) == (422, False)
    assert person.id_number in boss.post(path, {"what": "id_number", "why": "insurance"}).text
    query = select(AuditEntry.actor_id, AuditEntry.topic).where(
        AuditEntry.account_id == person.account_id, AuditEntry.action == "id_number.revealed"
    )
    assert world.rows(query) == [(team.admin.account_id, f"organization:{team.id}")]


def removed(world, team, person):
    boss = world.browser(team.admin)
    return boss.post(f"{LIST}/{uid_of(world, person)}/remove", {"reason": "多次无故缺席"})


def test_who_is_removed_is_told_why_and_appeals_to_the_parent(world, root, team):
    person = world.volunteer(name="张甲")
    join(world, person, team)
    assert removed(world, team, person).status_code == 303
    assert membership(world, person)[1:] == ("removed", "多次无故缺席")
    assert told(world, person) == ["membership_removed"]
    assert counted(world, team) == (0, 0)
    me = world.browser(person)
    assert "多次无故缺席" in me.get("/volunteer/removals").text
    path = f"/volunteer/removals/{team.uid}/appeal"
    assert me.post(path, {"words": "短"}).status_code == 422
    assert me.post(path, {"words": "那几次我都请过假"}).status_code == 303
    assert "已经申诉过" in me.post(path, {"words": "那几次我都请过假"}).text
    assert told(world, root.admin) == ["appeal_waits"]
    assert told(world, team.admin) == []
    uid = world.one(select(Appeal.uid))
    assert world.browser(team.admin).get(f"/organization/appeals/{uid}").status_code == 404
    above = world.browser(root.admin)
    assert mask_name("张甲") in above.get("/organization/appeals").text
    assert "那几次我都请过假" in above.get(f"/organization/appeals/{uid}").text
    assert above.post(f"/organization/appeals/{uid}", {"outcome": "upheld"}).status_code == 422
    sent = {"outcome": "upheld", "decision": "请假属实"}
    assert above.post(f"/organization/appeals/{uid}", sent).status_code == 303
    assert membership(world, person)[1:] == ("active", "")
    assert counted(world, team) == (1, 1)
    assert told(world, person)[-1] == "appeal_upheld"
    assert told(world, team.admin) == ["membership_restored"]


def test_a_dismissed_appeal_changes_nothing_and_says_why(world, root, team):
    person = world.volunteer()
    join(world, person, team)
    removed(world, team, person)
    me = world.browser(person)
    me.post(f"/volunteer/removals/{team.uid}/appeal", {"words": "我认为处理过重"})
    uid = world.one(select(Appeal.uid))
    sent = {"outcome": "dismissed", "decision": "情况属实"}
    assert world.browser(root.admin).post(f"/organization/appeals/{uid}", sent).status_code == 303
    assert membership(world, person)[1] == "removed"
    assert "情况属实" in me.get("/volunteer/removals").text


def test_nobody_judges_their_own_removal(world, root):
    person = world.volunteer()
    team = world.organization(root, admin=root.admin)
    join(world, person, team)

    def act():
        number = session.scalars(select(Membership.id)).one()
        owner = session.get_one(Organization, team.id)
        members.remove(owner, number, "缺席", actor_id=root.admin.account_id, now=here.clock.now())

    world.do(lambda: in_transaction(act))
    world.browser(person).post(f"/volunteer/removals/{team.uid}/appeal", {"words": "我认为处理过重"})
    uid = world.one(select(Appeal.uid))
    browser = world.browser(root.admin)
    browser.act_for(root)
    answer = browser.post(f"/organization/appeals/{uid}", {"outcome": "dismissed", "decision": "情况属实"})
    assert "您自己作的决定" in answer.text
    assert world.one(select(Appeal.state)) == "open"


def test_two_who_decide_at_once_decide_once(world, root, team):
    person = world.volunteer()
    join(world, person, team)
    removed(world, team, person)
    world.browser(person).post(f"/volunteer/removals/{team.uid}/appeal", {"words": "我认为处理过重"})
    uid = world.one(select(Appeal.uid))

    def decide(upheld):
        def act():
            above = session.get_one(Organization, root.id)
            facts = {"decision": "核实过了", "actor_id": root.admin.account_id, "now": here.clock.now()}
            return appeals.decide(above, uid, upheld=upheld, **facts).state

        return lambda: in_transaction(act)

    outcomes = world.at_once([decide(True), decide(False)])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AppealState", "DecidedAlready"]


def test_the_removed_do_not_come_back_by_themselves(world, team, clock):
    person = world.volunteer()
    join(world, person, team)
    removed(world, team, person)
    clock.advance(timedelta(minutes=1))
    me = world.browser(person)
    assert me.post(f"/volunteer/organizations/{team.uid}/join").status_code == 303
    assert membership(world, person)[1] == "removed"


def test_of_very_many_requests_the_oldest_are_shown_and_all_are_counted(world, root, monkeypatch):
    monkeypatch.setattr("app.organizations.members.MOST_REQUESTS", 2)
    team = world.organization(root, join_mode="1")
    people = [world.volunteer(name=f"第{number}位") for number in "一二三"]
    for person in people:
        join(world, person, team)
    boss = world.browser(team.admin)
    assert "3 人待审核" in boss.page(LIST).text
    page = boss.page(f"{LIST}/requests")
    assert "共 3 人申请，下面是最早的 2 人" in page.text
    assert people[2].name not in page.text
    assert boss.get(f"{LIST}/requests/{membership(world, people[2])[0]}/reject").status_code == 200


def asked(world):
    return world.rows(select(Notice.account_id).where(Notice.kind == "membership_asked").order_by(Notice.id))


def test_owner_and_admins_hear_of_a_wish_to_join_once_a_day_until_they_look(world, root, clock):
    team = world.organization(root, join_mode="1")
    admin = world.do(lambda: add_admin(team, Role.ADMIN))
    world.do(lambda: add_admin(team, Role.LEAD))
    both = [(team.admin.account_id,), (admin.account_id,)]
    first, second, third, fourth = (world.volunteer() for _ in range(4))
    join(world, first, team)
    assert asked(world) == both
    join(world, second, team)
    assert asked(world) == both, "they have not looked yet"
    clock.advance(timedelta(days=1))
    join(world, third, team)
    assert asked(world) == both * 2
    boss = world.browser(team.admin)
    for person in (first, second, third):
        assert boss.post(f"{LIST}/requests/{membership(world, person)[0]}/accept").status_code == 303
    join(world, fourth, team)
    assert asked(world) == both * 3, "all of the others were answered"


def test_who_asks_leaves_and_asks_again_rings_once(world, root, volunteer):
    team = world.organization(root, join_mode="1")
    browser = world.browser(volunteer)
    for _ in range(3):
        join(world, volunteer, team)
        assert browser.post(f"/volunteer/organizations/{team.uid}/leave").status_code == 303
    assert len(asked(world)) == 1
