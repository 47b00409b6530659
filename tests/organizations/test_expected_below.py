"""An expected unit counts anywhere below who expects it, and who was invited is led nowhere else."""

import pytest
from sqlalchemy import select

from app.database import in_transaction
from app.organizations.models import Organization
from app.organizations.wishes import ExpectedUnit, RegistrationCall
from tests.organizations.calls import NAMES, PATH, REGISTER, register, sections, unit_link
from tests.organizations.merges import merge
from tests.organizations.test_edit import save
from tests.organizations.test_other_parent import returned
from tests.organizations.test_tree import move

ADMIN = f"{REGISTER}?step=admin"
DISTRICT = {"name": "青泥洼科协科技志愿服务队", "st_line": "A", "region": "210202"}


@pytest.fixture
def district(world, root):
    """What line and region of a new unit suggest as the organisation above."""
    return world.organization(root, **DISTRICT)


def name_of(world, team):
    return world.one(select(Organization.name).where(Organization.id == team.id))


def list_link(world):
    return world.one(select(RegistrationCall.uid))


def test_who_came_by_a_link_reads_who_invited_and_is_offered_no_other(world, district, called, good):
    browser = world.browser(world.account())
    page = browser.page(f"{REGISTER}?link={unit_link(world, '星海中学')}")
    form = good | {"parent": page.of("parent").value, "link": page.hidden["link"], "name": page.of("name").value}
    assert "建议选" not in browser.post(REGISTER, form | {"action": "region"}).text
    assert browser.post(REGISTER, form).status_code == 303
    second = browser.page(ADMIN)
    assert "（邀请您注册的组织）" in second.text
    assert "改为" not in second.text
    assert browser.post(REGISTER, form | {"link": ""}).status_code == 303
    other = browser.page(ADMIN)
    assert f"改为{DISTRICT['name']}" in other.text
    assert "（邀请您注册的组织）" not in other.text


def test_by_the_link_for_all_of_the_root_one_is_suggested_where_one_belongs_and_counts_there(
    world, root, district, caller, called, good, admin_form
):
    browser = world.browser(world.account())
    page = browser.page(f"{REGISTER}?link={list_link(world)}")
    form = good | {"parent": root.uid, "link": page.hidden["link"], "name": "中山区星海中学"}
    assert browser.post(REGISTER, form).status_code == 303
    second = browser.page(ADMIN)
    assert f"改了也算“{name_of(world, root)}”名单里的单位" in second.text
    assert browser.post(ADMIN, second.sent(parent=district.uid)).status_code == 303
    assert browser.post(ADMIN, admin_form).status_code == 303
    assert "星海中学" in sections(caller.page(PATH))["已完成"]


@pytest.mark.parametrize("name", ["星海中学", "完全不同的志愿服务队"])
def test_a_unit_that_registers_further_down_counts_by_its_link(world, district, caller, called, good, admin_form, name):
    link = unit_link(world, "星海中学")
    register(world, good, admin_form, f"{REGISTER}?link={link}", name=name, parent=district.uid)
    assert "星海中学" in sections(caller.page(PATH))["已完成"]


def test_by_the_link_for_all_a_unit_further_down_is_known_with_its_place(
    world, district, caller, called, good, admin_form
):
    address = f"{REGISTER}?link={list_link(world)}"
    register(world, good, admin_form, address, name="中山区星海中学科技志愿服务队", parent=district.uid)
    assert "星海中学" in sections(caller.page(PATH))["已完成"]


def test_one_further_down_that_only_sounds_like_it_is_ticked_by_nobody(
    world, district, caller, called, good, admin_form
):
    register(world, good, admin_form, name="中山区星海中学科技志愿服务队", parent=district.uid)
    assert "星海中学" in sections(caller.page(PATH))["未开始"]


def test_a_unit_on_the_lists_of_two_above_counts_for_both(world, root, district, caller, called, legal, admin_form):
    owner = world.browser(district.admin)
    assert owner.post(PATH, {"due_on": "2026-12-31", "names": NAMES}).status_code == 303
    register(world, legal, admin_form, name="西岗区科技志愿服务队", parent=district.uid)
    assert sections(caller.page(PATH))["已完成"] == sections(owner.page(PATH))["已完成"] == {"西岗区"}


def test_what_was_further_down_before_the_list_was_made_is_on_it(world, district, caller):
    world.organization(district, name="西岗区科技志愿服务队")
    caller.post(PATH, {"due_on": "2026-12-31", "names": NAMES})
    assert sections(caller.page(PATH))["已完成"] == {"西岗区"}


def test_a_unit_that_is_moved_further_down_stays_and_one_sent_back_that_chose_another_below_goes_on(
    world, root, district, caller, called
):
    unit = world.organization(root, name="西岗区科技志愿服务队", review="parent")
    world.do(lambda: move(root, unit, district))
    assert sections(caller.page(PATH))["进行中"] == {"西岗区"}
    other = returned(world, root, name="中山区科技志愿服务队")
    assert save(world.browser(other.admin), parent=district.uid).status_code == 303
    assert sections(caller.page(PATH))["进行中"] == {"西岗区", "中山区"}


def test_a_branch_that_is_moved_below_brings_the_units_in_it(world, root, team, district):
    owner = world.browser(team.admin)
    assert owner.post(PATH, {"due_on": "2026-12-31", "names": NAMES}).status_code == 303
    world.organization(district, name="西岗区科技志愿服务队")
    world.do(lambda: move(root, district, team))
    assert sections(owner.page(PATH))["已完成"] == {"西岗区"}


def test_a_branch_that_goes_takes_along_what_waits_in_it_and_leaves_what_was_accepted(world, root, team):
    owner, branch = world.browser(team.admin), world.organization(team, **DISTRICT)
    own = world.browser(branch.admin)
    for browser in (owner, own):
        assert browser.post(PATH, {"due_on": "2026-12-31", "names": NAMES}).status_code == 303
    world.organization(branch, name="西岗区科技志愿服务队")
    world.organization(branch, name="中山区科技志愿服务队", review="parent")
    for browser in (owner, own):
        assert sections(browser.page(PATH)) == {"未开始": {"星海中学"}, "进行中": {"中山区"}, "已完成": {"西岗区"}}
    world.do(lambda: move(root, branch, root))
    assert sections(owner.page(PATH)) == {"未开始": {"星海中学", "中山区"}, "进行中": set(), "已完成": {"西岗区"}}
    assert sections(own.page(PATH))["进行中"] == {"中山区"}


def test_a_merge_brings_the_units_below_what_was_merged(world, root):
    one, other = world.organization(root, name="甲地科普服务队"), world.organization(root, name="乙地科普服务队")
    owner = world.browser(other.admin)
    assert owner.post(PATH, {"due_on": "2026-12-31", "names": NAMES}).status_code == 303
    world.organization(one, name="西岗区科技志愿服务队")
    world.organization(world.organization(one), name="星海中学", review="parent")
    world.do(lambda: in_transaction(merge(root, one, other)))
    assert sections(owner.page(PATH)) == {"未开始": {"中山区"}, "进行中": {"星海中学"}, "已完成": {"西岗区"}}


def test_who_came_by_the_link_of_one_list_is_not_a_unit_of_that_name_on_another(
    world, root, team, caller, good, admin_form
):
    owner = world.browser(team.admin)
    for browser in (caller, owner):
        assert browser.post(PATH, {"due_on": "2026-12-31", "names": "星海中学"}).status_code == 303
    first, second = (uid for (uid,) in world.rows(select(ExpectedUnit.uid).order_by(ExpectedUnit.id)))
    register(world, good, admin_form, f"{REGISTER}?link={second}", name="星海中学志愿服务队")
    page = owner.page(PATH)
    assert sections(page)["已完成"] == {"星海中学"}
    assert f"在{team.name}下" not in page.text
    assert sections(caller.page(PATH))["未开始"] == {"星海中学"}
    assert "已经用过了" not in world.browser(world.account()).page(f"{REGISTER}?link={first}").text


def test_one_of_the_very_name_further_down_can_be_said_to_be_another(world, district, caller):
    world.organization(district, name="西岗区科技志愿服务队")
    caller.post(PATH, {"due_on": "2026-12-31", "names": NAMES})
    uid = world.one(select(ExpectedUnit.uid).where(ExpectedUnit.name == "西岗区科技志愿服务队"))
    page = caller.page(PATH)
    assert f"{uid}/part" in page.html
    assert f"在{DISTRICT['name']}下" in page.text
    assert caller.post(f"{PATH}/{uid}/part").status_code == 303
    assert "西岗区" in sections(caller.page(PATH))["未开始"]


@pytest.mark.parametrize("name", ["中山区星海中学科技志愿服务队", "大连市星海中学"])
def test_one_with_its_place_that_registered_before_the_list_was_made_is_on_it(world, caller, good, admin_form, name):
    register(world, good, admin_form, name=name)
    caller.post(PATH, {"due_on": "2026-12-31", "names": NAMES})
    assert sections(caller.page(PATH))["未开始"] == {"中山区", "西岗区"}


def test_what_was_said_to_be_another_stays_so_when_the_list_is_saved_again(world, caller, good, admin_form):
    register(world, good, admin_form, name="中山区星海中学科技志愿服务队")
    caller.post(PATH, {"due_on": "2026-12-31", "names": NAMES})
    assert caller.post(f"{PATH}/{unit_link(world, '星海中学')}/part").status_code == 303
    caller.post(PATH, {"due_on": "2026-12-31", "names": f"{NAMES}\n第一小学"})
    assert "星海中学" in sections(caller.page(PATH))["未开始"]


def test_of_two_that_may_be_the_unit_none_is_when_the_list_is_made(world, root, caller):
    for name in ("中山区星海中学", "大连市星海中学"):
        world.organization(root, name=name, region="210202")
    caller.post(PATH, {"due_on": "2026-12-31", "names": NAMES})
    assert "星海中学" in sections(caller.page(PATH))["未开始"]
