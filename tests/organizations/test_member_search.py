"""Members found by a part of their name: what is kept for it follows every change of a name or a membership."""

import pytest
from sqlalchemy import delete, func, select, update
from structlog.testing import capture_logs

from app.context import here
from app.database import in_transaction, session
from app.organizations import jobs, members, teams
from app.organizations.member_names import NameTail
from app.organizations.members import PART, Wanted
from app.organizations.models import Membership, Organization
from app.own_data import services as own_data
from app.volunteers.models import Volunteer
from tests import factories
from tests.factories import add_admin, create_member, leave


def joined(world, team, *names):
    return [world.do(lambda name=name: create_member(team, name=name)) for name in names]


def found(world, team, text, **more):
    """The names, the newest member first."""

    def look():
        part = members.part(session.get_one(Organization, team.id), Wanted(text=text, **more))
        return [row.volunteer.name for row in part.rows]

    return world.do(look)


def act(world, change):
    world.do(lambda: in_transaction(change))


def tails(world):
    return world.one(select(func.count()).select_from(NameTail))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("王", ["王小明", "王王", "阿王"]),
        ("小明", ["王小明"]),
        ("明", ["王小明"]),
        ("王小明", ["王小明"]),
        ("小明明", []),
        ("alim", ["Alim·买买提"]),
        ("ALIM·买", ["Alim·买买提"]),
        ("买提", ["Alim·买买提"]),
        ("𠮷", ["𠮷田"]),
        ("%", []),
        ("_", []),
        ("赵", []),
    ],
)
def test_a_name_is_found_by_whatever_stands_in_it(world, team, text, names):
    joined(world, team, "阿王", "王王", "𠮷田", "Alim·买买提", "王小明", "李四")
    assert found(world, team, text) == names


def test_a_member_is_found_by_the_number_and_by_the_other_filters_at_once(world, team):
    one, other = joined(world, team, "王甲", "王乙")
    number = world.one(select(Volunteer.volunteer_no).where(Volunteer.id == one.volunteer_id))
    assert found(world, team, number) == ["王甲"]
    skilled = world.do(lambda: create_member(team, name="王丙", skills=["05"]))
    assert skilled.volunteer_id > other.volunteer_id
    assert found(world, team, "王", skill="05") == ["王丙"]
    assert found(world, team, "王", skill="01") == ["王乙", "王甲"]
    assert found(world, team, "李", skill="05") == []


@pytest.mark.parametrize("few", [members.FEW, 0], ids=["few of them", "many of them"])
def test_those_below_are_found_by_what_their_mask_leaves_and_by_no_more(world, root, team, monkeypatch, few):
    monkeypatch.setattr(members, "FEW", few)
    joined(world, root, "王小明")
    joined(world, team, "王大力", "李小明")
    assert found(world, root, "王") == ["王小明"]
    assert found(world, root, "王", below=True) == ["王大力", "王小明"]
    assert found(world, root, "小", below=True) == found(world, root, "小明", below=True) == ["王小明"]
    assert found(world, root, "王大", below=True) == []


def test_a_number_that_is_masked_for_the_role_is_searched_for_in_vain(world, root, team):
    (member,) = joined(world, team, "王甲")
    (own,) = joined(world, root, "王乙")
    number = lambda one: world.one(select(Volunteer.volunteer_no).where(Volunteer.id == one.volunteer_id))  # noqa: E731
    lead, admin = (world.browser(world.do(lambda role=role: add_admin(root, role))) for role in ("lead", "admin"))
    list_of = lambda browser, one: browser.page(f"/organization/volunteers?below=1&q={number(one)}").text  # noqa: E731
    assert "王" in list_of(admin, member)
    assert "王" not in list_of(lead, member)
    assert "王" in list_of(lead, own)


def test_the_list_of_those_found_goes_on_where_it_stopped(world, team):
    joined(world, team, *(f"王{number}" for number in range(PART + 3)), "李四")

    def look(after=None):
        return members.part(session.get_one(Organization, team.id), Wanted(text="王"), after=after)

    first = world.do(lambda: [look().next_id, len(look().rows)])
    rest = world.do(lambda: [row.volunteer.name for row in look(first[0]).rows])
    assert first[1] == PART
    assert rest == ["王2", "王1", "王0"]
    assert world.do(lambda: look(first[0]).next_id) is None


def test_a_new_name_is_found_and_the_old_one_is_not(world, root, team):
    (person,) = joined(world, team, "王小明")
    act(world, lambda: setattr(session.get_one(Volunteer, person.volunteer_id), "name", "李大力"))
    assert found(world, team, "王小明") == found(world, root, "王", below=True) == []
    assert found(world, team, "大力") == found(world, root, "李", below=True) == ["李大力"]


def test_who_left_is_found_no_more_and_who_came_back_is(world, team):
    (person,) = joined(world, team, "王小明")
    world.do(lambda: leave(person, team))
    assert found(world, team, "小明") == []
    assert tails(world) == 0
    world.do(lambda: factories.join(person, team))
    assert found(world, team, "小明") == ["王小明"]


def test_after_a_merge_members_are_found_where_they_went(world, root):
    old, new = world.organization(root), world.organization(root)
    both, one = joined(world, old, "王甲", "王乙")
    world.do(lambda: factories.join(both, new))
    form = {"successor": new.uid, "admins": "keep", "reason": "机构改革", "understood": "y"}
    browser = world.browser().log_in(root.admin, proved=True)
    assert browser.post(f"/organization/below/{old.uid}/merge", form).status_code == 303
    assert sorted(found(world, new, "王")) == ["王乙", "王甲"]
    assert found(world, old, "王") == []
    assert world.do(lambda: jobs.look_over()) == 0
    assert one.volunteer_id in [row[0] for row in world.rows(select(NameTail.volunteer_id))]


def test_of_who_deleted_the_account_nothing_is_kept(world, team):
    (person,) = joined(world, team, "王小明")

    def close():
        volunteer = session.get_one(Volunteer, person.volunteer_id)
        own_data.close(volunteer.account, now=here.clock.now())

    act(world, close)
    assert tails(world) == 0
    assert world.rows(select(Membership.initial)) == [("",)]


def test_ones_own_data_does_not_list_what_is_kept_for_the_search(world, team, sms):
    (person,) = joined(world, team, "王小明")
    data = world.do(
        lambda: in_transaction(lambda: own_data.export(session.get_one(Volunteer, person.volunteer_id).account))
    )
    assert "member_name_tails" not in data
    browser = world.browser(person)
    browser.post("/account/data", {"action": "send"})
    browser.post("/account/data", {"code": sms.code(person.phone)})
    text = browser.page("/account/data").text
    assert "王小明" in text
    assert "小明" not in text.replace("王小明", "")


def test_a_sub_team_offers_members_by_a_part_of_the_name(world, team):
    joined(world, team, "王小明", "李四")
    joined(world, world.organization(team), "赵小明")

    def look():
        owner, actor = session.get_one(Organization, team.id), session.scalars(select(Volunteer)).first().account
        made = teams.create(owner, "宣讲队", "", actor=actor, now=here.clock.now())
        return [row.name for row in teams.others(made, "小明")], [row.name for row in teams.others(made)]

    assert world.do(lambda: in_transaction(look)) == (["王小明"], ["李四", "王小明"])


def test_recount_finds_what_was_spoilt_and_mends_it(world, app, team):
    one, other = joined(world, team, "王小明", "李四")
    run = app.test_cli_runner().invoke
    assert run(args=["organizations", "recount"]).output.strip() == "nothing differs"
    act(world, lambda: session.execute(delete(NameTail).where(NameTail.volunteer_id == one.volunteer_id)))
    mine = Membership.volunteer_id == other.volunteer_id
    act(world, lambda: session.execute(update(Membership).where(mine).values(initial="赵")))
    with capture_logs() as lines:
        assert world.do(jobs.look_over) == 2
    assert [line["event"] for line in lines] == ["names_kept_wrong"]
    assert run(args=["organizations", "recount"]).exit_code == 1
    assert "put right: 2" in run(args=["organizations", "recount", "--mend"]).output
    assert run(args=["organizations", "recount"]).output.strip() == "nothing differs"
    assert found(world, team, "小明") == ["王小明"]
