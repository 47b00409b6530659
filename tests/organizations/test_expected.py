"""开放下级注册: units that are expected, who of them came, and the links that are handed out."""

import pytest
from sqlalchemy import select

from app.context import here
from app.database import in_transaction, session
from app.organizations import expected
from app.organizations.models import Organization, Role
from app.organizations.wishes import ExpectedUnit, RegistrationCall
from tests.factories import add_admin, new_phone, suspend
from tests.organizations.calls import NAMES, PATH, REGISTER, register, sections, unit_link
from tests.pages import read


def test_a_list_shows_who_has_not_begun_who_is_on_the_way_and_who_is_done(world, caller, called, legal, admin_form):
    assert sections(caller.page(PATH))["未开始"] == {"中山区", "西岗区", "星海中学"}
    register(world, legal, admin_form, name="中山区 科技志愿服务总队")
    register(world, legal, admin_form | {"form_key": "m" * 22}, review="parent", name="西岗区科技志愿服务队")
    page = caller.page(PATH)
    assert sections(page) == {"未开始": {"星海中学"}, "进行中": {"西岗区"}, "已完成": {"中山区"}}
    assert "未开始 1 个 · 进行中 1 个 · 已完成 1 个" in page.text


def test_the_link_chooses_the_organisation_above(world, root, team, good, admin_form):
    owner = world.browser(team.admin)
    owner.post(PATH, {"due_on": "2026-12-31", "names": NAMES})
    (uid,) = world.rows(select(RegistrationCall.uid))[0]
    page = register(world, good, admin_form, f"{REGISTER}?link={uid}")
    assert page.of("parent").value == team.uid
    assert f"“{team.name}”邀请您" in page.text
    assert world.one(select(Organization.parent_id).where(Organization.name == good["name"])) == team.id


def test_a_units_own_link_fills_in_its_name_and_counts_whatever_the_name_becomes(
    world, caller, called, good, admin_form
):
    page = register(
        world, good, admin_form, f"{REGISTER}?link={unit_link(world, '星海中学')}", name="完全不同的志愿服务队"
    )
    assert page.of("name").value == "星海中学"
    assert "完全不同的志愿服务队" in caller.page(PATH).html.partition("已完成（1）")[2]


def test_the_link_survives_the_phone_step(world, sms, caller, called):
    link, phone = unit_link(world, "星海中学"), new_phone()
    stranger, address = world.browser(), f"{REGISTER}?link={unit_link(world, '星海中学')}"
    stranger.page(address)
    stranger.post(address, {"phone": phone, "action": "send"})
    answer = stranger.post(address, {"phone": phone, "code": sms.code(phone)})
    assert f"link={link}" in answer.location
    assert stranger.page(answer.location).of("name").value == "星海中学"


@pytest.mark.parametrize("link", ["", "x", "A" * 22, "%00" * 22, "🙂" * 22])
def test_a_made_up_link_chooses_the_root(world, root, caller, called, link):
    assert world.browser(world.account()).page(f"{REGISTER}?link={link}").of("parent").value == root.uid


def test_who_registered_before_the_list_was_made_is_on_it(world, root, caller):
    world.organization(root, name="中山区科技志愿服务队")
    refused = world.organization(root, name="西岗区科技志愿服务队")
    world.do(lambda: suspend(refused, "rejected"))
    caller.post(PATH, {"due_on": "2026-12-31", "names": NAMES})
    found = sections(caller.page(PATH))
    assert found == {"未开始": {"西岗区", "星海中学"}, "进行中": set(), "已完成": {"中山区"}}


def test_whose_registration_was_refused_may_come_again(world, root, caller, called, legal, admin_form):
    register(world, legal, admin_form, name="西岗区科技志愿服务队", review="parent")
    uid = world.one(select(Organization.uid).where(Organization.name == "西岗区科技志愿服务队"))
    caller.post(f"/organization/below/{uid}/review", {"action": "refuse", "reason": "材料不全"})
    assert "西岗区" in sections(caller.page(PATH))["未开始"]
    register(world, legal, admin_form | {"form_key": "m" * 22}, name="西岗区科技志愿服务队")
    assert "西岗区" in sections(caller.page(PATH))["已完成"]


def test_the_list_is_changed_but_who_began_stays(world, caller, called, good, admin_form):
    register(world, good, admin_form, name="中山区科技志愿服务队")
    caller.post(PATH, {"due_on": "2027-01-31", "names": "星海中学\n星海中学"})
    page = caller.page(PATH)
    assert sections(page) == {"未开始": {"星海中学"}, "进行中": set(), "已完成": {"中山区"}}
    assert "2027年1月31日前完成" in page.text


def test_an_empty_list_ends_it(world, caller, called):
    caller.post(PATH, {"due_on": "2026-12-31", "names": " \n"})
    assert world.rows(select(RegistrationCall.id)) == []
    assert world.rows(select(ExpectedUnit.id)) == []


def test_past_the_day_it_says_so(caller):
    caller.post(PATH, {"due_on": "2026-11-22", "names": NAMES})
    assert "已过截止日期" in caller.page(PATH).text
    caller.post(PATH, {"due_on": "2026-11-23", "names": NAMES})
    assert "已过截止日期" not in caller.page(PATH).text


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({"due_on": ""}, "due_on", "请填写截止日期"),
        ({"due_on": "2026-02-30"}, "due_on", "存在的日期"),
        ({"names": "好的单位名称\n☆☆☆"}, "names", "第 2 行"),
        ({"names": "长" * 51}, "names", "第 1 行"),
        ({"names": "\n".join(f"第{n}单位" for n in range(301))}, "names", "最多 300 个"),
        ({"names": "a\x00b"}, "names", "无法识别"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_kept(world, caller, form, field, words):
    answer = caller.post(PATH, {"due_on": "2026-12-31", "names": "好的单位名称"} | form)
    assert answer.status_code == 422
    assert any(words in error for error in read(answer).of(field).errors)
    assert world.rows(select(RegistrationCall.id)) == []


def test_the_code_is_a_picture_for_those_who_may_see_the_list(world, root, team, caller, called):
    assert caller.get(f"{PATH}/qr.png").mimetype == "image/png"
    assert world.browser(team.admin).get(f"{PATH}/qr.png").status_code == 409
    lead = world.browser(world.do(lambda: add_admin(root, Role.LEAD)))
    assert lead.get(PATH).status_code == lead.get(f"{PATH}/qr.png").status_code == 403


def test_lists_saved_at_once_make_one_call(world, root):
    names = ["中山区科技志愿服务队", "西岗区科技志愿服务队"]

    def save():
        organization, now = session.get_one(Organization, root.id), here.clock.now()
        in_transaction(lambda: expected.call_for(organization, names, now.date(), now=now))

    assert world.at_once([save] * 6) == [None] * 6
    assert len(world.rows(select(RegistrationCall.id))) == 1
    assert len(world.rows(select(ExpectedUnit.id))) == 2


def test_two_units_that_would_be_taken_for_one_are_told_with_both_lines(world, caller):
    names = "星海中学\n第一小学科技志愿服务队\n第一小学科技志愿服务总队"
    answer = caller.post(PATH, {"due_on": "2026-12-31", "names": names})
    field = read(answer).of("names")
    assert "第 3 行“第一小学科技志愿服务总队”和第 2 行“第一小学科技志愿服务队”会认成同一个单位" in field.errors[0]
    assert field.value.split() == names.split()
    assert world.rows(select(ExpectedUnit.id)) == []
    assert caller.post(PATH, {"due_on": "2026-12-31", "names": "星海中学\n星海中学"}).status_code == 303
    assert world.rows(select(ExpectedUnit.name)) == [("星海中学",)]


def test_of_two_who_change_the_list_the_second_is_told_and_no_link_is_lost(world, root, caller, called):
    second = world.browser(world.do(lambda: add_admin(root, Role.ADMIN)))
    mine, theirs = caller.page(PATH), second.page(PATH)
    names = mine.of("names").value

    def sent(page, *more):
        lines = "\n".join([names, *more])
        return {"edition": page.hidden["edition"], "names": lines, "due_on": page.of("due_on").value}

    assert second.post(PATH, sent(theirs, "金州区少年宫")).status_code == 303
    link = unit_link(world, "金州区少年宫")
    answer = caller.post(PATH, sent(mine, "庄河市科技馆"))
    assert answer.status_code == 409
    page = read(answer)
    assert "名单被别人改过" in page.alerts[0]
    assert "另有：金州区少年宫" in page.alerts[1]
    assert "没有：庄河市科技馆" in page.alerts[2]
    assert page.of("names").value.strip().endswith("庄河市科技馆")
    assert unit_link(world, "金州区少年宫") == link
    assert caller.post(PATH, sent(page, "金州区少年宫", "庄河市科技馆")).status_code == 303
    assert unit_link(world, "金州区少年宫") == link
    assert unit_link(world, "庄河市科技馆")


def test_who_waits_for_approval_prepares_the_list_and_gets_the_links_with_the_yes(world, root):
    team = world.organization(root, review="parent")
    browser = world.browser(team.admin)
    assert browser.post(PATH, {"due_on": "2026-12-31", "names": NAMES}).status_code == 303
    page = browser.page(PATH)
    assert sections(page)["未开始"] == {"中山区", "西岗区", "星海中学"}
    assert "通过审核后，这里会有注册链接和二维码" in page.text
    assert "link=" not in page.html
    assert browser.get(f"{PATH}/qr.png").status_code == 409
    world.do(lambda: suspend(team, "approved"))
    assert "link=" in browser.page(PATH).html
    assert browser.get(f"{PATH}/qr.png").status_code == 200
    world.do(lambda: suspend(team, "suspended"))
    assert browser.get(PATH).status_code == 403
