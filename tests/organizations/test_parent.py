"""上级组织: suggested from line and region, found by name; and names that are nearly the same."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.organizations import parents
from app.organizations.models import Organization
from app.organizations.names import LONGEST, folded
from tests.factories import publishing_form
from tests.pages import read

PATH = "/organization/register"
ADMIN = f"{PATH}?step=admin"


def test_the_root_is_chosen_until_somebody_chooses_another(world, root, team, applicant):
    assert applicant.page(PATH).of("parent").value == root.uid


def test_line_and_region_suggest_the_association_of_the_district_or_a_society_of_the_city(world, root, applicant, good):
    near = world.organization(root, name="中山区科技志愿服务队", region="210202")
    far = world.organization(root, name="西岗区科技志愿服务队", region="210203")
    society = world.organization(root, name="大连市化学会", region="210200", st_line="B")
    for line, region, expected in (("G", "210202", near), ("C", "210203", far), ("B", "210202", society)):
        form = good | {"st_line": line, "region": region, "action": "parent"}
        answer = applicant.post(PATH, form)
        assert answer.status_code == 200
        assert f"建议选：{expected.name}" in read(answer).text
    assert "建议选" not in read(applicant.post(PATH, good | {"region": "210281", "action": "parent"})).text


def suggested(world, line, region, name=""):
    return world.do(lambda: [row.name for row in parents.suggested(line, region, 6, name=name)])


def test_an_association_is_suggested_the_one_of_its_city_and_never_a_peer(world, root):
    world.organization(root, name="沙河口区农技科普志愿服务队", region="210204")
    assert suggested(world, "A", "210204") == []
    province = world.organization(root, name="辽宁省科学技术协会", region="210000")
    assert suggested(world, "A", "210204") == [province.name]
    city = world.organization(root, name="大连市科学技术协会", region="210200")
    assert suggested(world, "A", "210204") == [city.name]
    assert suggested(world, "A", "210200") == [province.name]
    assert suggested(world, "A", "210000") == []
    assert suggested(world, "A", "210104") == [province.name]


def test_the_association_of_a_city_that_named_the_district_of_its_office_is_known_by_its_name(world, root):
    city = world.organization(root, name="大连市科学技术协会", region="210202")
    world.organization(root, name="大连市中山区科学技术协会", region="210202")
    assert suggested(world, "A", "210204") == [city.name]


def test_a_school_without_an_association_in_its_district_is_suggested_the_citys(world, root):
    city = world.organization(root, name="大连市科学技术协会", region="210200")
    assert suggested(world, "C", "210204") == [city.name]
    district = world.organization(root, name="沙河口区科学技术协会", region="210204")
    assert suggested(world, "C", "210204") == [district.name]
    assert suggested(world, "C", "210200") == [city.name]


def test_a_society_is_suggested_one_a_level_up_of_its_own_subject_first(world, root):
    peer = world.organization(root, name="大连市农学会", st_line="B", region="210200")
    assert suggested(world, "B", "210200", "大连市化学会") == []
    assert suggested(world, "B", "210204", "沙河口区化学会") == [peer.name]
    assert suggested(world, "B", "210204", "大连市化学会") == [], "it names the district of its office"
    province = world.organization(root, name="辽宁省化学会科技志愿服务队", st_line="B", region="210000")
    other = world.organization(root, name="辽宁省农学会", st_line="B", region="210000")
    assert suggested(world, "B", "210200", "大连市化学会科技志愿服务队") == [province.name]
    assert suggested(world, "B", "210200", "大连市物理学会") == [province.name, other.name]


@pytest.mark.parametrize(("code", "place"), [("210200", "大连市"), ("210000", "辽宁省")])
def test_a_whole_city_or_province_may_be_what_an_organisation_serves(
    world, root, applicant, good, admin_form, code, place
):
    page = applicant.page(PATH)
    assert f"{place}（本级）" in page.html
    assert applicant.post(PATH, good | {"region": code}).location == ADMIN
    assert applicant.post(ADMIN, admin_form).status_code == 303
    assert world.one(select(Organization.region).where(Organization.name == good["name"])) == code
    assert place in applicant.page("/organization").text


def test_a_heading_of_the_table_is_no_place(applicant, root, good):
    for code in ("469000", "110199", "2102", "210299"):
        answer = applicant.post(PATH, good | {"region": code})
        assert "请从列表中选择" in read(answer).of("region").errors[0]


def test_an_activity_of_a_city_level_organisation_is_asked_for_its_district(world, root, clock):
    team = world.organization(root, region="210200")
    browser, start = world.browser(team.admin), clock.now() + timedelta(days=3)
    assert not browser.page("/organization/activities/new").of("region").value
    answer = browser.post("/organization/activities/new", publishing_form(start, region="210200"))
    assert read(answer).of("region").errors
    assert browser.post("/organization/activities/new", publishing_form(start)).status_code == 303


def test_one_press_on_the_second_page_takes_the_suggestion(world, root, applicant, good, admin_form):
    near = world.organization(root, name="中山区科技志愿服务队", region="210202")
    applicant.post(PATH, good)
    assert f"改为{near.name}" in applicant.page(ADMIN).text
    assert applicant.post(ADMIN, {"action": "parent", "parent": "A" * 22}).location == ADMIN
    assert f"上级：{root.name}" in applicant.page(ADMIN).text
    applicant.post(ADMIN, {"action": "parent", "parent": near.uid})
    page = applicant.page(ADMIN)
    assert f"上级：{near.name}" in page.text
    assert "改为" not in page.text


def test_an_organisation_that_is_not_among_the_first_200_is_found_and_kept(world, root, applicant, good, monkeypatch):
    monkeypatch.setattr("app.organizations.parents.LONGEST_CHOICE", 2)
    world.organization(root)
    hidden = world.organization(root, name="瓦房店市科技志愿服务队")
    assert hidden.name not in applicant.page(PATH).html
    for text in ("瓦房店", "瓦房店市 科技志愿服务总队"):
        answer = read(applicant.post(PATH, good | {"action": "parent", "parent_text": text}))
        assert "找到 1 个" in answer.text
        assert hidden.name in answer.html
    assert "没有找到" in read(applicant.post(PATH, good | {"action": "parent", "parent_text": "%"})).text
    assert applicant.post(PATH, good | {"parent": hidden.uid}).location == ADMIN
    assert f"上级：{hidden.name}" in applicant.page(ADMIN).text


def test_a_name_that_is_nearly_taken_is_asked_about_once(world, root, applicant, good, admin_form):
    other = world.organization(root, name="滨城科普 志愿服务总队")
    answer = applicant.post(PATH, good)
    page = read(answer)
    assert answer.status_code == 422
    assert other.name in page.text
    assert "大连市中山区" in page.text
    assert applicant.post(PATH, good).status_code == 422
    assert applicant.post(PATH, good | {"not_same": good["name"]}).location == ADMIN
    assert applicant.post(PATH, good).status_code == 422
    assert applicant.post(ADMIN, admin_form).status_code == 303


def test_whoever_said_so_of_another_name_is_asked_again(world, root, applicant, good):
    world.organization(root, name="滨城科普 志愿服务总队")
    assert applicant.post(PATH, good | {"not_same": "别的名称"}).status_code == 422


def test_a_name_that_is_taken_is_told_at_once(world, root, applicant, good):
    world.organization(root, name=good["name"])
    answer = applicant.post(PATH, good)
    assert "已有同名" in read(answer).of("name").errors[0]


@pytest.mark.parametrize(
    "names",
    [
        (
            "中山区科技志愿服务队",
            "中山区 科技志愿服务总队",
            "中山区（科技）志愿服务队",
            "中山区科普志愿者协会",
            "中山区",
        ),
        ("滨城农学会", "滨城农学会科技志愿服务队", "滨城农学会·科技志愿者队伍"),
        ("ＡＢＣ科技公司志愿服务队", "abc科技公司"),
    ],
)
def test_ways_of_writing_one_name_are_one(names):
    assert len({folded(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("第1科技志愿服务队", "第2科技志愿服务队"), ("中山区科技志愿服务队", "西岗区科技志愿服务队")]
)
def test_different_names_stay_different(one, other):
    assert folded(one) != folded(other)


@given(st.text(max_size=300))
def test_any_name_folds_to_something_short_that_folds_to_itself(text):
    key = folded(text)
    assert len(key) <= LONGEST
    assert folded(key) == key or len(key) == LONGEST
    if any(character.isalnum() for character in text):
        assert key


@pytest.mark.parametrize(
    ("there", "new"),
    [
        ("滨城农学会科技志愿服务队", "大连市滨城农学会"),
        ("大连市滨城农学会", "滨城农学会志愿服务队"),
        ("中山区滨城农学会", "滨城农学会"),
        ("大连市第一中学科技志愿服务队", "大连第一中学科技志愿服务队"),
        ("大连第一中学", "第一中学"),
        ("大连市第一中学科技志愿服务队", "大连市第1中学科技志愿服务队"),
        ("大连市第10中学", "大连第十中学"),
        ("辽宁省化学会科技志愿服务队", "辽宁化学会科技志愿服务队"),
        ("中山区科技志愿服务队", "中山科技志愿服务队"),
        ("中山区科协科技志愿服务队", "中山区科学技术协会"),
        ("大连市中山区科学技术协会", "中山科协"),
    ],
)
def test_a_name_with_its_place_before_it_is_asked_about_too(world, root, applicant, good, there, new):
    other = world.organization(root, name=there)
    answer = applicant.post(PATH, good | {"name": new})
    assert answer.status_code == 422
    assert other.name in read(answer).text


@pytest.mark.parametrize(
    ("there", "new"),
    [
        ("大连市科学技术协会", "中山区科学技术协会"),
        ("沈阳市第一中学", "大连市第一中学"),
        ("第十一中学", "第十中学"),
        ("第十中学", "第1中学"),
        ("第12中学", "第1中学"),
        ("沈阳第一中学", "第一中学"),
        ("中山大学", "中山区志愿服务队"),
        ("西岗科技志愿服务队", "中山科技志愿服务队"),
    ],
)
def test_like_names_of_different_places_are_others(world, root, applicant, good, there, new):
    world.organization(root, name=there)
    assert applicant.post(PATH, good | {"name": new}).location == ADMIN
