"""What was typed is not typed twice: neither when a form's key is stale, nor when the session has ended."""

from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import func, select, update

from app.accounts.models import PhoneCodeSend
from app.activities.models import Activity
from app.context import NAME
from app.database import in_transaction, session
from app.organizations.models import Organization
from app.volunteers.models import Volunteer
from tests.factories import new_id_number, new_phone, publishing_form
from tests.pages import read

STALE = {"csrf_token": "a-key-of-before"}
REST = timedelta(hours=13)


@pytest.fixture
def volunteer_form():
    return {
        "name": "欧阳测试",
        "id_type": "01",
        "id_number": new_id_number(),
        "id_consent": "y",
    }


@pytest.fixture
def activity_form(clock):
    return publishing_form(clock.now() + timedelta(days=3), region="210213", content="讲解防灾知识。\n请带水。")


@pytest.fixture
def organization_form(root):
    return {
        "name": "滨城科普志愿服务队",
        "st_line": "G",
        "parent": root.uid,
        "region": "210202",
        "address": "青泥街道1号",
        "founded_on": "2019-03-05",
        "leader_name": "欧阳队长",
        "leader_phone": "17011113333",
        "service_categories": ["K1", "K3"],
        "join_mode": "1",
        "intro": "常年开展科普。",
    }


ADMIN_FORM = {"form_key": "k" * 22, "name": "欧阳队长", "position": "副队长", "agreement": "y", "privacy": "y"}
VOLUNTEER, ACTIVITY, ORGANIZATION = (
    "/volunteer/register?step=who",
    "/organization/activities/new",
    "/organization/register",
)


def count(world, model):
    return world.one(select(func.count()).select_from(model))


def shown(page, form, *, but=()):
    """The fields of the form whose values are not on the page."""
    missing = []
    for name, value in form.items():
        field = page.of(name)
        there = {field.value, page.hidden.get(name, ""), *field.chosen}
        if name not in but and not set(value if isinstance(value, list) else [value]) <= there | {""}:
            missing.append(name)
    return missing


def come_in(world, browser, sms, phone, answer):
    """Prove the phone on the page that the answer leads to, and go on to where that leads."""
    world.do(lambda: in_transaction(lambda: session.execute(update(PhoneCodeSend).values(phone_index="x"))))
    path = answer.location
    assert "已保留" in browser.page(path).text
    browser.post(path, {"phone": phone, "action": "send"})
    done = browser.post(path, {"phone": phone, "code": sms.code(phone), "action": "next"})
    assert done.status_code == 303
    return browser.page(done.location)


def test_an_activity_sent_with_a_stale_key_is_shown_again_and_sent_once(world, team, activity_form):
    browser = world.browser(team.admin)
    answer = browser.post(ACTIVITY, activity_form | STALE)
    page = read(answer)
    assert answer.status_code == 400
    assert "请再按一次" in page.text
    assert shown(page, activity_form) == []
    assert count(world, Activity) == 0
    assert browser.post(ACTIVITY, activity_form | {"csrf_token": page.hidden["csrf_token"]}).status_code == 303
    assert count(world, Activity) == 1


def test_a_registration_sent_with_a_stale_key_is_shown_again_whole(world, volunteer_form):
    browser = world.browser(world.account())
    page = read(browser.post(VOLUNTEER, volunteer_form | STALE))
    assert shown(page, volunteer_form) == []
    assert count(world, Volunteer) == 0
    assert browser.post(VOLUNTEER, volunteer_form | {"csrf_token": page.hidden["csrf_token"]}).status_code == 303


def test_both_steps_of_an_organisation_are_shown_again(world, organization_form):
    browser = world.browser(world.account())
    page = read(browser.post(ORGANIZATION, organization_form | STALE))
    assert shown(page, organization_form) == []
    browser.post(ORGANIZATION, organization_form)
    page = read(browser.post(f"{ORGANIZATION}?step=admin", ADMIN_FORM | STALE))
    assert shown(page, ADMIN_FORM) == []
    again = ADMIN_FORM | {"csrf_token": page.hidden["csrf_token"]}
    assert browser.post(f"{ORGANIZATION}?step=admin", again).status_code == 303


def test_a_phone_typed_long_ago_is_still_there(world, sms):
    browser = world.browser()
    answer = browser.post("/login", {"phone": "17012345678", "action": "send"} | STALE)
    assert answer.status_code == 400
    assert read(answer).of("phone").value == "17012345678"
    assert sms.received == []


def test_an_activity_sent_after_the_session_ended_waits_for_the_log_in(world, team, activity_form, sms, clock):
    browser = world.browser(team.admin)
    clock.advance(REST)
    answer = browser.post(ACTIVITY, activity_form)
    assert answer.location.startswith("/login?next=/organization/activities/new")
    page = come_in(world, browser, sms, team.admin.phone, answer)
    assert "已经放回来" in page.text
    assert shown(page, activity_form, but=["declaration"]) == []
    assert page.of("declaration").chosen == []
    assert browser.post(ACTIVITY, activity_form).status_code == 303
    assert count(world, Activity) == 1
    assert browser.page(ACTIVITY).of("title").value == ""


@pytest.mark.parametrize("is_stale", [False, True])
def test_a_registration_sent_after_the_session_ended_waits_too(world, volunteer_form, sms, clock, is_stale):
    person = world.account()
    browser = world.browser(person)
    clock.advance(REST)
    answer = browser.post(VOLUNTEER, volunteer_form | (STALE if is_stale else {}))
    page = come_in(world, browser, sms, person.phone, answer)
    assert shown(page, volunteer_form, but=["id_consent"]) == []
    assert page.of("id_consent").chosen == []
    assert browser.post(VOLUNTEER, volunteer_form).status_code == 303
    ability = {"region": "210202", "skills": ["01", "05"], "services": ["K1"]}
    page = read(browser.post("/volunteer/register?step=ability", ability | STALE))
    assert shown(page, ability) == []


def test_the_second_step_of_an_organisation_waits_too(world, organization_form, sms, clock):
    person = world.account()
    browser = world.browser(person)
    browser.post(ORGANIZATION, organization_form)
    clock.advance(REST)
    answer = browser.post(f"{ORGANIZATION}?step=admin", ADMIN_FORM)
    page = come_in(world, browser, sms, person.phone, answer)
    assert shown(page, ADMIN_FORM, but=["agreement", "privacy"]) == []


def test_what_waits_is_sealed_and_without_consent_there_is_no_id_number(app, world, volunteer_form, clock):
    redis = app.extensions[NAME].redis
    for consent in ("y", ""):
        person = world.account()
        browser = world.browser(person)
        clock.advance(REST)
        browser.post(VOLUNTEER, volunteer_form | {"id_consent": consent})
        (key,) = redis.keys("typed:*")
        kept = redis.get(key).decode()
        for text in (volunteer_form["id_number"], volunteer_form["name"], "name"):
            assert text not in kept
        assert 0 < redis.ttl(key) <= 3600
        browser.log_in(person)
        number = browser.page(VOLUNTEER).of("id_number").value
        assert number == (volunteer_form["id_number"] if consent else "")
        redis.delete(key)


@pytest.mark.parametrize("consent", ["y", ""])
def test_a_leaders_id_number_waits_with_consent_alone_which_is_ticked_anew(
    app, world, organization_form, clock, consent
):
    person, number = world.account(), new_id_number()
    browser = world.browser(person)
    clock.advance(REST)
    browser.post(ORGANIZATION, organization_form | {"leader_id_number": number, "leader_id_consent": consent})
    browser.log_in(person)
    page = browser.page(ORGANIZATION)
    assert page.of("leader_name").value == "欧阳队长"
    assert page.of("leader_id_number").value == (number if consent else "")
    assert page.of("leader_id_consent").chosen == []


def test_nobody_else_sees_what_waits(world, team, activity_form, sms, clock):
    browser, other = world.browser(team.admin), world.account(new_phone())
    world.organization(team, admin=other)
    clock.advance(REST)
    answer = browser.post(ACTIVITY, activity_form)
    browser.post(answer.location, {"phone": other.phone, "action": "send"})
    browser.post(answer.location, {"phone": other.phone, "code": sms.code(other.phone), "action": "next"})
    assert browser.page(ACTIVITY).of("title").value == ""
    assert world.browser(team.admin).page(ACTIVITY).of("title").value == ""


def test_who_logs_out_leaves_nothing_behind(app, world, team, activity_form, clock):
    browser = world.browser(team.admin)
    clock.advance(REST)
    browser.post(ACTIVITY, activity_form)
    browser.post("/logout")
    assert app.extensions[NAME].redis.keys("typed:*") == []
    assert browser.log_in(team.admin).page(ACTIVITY).of("title").value == ""


def test_another_site_cannot_fill_in_a_form(world, team, activity_form):
    browser = world.browser(team.admin)
    answer = browser.post(ACTIVITY, activity_form | STALE, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 400
    assert activity_form["title"] not in answer.get_data(as_text=True)


def test_without_redis_the_person_logs_in_all_the_same(app, world, team, activity_form, clock):
    browser = world.browser(team.admin)
    clock.advance(REST)
    parts = app.extensions[NAME]
    app.extensions[NAME] = replace(parts, redis=Redis.from_url("redis://127.0.0.1:9", retry=None))
    try:
        assert browser.post(ACTIVITY, activity_form).location.startswith("/login")
    finally:
        app.extensions[NAME] = parts


def test_one_address_cannot_fill_the_memory(app, world, activity_form):
    for _ in range(70):
        world.browser().post(ACTIVITY, activity_form)
    assert len(app.extensions[NAME].redis.keys("typed:*")) == 60
    assert world.one(select(func.count()).select_from(Organization)) == 0
