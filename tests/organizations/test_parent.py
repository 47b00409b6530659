"""上级组织: suggested from line and region, found by name; and names that are nearly the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.organizations.names import LONGEST, folded
from tests.pages import read

PATH = "/organization/register"
ADMIN = f"{PATH}?step=admin"


def test_the_root_is_chosen_until_somebody_chooses_another(world, root, team, applicant):
    assert applicant.page(PATH).of("parent").value == root.uid


def test_line_and_region_suggest_the_association_of_the_district_or_a_society_of_the_city(world, root, applicant, good):
    near = world.organization(root, name="中山区科技志愿服务队", region="210202")
    far = world.organization(root, name="西岗区科技志愿服务队", region="210203")
    society = world.organization(root, name="滨城化学会", region="210211", st_line="B")
    for line, region, expected in (("G", "210202", near), ("C", "210203", far), ("B", "210202", society)):
        form = good | {"st_line": line, "region": region, "action": "parent"}
        answer = applicant.post(PATH, form)
        assert answer.status_code == 200
        assert f"建议选：{expected.name}" in read(answer).text
    assert "建议选" not in read(applicant.post(PATH, good | {"region": "210281", "action": "parent"})).text


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
