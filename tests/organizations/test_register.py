"""注册 of an organisation: two pages, a draft between them, a place in the tree."""

import pytest
from sqlalchemy import func, select

from app.accounts.models import Consent, Draft
from app.organizations.models import Organization, OrganizationAdmin
from tests.factories import suspend
from tests.pages import read

PATH = "/organization/register"
ADMIN = f"{PATH}?step=admin"


def organizations(world):
    return world.one(select(func.count()).select_from(Organization))


def test_two_pages_make_an_organisation_in_its_place_in_the_tree(world, root, applicant, good, admin_form):
    assert applicant.post(PATH, good).location == ADMIN
    assert good["name"] in applicant.page(ADMIN).text
    answer = applicant.post(ADMIN, admin_form)
    assert "注册成功" in applicant.page(answer.location).text
    ((row_id, path, depth, state),) = world.rows(
        select(Organization.id, Organization.path, Organization.depth, Organization.state).where(
            Organization.name == good["name"]
        )
    )
    assert (path, depth, state) == (f"{root.path}{row_id}/", 2, "approved")
    roles = select(OrganizationAdmin.role).where(OrganizationAdmin.organization_id == row_id)
    assert world.rows(roles) == [("owner",)]
    assert {row[0] for row in world.rows(select(Consent.document))} == {"organization-agreement", "privacy-notice"}
    assert world.rows(select(Draft.id)) == []


def test_with_review_it_waits_for_its_parent_and_may_not_publish(world, root, applicant, legal, good, admin_form):
    with world.settings(organizations={"review": "parent"}):
        applicant.post(PATH, legal)
        answer = applicant.post(ADMIN, admin_form)
        assert "等待上级审核" in applicant.page(answer.location).text
    assert applicant.get("/organization/activities/new").status_code == 200  # to prepare a draft
    judge = world.browser(root.admin)
    assert good["name"] in judge.page("/organization").text
    uid = world.one(select(Organization.uid).where(Organization.name == good["name"]))
    refusal = judge.post(f"/organization/below/{uid}/review", {"action": "refuse", "reason": ""})
    assert refusal.status_code == 422
    assert judge.post(f"/organization/below/{uid}/review", {"action": "accept"}).status_code == 303
    assert applicant.get("/organization/activities/new").status_code == 200
    assert judge.post(f"/organization/below/{uid}/review", {"action": "accept"}).status_code == 409


def test_a_refusal_tells_its_reason(world, root, applicant):
    team = world.organization(root, review="parent")
    uid = team.uid
    world.browser(root.admin).post(f"/organization/below/{uid}/review", {"action": "refuse", "reason": "材料不全"})
    text = world.browser(team.admin).page("/organization").text
    assert "材料不全" in text
    assert "未通过审核" in text


def test_nobody_judges_their_own_or_their_neighbour(world, root):
    one, other = world.organization(root, review="parent"), world.organization(root)
    for judge in (one.admin, other.admin):
        answer = world.browser(judge).post(f"/organization/below/{one.uid}/review", {"action": "accept"})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "请填写组织名称"),
        ("name", "队", "至少 4 个字"),
        ("name", "☆·☆·☆🎉", "至少要有两个汉字、字母或数字"),
        ("name", "\u3164" * 5, "至少要有两个汉字、字母或数字"),
        ("name", "长" * 51, "最多 50 个字"),
        ("name", "滨城\u202e志愿队", "特殊字符"),
        ("st_line", "", "请选择组织类型"),
        ("st_line", "Z", "从列表中选择"),
        ("parent", "", "请选择上级组织"),
        ("parent", "A" * 22, "从列表中选择"),
        ("region", "210299", "从列表中选择"),
        ("address", " ", "请填写详细地址"),
        ("founded_on", " ", "请填写成立日期"),
        ("founded_on", "2026-02-30", "存在的日期"),
        ("founded_on", "2026-11-24", "不能晚于今天"),
        ("founded_on", "0001-01-01", "存在的日期"),
        ("leader_name", "🙂🙂", "汉字或字母"),
        ("leader_phone", "12345678901", "11 位手机号"),
        ("service_categories", [], "至少选择一项"),
        ("service_categories", ["K1", "K2", "K3", "K4", "K5"], "最多选 4 项"),
        ("join_mode", "9", "从列表中选择"),
        ("intro", "长" * 1001, "最多 1000 个字"),
        ("intro", "a\x00b", "无法识别"),
    ],
)
def test_each_wrong_field_has_its_sentence_and_the_rest_is_kept(world, applicant, good, field, value, words):
    answer = applicant.post(PATH, good | {field: value})
    assert answer.status_code == 422, answer.location
    page = read(answer)
    assert any(words in error for error in page.of(field).errors), page.alerts
    kept = {"name": good["name"], "address": good["address"], "st_line": "G", "founded_on": "2019-03-05"}
    for name, typed in kept.items():
        if name != field:
            assert page.of(name).value == typed
    if field != "service_categories":
        assert page.of("service_categories").chosen == ["K1", "K3"]
    assert world.rows(select(Draft.id)) == []
    assert organizations(world) == 1


@pytest.mark.parametrize("field", ["name", "agreement", "privacy"])
def test_the_admins_page_needs_its_fields_and_keeps_the_rest(world, applicant, good, admin_form, field):
    applicant.post(PATH, good)
    answer = applicant.post(ADMIN, admin_form | {field: ""})
    assert answer.status_code == 422
    page = read(answer)
    assert page.of(field).errors
    assert page.of("position").value == "队长"
    assert page.hidden["form_key"] == admin_form["form_key"]
    assert organizations(world) == 1


def test_the_draft_is_kept_for_tomorrow_and_sealed(world, applicant, good):
    applicant.post(PATH, good)
    ((sealed,),) = world.rows(select(Draft.content_sealed))
    assert "欧阳" not in sealed
    assert "17011113333" not in sealed
    page = applicant.page(PATH)
    assert page.of("name").value == good["name"]
    assert page.of("leader_phone").value == good["leader_phone"]
    assert page.of("service_categories").chosen == ["K1", "K3"]
    assert page.of("parent").value == good["parent"]


def test_a_draft_holds_only_the_forms_own_fields(world, applicant, good):
    assert applicant.post(PATH, good | {"junk": "x" * 60_000}).location == ADMIN
    ((sealed,),) = world.rows(select(Draft.content_sealed))
    assert len(sealed) < 5000


def test_another_persons_draft_is_not_seen(world, applicant, good):
    applicant.post(PATH, good)
    assert good["name"] not in world.browser(world.account()).page(PATH).html


def test_a_name_that_is_taken_is_told_on_the_page_where_it_stands(world, root, applicant, good, admin_form):
    world.organization(root, name=good["name"])
    applicant.post(PATH, good)
    answer = applicant.post(ADMIN, admin_form)
    assert answer.status_code == 422
    assert "已有同名" in read(answer).of("name").errors[0]
    assert organizations(world) == 2


def test_two_who_want_one_name_at_once(world, root, good, admin_form):
    browsers = [world.browser(world.account()) for _ in range(4)]
    for browser in browsers:
        browser.post(PATH, good)
    answers = world.at_once(
        [
            lambda b=browser, n=number: b.post(ADMIN, admin_form | {"form_key": str(n) * 22})
            for number, browser in enumerate(browsers)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]
    assert organizations(world) == 2


def test_the_same_form_twice_shows_the_same_organisation(world, applicant, good, admin_form):
    applicant.post(PATH, good)
    places = {applicant.post(ADMIN, admin_form).location for _ in range(3)}
    assert len(places) == 1
    assert places.pop().startswith("/organization/registered/")
    assert organizations(world) == 2


def test_8_presses_at_once_make_one_organisation(world, root, good, admin_form):
    person = world.account()
    browsers = [world.browser(person) for _ in range(8)]
    browsers[0].post(PATH, good)
    answers = world.at_once([lambda b=browser: b.post(ADMIN, admin_form) for browser in browsers])
    assert organizations(world) == 2
    assert {answer.status_code for answer in answers} == {303}


@pytest.mark.parametrize("key", ["\x00" * 22, "🙂" * 22, "", "short", "x" * 5000])
def test_a_made_up_form_key_is_harmless(applicant, good, admin_form, key):
    applicant.post(PATH, good)
    assert applicant.post(ADMIN, admin_form | {"form_key": key}).status_code == 303


def test_another_persons_form_key_shows_nothing_of_theirs(world, applicant, good, admin_form):
    applicant.post(PATH, good)
    applicant.post(ADMIN, admin_form)
    other = world.browser(world.account())
    other.post(PATH, good | {"name": "另一个科普服务队"})
    answer = other.post(ADMIN, admin_form)
    assert answer.status_code == 422
    assert organizations(world) == 2


def test_the_tree_is_no_deeper_than_the_setting(world, root, applicant, good, admin_form):
    deep = world.organization(root)
    with world.settings(limits={"organization_depth": 2}):
        assert deep.name not in applicant.page(PATH).html
        answer = applicant.post(PATH, good | {"parent": deep.uid})
        assert read(answer).of("parent").errors


def test_a_parent_that_is_not_approved_is_not_offered(world, root, applicant):
    waiting = world.organization(root, review="parent")
    assert waiting.name not in applicant.page(PATH).html


def test_without_a_root_the_page_says_whom_to_ask(world):
    answer = world.browser(world.account()).get(PATH)
    assert answer.status_code == 409
    assert "联系当地科协" in read(answer).text


def test_a_person_of_two_organisations_acts_for_the_chosen_one(world, root):
    person = world.account()
    one, two = world.organization(root, admin=person), world.organization(root, admin=person)
    browser = world.browser(person)
    assert "切换" in browser.page("/organization").text
    browser.post(f"/organization/act-for/{two.uid}")
    assert two.name in browser.page("/organization/activities").text
    browser.post(f"/organization/act-for/{root.uid}")
    assert two.name in browser.page("/organization/activities").text
    assert one.uid


def test_what_contradicts_itself_shows_beside_what_is_plainly_wrong(world, root, applicant, good):
    wrong = {"address": "", "join_mode": "4", "join_password": "", "org_class": "2", "uscc": "", "contact_name": "某人"}
    page = read(applicant.post(PATH, good | wrong))
    for name in ("address", "join_password", "uscc", "contact_phone"):
        assert len(page.of(name).errors) == 1, name
    assert "有 4 处需要修改" in page.text


def test_one_person_registers_so_many_organisations_a_day(world, root, applicant, good, admin_form):
    def register(number):
        applicant.post(PATH, good | {"name": f"第{number}农技志愿服务队"})
        return applicant.post(ADMIN, admin_form | {"form_key": str(number) * 22})

    with world.settings(limits={"organizations_per_person_day": 2}):
        assert [register(number).status_code for number in (1, 2)] == [303, 303]
        answer = register(3)
        assert answer.status_code == 422
        assert "一天最多注册 2 个组织" in answer.text
        # The form that made one before is no new one.
        assert applicant.post(ADMIN, admin_form | {"form_key": "2" * 22}).status_code == 303
    assert organizations(world) == 3


def test_an_organisation_above_that_rests_since_the_first_page_is_named(world, root, team, applicant, good, admin_form):
    assert applicant.post(PATH, good | {"parent": team.uid}).status_code == 303
    world.do(lambda: suspend(team, "suspended"))
    for answer in (applicant.get(f"{PATH}?step=admin"), applicant.post(f"{PATH}?step=admin", admin_form)):
        page = read(answer)
        assert f"“{team.name}”现在不能接收新的组织" in page.of("parent").errors[0]
        assert page.of("name").value == good["name"]
        assert page.of("parent").value == ""
    assert applicant.post(PATH, good | {"parent": root.uid}).status_code == 303
    assert applicant.post(f"{PATH}?step=admin", admin_form).status_code == 303
