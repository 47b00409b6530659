"""What a volunteer tells of themselves: kept while it is typed, folded away, counted, corrected, found again."""

import json

from sqlalchemy import func, select

from app.accounts.models import Account, AuditEntry, WeChatUser
from app.database import session
from app.volunteers.models import Volunteer
from tests.factories import new_id_number, new_phone
from tests.pages import read
from tests.volunteers.steps import PATH, send_step

MORE = {
    "kind": "1",
    "expertise": ["04", "18"],
    "other_skills": "会修收音机",
    "target_groups": ["03"],
    "availability": ["01", "24"],
    "service_region": "210203",
    "education": "20",
    "employment": "80",
    "employer": "滨城农科所（已退休）",
    "title": "2",
    "political_status": "13",
    "ethnicity": "11",
    "address": "友好路 8 号 3 单元",
    "email": "someone@example.org",
    "emergency_name": "周明远",
    "emergency_phone": "17011113333",
    "declares_health": "y",
}


def volunteers(world):
    return world.one(select(func.count()).select_from(Volunteer))


def test_everything_that_may_be_told_is_kept_and_comes_back_for_editing(world, good):
    browser = world.browser(world.account())
    assert browser.post(PATH, good | MORE).status_code == 303
    text = browser.page("/volunteer").text
    for words in (
        "农林牧渔、科学传播",
        "会修收音机",
        "周一上午、节假日晚上",
        "满族",
        "群众",
        "170****3333",
        "资料完整度 100%",
    ):
        assert words in text
    page = browser.page("/volunteer/edit")
    assert page.of("address").value == MORE["address"]
    assert page.of("availability").chosen == ["01", "24"]
    emptied = {name: "" for name, value in MORE.items() if isinstance(value, str) and name != "declares_health"}
    changed = emptied | {"region": "210202", "skills": ["01"], "services": ["K1"], "email": "other@example.org"}
    assert browser.post("/volunteer/edit", changed).status_code == 303
    row = world.do(lambda: [(v.email, v.kind, v.emergency_phone) for v in session.scalars(select(Volunteer))])
    assert row == [("other@example.org", "", "")]


def test_what_is_wrong_in_the_folded_part_is_told_beside_the_field(world, good):
    browser = world.browser(world.account())
    wrong = {"email": "nobody", "emergency_phone": "12", "availability": ["25"], "employer": "长" * 101, "kind": "7"}
    for field, value in wrong.items():
        page = read(browser.post(PATH, good | {field: value}))
        assert page.of(field).errors, field
    assert read(browser.post(PATH, good | {"services": ["K1", "K2", "K3", "K4", "K5"]})).of("services").errors == [
        "服务类别最多选 4 项"
    ]
    assert volunteers(world) == 0


def test_a_form_that_was_begun_is_there_again(world, good):
    person = world.account()
    browser = world.browser(person)
    send_step(browser, "who", good)
    send_step(browser, "ability", good)
    send_step(browser, "finish", good | {"employer": "滨城农科所"}, action="save")
    again = world.browser(person)
    assert again.page(PATH).of("name").value == good["name"]
    assert again.page(f"{PATH}?step=ability").of("skills").chosen == good["skills"]
    page = again.page(f"{PATH}?step=finish")
    assert page.of("employer").value == "滨城农科所"
    assert page.of("agreement").chosen == []
    assert volunteers(world) == 0
    assert good["name"] not in world.browser(world.account()).page(PATH).html


def test_the_meter_says_what_to_add(world, volunteer):
    text = world.browser(volunteer).page("/volunteer").text
    assert "资料完整度 18%" in text
    assert "还可以补充：志愿者类别、学科领域、愿意服务的对象" in text


def correct(browser, sms, phone, form):
    browser.post("/volunteer/identity", form | {"action": "send"})
    return browser.post("/volunteer/identity", form | {"code": sms.code(phone), "action": ""})


def test_a_corrected_name_is_proved_by_a_code_and_written_down(world, volunteer, sms):
    browser = world.browser(volunteer)
    form = {"name": "改正者", "id_type": "01", "id_number": new_id_number(), "id_consent": "y"}
    assert browser.post("/volunteer/identity", form | {"code": "000000"}).status_code == 422
    assert correct(browser, sms, volunteer.phone, form).status_code == 303
    assert "改正者" in browser.page("/volunteer").text

    def entries():
        return [(row.action, json.loads(row.detail)["name"]) for row in session.scalars(select(AuditEntry))]

    assert world.do(entries) == [("volunteer.identity", ["测试者", "改正者"])]


def test_nobody_takes_anothers_id_number_by_a_correction(world, volunteer, sms):
    other = world.volunteer()
    form = {"name": "改正者", "id_type": "01", "id_number": other.id_number, "id_consent": "y"}
    answer = correct(world.browser(volunteer), sms, volunteer.phone, form)
    assert answer.status_code == 422
    assert world.one(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "volunteer.identity")) == 0


def test_who_changed_phones_proves_the_old_one_and_goes_on_as_the_same_volunteer(world, volunteer, sms, good):
    newer = world.account()
    browser = world.browser(newer)
    form = good | {"id_number": volunteer.id_number}
    page = read(browser.post(PATH, form))
    assert "/volunteer/recover" in page.links
    stranger = new_phone()
    ask = "/volunteer/recover"
    told = [read(browser.post(ask, {"phone": phone, "action": "send"})).text for phone in (stranger, volunteer.phone)]
    assert told[0].replace(stranger, "") == told[1].replace(volunteer.phone, "")
    assert [sms.count(phone) for phone in (stranger, volunteer.phone)] == [1, 1]
    answer = browser.post(ask, {"phone": stranger, "code": sms.code(stranger)})
    assert "不能自动找回" in read(answer).text
    assert volunteers(world) == 1
    answer = browser.post("/volunteer/recover", {"phone": volunteer.phone, "code": sms.code(volunteer.phone)})
    assert answer.status_code == 303
    assert volunteers(world) == 1
    assert "您的志愿者资料" in browser.page("/volunteer").text

    def accounts():
        return sorted((row.id, row.phone, row.state) for row in session.scalars(select(Account)))

    assert world.do(accounts) == sorted(
        [(volunteer.account_id, newer.phone, "active"), (newer.account_id, "", "erased")]
    )
    assert world.browser(volunteer).get("/volunteer").status_code == 200
    assert world.one(select(func.count()).select_from(WeChatUser).where(WeChatUser.account_id == newer.account_id)) == 0


def test_an_organisation_is_found_joined_and_left(world, root, team, volunteer):
    asks = world.organization(root, join_mode="1")
    browser = world.browser(volunteer)
    assert team.name in browser.page("/volunteer/organizations").text
    browser.post(f"/volunteer/organizations/{team.uid}/join")
    browser.post(f"/volunteer/organizations/{asks.uid}/join")
    text = browser.page("/volunteer").text
    assert team.name in text
    assert f"{asks.name}（待审核）" in text
    assert "确定退出" in browser.page(f"/volunteer/organizations/{team.uid}/leave").text
    assert team.name in browser.page("/volunteer").text
    browser.post(f"/volunteer/organizations/{team.uid}/leave")
    assert team.name not in browser.page("/volunteer").text
    browser.post(f"/volunteer/organizations/{team.uid}/join")
    assert team.name in browser.page("/volunteer").text


def test_nobody_leaves_what_they_are_not_in(world, team, volunteer):
    assert world.browser(volunteer).get(f"/volunteer/organizations/{team.uid}/leave").status_code == 404
