"""Logging in and out as a browser sees it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

import app as product
from app.accounts.models import Account, LoginSession, PhoneCodeSend
from app.database import in_transaction, session
from tests.pages import Browser, read

PHONE = "17012345678"


def send(browser, phone=PHONE, path="/login"):
    return browser.post(path, {"phone": phone, "action": "send"})


def enter(browser, code, phone=PHONE, path="/login"):
    return browser.post(path, {"phone": phone, "code": code, "action": "next"})


@pytest.fixture
def log_in(world, sms):
    def log_in(browser=None, phone=PHONE):
        browser = browser or world.browser()
        send(browser, phone)
        assert enter(browser, sms.code(phone), phone).status_code == 303
        return browser

    return log_in


def test_phone_and_code_log_in_and_lead_on(world, sms):
    browser = world.browser()
    page = read(send(browser, "+86 170-1234 5678", "/login?next=/policies"))
    assert "验证码已发出" in page.text
    assert page.of("phone").value == PHONE
    assert enter(browser, sms.code(PHONE), path="/login?next=/policies").location == "/policies"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "/%2fevil.example"])
def test_nobody_is_led_to_another_site(world, sms, target):
    browser = world.browser()
    send(browser)
    assert enter(browser, sms.code(PHONE), path=f"/login?next={target}").location == "/"


@pytest.mark.parametrize("phone", ["", "123", "12345678901", "170123456789", "abc", "🙂" * 11, "1" * 500, "１７０"])
def test_a_wrong_phone_is_told_beside_the_field_and_nothing_is_sent(world, sms, phone):
    answer = send(world.browser(), phone)
    assert answer.status_code == 422
    page = read(answer)
    assert page.of("phone").errors
    assert page.of("phone").value == phone
    assert sms.received == []


def test_full_width_digits_are_digits(world, sms):
    assert send(world.browser(), "１７０１２３４５６７８").status_code == 200
    assert sms.count(PHONE) == 1


def test_a_wrong_code_is_told_beside_the_field_and_the_phone_is_kept(world, sms):
    browser = world.browser()
    send(browser)
    for code, status in (("000000" if sms.code(PHONE) != "000000" else "000001", 422), ("12", 422), ("", 422)):
        answer = enter(browser, code)
        assert answer.status_code == status
        page = read(answer)
        assert page.of("code").errors
        assert page.of("phone").value == PHONE
    assert world.one(select(func.count()).select_from(Account)) == 0


def test_known_and_unknown_phones_get_the_same_answer(world, sms):
    known = world.account()
    answers = []
    for phone in (known.phone, PHONE):
        browser = world.browser()
        text = read(send(browser, phone)).text.replace(phone, "")
        wrong = read(enter(browser, "000000" if sms.code(phone) != "000000" else "1" * 6, phone))
        answers.append((text, wrong.alerts, wrong.text))
    assert answers[0] == answers[1]


def test_a_code_that_was_asked_for_elsewhere_does_not_log_in_here(world, sms):
    send(world.browser())
    answer = enter(world.browser(), sms.code(PHONE))
    assert answer.status_code == 422
    assert read(answer).of("code").errors


def test_when_text_messages_cannot_be_sent_the_page_says_so(world, sms):
    sms.is_down = True
    answer = send(world.browser())
    assert answer.status_code == 503
    assert "短信暂时发不出去" in read(answer).text
    assert world.one(select(func.count()).select_from(PhoneCodeSend)) == 0


def test_when_the_answer_of_the_sms_provider_is_cut_the_person_waits_for_the_code(world, sms):
    sms.is_cut = True
    browser = world.browser()
    page = read(send(browser))
    assert "可能还在路上" in page.text
    assert page.of("phone").value == PHONE
    assert 'data-wait="60"' in page.html
    again = send(browser)
    assert again.status_code == 429
    assert sms.count(PHONE) == 1
    assert enter(browser, sms.code(PHONE)).status_code == 303


def test_the_token_is_new_at_each_log_in_and_the_old_one_is_worthless(world, log_in, clock):
    browser = log_in()
    before = browser.cookie()["sid"]
    thief = world.browser()
    with thief.client.session_transaction(base_url=thief.base) as cookie:
        cookie["sid"] = before
    assert thief.get("/volunteer").location.startswith("/volunteer/register")
    browser.post("/logout")
    assert thief.get("/volunteer").location.startswith("/login")
    clock.advance(timedelta(minutes=2))
    log_in(browser)
    assert browser.cookie()["sid"] != before
    assert thief.get("/volunteer").location.startswith("/login")


def test_the_form_key_from_before_the_log_in_is_worthless_after_it(world, sms):
    browser = world.browser()
    send(browser)
    planted = browser.form_key()
    enter(browser, sms.code(PHONE))
    answer = browser.post("/logout", {"csrf_token": planted})
    assert answer.status_code == 400


def test_a_session_ends_after_12_hours_of_rest(world, volunteer, clock):
    browser = world.browser(volunteer)
    for _ in range(3):
        clock.advance(timedelta(hours=11, minutes=59))
        assert browser.get("/volunteer").status_code == 200
    clock.advance(timedelta(hours=12))
    assert browser.get("/volunteer").location.startswith("/login")


def test_a_session_ends_after_30_days_whatever_its_use(world, volunteer, clock):
    browser = world.browser(volunteer)
    for _ in range(30 * 3 - 1):
        clock.advance(timedelta(hours=8))
        assert browser.get("/volunteer").status_code == 200
    clock.advance(timedelta(hours=8))
    assert browser.get("/volunteer").location.startswith("/login")


def test_a_frozen_account_is_out_at_once_and_cannot_come_back(world, sms, log_in):
    browser = log_in()
    assert browser.get("/volunteer").location.startswith("/volunteer/register")
    world.do(lambda: in_transaction(lambda: session.execute(update(Account).values(state="frozen"))))
    assert browser.get("/volunteer").location.startswith("/login")
    world.do(lambda: in_transaction(lambda: session.execute(update(PhoneCodeSend).values(phone_index="x"))))
    other = world.browser()
    send(other)
    answer = enter(other, sms.code(PHONE))
    assert answer.status_code == 403
    assert "停用" in read(answer).text


def test_what_is_logged_in_is_kept_as_a_hash(world, log_in):
    token = log_in().cookie()["sid"]
    ((kept,),) = world.rows(select(LoginSession.token_hash))
    assert token not in kept


@pytest.mark.parametrize("public_url", ["http://localhost", "https://volunteer.example.org"])
def test_the_cookie_is_as_safe_as_the_address_allows(settings, tmp_path, public_url):
    chosen = settings(site={"public_url": public_url}, database={"url": f"sqlite:///{tmp_path}/cookie.db"})
    site = product.create_app(chosen)
    answer = Browser(site).get("/login")
    site.extensions["database"].dispose()
    name, *flags = [part.strip() for part in answer.headers["Set-Cookie"].split(";")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    is_https = public_url.startswith("https")
    assert ("Secure" in flags) == is_https
    assert name.startswith("__Host-stvs=") == is_https
    assert not any(flag.startswith("Domain") for flag in flags)
    assert ("Strict-Transport-Security" in answer.headers) == is_https


def test_who_presses_sign_up_on_a_page_from_the_list_is_back_there_after_the_log_in(world, team, sms):
    event, browser = world.activity(team), world.browser()
    listed = browser.page("/activities?phase=all&q=" + event.title)
    link = next(link for link in listed.links if link.startswith(f"/activities/{event.id}?back="))
    press = f"/activities/{event.id}/shifts/{event.shift_id}/sign-up"
    answer = browser.post(press, headers={"Referer": browser.base + link})
    path = answer.location
    send(browser, path=path)
    led = enter(browser, sms.code(PHONE), path=path).location
    assert led == link
    assert browser.get(led).status_code == 200


def test_who_registers_on_the_way_is_back_on_the_activity(world, team):
    event, browser = world.activity(team), world.browser(world.account())
    page = f"/activities/{event.id}?back=/activities?phase%3Dall%23a{event.id}"
    press = f"/activities/{event.id}/shifts/{event.shift_id}/sign-up"
    answer = browser.post(press, headers={"Referer": browser.base + page})
    assert answer.location.startswith("/volunteer/register?next=")
    browser.log_in(world.volunteer())
    assert browser.get(answer.location).location == page


def waits(answer):
    return re.search(r'data-wait="([0-9]+)"', read(answer).html)[1]


def test_the_wait_for_another_code_is_kept_over_a_wrong_one(world, sms, clock):
    browser = world.browser()
    assert waits(browser.get("/login")) == "0"
    assert waits(send(browser)) == "60"
    clock.advance(timedelta(seconds=15))
    for code in ("000000" if sms.code(PHONE) != "000000" else "000001", "12", ""):
        assert waits(enter(browser, code)) == "45"
    assert waits(send(browser)) == "45"  # too soon: told, and still counted down
    assert waits(enter(browser, "12", phone="17099998888")) == "0"
    assert waits(enter(world.browser(), "12")) == "0"
    clock.advance(timedelta(seconds=45))
    assert waits(enter(browser, "12")) == "0"
