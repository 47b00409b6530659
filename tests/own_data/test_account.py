"""我的账号: what a person sees, changes, takes along and leaves, and what a stranger does not."""

import json
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select, update

from app.accounts.models import Account, Consent, Draft, LoginSession
from app.activities.models import Shift, SignUp
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations.models import Membership, Organization, OrganizationAdmin
from app.own_data.labels import COLUMNS, INSIDE, WORKINGS
from app.own_data.services import tables_of_people
from app.privacy import data_class
from app.volunteers.models import Volunteer
from tests.factories import create_member, new_phone, signed_up
from tests.pages import read


def code_for(browser, sms, path, phone):
    assert browser.post(path, {"action": "send"}).status_code == 200
    return sms.code(phone)


def prove(browser, sms, path, person, **form):
    code = code_for(browser, sms, path, person.phone)
    return browser.post(path, {"code": code, **form})


def phone_of(world, person):
    return world.do(lambda: session.get_one(Account, person.account_id).phone)


def test_the_page_shows_the_phone_masked_and_this_browser(world, volunteer):
    page = world.browser(volunteer).page("/account")
    assert volunteer.phone not in page.html
    assert "（这台）" in page.text


def test_another_browser_is_ended_by_a_press(world, volunteer):
    here, there = world.browser(volunteer), world.browser(volunteer)
    ids = [row[0] for row in world.rows(select(LoginSession.id).order_by(LoginSession.id))]
    assert here.post(f"/account/sessions/{ids[1]}/end").status_code == 303
    assert there.get("/volunteer").status_code == 303
    assert here.get("/volunteer").status_code == 200
    third = world.browser(volunteer)
    here.post("/account/sessions/end-others")
    assert third.get("/volunteer").status_code == 303
    assert here.get("/volunteer").status_code == 200


def test_all_other_browsers_are_ended_by_a_press_and_this_one_goes_on(world, volunteer):
    mine, others = world.browser(volunteer), [world.browser(volunteer) for _ in range(3)]
    stranger = world.browser(world.volunteer())
    mine.post("/account/sessions/end-others")
    assert mine.get("/volunteer").status_code == 200
    assert stranger.get("/volunteer").status_code == 200
    for other in others:
        assert other.get("/volunteer").location.startswith("/login")
        assert other.post("/account/sessions/end-others").location.startswith("/login")


def test_a_copy_of_the_cookie_is_worthless_after_the_log_out(world, volunteer):
    mine, copy = world.browser(volunteer), world.browser()
    with copy.client.session_transaction(base_url=copy.base) as cookie:
        cookie.update(mine.cookie())
    assert copy.get("/volunteer").status_code == 200
    mine.post("/logout")
    assert copy.get("/volunteer").location.startswith("/login")


def test_freezing_an_account_ends_all_its_sessions_at_once(world, volunteer):
    browsers = [world.browser(volunteer) for _ in range(2)]
    frozen = update(Account).where(Account.id == volunteer.account_id).values(state="frozen")
    world.do(lambda: in_transaction(lambda: session.execute(frozen)))
    for browser in browsers:
        assert browser.get("/volunteer").location.startswith("/login")


def test_another_phone_ends_the_sessions_elsewhere_at_once(world, volunteer, sms, clock):
    mine, other = world.browser(volunteer), world.browser(volunteer)
    for path_phone in (volunteer.phone, "17055554444"):
        mine.post("/account/phone", {"phone": path_phone, "action": "send"})
        mine.post("/account/phone", {"phone": path_phone, "code": sms.code(path_phone)})
    assert world.do(lambda: session.get_one(Account, volunteer.account_id).phone) == "17055554444"
    assert mine.get("/volunteer").status_code == 200
    assert other.get("/volunteer").location.startswith("/login")


def test_nobody_ends_anothers_session(world, volunteer):
    stranger = world.browser(world.account())
    (session_id,) = world.rows(select(LoginSession.id).where(LoginSession.account_id != volunteer.account_id))[0]
    other = world.browser(volunteer)
    assert other.post(f"/account/sessions/{session_id}/end").status_code == 404
    assert stranger.get("/account").status_code == 200


def test_a_new_phone_needs_a_code_to_both(world, volunteer, sms):
    browser, elsewhere = world.browser(volunteer), world.browser(volunteer)
    new = new_phone()
    assert "第一步" in browser.page("/account/phone").text
    skipped = browser.post("/account/phone", {"phone": new, "code": "123456"})
    assert "第一步" in read(skipped).text
    assert prove(browser, sms, "/account/phone", volunteer).status_code == 303
    assert "第二步" in browser.page("/account/phone").text
    browser.post("/account/phone", {"phone": new, "action": "send"})
    wrong = browser.post("/account/phone", {"phone": new, "code": "000000"})
    assert read(wrong).of("code").errors
    assert phone_of(world, volunteer) == volunteer.phone
    assert browser.post("/account/phone", {"phone": new, "code": sms.code(new)}).status_code == 303
    assert phone_of(world, volunteer) == new
    assert browser.get("/volunteer").status_code == 200
    assert elsewhere.get("/volunteer").status_code == 303


def test_the_proof_of_the_old_phone_is_for_this_and_for_ten_minutes(world, volunteer, sms, clock):
    browser = world.browser(volunteer)
    prove(browser, sms, "/account/phone", volunteer)
    assert browser.get("/account/data.json").status_code == 403
    clock.advance(timedelta(minutes=10))
    assert "第一步" in browser.page("/account/phone").text


def test_a_phone_of_somebody_else_is_not_taken(world, volunteer, sms):
    other, browser = world.volunteer(), world.browser(volunteer)
    prove(browser, sms, "/account/phone", volunteer)
    browser.post("/account/phone", {"phone": other.phone, "action": "send"})
    answer = browser.post("/account/phone", {"phone": other.phone, "code": sms.code(other.phone)})
    assert answer.status_code == 422
    assert phone_of(world, volunteer) == volunteer.phone


def test_my_data_are_shown_and_given_after_a_code(world, team, volunteer, sms):
    world.do(lambda: signed_up(world.activity(team), volunteer))
    browser = world.browser(volunteer)
    assert browser.get("/account/data.json").status_code == 403
    assert volunteer.id_number not in browser.page("/account/data").html
    prove(browser, sms, "/account/data", volunteer)
    page = browser.page("/account/data")
    assert volunteer.id_number in page.text
    answer = browser.get("/account/data.json")
    assert json.loads(answer.data)["volunteers"][0]["id_number"] == volunteer.id_number
    assert "attachment" in answer.headers["Content-Disposition"]
    assert world.browser(world.volunteer()).get("/account/data.json").status_code == 403


def test_withdrawing_the_id_number_deletes_it_and_ends_signing_up(world, team, volunteer):
    browser, event = world.browser(volunteer), world.activity(team)
    path = "/account/consents/id-number-consent/withdraw"
    assert "删除您的证件号码" in browser.page(path).text
    assert browser.post(path).status_code == 303
    assert world.one(select(Volunteer.id_number_sealed)) is None
    assert "没有证件号码不能报名" in browser.page("/account").text
    page = browser.page(f"/activities/{event.id}")
    assert "没有证件号码不能报名" in page.text
    assert "/volunteer/identity" in page.links
    assert "没有证件号码不能报名" in browser.page("/volunteer").text
    answer = browser.post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up")
    assert answer.status_code == 409
    assert "重新填写" in read(answer).alerts[0]
    assert browser.get("/account/consents/privacy-notice/withdraw").location == "/account/close"


def test_closing_says_what_goes_and_takes_the_person_out(world, team, volunteer, sms):
    event, waiting = world.activity(team, quota=1, waitlist_limit=3), world.volunteer()
    world.do(lambda: signed_up(event, volunteer))
    world.do(lambda: signed_up(event, waiting))
    browser = world.browser(volunteer)
    assert "会保留" in browser.page("/account/close").text
    code = code_for(browser, sms, "/account/close", volunteer.phone)
    answer = browser.post("/account/close", {"code": code})
    assert read(answer).of("understood").errors
    assert browser.post("/account/close", {"code": code, "understood": "y"}).status_code == 303
    assert browser.get("/volunteer").status_code == 303
    rows = world.rows(select(Volunteer.name, Volunteer.state, Volunteer.volunteer_no).order_by(Volunteer.id))
    assert rows[0][:2] == ("", "erased")
    assert rows[0][2]
    assert [row[0] for row in world.rows(select(SignUp.state).order_by(SignUp.id))] == ["withdrawn", "offered"]
    assert world.one(select(Shift.places_taken)) == 1
    assert world.one(select(func.count()).select_from(Account).where(Account.state == "erased")) == 1


def test_who_closed_the_account_is_a_member_and_an_admin_of_nothing(world, team, volunteer, sms):
    browser = world.browser(volunteer)
    browser.post(f"/volunteer/organizations/{team.uid}/join")
    row = {"organization_id": team.id, "account_id": volunteer.account_id, "role": "owner", "name": "副手"}
    world.do(lambda: in_transaction(lambda: session.add(OrganizationAdmin(**row, created_at=here.clock.now()))))
    send_draft = {"name": "没填完", "action": "keep"}
    browser.post("/organization/register", send_draft)
    assert prove(browser, sms, "/account/close", volunteer, understood="y").status_code == 303
    assert world.rows(select(Membership.state)) == [("left",)]
    assert world.one(select(Organization.members_count).where(Organization.id == team.id)) == 0
    assert world.rows(select(OrganizationAdmin.account_id).where(OrganizationAdmin.organization_id == team.id)) == [
        (team.admin.account_id,)
    ]
    for model in (Draft, Notice, LoginSession, Consent):
        mine = select(func.count()).select_from(model).where(model.account_id == volunteer.account_id)
        assert world.one(mine) == 0
    alone = prove(world.browser(team.admin), sms, "/account/close", team.admin, understood="y")
    assert alone.status_code == 422


def test_the_only_owner_hands_over_first(world, team, sms):
    browser = world.browser(team.admin)
    answer = prove(browser, sms, "/account/close", team.admin, understood="y")
    assert answer.status_code == 422
    assert team.name in read(answer).alerts[0]


def test_strangers_prove_their_phone_first(world):
    for path in ("", "/phone", "/data", "/data.json", "/close", "/consents/privacy-notice/withdraw"):
        assert world.browser().get(f"/account{path}").location.startswith("/login"), path


def test_every_column_that_is_read_has_a_name_and_codes_are_words(world, team, volunteer, sms):
    shown = {
        column.name.removesuffix("_sealed")
        for table in tables_of_people()
        if not table.info.get("copy")
        for column in table.columns
        if data_class(column) != "secret" and not column.name.removesuffix("_sealed").endswith(INSIDE)
        if column.name not in WORKINGS.get(table.name, ())
    }
    assert shown <= set(COLUMNS)
    event = world.activity(team)
    world.do(lambda: signed_up(event, volunteer))
    browser = world.browser(volunteer)
    assert prove(browser, sms, "/account/data", volunteer).status_code == 303
    text = browser.page("/account/data").text
    for words in ("志愿者资料", "内地居民身份证", "中山区", "已报名", "2026-11-23", f"报名成功：{event.title}"):
        assert words in text
    for raw in ("confirmed", "_at", "+00:00", "{"):
        assert raw not in text, raw


def test_my_data_names_the_activity_of_a_sign_up_and_the_subject_of_a_notice(world, team, volunteer, sms, clock):
    event = world.activity(team)
    late = world.shift(event, starts_at=clock.now() + timedelta(days=5), title="观星夜")
    world.do(lambda: signed_up(replace(event, shift_id=late), volunteer))
    browser = world.browser(volunteer)
    prove(browser, sms, "/account/data", volunteer)
    data = json.loads(browser.get("/account/data.json").data)
    ((activity, shift),) = [(row["activity_title"], row["shift_title"]) for row in data["sign_ups"]]
    assert (activity, shift) == (event.title, "观星夜")
    assert [row["subject"] for row in data["notices"]] == [f"报名成功：{event.title}"]
    page = browser.page("/account/data")
    assert f"<dt>活动</dt><dd>{event.title}</dd>" in page.html
    assert "<dt>场次</dt><dd>观星夜</dd>" in page.html
    assert f"<dt>主题</dt><dd>报名成功：{event.title}</dd>" in page.html


def test_my_data_names_the_organisation_of_a_membership(world, team, sms):
    member = world.do(lambda: create_member(team))
    browser = world.browser(member)
    prove(browser, sms, "/account/data", member)
    (row,) = json.loads(browser.get("/account/data.json").data)["memberships"]
    assert row["organization_name"] == team.name
    assert f"<dt>组织</dt><dd>{team.name}</dd>" in browser.page("/account/data").html


def test_the_wait_on_another_page_is_not_called_a_repeat(world, volunteer, sms):
    browser = world.browser(volunteer)
    browser.post("/account/phone", {"action": "send"})
    assert "data-again" in browser.page("/account/phone").html
    assert "data-again" not in browser.page("/account/close").html
