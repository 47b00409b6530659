"""立即报名 and 取消报名 as a person presses them."""

from datetime import timedelta

from sqlalchemy import func, select

from app.activities.models import Shift, SignUp
from tests.pages import read


def act(event, what):
    return f"/activities/{event.id}/shifts/{event.shift_id}/{what}"


def test_one_press_is_enough_and_two_are_harmless(world, team, volunteer):
    event, browser = world.activity(team), world.browser(volunteer)
    assert "立即报名" in browser.page(f"/activities/{event.id}").text
    assert browser.post(act(event, "sign-up")).location == f"/activities/{event.id}"
    page = browser.page(f"/activities/{event.id}")
    assert "报名成功" in page.text
    assert "已报名" in page.text
    assert "立即报名" not in page.text
    assert browser.post(act(event, "sign-up")).status_code == 303
    assert "您已经报过名了" in browser.page(f"/activities/{event.id}").text
    assert event.title in browser.page("/volunteer/activities?tab=waiting").text


def test_a_full_activity_says_so(world, team, volunteer):
    event = world.activity(team, quota=1)
    world.browser(world.volunteer()).post(act(event, "sign-up"))
    answer = world.browser(volunteer).post(act(event, "sign-up"))
    assert answer.status_code == 409
    assert "名额已满，看看别的活动吧" in read(answer).alerts


def test_withdrawing_moves_it_to_the_done_ones(world, team, volunteer):
    event, browser = world.activity(team), world.browser(volunteer)
    browser.post(act(event, "sign-up"))
    browser.post(act(event, "withdraw"))
    assert event.title not in browser.page("/volunteer/activities?tab=waiting").text
    page = browser.page("/volunteer/activities?tab=done")
    assert event.title in page.text
    assert "已取消" in page.text
    assert world.one(select(Shift.places_taken)) == 0


def test_an_overlap_is_told_on_the_page(world, team, volunteer):
    first, second, browser = world.activity(team), world.activity(team), world.browser(volunteer)
    browser.post(act(first, "sign-up"))
    answer = browser.post(act(second, "sign-up"))
    assert answer.status_code == 409
    assert first.title in read(answer).alerts[0]


def test_a_shift_of_another_activity_is_not_found(world, team, volunteer):
    first, second = world.activity(team), world.activity(team)
    answer = world.browser(volunteer).post(f"/activities/{first.id}/shifts/{second.shift_id}/sign-up")
    assert answer.status_code == 404
    assert world.one(select(func.count()).select_from(SignUp)) == 0


def test_before_and_after_the_window_the_page_says_why_not(world, team, volunteer, clock):
    opens = clock.now() + timedelta(hours=1)
    event = world.activity(team, signup_start_at=opens, signup_end_at=opens + timedelta(hours=1))
    browser = world.browser(volunteer)
    for moment, words in ((opens - timedelta(seconds=1), "还没有开始"), (opens + timedelta(hours=1), "报名已经结束")):
        clock.set(moment)
        assert "立即报名" not in browser.page(f"/activities/{event.id}").text
        answer = browser.post(act(event, "sign-up"))
        assert answer.status_code == 409
        assert words in read(answer).alerts[0]


def test_a_stranger_proves_the_phone_first_and_a_newcomer_registers_first(world, team):
    event = world.activity(team)
    assert world.browser().post(act(event, "sign-up")).location == "/login"
    assert world.browser(world.account()).post(act(event, "sign-up")).location == "/volunteer/register"


def test_the_detail_shows_no_phone_and_only_the_surname_of_the_leader(world, team, volunteer):
    event = world.activity(team, leader_name="王大锤", leader_phone="17088887777")
    html = world.browser(volunteer).page(f"/activities/{event.id}").html
    assert "17088887777" not in html
    assert "王大锤" not in html
    assert "王**" in html
