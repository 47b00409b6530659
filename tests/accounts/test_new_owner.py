"""A phone number may have a new owner: who comes back after long by the phone alone says who they are first."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.models import Account, AuditEntry, PhoneCodeSend, WeChatUser
from app.activities.models import SignUp
from app.context import here
from app.database import in_transaction, session
from app.demo.people import resident_id
from app.own_data.services import forget_id_number
from app.volunteers.models import Volunteer
from app.volunteers.services import Guardian
from app.wechat.gateway import Visitor
from tests.factories import new_phone
from tests.pages import WECHAT, read

LONG, SHORT = timedelta(days=181), timedelta(days=179)
OWNER = "/owner"


@pytest.fixture
def come(world, sms):
    """Prove the phone in a new browser."""

    def come(person, browser=None, path="/login?next=/volunteer"):
        world.do(lambda: in_transaction(lambda: session.execute(update(PhoneCodeSend).values(phone_index="x"))))
        browser = browser or world.browser()
        browser.post(path, {"phone": person.phone, "action": "send"})
        answer = browser.post(path, {"phone": person.phone, "code": sms.code(person.phone), "action": "next"})
        assert answer.status_code == 303
        return browser, answer.location

    return come


def last_login(world, person):
    return world.one(select(Account.last_login_at).where(Account.id == person.account_id))


def test_within_180_days_the_phone_is_enough(volunteer, come, clock):
    clock.advance(SHORT)
    browser, path = come(volunteer)
    assert volunteer.name in browser.page(path).text


def test_after_181_days_nothing_is_shown_until_the_end_of_the_id_number_is_given(world, volunteer, come, clock):
    clock.advance(LONG)
    before = last_login(world, volunteer)
    browser, path = come(volunteer)
    assert path == f"{OWNER}?next=/volunteer"
    page = browser.page(path)
    for text in (volunteer.name, volunteer.id_number[-4:], volunteer.phone):
        assert text not in page.text
    for guarded in ("/volunteer", "/account", "/account/data", "/volunteer/activities", "/volunteer/register"):
        assert browser.get(guarded).location.startswith(OWNER), guarded
    assert last_login(world, volunteer) == before
    answer = browser.post(path, {"last_six": volunteer.id_number[-6:].lower()})
    assert answer.location == "/volunteer"
    assert volunteer.name in browser.page("/volunteer").text
    assert last_login(world, volunteer) == clock.now()
    assert ("account.owner",) in world.rows(select(AuditEntry.action))
    assert come(volunteer)[1] == "/volunteer"


def test_a_kept_id_number_is_asked_for_although_nobody_could_be_found_by_it(world, volunteer, come, clock):
    unfound = update(Volunteer).values(id_number_index=None)
    world.do(lambda: in_transaction(lambda: session.execute(unfound)))
    clock.advance(LONG)
    browser, path = come(volunteer)
    assert "没有可以核对的证件" not in browser.page(path).text
    assert browser.post(path, {"last_six": "123456"}).status_code == 422
    assert browser.post(path, {"last_six": volunteer.id_number[-6:]}).location == "/volunteer"


def test_a_stranger_may_not_sign_up_in_somebody_elses_name(world, team, volunteer, come, clock):
    clock.advance(LONG)
    event = world.activity(team)
    browser, _ = come(volunteer)
    answer = browser.post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up")
    assert answer.location.startswith(OWNER)
    assert world.rows(select(SignUp.id)) == []


@pytest.mark.parametrize("answer", ["", "123456", "1", "🙂" * 6, "1" * 500])
def test_a_wrong_answer_is_told_beside_the_field(world, volunteer, come, clock, answer):
    clock.advance(LONG)
    browser, path = come(volunteer)
    given = browser.post(path, {"last_six": answer})
    assert given.status_code == 422
    assert read(given).of("last_six").errors
    assert browser.get("/volunteer").location.startswith(OWNER)


def test_after_five_wrong_answers_the_right_one_does_not_count_that_day(volunteer, come, clock):
    clock.advance(LONG)
    browser, path = come(volunteer)
    for _ in range(5):
        assert browser.post(path, {"last_six": "000000"}).status_code == 422
    answer = browser.post(path, {"last_six": volunteer.id_number[-6:]})
    assert "明天" in read(answer).text
    assert browser.get("/volunteer").location.startswith(OWNER)


def test_the_roles_of_an_admin_pause_too_until_somebody_looks_at_the_papers(app, world, team, come, clock):
    clock.advance(LONG)
    browser, path = come(team.admin, path="/login?next=/organization")
    assert browser.get("/organization").location.startswith(OWNER)
    assert team.name not in browser.page(path).text
    assert "当地科协" in browser.page(path).text
    assert browser.post(path, {"last_six": ""}).status_code == 200
    assert browser.get("/organization").location.startswith(OWNER)
    told = app.test_cli_runner().invoke(args=["accounts", "confirm", "--phone", team.admin.phone])
    assert told.exit_code == 0, told.output
    browser.post("/logout")
    assert come(team.admin, browser, path="/login?next=/organization")[1] == "/organization"
    assert team.name in browser.page("/organization").text


def test_who_withdrew_the_number_gives_it_whole(world, volunteer, come, clock):
    def forget():
        forget_id_number(session.get_one(Account, volunteer.account_id), now=clock.now())

    world.do(lambda: in_transaction(forget))
    clock.advance(LONG)
    browser, path = come(volunteer)
    assert browser.post(path, {"last_six": volunteer.id_number[-6:]}).status_code == 422
    assert browser.post(path, {"last_six": volunteer.id_number}).status_code == 303
    assert browser.get("/volunteer").status_code == 200


def test_an_account_with_nothing_in_it_is_given_with_a_press(world, come, clock):
    person = world.account()
    clock.advance(LONG)
    browser, path = come(person, path="/login?next=/account")
    assert browser.post(path).location == "/account"
    assert browser.get("/account").status_code == 200


def test_the_tied_wechat_is_known_however_long_it_was_away(world, volunteer, come, wechat, clock):
    openid = "o" + "A" * 27
    browser = world.browser(agent=WECHAT)

    def meet(path):
        wechat.codes["c"] = Visitor(openid)
        state = browser.get(path).location.split("state=")[1].split("#")[0]
        browser.get(f"/wechat/oauth?code=c&state={state}")

    meet("/policies")
    come(volunteer, browser)
    clock.advance(LONG)
    meet("/volunteer")
    assert volunteer.name in browser.page("/volunteer").text


def test_a_new_wechat_is_tied_only_after_the_answer(world, volunteer, come, wechat, clock):
    clock.advance(LONG)
    browser = world.browser(agent=WECHAT)
    wechat.codes["c"] = Visitor("o" + "B" * 27)
    state = browser.get("/policies").location.split("state=")[1].split("#")[0]
    browser.get(f"/wechat/oauth?code=c&state={state}")
    _, path = come(volunteer, browser)
    assert path.startswith(OWNER)
    assert world.rows(select(WeChatUser.id).where(WeChatUser.account_id == volunteer.account_id)) == []
    browser.post(path, {"last_six": volunteer.id_number[-6:]})
    assert len(world.rows(select(WeChatUser.id).where(WeChatUser.account_id == volunteer.account_id))) == 1


def test_nobody_is_asked_without_reason(world, volunteer):
    assert world.browser(volunteer).get(f"{OWNER}?next=/volunteer").location == "/volunteer"
    assert world.browser().get(OWNER).location == "/"


def change_phone(app, old, new):
    return app.test_cli_runner().invoke(args=["accounts", "change-phone", "--phone", old, "--to", new])


def test_who_lost_the_old_phone_gets_another_by_the_operator(app, world, volunteer, come):
    elsewhere, number = world.browser(volunteer), new_phone()
    told = change_phone(app, volunteer.phone, number)
    assert told.exit_code == 0, told.output
    assert elsewhere.get("/volunteer").status_code == 303
    browser, path = come(replace(volunteer, phone=number))
    assert volunteer.name in browser.page(path).text
    actions = world.rows(select(AuditEntry.action).where(AuditEntry.account_id == volunteer.account_id))
    assert {("account.phone",), ("account.owner",)} <= set(actions)


def test_a_number_that_somebody_began_to_register_with_anew_is_taken_along(app, world, volunteer, come):
    newer = world.account()
    assert change_phone(app, volunteer.phone, newer.phone).exit_code == 0
    browser, path = come(replace(volunteer, phone=newer.phone))
    assert volunteer.name in browser.page(path).text


def test_the_operator_cannot_give_anybody_the_phone_of_somebody_else(app, world, volunteer):
    other = world.volunteer()
    for new in (other.phone, "12345"):
        told = change_phone(app, volunteer.phone, new)
        assert told.exit_code == 1
    assert "account of its own" in change_phone(app, volunteer.phone, other.phone).output
    assert "nobody" in change_phone(app, new_phone(), new_phone()).output
    assert "has that number already" in change_phone(app, volunteer.phone, volunteer.phone).output
    phones = {world.do(lambda who=who: session.get_one(Account, who.account_id).phone) for who in (volunteer, other)}
    assert phones == {volunteer.phone, other.phone}


def test_the_operator_is_told_in_one_line_that_the_number_is_the_guardian_s(app, world):
    guardian = Guardian("欧阳家长", "17011112222", world.do(lambda: here.clock.now()))
    person = world.volunteer(id_number=resident_id("210202", date(2011, 5, 5), 12), guardian=guardian)
    told = change_phone(app, person.phone, "17011112222")
    assert (told.exit_code, told.output.count("\n")) == (1, 1)
    assert "监护人" in told.output
