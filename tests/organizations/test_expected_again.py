"""Which expected unit an organisation is, when its name or its place says so later, or its link says another one."""

import pytest
from sqlalchemy import select

from app.organizations.models import Organization
from tests.organizations.calls import NAMES, PATH, REGISTER, register, sections, unit_link
from tests.organizations.test_edit import save, wish_path
from tests.organizations.test_tree import move


def register_and_return(world, caller, good, admin_form, **changed):
    """A registration that waited and was sent back; its applicant."""
    browser = world.browser(world.account())
    with world.settings(organizations={"review": "parent"}):
        assert browser.post(REGISTER, good | changed).status_code == 303
        assert browser.post(f"{REGISTER}?step=admin", admin_form).status_code == 303
    uid = world.one(select(Organization.uid).order_by(Organization.id.desc()).limit(1))
    caller.post(f"/organization/below/{uid}/review", {"action": "return", "reason": "名称请按名单写"})
    return browser


def test_sent_back_for_its_name_and_mended_it_is_the_unit_of_that_name(world, caller, called, legal, admin_form):
    owner = register_and_return(world, caller, legal, admin_form, name="西岗科普队")
    assert "西岗区" in sections(caller.page(PATH))["未开始"]
    assert save(owner, name="西岗区科技志愿服务队").status_code == 303
    assert sections(caller.page(PATH))["进行中"] == {"西岗区"}


def test_mended_to_the_name_of_another_unit_it_is_that_one_alone(world, caller, called, legal, admin_form):
    owner = register_and_return(world, caller, legal, admin_form, name="西岗区科技志愿服务队")
    assert save(owner, name="中山区科技志愿服务队").status_code == 303
    found = sections(caller.page(PATH))
    assert (found["未开始"], found["进行中"]) == ({"西岗区", "星海中学"}, {"中山区"})


def test_renamed_once_it_is_accepted_it_is_the_unit_of_that_name(world, root, caller, called):
    team = world.organization(root, name="西岗科普队")
    with world.settings(organizations={"review": "parent"}):
        assert save(world.browser(team.admin), name="西岗区科技志愿服务队").status_code == 303
    assert "西岗区" in sections(caller.page(PATH))["未开始"]
    assert caller.post(wish_path(world), {"action": "accept"}).status_code == 303
    assert sections(caller.page(PATH))["已完成"] == {"西岗区"}


def test_registered_elsewhere_and_moved_here_it_is_done(world, root, team):
    owner = world.browser(team.admin)
    assert owner.post(PATH, {"due_on": "2026-12-31", "names": NAMES}).status_code == 303
    late = world.organization(root, name="西岗区科技志愿服务队")
    world.do(lambda: move(root, late, team))
    assert sections(owner.page(PATH))["已完成"] == {"西岗区"}


@pytest.mark.parametrize(("review", "found"), [("none", "已完成"), ("parent", "未开始")])
def test_moved_away_it_is_expected_anew_unless_it_was_accepted(world, root, team, caller, called, review, found):
    late = world.organization(root, name="西岗区科技志愿服务队", review=review)
    beside = world.organization(team)
    world.do(lambda: move(root, late, beside))
    assert "西岗区" in sections(caller.page(PATH))["已完成" if review == "none" else "进行中"]
    owner = world.browser(team.admin)
    unit = "西岗区科技志愿服务队"
    assert owner.post(PATH, {"due_on": "2026-12-31", "names": unit}).status_code == 303
    world.do(lambda: move(root, late, team))
    world.do(lambda: move(root, late, root))
    assert "西岗区" in sections(owner.page(PATH))[found]


def test_the_name_says_more_than_the_link_of_another_unit(world, root, caller, called, good, admin_form):
    register(world, good, admin_form, f"{REGISTER}?link={unit_link(world, '星海中学')}", name="西岗区科技志愿服务队")
    found = sections(caller.page(PATH))
    assert (found["未开始"], found["已完成"]) == ({"中山区", "星海中学"}, {"西岗区"})


def test_a_unit_that_registers_with_its_place_is_known(world, caller, called, good, admin_form):
    register(world, good, admin_form, name="中山区星海中学科技志愿服务队")
    assert "星海中学" not in sections(caller.page(PATH))["未开始"]


def test_a_unit_that_could_be_several_is_ticked_by_nobody(world, caller, good, admin_form):
    caller.post(PATH, {"due_on": "2026-12-31", "names": "中山区星海中学\n大连市星海中学"})
    register(world, good, admin_form, name="星海中学科技志愿服务队")
    assert "未开始 2 个" in caller.page(PATH).text


def test_the_list_says_which_unit_one_of_another_name_is(world, root, caller, called, good, admin_form):
    register(world, good, admin_form, f"{REGISTER}?link={unit_link(world, '星海中学')}", name="红领巾科普队伍")
    done = caller.page(PATH).html.partition("已完成（1）")[2].partition("修改名单")[0]
    assert "星海中学：" in done
    assert "红领巾科普队伍" in done


def test_of_one_of_its_very_name_it_says_the_name_once(world, root, caller, called):
    world.organization(root, name="西岗区科技志愿服务队")
    done = caller.page(PATH).html.partition("已完成（1）")[2].partition("修改名单")[0]
    assert done.count("西岗区科技志愿服务队") == 1


def test_a_unit_that_another_ones_registration_ticked_off_is_put_right(
    world, root, team, caller, called, good, admin_form
):
    link = unit_link(world, "星海中学")
    register(world, good, admin_form, f"{REGISTER}?link={link}", name="完全不同的科普队伍")
    assert "不是这个单位：星海中学" in caller.page(PATH).html
    address = f"{PATH}/{link}/part"
    assert world.browser(team.admin).post(address).status_code == 404
    assert [caller.post(address).location for _ in range(2)] == [PATH] * 2
    page = caller.page(PATH)
    assert sections(page)["未开始"] == {"中山区", "西岗区", "星海中学"}
    assert "不是这个单位" not in page.html


def test_a_link_that_another_one_came_by_says_who(world, root, called, good, admin_form):
    address = f"{REGISTER}?link={unit_link(world, '星海中学')}"
    register(world, good, admin_form, address, name="红领巾科普队伍")
    text = world.browser(world.account()).page(address).text
    assert "“红领巾科普队伍”已经用过了" in text
    assert "邀请您" not in text
