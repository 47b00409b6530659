"""编辑信息: at once, or judged by the organisation above; and two who edit at the same time."""

import pytest
from sqlalchemy import select

from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations import changes, editing, recording
from app.organizations.facts import LABELS
from app.organizations.forms import FactsForm
from app.organizations.models import Organization, Role
from app.organizations.wishes import OrganizationChange
from tests.factories import add_admin, new_id_number
from tests.pages import read

EDIT = "/organization/edit"


@pytest.fixture
def owner(world, team):
    return world.browser(team.admin)


def form_of(browser):
    """What the page has in its fields, ready to be sent back."""
    page = browser.page(EDIT)
    filled = {name: field.chosen or field.value for name, field in page.fields.items() if name != "province"}
    return {name: value for name, value in filled.items() if value} | {"revision": page.hidden["revision"]}


def save(browser, **changed):
    return browser.post(EDIT, form_of(browser) | changed)


def column(world, team, name):
    return world.do(lambda: getattr(session.get_one(Organization, team.id), name))


def wish_path(world):
    uid = world.one(select(OrganizationChange.uid).order_by(OrganizationChange.id.desc()))
    return f"/organization/changes/{uid}/review"


def told(world, person):
    query = select(Notice.kind).where(Notice.account_id == person.account_id).order_by(Notice.id)
    return [kind for (kind,) in world.rows(query)]


def test_what_is_saved_is_shown(world, owner, team):
    answer = save(owner, name="新名字科普服务队", address="新街2号", contact_name="联系者", contact_phone="17011114444")
    assert answer.location == "/organization"
    page = owner.page("/organization")
    for words in ("新名字科普服务队", "新街2号", "170****4444", "已保存"):
        assert words in page.text
    assert "17011114444" not in page.html


def test_sent_back_as_it_is_changes_nothing(world, owner, team):
    facts = world.do(lambda: recording.facts_now(session.get_one(Organization, team.id)))
    assert save(owner).status_code == 303
    assert world.do(lambda: recording.facts_now(session.get_one(Organization, team.id))) == facts


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"name": ""}, "name", "请填写组织名称"),
        ({"org_class": "2"}, "uscc", "统一社会信用代码"),
        ({"founded_on": "2026-11-24"}, "founded_on", "不能晚于今天"),
        ({"service_categories": []}, "service_categories", "至少选择一项"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_changes_nothing(world, owner, team, changed, field, words):
    answer = save(owner, address="新街2号", **changed)
    assert answer.status_code == 422
    page = read(answer)
    assert any(words in error for error in page.of(field).errors)
    assert page.of("address").value == "新街2号"
    assert column(world, team, "revision") == 1


def test_a_name_that_another_one_has_is_refused(world, root, owner, team):
    other = world.organization(root)
    answer = save(owner, name=other.name)
    assert "已有同名" in read(answer).of("name").errors[0]
    assert column(world, team, "revision") == 1


def test_the_second_of_two_editors_is_told_what_changed_with_both_values(world, team):
    one, other = world.browser(team.admin), world.browser(team.admin)
    mine = form_of(other) | {"address": "我填的地址", "intro": "我写的简介"}
    save(one, address="先到的地址", leader_phone="17011115555")
    answer = other.post(EDIT, mine)
    assert answer.status_code == 409
    page = read(answer)
    assert "详细地址：原来是“科普路1号”，现在是“先到的地址”，您填的是“我填的地址”" in page.text
    assert "现在是“170****5555”" in page.text
    assert "组织简介：" not in page.text
    assert page.of("intro").value == "我写的简介"
    assert column(world, team, "address") == "先到的地址"
    again = other.post(EDIT, mine | {"revision": page.hidden["revision"]})
    assert again.status_code == 303
    assert column(world, team, "address") == "我填的地址"


def test_of_many_who_save_one_edition_at_once_one_succeeds(world, team):
    facts = world.do(lambda: recording.facts_now(session.get_one(Organization, team.id)))

    def save_it():
        now = here.clock.now()
        by = team.admin.account_id
        return in_transaction(lambda: editing.edit(team.id, facts, by=by, seen=1, review="none", now=now))

    outcomes = world.at_once([save_it] * 6)
    assert sorted(type(one).__name__ for one in outcomes) == ["ChangedMeanwhile"] * 5 + ["Outcome"]
    assert column(world, team, "revision") == 2


def test_key_facts_wait_for_the_parent_and_others_apply_at_once(world, root, owner, team):
    number = new_id_number()
    before = column(world, team, "name")
    judge = world.browser(root.admin)
    with world.settings(organizations={"review": "parent"}):
        save(owner, name="改名科普服务队", address="新街2号", leader_id_number=number, leader_id_consent="y")
    assert (column(world, team, "name"), column(world, team, "address")) == (before, "新街2号")
    page = owner.page("/organization")
    assert f"组织名称：{before} → 改名科普服务队" in page.text
    assert number not in page.html
    assert told(world, root.admin) == ["change_waiting"]
    assert before in judge.page("/organization").text
    page = judge.page(wish_path(world))
    assert "改为 改名科普服务队" in page.text
    assert number not in page.html
    assert judge.post(wish_path(world), {"action": "accept"}).status_code == 303
    assert column(world, team, "name") == column(world, team, "held_name") == "改名科普服务队"
    assert column(world, team, "leader_id_number") == number
    assert told(world, team.admin) == ["change_accepted"]
    assert judge.post(wish_path(world), {"action": "refuse", "reason": "x"}).status_code == 409
    assert number not in str(world.rows(select(*OrganizationChange.__table__.columns)))


def test_a_refused_wish_needs_a_reason_and_changes_nothing(world, root, owner, team):
    judge = world.browser(root.admin)
    with world.settings(organizations={"review": "parent"}):
        save(owner, name="改名科普服务队")
    assert judge.post(wish_path(world), {"action": "refuse"}).status_code == 422
    judge.post(wish_path(world), {"action": "refuse", "reason": "与区队重名"})
    page = owner.page("/organization")
    assert "与区队重名" in page.text
    assert column(world, team, "name") != "改名科普服务队"
    assert told(world, team.admin) == ["change_refused"]


def test_a_newer_wish_takes_the_place_of_the_older_and_one_can_be_taken_back(world, root, owner, team):
    with world.settings(organizations={"review": "parent"}):
        save(owner, name="改名科普服务队")
        first = wish_path(world)
        save(owner, name="再改名科普服务队")
        save(owner, intro="只改简介")
    judge = world.browser(root.admin)
    assert judge.post(first, {"action": "accept"}).status_code == 409
    assert "再改名" in owner.page("/organization").text
    owner.post("/organization/changes/withdraw")
    assert "再改名" not in owner.page("/organization").text
    assert judge.post(wish_path(world), {"action": "accept"}).status_code == 409
    assert column(world, team, "name") not in ("改名科普服务队", "再改名科普服务队")


def test_a_wish_for_a_name_that_was_taken_meanwhile_is_told_to_the_judge(world, root, owner, team):
    with world.settings(organizations={"review": "parent"}):
        save(owner, name="改名科普服务队")
    world.organization(root, name="改名科普服务队")
    answer = world.browser(root.admin).post(wish_path(world), {"action": "accept"})
    assert answer.status_code == 422
    assert "已有同名" in read(answer).text
    assert world.one(select(OrganizationChange.state)) == "pending"


def test_strangers_and_the_organisation_itself_do_not_judge_a_wish(world, root, owner, team):
    with world.settings(organizations={"review": "parent"}):
        save(owner, name="改名科普服务队")
    for browser in (owner, world.browser(world.organization(root).admin)):
        assert browser.get(wish_path(world)).status_code == 404
        assert browser.post(wish_path(world), {"action": "accept"}).status_code == 404


def test_of_two_judges_and_a_change_of_mind_one_wins(world, root, owner, team):
    with world.settings(organizations={"review": "parent"}):
        save(owner, name="改名科普服务队")
    uid = world.one(select(OrganizationChange.uid))
    judge, now = root.admin.account_id, world.app.extensions["stvs"].clock.now()

    def decide(accept):
        in_transaction(lambda: changes.judge(uid, accept=accept, reason="理由", by=judge, now=now))

    def withdraw():
        mine = session.get_one(Organization, team.id)
        in_transaction(lambda: changes.withdraw(mine, by=team.admin.account_id, now=now))

    outcomes = world.at_once([lambda: decide(True), lambda: decide(False), lambda: decide(True), withdraw])
    assert all(one is None or type(one).__name__ == "ChangeJudged" for one in outcomes), outcomes
    state = world.one(select(OrganizationChange.state))
    assert (column(world, team, "name") == "改名科普服务队") == (state == "accepted")
    assert column(world, team, "revision") == (3 if state == "accepted" else 2)


def test_one_sent_back_is_mended_and_sent_again(world, root, clock):
    waiting = world.organization(root, review="parent", org_class="2", uscc="52210200MJ00000004")
    second = world.do(lambda: add_admin(waiting, Role.ADMIN))
    judge, owner = world.browser(root.admin), world.browser(waiting.admin)
    path = f"/organization/below/{waiting.uid}/review"
    seen = {"revision": judge.page(path).hidden["revision"]}
    judge.post(path, seen | {"action": "return", "reason": "请补充地址门牌"})
    assert told(world, waiting.admin) == ["organization_returned"]
    assert "已退回" in owner.page("/organization").text
    assert "请补充地址门牌" in owner.page(EDIT).text
    with world.settings(organizations={"review": "parent"}):
        save(owner, address="科普路1号2层", name="改过名的科普服务队")
    assert column(world, waiting, "state") == "pending"
    assert column(world, waiting, "name") == "改过名的科普服务队"
    assert told(world, root.admin) == ["organization_waiting"]
    assert told(world, second) == ["organization_returned", "organization_submitted"]
    assert told(world, waiting.admin) == ["organization_returned"]
    assert judge.post(path, seen | {"action": "accept"}).status_code == 409
    page = judge.page(path)
    assert "科普路1号2层" in page.text
    assert judge.post(path, {"action": "accept", "revision": page.hidden["revision"]}).status_code == 303
    assert owner.get("/organization/activities/new").status_code == 200


def test_one_refused_for_good_is_edited_no_more(world, root):
    refused = world.organization(root, review="parent")
    world.browser(root.admin).post(
        f"/organization/below/{refused.uid}/review", {"action": "refuse", "reason": "不属于本区"}
    )
    owner = world.browser(refused.admin)
    assert owner.get(EDIT).status_code == 409
    assert owner.post(EDIT, {"name": "改名科普服务队"}).status_code == 409


def test_the_leaders_id_number_is_kept_unless_it_is_replaced_or_taken_out(world, owner, team):
    number = new_id_number()
    assert read(save(owner, leader_id_number=number)).of("leader_id_consent").errors
    save(owner, leader_id_number=number, leader_id_consent="y")
    assert number not in owner.page(EDIT).html
    save(owner)
    assert column(world, team, "leader_id_number") == number
    save(owner, drops_leader_id="y")
    assert column(world, team, "leader_id_number") == ""


def test_facts_are_called_what_the_form_calls_them(app):
    with app.test_request_context():
        form = FactsForm()
    called = {name: form[name].label.text for name in LABELS}
    assert called == LABELS


def test_a_new_name_that_is_nearly_taken_is_asked_about_once(world, root, owner, team):
    other = world.organization(root, name="滨城农学会科技志愿服务队")
    name = "大连市滨城农学会志愿服务队"
    answer = save(owner, name=name, address="新街2号")
    page = read(answer)
    assert answer.status_code == 422
    assert other.name in page.text
    assert page.of("address").value == "新街2号"
    assert column(world, team, "name") == team.name
    assert save(owner, name=name, not_same="别的名称").status_code == 422
    assert save(owner, name=name, not_same=name).status_code == 303
    assert column(world, team, "name") == name
    assert save(owner, address="新街3号").status_code == 303, "a name that is kept is not asked about"


def test_each_wish_that_waits_is_counted_though_a_page_shows_some(world, root):
    def ask(team):
        wish = {"organization_id": team.id, "open_for": team.id, "account_id": team.admin.account_id}
        in_transaction(
            lambda: session.add(
                OrganizationChange(**wish, values='{"name": ["甲", "乙"]}', state="pending", asked_at=here.clock.now())
            )
        )

    for _ in range(23):
        team = world.organization(root)
        world.do(lambda team=team: ask(team))
    judge = world.browser(root.admin)
    assert "等待您审核（23）" in judge.page("/organization").text
    assert "还有 3 个更改申请" in judge.page("/organization/reviews").text


def test_who_judges_a_new_name_sees_names_that_are_nearly_the_same(world, root, owner):
    other = world.organization(root, name="滨城农学会科技志愿服务队")
    with world.settings(organizations={"review": "parent"}):
        assert save(owner, name="滨城农学会", not_same="滨城农学会").status_code == 303
    page = world.browser(root.admin).page(wish_path(world))
    assert f"名称相近的组织：{other.name}" in page.text
