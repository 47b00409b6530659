"""活动发布 and 编辑: what may be published, by whom, and that a form is one activity."""

import pytest
from sqlalchemy import func, select

from app.activities.models import Activity, Shift
from app.organizations.models import Role
from tests.factories import add_admin, suspend
from tests.pages import read

PATH = "/organization/activities/new"


@pytest.fixture
def good(good):
    return good | {"signup_end_at": "", "content": "讲解防灾知识。\n请带水。"}


def activities(world):
    return world.one(select(func.count()).select_from(Activity))


def test_a_good_form_publishes_at_once(world, admin, team, good):
    place = admin.post(PATH, good).location
    assert good["title"] in admin.page(place).text
    assert "还没有人报名" in admin.page(place).text
    assert good["title"] in world.browser().page("/activities").text
    ((starts, closes, quota),) = world.rows(select(Activity.starts_at, Activity.signup_end_at, Shift.quota).join(Shift))
    assert (starts, quota) == (closes, 20)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", "", "请填写活动名称"),
        ("title", "长" * 51, "最多 50 个字"),
        ("title", "🎉🎉!!", "至少要有两个汉字、字母或数字"),
        ("leader_name", "··", "只能用汉字或字母"),
        ("title", "补录时长", "不能含“补录”"),
        ("title", "讲\u202e座", "特殊字符"),
        ("scope_category", "K9", "从列表中选择"),
        ("starts_at", " ", "请填写开始时间"),
        ("starts_at", "2026-11-31T09:00", "样子填写"),
        ("starts_at", "９", "样子填写"),
        ("ends_at", "2026-11-26T09:00", "晚于开始时间"),
        ("ends_at", "2028-01-01T09:00", "最长 366 天"),
        ("ends_at", "9999-12-31T23:59", "样子填写"),
        ("signup_end_at", "2026-11-23T10:00", "晚于现在"),
        ("signup_end_at", "2026-12-30T10:00", "不能晚于活动结束"),
        ("quota", " ", "请填写招募人数"),
        ("quota", "-5", "整数"),
        ("quota", "10-15", "整数"),
        ("quota", "-", "整数"),
        ("quota", "1.5", "整数"),
        ("quota", "100001", "整数"),
        ("quota", "9" * 400, "整数"),
        ("quota", "二十", "整数"),
        ("target_groups", [], "至少选择一类"),
        ("leader_phone", "110", "11 位手机号"),
        ("content", "", "请填写活动内容"),
        ("content", "长" * 5001, "最多 5000 个字"),
        ("declaration", "", "志愿服务活动"),
    ],
)
def test_each_wrong_field_has_its_sentence_and_the_rest_is_kept(world, admin, good, field, value, words):
    answer = admin.post(PATH, good | {field: value})
    assert answer.status_code == 422, answer.location
    page = read(answer)
    assert any(words in error for error in page.of(field).errors), page.alerts
    if field != "title":
        assert page.of("title").value == good["title"]
    if field != "target_groups":
        assert sorted(page.of("target_groups").chosen) == ["03", "11"]
    assert page.hidden["form_key"] == good["form_key"]
    assert activities(world) == 0


def test_full_width_numbers_are_numbers_and_0_is_no_limit(world, admin, good):
    admin.post(PATH, good | {"quota": "２０"})
    admin.post(PATH, good | {"quota": "0", "form_key": "z" * 22, "title": "另一场讲座", "again": "y"})
    assert world.rows(select(Shift.quota).order_by(Shift.id)) == [(20,), (0,)]


def test_the_same_form_8_times_at_once_is_one_activity(world, team, good):
    browsers = [world.browser(team.admin) for _ in range(8)]
    answers = world.at_once([lambda b=browser: b.post(PATH, good) for browser in browsers])
    assert len({answer.location for answer in answers}) == 1
    assert activities(world) == 1


def test_the_same_form_for_another_organisation_is_refused_in_words(world, root, admin, team, good):
    admin.post(PATH, good)
    other = world.organization(root, admin=team.admin)
    admin.act_for(other)
    answer = admin.post(PATH, good)
    assert answer.status_code == 422
    assert "另一个组织" in read(answer).alerts[0]
    assert activities(world) == 1


def test_whoever_switched_organisation_in_another_tab_is_told_before_anything_is_published(
    world, root, team, admin, good
):
    other = world.organization(root, admin=team.admin)
    answer = admin.post(PATH, good | {"opened_for": other.uid})
    assert answer.status_code == 409
    assert f"这是“{other.name}”的页面，您现在代表“{team.name}”" in answer.text
    assert world.one(select(func.count()).select_from(Activity)) == 0


@pytest.mark.parametrize("key", ["\x00" * 22, "🙂" * 22, "", "x" * 5000])
def test_a_made_up_form_key_is_harmless(admin, good, key):
    assert admin.post(PATH, good | {"form_key": key}).status_code == 303


def test_an_organisation_that_may_not_publish_is_told(world, team, admin, good):
    for state in ("rejected", "suspended"):
        world.do(lambda state=state: suspend(team, state))
        assert admin.get(PATH).status_code == 403
        assert admin.post(PATH, good).status_code == 403
    assert activities(world) == 0


@pytest.mark.parametrize(("role", "status"), [(Role.ADMIN, 303), (Role.LEAD, 303), (Role.HELPER, 403)])
def test_what_a_role_may(world, team, good, role, status):
    browser = world.browser(world.do(lambda: add_admin(team, role)))
    assert browser.post(PATH, good).status_code == status
    assert browser.get("/organization/activities").status_code == 200


def test_an_edit_keeps_what_is_not_changed_and_needs_no_second_tick(world, admin, good):
    place = admin.post(PATH, good).location
    page = admin.page(f"{place}/edit")
    assert page.of("title").value == good["title"]
    assert page.of("quota").value == "20"
    assert sorted(page.of("target_groups").chosen) == ["03", "11"]
    assert admin.post(f"{place}/edit", good | {"title": "改过的名字"}).location == place
    assert "改过的名字" in admin.page(place).text


def test_lowering_the_quota_below_who_comes_is_told_beside_it(world, admin, good):
    place = admin.post(PATH, good).location
    ((activity_id, shift_id),) = world.rows(select(Shift.activity_id, Shift.id))
    for _ in range(2):
        world.browser(world.volunteer()).post(f"/activities/{activity_id}/shifts/{shift_id}/sign-up")
    answer = admin.post(f"{place}/edit", good | {"quota": "1", "title": "改过的名字"})
    assert answer.status_code == 422
    page = read(answer)
    assert "不能少于" in page.of("quota").errors[0]
    assert page.of("quota").value == "1"
    assert world.rows(select(Activity.title, Shift.quota).join(Shift)) == [(good["title"], 20)]


def test_the_roster_names_who_comes_with_masked_phones(world, team, admin, volunteer):
    event = world.activity(team)
    world.browser(volunteer).post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up")
    html = admin.page(f"/organization/activities/{event.id}").html
    assert volunteer.name in html
    assert volunteer.phone not in html
    assert f"{volunteer.phone[:3]}****{volunteer.phone[-4:]}" in html


def test_the_longest_texts_are_taken_and_longer_ones_told_beside_their_fields(world, admin, good):
    longest = {"content": "长" * 5000, "notice": "长" * 2000, "risk_text": "长" * 500}
    page = read(admin.post(PATH, good | longest | {"content": "长" * 7500}))
    assert "最多 5000 个字" in page.of("content").errors[0]
    assert admin.post(PATH, good | longest).status_code == 303
    assert activities(world) == 1


def test_what_contradicts_itself_shows_beside_what_is_plainly_wrong(world, admin, good):
    wrong = {"title": "", "ends_at": good["starts_at"], "min_age": "30", "max_age": "20", "mode": "online"}
    page = read(admin.post(PATH, good | wrong | {"recruit_scope": "directed", "cancel_deadline_at": "9"}))
    for name in ("title", "ends_at", "max_age", "online_url", "audience", "cancel_deadline_at"):
        assert len(page.of(name).errors) == 1, name
    assert "有 6 处需要修改" in page.text
    assert activities(world) == 0


def test_a_deadline_is_judged_though_the_times_are_not_known(world, admin, good):
    page = read(admin.post(PATH, good | {"starts_at": "9", "signup_end_at": "2026-11-01T10:00"}))
    assert "样子填写" in page.of("starts_at").errors[0]
    assert "晚于现在" in page.of("signup_end_at").errors[0]
    assert activities(world) == 0


@pytest.mark.parametrize("state", ["pending", "returned"])
def test_who_waits_for_approval_prepares_everything_and_publishes_nothing(world, team, admin, good, state):
    world.do(lambda: suspend(team, state))
    assert admin.post(PATH, good | {"action": "draft"}).status_code == 303
    preview = admin.post(PATH, good | {"action": "preview"}).location
    assert good["title"] in admin.page(preview).text
    refusal = admin.post(PATH, good)
    assert refusal.status_code == 422
    assert "还没有通过上级审核" in read(refusal).alerts[0]
    answer = admin.post(preview.replace("preview", "publish"), {"declaration": "y"})
    assert "还没有通过上级审核" in admin.page(answer.location).text
    assert world.rows(select(Activity.state)) == [("draft",)]
    world.do(lambda: suspend(team, "approved"))
    assert admin.post(preview.replace("preview", "publish"), {"declaration": "y"}).status_code == 303
    assert world.rows(select(Activity.state)) == [("published",)]
