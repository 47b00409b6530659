"""What stands on the page of an activity, and who may sign up."""

from datetime import datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import func, select

from app.activities import services
from app.activities.leaving_form import LEAVING_REASONS
from app.activities.models import Activity, SignUp
from app.activities.queries import find
from app.clock import SHANGHAI
from app.context import here
from app.database import in_transaction, session
from app.volunteers.models import Volunteer
from tests.factories import activity_facts, publishing_form
from tests.pages import read


def sign_up(browser, event, **form):
    return browser.post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up", form)


def born(world, person, years, clock):
    def change():
        row = session.get_one(Volunteer, person.volunteer_id)
        row.birth_date = clock.now().date().replace(year=clock.now().year - years)

    world.do(lambda: in_transaction(change))


def test_all_facts_are_there(world, team, volunteer):
    event = world.activity(
        team, notice="带身份证", provisions=["01", "05"], min_age=18, max_age=70, is_phone_public=True
    )
    text = world.browser(volunteer).page(f"/activities/{event.id}").text
    for words in ("带身份证", "志愿者保险、饮水", "18 至 70 周岁", "17099999999", team.name, "看地图"):
        assert words in text


def test_the_phone_is_there_only_when_it_is_public(world, team):
    event = world.activity(team)
    assert "17099999999" not in world.browser().page(f"/activities/{event.id}").html


@pytest.mark.parametrize(("years", "words"), [(17, "不满 18 周岁"), (71, "超过 70 周岁")])
def test_an_age_that_does_not_fit_is_told_before_and_refused(world, team, volunteer, clock, years, words):
    event = world.activity(team, min_age=18, max_age=70)
    born(world, volunteer, years, clock)
    browser = world.browser(volunteer)
    page = browser.page(f"/activities/{event.id}")
    assert words in page.text
    assert "立即报名" not in page.text
    answer = sign_up(browser, event)
    assert answer.status_code == 409
    assert words in read(answer).alerts[0]
    assert world.one(select(func.count()).select_from(SignUp)) == 0


def test_the_age_counts_on_the_day_of_the_activity(world, team, volunteer, clock):
    event = world.activity(team, min_age=18)

    def change():
        day = (clock.now() + timedelta(days=3)).date()
        row = session.get_one(Volunteer, volunteer.volunteer_id)
        row.birth_date, row.guardian_consented_at = day.replace(year=day.year - 18), clock.now()

    world.do(lambda: in_transaction(change))
    assert sign_up(world.browser(volunteer), event).status_code == 303


def test_a_skill_that_lacks_is_named(world, team, volunteer):
    event = world.activity(team, skills_any=["18", "19"])
    answer = sign_up(world.browser(volunteer), event)
    assert (answer.status_code, "心理咨询、护理照护" in read(answer).alerts[0]) == (409, True)


def test_only_members_may_come_when_the_organisation_says_so(world, root, team, volunteer):
    event = world.activity(team, members_only=True)
    answer = sign_up(world.browser(volunteer), event)
    assert answer.status_code == 409
    assert f"只限“{team.name}”的成员" in read(answer).alerts[0]


def test_the_risk_is_read_and_accepted_first(world, team, volunteer, clock):
    event = world.activity(team, risk_text="登山路滑，可能摔伤")
    browser = world.browser(volunteer)
    page = browser.page(f"/activities/{event.id}")
    assert "登山路滑" in page.text
    assert "愿意参加" in page.text
    answer = sign_up(browser, event)
    assert (answer.status_code, "我已了解" in read(answer).alerts[0]) == (422, True)
    assert world.one(select(func.count()).select_from(SignUp)) == 0
    assert sign_up(browser, event, risk="y").status_code == 303
    assert world.one(select(SignUp.risk_accepted_at)) == clock.now()


def test_the_link_of_an_online_activity_is_for_those_who_come(world, team, volunteer):
    event = world.activity(team, online_url="https://meeting.example.org/123")
    browser = world.browser(volunteer)
    assert "meeting.example.org" not in browser.page(f"/activities/{event.id}").html
    sign_up(browser, event)
    assert "https://meeting.example.org/123" in browser.page(f"/activities/{event.id}").links


def test_the_map_shows_the_place_or_looks_for_it(world, team):
    with_point = world.activity(team, position=(121.6147, 38.914))
    without = world.activity(team)
    browser = world.browser()
    assert any("position=121.6147%2C38.914" in link for link in browser.page(f"/activities/{with_point.id}").links)
    assert any(
        link.startswith("https://uri.amap.com/search?keyword=")
        for link in browser.page(f"/activities/{without.id}").links
    )


def calendar(world, event):
    answer = world.browser().get(f"/activities/{event.id}/calendar.ics")
    assert answer.mimetype == "text/calendar"
    (entry,) = Calendar.from_ical(answer.data).walk("VEVENT")
    return entry


def test_the_calendar_file_keeps_its_name_and_counts_changes(world, team, clock):
    event = world.activity(team, title="科普；逗号,分号;换行")
    first = calendar(world, event)
    assert str(first["summary"]) == "科普；逗号,分号;换行"
    assert first.decoded("dtstart") == clock.now() + timedelta(days=3)
    start = clock.now() + timedelta(days=4)

    def move():
        services.edit(find(event.id), activity_facts(starts_at=start), now=here.clock.now())

    world.do(lambda: in_transaction(move))
    second = calendar(world, event)
    assert second["uid"] == first["uid"]
    assert second["sequence"] == first["sequence"] + 1
    assert second.decoded("dtstart") == start


LEAVING = {"why": next(iter(LEAVING_REASONS))}


def own_entries(browser, event):
    entries = Calendar.from_ical(browser.get(f"/activities/{event.id}/calendar.ics").data).walk("VEVENT")
    return [(str(entry["uid"]), str(entry["status"]), entry["sequence"]) for entry in entries]


def test_who_leaves_takes_the_activity_off_the_calendar_and_who_comes_back_puts_it_there(world, team, volunteer):
    event, browser = world.activity(team), world.browser(volunteer)
    sign_up(browser, event)
    ((name, state, first),) = own_entries(browser, event)
    assert state == "CONFIRMED"
    browser.post(f"/activities/{event.id}/shifts/{event.shift_id}/withdraw", LEAVING)
    assert own_entries(browser, event) == [(name, "CANCELLED", first + 1)]
    sign_up(browser, event)
    assert own_entries(browser, event) == [(name, "CONFIRMED", first + 2)]


def test_the_poster_and_its_code_are_for_everybody(world, team):
    event = world.activity(team)
    browser = world.browser()
    assert event.title in browser.page(f"/activities/{event.id}/poster").text
    answer = browser.get(f"/activities/{event.id}/qr.png")
    assert (answer.mimetype, answer.data[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    for page in ("poster", "qr.png", "calendar.ics"):
        assert browser.get(f"/activities/999999/{page}").status_code == 404


FORM = publishing_form(datetime(2026, 11, 28, 9, tzinfo=SHANGHAI))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("position", "大连", "经度和纬度"),
        ("position", "0,0", "经度和纬度"),
        ("online_url", "javascript:alert(1)", "https://"),
        ("min_age", "0", "1 到 120"),
        ("waitlist_limit", "-1", "0 到 10000"),
        ("cancel_deadline_at", "2026-11-28T09:01", "不能晚于开始"),
        ("approval_mode", "auction", "从列表中选择"),
        ("provisions", ["77"], "从列表中选择"),
        ("risk_text", "险" * 501, "500"),
    ],
)
def test_what_is_wrong_in_the_folded_part_is_told_beside_the_field(world, team, field, value, words):
    browser = world.browser(team.admin)
    answer = browser.post("/organization/activities/new", FORM | {field: value})
    assert answer.status_code == 422
    assert words in read(answer).of(field).errors[0]
    assert world.one(select(func.count()).select_from(Activity)) == 0


def test_the_folded_part_comes_back_for_editing(world, team):
    browser = world.browser(team.admin)
    more = {
        "position": "38.914, 121.6147",
        "risk_text": "路滑",
        "min_age": "18",
        "skills_any": ["18"],
        "members_only": "y",
    }
    assert browser.post("/organization/activities/new", FORM | more).status_code == 303
    row = world.rows(select(Activity.lng, Activity.lat, Activity.min_age, Activity.members_only, Activity.max_age))[0]
    assert row == (121.6147, 38.914, 18, True, None)
    page = browser.page(f"/organization/activities/{world.one(select(Activity.id))}/edit")
    assert page.of("position").value == "121.614700,38.914000"
    assert page.of("risk_text").value == "路滑"
