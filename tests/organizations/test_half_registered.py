"""A registration on its way between pages, tabs and links: nothing typed is lost, and what was shown is sent."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Draft
from app.organizations.models import Organization
from app.organizations.wishes import ExpectedUnit
from tests.factories import suspend
from tests.pages import read

PATH = "/organization/register"
ADMIN = f"{PATH}?step=admin"


def names(world):
    return {row[0] for row in world.rows(select(Organization.name))}


def keep(browser, form):
    """What the page does by itself while somebody types."""
    assert browser.post(PATH, form | {"action": "keep"}).status_code == 204


@pytest.fixture
def shown(applicant, good, admin_form):
    """The second page, filled in, of a registration named 甲科技志愿服务队."""
    assert applicant.post(PATH, good | {"name": "甲科技志愿服务队"}).status_code == 303
    page = applicant.page(ADMIN)
    assert "甲科技志愿服务队" in page.text
    return admin_form | page.hidden


def test_what_was_typed_in_another_tab_is_not_sent_unseen(world, applicant, good, shown):
    keep(applicant, good | {"name": "乙科技志愿"})
    answer = applicant.post(ADMIN, shown)
    assert answer.status_code == 422
    page = read(answer)
    assert "组织信息在别的页面改过" in page.alerts[0]
    assert "乙科技志愿" in page.text
    assert page.of("name").value == shown["name"]
    assert not names(world) & {"甲科技志愿服务队", "乙科技志愿"}
    assert applicant.post(ADMIN, shown | {"seen": page.hidden["seen"]}).status_code == 303
    assert "乙科技志愿" in names(world)


def test_what_holds_no_more_is_shown_where_it_is_mended(world, applicant, good, shown):
    keep(applicant, good | {"name": "乙", "address": ""})
    page = read(applicant.post(ADMIN, shown))
    assert "组织信息在别的页面改过" in page.alerts[0]
    assert page.of("name").value == "乙"
    assert len(names(world)) == 1


def test_what_was_changed_and_changed_back_is_what_was_shown(world, applicant, good, shown):
    keep(applicant, good | {"name": "乙科技志愿"})
    keep(applicant, good | {"name": "甲科技志愿服务队"})
    assert applicant.post(ADMIN, shown).status_code == 303


def test_who_sends_it_in_a_second_tab_reads_that_it_was_sent(world, applicant, shown):
    other = applicant.page(ADMIN).hidden
    assert applicant.post(ADMIN, shown).status_code == 303
    answer = applicant.post(ADMIN, shown | other)
    assert answer.location == PATH
    assert "可能刚刚在别的页面提交过" in applicant.page(PATH).text


def test_names_that_are_nearly_the_same_are_asked_about_however_the_page_was_left(
    world, root, applicant, good, admin_form
):
    world.organization(root, name="滨城农学会科技志愿服务队")
    keep(applicant, good | {"name": "滨城农学会"})
    for answer in (applicant.get(ADMIN), applicant.post(ADMIN, admin_form)):
        assert "滨城农学会科技志愿服务队" in read(answer).text
        assert 'value="滨城农学会">不是同一个组织' in answer.text
    assert "滨城农学会" not in names(world)
    assert applicant.post(PATH, good | {"name": "滨城农学会", "not_same": "滨城农学会"}).location == ADMIN
    assert applicant.post(ADMIN, admin_form).status_code == 303


@pytest.mark.parametrize("press", ["back", "parent", "keep", ""])
def test_the_admins_name_survives_whatever_is_pressed(world, root, applicant, good, press):
    near = world.organization(root, name="中山区农业协会", st_line="G", region="210202")
    applicant.post(PATH, good)
    typed = {"name": "欧阳队长", "position": "队长"}
    pressed = {"parent": near.uid} if press == "parent" else {"action": press}
    answer = applicant.post(ADMIN, typed | pressed)
    assert answer.status_code == {"keep": 204, "": 422}.get(press, 303)
    if press == "back":
        assert answer.location == PATH
        assert applicant.post(PATH, good).location == ADMIN
    page = applicant.page(ADMIN)
    assert (page.of("name").value, page.of("position").value) == ("欧阳队长", "队长")
    assert not page.of("agreement").chosen


def test_once_it_is_sent_nothing_of_it_is_kept(world, applicant, good, admin_form):
    applicant.post(PATH, good)
    applicant.post(ADMIN, admin_form | {"agreement": ""})
    assert len(world.rows(select(Draft.id))) == 2
    assert applicant.post(ADMIN, admin_form).status_code == 303
    assert world.rows(select(Draft.id)) == []


def expect(world, person, due_on="2026-12-31"):
    browser = world.browser(person)
    form = {"due_on": due_on, "names": "星海中学\n西岗小学"}
    assert browser.post("/organization/expected", form).status_code == 303
    return dict(world.rows(select(ExpectedUnit.name, ExpectedUnit.uid)))


@pytest.mark.parametrize(("typed", "found"), [("星海中学", "西岗小学"), ("星海中学科普队", "星海中学科普队")])
def test_another_units_link_brings_its_own_name_but_takes_none_that_was_typed(
    world, root, applicant, good, typed, found
):
    links = expect(world, root.admin)
    page = applicant.page(f"{PATH}?link={links['星海中学']}")
    assert page.of("name").value == "星海中学"
    keep(applicant, good | {"name": typed, "link": links["星海中学"]})
    page = applicant.page(f"{PATH}?link={links['西岗小学']}")
    assert page.of("name").value == found
    assert page.hidden["link"] == links["西岗小学"]


def test_who_chose_another_organisation_above_than_the_links_keeps_it(world, root, team, applicant, good):
    link = expect(world, team.admin)["星海中学"]
    assert applicant.page(f"{PATH}?link={link}").of("parent").value == team.uid
    keep(applicant, good | {"link": link, "parent": root.uid})
    for address in (PATH, f"{PATH}?link={link}"):
        assert applicant.page(address).of("parent").value == root.uid


def test_the_link_of_one_that_is_suspended_says_so_and_invites_nobody(world, root, team, applicant):
    link = expect(world, team.admin)["星海中学"]
    world.do(lambda: suspend(team, "suspended"))
    page = applicant.page(f"{PATH}?link={link}")
    assert "邀请您在它下面注册" not in page.text
    assert "现在不能接收新的组织" in page.text
    assert page.of("parent").value == root.uid


def test_a_link_that_leads_nowhere_says_so(world, root, applicant):
    assert "这个注册链接已经失效" in applicant.page(f"{PATH}?link={'A' * 22}").text
    assert "失效" not in applicant.page(PATH).text


def test_a_link_past_its_day_asks_for_nothing_by_then(world, root, applicant, clock):
    link = expect(world, root.admin, due_on="2026-11-25")["星海中学"]
    assert "请在 2026年11月25日前完成" in applicant.page(f"{PATH}?link={link}").text
    clock.advance(timedelta(days=10))
    text = world.browser(world.account()).page(f"{PATH}?link={link}").text
    assert "邀请您在它下面注册" in text
    assert "请在 2026年11月25日前完成" not in text
    assert "截止日期 2026年11月25日已过，现在仍可以注册" in text
