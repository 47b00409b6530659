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
    browser.post(act(event, "withdraw"), {"why": "time"})
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


def test_the_reason_is_asked_before_a_sign_up_is_taken_back(world, team, volunteer):
    event, browser = world.activity(team), world.browser(volunteer)
    browser.post(act(event, "sign-up"))
    assert "取消报名" in browser.page(f"/activities/{event.id}").text
    assert "时间安排不开" in browser.page(act(event, "withdraw")).text
    answer = browser.post(act(event, "withdraw"), {"note": "有课"})
    assert answer.status_code == 422
    assert read(answer).of("why").errors == ["请选择一个原因"]
    assert read(answer).of("note").value == "有课"
    assert world.one(select(SignUp.state)) == "confirmed"
    browser.post(act(event, "withdraw"), {"why": "time", "note": "有课"})
    assert world.rows(select(SignUp.state, SignUp.reason, SignUp.ended_by)) == [
        ("withdrawn", "时间安排不开：有课", "volunteer")
    ]


def test_after_the_deadline_one_asks_for_leave_and_the_organiser_answers(world, team, volunteer, clock):
    deadline = clock.now() + timedelta(hours=6)
    event, browser = world.activity(team, cancel_deadline_at=deadline), world.browser(volunteer)
    browser.post(act(event, "sign-up"))
    clock.set(deadline)
    assert "请假" in browser.page(f"/activities/{event.id}").text
    browser.post(act(event, "withdraw"), {"why": "health"})
    assert "已报名，请假待同意" in browser.page(f"/activities/{event.id}").text
    assert "请假待同意" in browser.page("/volunteer/activities").text
    organiser = world.browser(team.admin)
    page = organiser.page(f"/organization/activities/{event.id}")
    assert "请假：身体不舒服" in page.text
    (sign_up_id,) = world.rows(select(SignUp.id))[0]
    place = f"/organization/activities/{event.id}/sign-ups/{sign_up_id}/answer"
    organiser.post(f"{place}/refuse-leave")
    assert world.one(select(SignUp.state)) == "confirmed"
    browser.post(act(event, "withdraw"), {"why": "health"})
    organiser.post(f"{place}/grant-leave")
    assert world.one(select(SignUp.state)) == "excused"
    assert world.one(select(Shift.places_taken)) == 0
    assert "已请假" in browser.page("/volunteer/activities?tab=done").text


def test_with_review_the_organiser_says_yes_or_no_with_a_reason(world, team, clock):
    event = world.activity(team, approval_mode="review")
    people = [world.volunteer(), world.volunteer()]
    for person in people:
        browser = world.browser(person)
        browser.post(act(event, "sign-up"))
        assert "审核中" in browser.page(f"/activities/{event.id}").text
    organiser = world.browser(team.admin)
    first, second = (row[0] for row in world.rows(select(SignUp.id).order_by(SignUp.id)))
    place = f"/organization/activities/{event.id}/sign-ups"
    assert organiser.post(f"{place}/{first}/answer/approve").status_code == 303
    assert organiser.post(f"{place}/{first}/answer/approve").status_code == 303
    answer = organiser.post(f"{place}/{second}/refuse/reject", {"reason": ""})
    assert (answer.status_code, read(answer).of("reason").errors) == (422, ["请写明原因，对方会看到"])
    assert organiser.post(f"{place}/{second}/refuse/reject", {"reason": "名额留给本社区"}).status_code == 303
    assert [row[0] for row in world.rows(select(SignUp.state).order_by(SignUp.id))] == ["confirmed", "rejected"]
    page = world.browser(people[1]).page(f"/activities/{event.id}")
    assert "未通过：名额留给本社区" in page.text
    assert "立即报名" not in page.text


def test_strangers_judge_nobody(world, root, team, volunteer):
    event = world.activity(team)
    world.browser(volunteer).post(act(event, "sign-up"))
    (sign_up_id,) = world.rows(select(SignUp.id))[0]
    place = f"/organization/activities/{event.id}/sign-ups/{sign_up_id}"
    other = world.organization(root)
    for path in (f"{place}/answer/approve", f"{place}/refuse/remove"):
        assert world.browser(other.admin).post(path, {"reason": "不认识"}).status_code == 404
        assert world.browser(volunteer).post(path, {"reason": "不认识"}).location.startswith("/organization/register")
    assert world.one(select(SignUp.state)) == "confirmed"
    assert world.browser(team.admin).post(f"{place}/answer/nonsense").status_code == 404


def test_the_list_offers_to_wait_and_says_where_one_stands(world, team, volunteer):
    event = world.activity(team, quota=1, waitlist_limit=5)
    world.browser(world.volunteer()).post(act(event, "sign-up"))
    browser = world.browser(volunteer)
    assert "报名候补" in browser.page(f"/activities/{event.id}").text
    browser.post(act(event, "sign-up"))
    text = browser.page(f"/activities/{event.id}").text
    assert "您排在第一位" in text
    assert "放弃候补" in text
    assert "候补" in browser.page("/volunteer/activities?tab=waiting").text


def test_the_detail_leads_back_to_the_same_filter_and_place(world, team, volunteer):
    event, browser = world.activity(team), world.browser(volunteer)
    browser.post(act(event, "sign-up"))
    came_from = "/volunteer/activities?tab=waiting&phase=signup_open"
    link = next(link for link in browser.page(came_from).links if f"/activities/{event.id}?" in link)
    row = world.one(select(SignUp.id))
    assert f"{came_from}#s{row}" in browser.page(link).links
    for elsewhere in ("//evil.example", "https://evil.example/", "javascript:alert(1)"):
        assert not [one for one in browser.page(f"/activities/{event.id}?back={elsewhere}").links if "evil" in one]


def test_mine_can_be_narrowed_to_a_phase(world, team, volunteer, clock):
    soon = world.activity(team, starts_at=clock.now() + timedelta(hours=1))
    late = world.activity(team)
    browser = world.browser(volunteer)
    for event in (soon, late):
        browser.post(act(event, "sign-up"))
    clock.advance(timedelta(hours=2))
    assert soon.title in browser.page("/volunteer/activities?phase=ongoing").text
    assert late.title not in browser.page("/volunteer/activities?phase=ongoing").text
    assert soon.title not in browser.page("/volunteer/activities?tab=done&phase=ongoing").text


def test_who_presses_as_a_stranger_comes_back_to_the_activity(world, team):
    event = world.activity(team)
    page = f"/activities/{event.id}"
    headers = {"Referer": f"http://localhost{page}"}
    answer = world.browser().post(f"{page}/shifts/{event.shift_id}/sign-up", headers=headers)
    assert answer.location == f"/login?next={page}"
    answer = world.browser(world.account()).post(f"{page}/shifts/{event.shift_id}/sign-up", headers=headers)
    assert answer.location == f"/volunteer/register?next={page}"
    away = {"Referer": "https://evil.example/activities/1"}
    assert "evil" not in world.browser().post(f"{page}/shifts/{event.shift_id}/sign-up", headers=away).location
