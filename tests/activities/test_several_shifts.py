"""An activity of several shifts, as volunteers find it, sign up to it and keep track of it."""

from datetime import timedelta
from io import BytesIO

import pytest
from icalendar import Calendar
from openpyxl import load_workbook
from sqlalchemy import select

from app.accounts.models import Account
from app.activities.models import SignUp
from app.database import session
from app.notices.models import Notice
from app.own_data.reading import rows_to_read
from app.own_data.services import export
from tests.pages import read

DAY = timedelta(days=1)


@pytest.fixture
def course(world, team, clock):
    """Three evenings, of which the last has its own name and less room."""
    return Course(world, team, clock.now() + 3 * DAY)


class Course:
    def __init__(self, world, team, start):
        self.start = start
        self.event = world.activity(team, title="三晚天文课", starts_at=start, quota=10)
        second = world.shift(self.event, starts_at=start + DAY, quota=5)
        third = world.shift(self.event, starts_at=start + 2 * DAY, quota=3, title="观星夜")
        self.shifts = [self.event.shift_id, second, third]

    def path(self, number, what="sign-up"):
        return f"/activities/{self.event.id}/shifts/{self.shifts[number]}/{what}"


def test_a_card_says_how_many_shifts_there_are_which_is_next_and_what_is_left_in_all(world, course, clock):
    text = world.browser().page("/activities").text
    assert "共 3 场，下一场 11月" in text
    assert "剩 18 个名额" in text
    clock.set(course.start + timedelta(hours=3))
    text = world.browser().page("/activities?phase=ongoing").text
    assert "剩 8 个名额" in text
    clock.set(course.start + DAY + timedelta(hours=1))
    assert "共 3 场，正在进行" in world.browser().page("/activities?phase=ongoing").text


def test_each_shift_has_its_own_press(world, course, volunteer):
    browser = world.browser(volunteer)
    page = browser.page(f"/activities/{course.event.id}")
    assert page.html.count(">立即报名<") == 3
    assert "（共 3 场）" in page.text
    assert browser.post(course.path(2)).status_code == 303
    page = browser.page(f"/activities/{course.event.id}")
    assert page.html.count(">立即报名<") == 2
    assert world.one(select(SignUp.shift_id)) == course.shifts[2]


def test_what_i_take_part_in_is_my_shift_and_not_the_whole(world, course, volunteer, clock):
    browser = world.browser(volunteer)
    browser.post(course.path(2))
    browser.post(course.path(0))
    text = browser.page("/volunteer/activities?tab=waiting").text
    assert "观星夜" in text
    assert text.count("三晚天文课") == 2
    clock.set(course.start + timedelta(hours=3))
    browser = world.browser(volunteer)
    assert browser.page("/volunteer/activities?tab=waiting").text.count("三晚天文课") == 1
    assert browser.page("/volunteer/activities?tab=done").text.count("三晚天文课") == 1


def test_each_row_of_one_activity_has_its_own_way_back(world, course, volunteer):
    browser = world.browser(volunteer)
    browser.post(course.path(0))
    browser.post(course.path(1))
    links = [link for link in browser.page("/volunteer/activities").links if "back=" in link]
    backs = {next(one for one in browser.page(link).links if "#s" in one) for link in links}
    assert len(backs) == 2


def test_a_shift_that_is_over_takes_nobody_though_the_activity_goes_on(world, course, volunteer, clock):
    clock.set(course.start + timedelta(hours=2))
    browser = world.browser(volunteer)
    page = browser.page(f"/activities/{course.event.id}")
    assert "这一场已经结束" in page.text
    assert page.html.count(">立即报名<") == 2
    answer = browser.post(course.path(0))
    assert (answer.status_code, read(answer).alerts) == (409, ["报名已经结束，看看别的活动吧"])
    assert browser.post(course.path(1)).status_code == 303


def events(browser, course):
    answer = browser.get(f"/activities/{course.event.id}/calendar.ics")
    return {entry.decoded("dtstart"): entry for entry in Calendar.from_ical(answer.data).walk("VEVENT")}


def test_the_calendar_has_my_shifts_alone_or_all_when_i_have_none(world, course, volunteer):
    starts = [course.start + number * DAY for number in range(3)]
    browser = world.browser(volunteer)
    everything = events(browser, course)
    assert sorted(everything) == starts
    assert len({entry["uid"] for entry in everything.values()}) == 3
    browser.post(course.path(2))
    mine = events(browser, course)
    assert list(mine) == [starts[2]]
    assert mine[starts[2]]["uid"] == everything[starts[2]]["uid"]
    assert str(mine[starts[2]]["summary"]) == "三晚天文课 观星夜"
    assert sorted(events(world.browser(), course)) == starts


def test_poster_and_share_card_name_the_whole_span(world, course):
    browser = world.browser()
    assert "共 3 场" in browser.page(f"/activities/{course.event.id}/poster").text
    html = browser.page(f"/activities/{course.event.id}").html
    assert 'data-share-text="11月' in html or 'data-share-text="12月' in html
    assert html.count("（共 3 场） 大连市中山区 · 社区活动室") >= 3


def test_an_online_activity_has_no_map_and_no_street(world, team):
    event = world.activity(team, mode="online", online_url="https://meeting.example.org/1", address="线上")
    browser = world.browser()
    page = browser.page(f"/activities/{event.id}")
    assert "看地图" not in page.text
    assert "线上活动" in browser.page("/activities").text
    both = world.activity(team, online_url="https://meeting.example.org/1")
    assert "看地图" in browser.page(f"/activities/{both.id}").text


def read_of(world, person, kind):
    """The times that the person was told of."""
    query = select(Notice).where(Notice.account_id == person.account_id, Notice.kind == kind).order_by(Notice.id)
    return world.do(lambda: [notice.values["time"][:12] for notice in session.scalars(query)])


@pytest.fixture
def three(world, course):
    """Who has the first evening, who the second, who the first and the last; the first one is over."""
    people = [world.volunteer() for _ in range(3)]
    for person, number in zip([*people, people[2]], (0, 1, 0, 2), strict=True):
        assert world.browser(person).post(course.path(number)).status_code == 303
    return people


def test_called_off_midway_those_to_come_hear_of_their_own_evening_and_the_others_of_nothing(
    world, team, course, three, clock
):
    clock.set(course.start + timedelta(hours=12))
    page = f"/organization/activities/{course.event.id}/cancel"
    assert world.browser(team.admin).post(page, {"reason": "下雨"}).status_code == 303
    evenings = [read_of(world, person, "activity_cancelled") for person in three]
    assert evenings == [[], ["11月27日 10:00"], ["11月28日 10:00"]]


@pytest.fixture
def midway(world, team, course, three, clock):
    """Called off after the first evening."""
    clock.set(course.start + timedelta(hours=12))
    page = f"/organization/activities/{course.event.id}/cancel"
    assert world.browser(team.admin).post(page, {"reason": "下雨"}).status_code == 303


def test_called_off_midway_the_evening_that_i_served_is_over_and_the_others_are_called_off(
    world, course, three, midway
):
    list_of = "/volunteer/activities?tab=done"
    served, missed, both = (world.browser(person).page(list_of).text for person in three)
    assert ("活动结束" in served.split("三晚天文课")[1], "已取消" in served) == (True, False)
    assert "已取消" in missed.split("三晚天文课")[1]
    # The newest first.
    assert ["已取消" in row for row in both.split("三晚天文课")[1:]] == [True, False]
    over = [world.browser(person).page(f"{list_of}&phase=ended").text.count("三晚天文课") for person in three]
    assert over == [1, 0, 1]


def test_called_off_midway_the_page_says_of_each_evening_which_it_is(world, course, three, midway):
    page = world.browser(three[2]).page(f"/activities/{course.event.id}").html
    assert "此前已经结束的场次不受影响" in page
    parts = page.split('<section class="shift"')[1:]
    assert ["这一场已经结束" in part for part in parts] == [True, False, False]
    assert ["活动已取消" in part for part in parts] == [False, True, True]
    entries = events(world.browser(three[2]), course)
    assert [str(entries[start]["status"]) for start in sorted(entries)] == ["CONFIRMED", "CANCELLED"]


def test_called_off_midway_my_own_data_say_which_evening_took_place(world, three, midway):
    data = world.do(lambda: export(session.get_one(Account, three[2].account_id)))
    rows = sorted(data["sign_ups"], key=lambda row: row["shift_starts_at"])
    assert [row["activity_cancelled"] for row in rows] == ["已结束", "已取消"]
    assert [
        ("活动取消，这一场", row["activity_cancelled"]) in read
        for row, read in zip(data["sign_ups"], rows_to_read(data)["sign_ups"], strict=True)
    ] == [True, True]


def test_called_off_midway_the_list_says_of_each_who_served(world, team, course, three, midway):
    organiser, place = world.browser(team.admin), f"/organization/activities/{course.event.id}"
    rows = organiser.page(f"{place}/roster").html.split('<li class="row')[1:]
    assert sorted(("已结束" in row, "已取消" in row) for row in rows) == [(False, True)] * 2 + [(True, False)] * 2
    assert "取消时间" in organiser.page(place).text
    answer = world.browser(team.admin, proved=True).post(f"{place}/roster/export", {"group": "in", "reason": "核对"})
    sheet = load_workbook(BytesIO(answer.data))["名单"]
    shifts = [row[6].value for row in sheet.iter_rows(min_row=2)]
    assert [text.rpartition(" ")[2] for text in shifts] == ["已结束", "已结束", "已取消", "已取消"]


def test_a_message_names_the_evening_of_who_reads_it(world, team, course, three, clock):
    clock.set(course.start + timedelta(hours=12))
    organiser, page = world.browser(team.admin), f"/organization/activities/{course.event.id}/roster"
    assert organiser.post(f"{page}/message", {"group": "in", "words": "请带手电"}).status_code == 303
    evenings = [read_of(world, person, "organizer_message") for person in three]
    assert evenings == [["11月26日 10:00"], ["11月27日 10:00"], ["11月28日 10:00"]]
    number = world.one(select(SignUp.id).where(SignUp.volunteer_id == three[1].volunteer_id))
    path = f"/organization/activities/{course.event.id}/sign-ups/{number}/message"
    assert organiser.post(path, {"words": "请早到"}).status_code == 303
    assert read_of(world, three[1], "organizer_message") == ["11月27日 10:00"] * 2


def test_the_organiser_sees_how_full_each_evening_is_and_its_own_list(world, team, course, admin):
    people = [world.volunteer(name=name) for name in ("赵一", "钱二", "孙三")]
    for person, number in zip(people, (0, 0, 2), strict=True):
        assert world.browser(person).post(course.path(number)).status_code == 303
    shown, roster = (f"/organization/activities/{course.event.id}{more}" for more in ("", "/roster"))
    page = admin.page(shown)
    for words in ("已报名 2 人，招募 10 人", "已报名 0 人，招募 5 人", "观星夜", "已报名 1 人，招募 3 人"):
        assert words in page.text
    (link,) = [link for link in page.links if link == f"{roster}?shift={course.shifts[2]}"]
    page = admin.page(link)
    assert "全部在册 1" in page.text
    assert page.of("shift").value == str(course.shifts[2])
    assert [name for name in ("赵一", "钱二", "孙三") if f"移出名单：{name}" in page.html] == ["孙三"]
    # Another group of the same evening.
    assert f"{roster}?group=confirmed&shift={course.shifts[2]}" in page.links
    assert "全部在册 3" in admin.page(roster).text


def test_the_list_of_a_plain_activity_has_no_evenings_to_choose_from(world, team, admin):
    event = world.activity(team)
    assert "场次" not in admin.page(f"/organization/activities/{event.id}/roster").text
    assert "不限人数" not in admin.page(f"/organization/activities/{event.id}").text
