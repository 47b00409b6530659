"""报名开始时间: when sign-up begins, if not at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.activities.models import Activity
from app.web.forms import Moment
from tests.factories import signed_up
from tests.pages import read

PATH = "/organization/activities/new"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def good(good):
    return good | {"shift_uid": "first-shift"}


def begins(world):
    return world.one(select(Activity.signup_start_at))


def published(world, admin, good, **more):
    answer = admin.post(PATH, good | more)
    assert answer.status_code == 303, read(answer).alerts
    return world.one(select(Activity.id))


def test_sign_up_begins_at_once_when_nothing_is_said(world, admin, good, clock):
    published(world, admin, good)
    assert begins(world) == clock.now()
    edit = admin.page(f"/organization/activities/{world.one(select(Activity.id))}/edit")
    assert edit.of("signup_start_at").value == ""


def test_until_it_begins_the_pages_say_when(world, admin, good, volunteer, clock):
    opens = clock.now() + DAY
    activity_id = published(world, admin, good, signup_start_at=Moment.text(opens))
    words = "11月24日 周二 10:00"
    browser = world.browser(volunteer)
    page = browser.page(f"/activities/{activity_id}")
    assert "未开始报名" in page.text
    assert f"报名还没有开始，{words} 开始" in page.text
    assert f"{words} 开始报名" in browser.page("/activities?phase=all").text
    assert f"{words} 开始报名" in browser.page(f"/activities/{activity_id}/poster").text
    assert good["title"] in admin.page("/organization/activities?phase=not_open").text
    assert words in admin.page(f"/organization/activities/{activity_id}").text
    assert "马上截止报名" not in admin.page(f"/organization/activities/{activity_id}/deadline").text
    clock.set(opens)
    assert "报名中" in browser.page(f"/activities/{activity_id}").text
    assert good["title"] in browser.page("/activities").text


@pytest.mark.parametrize(
    ("start", "end", "field", "words"),
    [
        (DAY, DAY, "signup_end_at", "要晚于报名开始时间"),
        (2 * DAY, DAY, "signup_end_at", "要晚于报名开始时间"),
        (3 * DAY, None, "signup_start_at", "要早于报名截止时间"),
    ],
)
def test_sign_up_begins_before_it_ends(world, admin, good, clock, start, end, field, words):
    times = {"signup_start_at": Moment.text(clock.now() + start)}
    times["signup_end_at"] = Moment.text(clock.now() + end) if end else ""
    answer = admin.post(PATH, good | times)
    assert answer.status_code == 422
    assert words in read(answer).of(field).errors[0]
    assert read(answer).of("signup_start_at").value == times["signup_start_at"]
    assert world.rows(select(Activity.id)) == []


def test_a_start_that_is_past_is_at_once(world, admin, good, clock):
    published(world, admin, good, signup_start_at=Moment.text(clock.now() - DAY))
    assert begins(world) == clock.now()


def test_before_anybody_came_it_is_moved_freely(world, admin, good, clock):
    opens = clock.now() + DAY
    activity_id = published(world, admin, good, signup_start_at=Moment.text(opens))
    edit = f"/organization/activities/{activity_id}/edit"
    assert admin.page(edit).of("signup_start_at").value == Moment.text(opens)
    assert admin.post(edit, good | {"signup_start_at": Moment.text(opens + HOUR)}).status_code == 303
    assert begins(world) == opens + HOUR
    assert admin.post(edit, good | {"signup_start_at": ""}).status_code == 303
    assert begins(world) == clock.now()
    clock.advance(HOUR)
    assert admin.post(edit, good | {"signup_start_at": Moment.text(clock.now() + HOUR)}).status_code == 303
    assert begins(world) == clock.now() + HOUR


def test_once_people_came_it_does_not_begin_anew(world, team, admin, good, volunteer, clock):
    event = world.activity(team)
    world.do(lambda: signed_up(event, volunteer))
    before = begins(world)
    clock.advance(HOUR)
    edit = f"/organization/activities/{event.id}/edit"
    page = admin.page(edit)
    sent = good | {"starts_at": page.of("starts_at").value, "ends_at": page.of("ends_at").value}
    answer = admin.post(edit, sent | {"signup_start_at": Moment.text(clock.now() + HOUR)})
    assert "已经有人报名" in read(answer).of("signup_start_at").errors[0]
    assert begins(world) == before
    assert admin.post(edit, sent).status_code == 303
    assert begins(world) == before


def test_a_copy_says_of_sign_up_what_the_model_did_as_many_weeks_later(world, team, admin, good, clock):
    opens = clock.now() + DAY
    times = {"signup_start_at": Moment.text(opens), "signup_end_at": Moment.text(opens + DAY)}
    times["cancel_deadline_at"] = Moment.text(opens + HOUR)
    activity_id = published(world, admin, good, **times)
    clock.advance(4 * DAY)
    page = world.browser(team.admin).page(f"{PATH}?copy={activity_id}")
    week = 7 * DAY
    assert page.of("starts_at").value == Moment.text(clock.now() - DAY + week)
    assert page.of("signup_start_at").value == Moment.text(opens + week)
    assert page.of("signup_end_at").value == Moment.text(opens + DAY + week)
    assert page.of("cancel_deadline_at").value == Moment.text(opens + HOUR + week)
    clock.advance(5 * DAY)
    # A day before this week's one sign-up would have begun: it begins at once.
    assert world.browser(team.admin).page(f"{PATH}?copy={activity_id}").of("signup_start_at").value == ""


def test_of_weekly_ones_each_begins_as_long_before(world, admin, good, clock):
    second = {
        "more_shifts-0-uid": "second",
        "more_shifts-0-starts_at": Moment.text(clock.now() + 10 * DAY),
        "more_shifts-0-ends_at": Moment.text(clock.now() + 10 * DAY + HOUR),
        "more_shifts-0-quota": "5",
        "is_apart": "y",
    }
    published(world, admin, good | second, signup_start_at=Moment.text(clock.now() + DAY))
    times = select(Activity.signup_start_at).order_by(Activity.starts_at)
    assert [moment for (moment,) in world.rows(times)] == [clock.now() + DAY, clock.now() + 8 * DAY]


def test_a_review_does_not_begin_it_earlier(world, root, team, good, clock):
    opens = clock.now() + DAY
    with world.settings(activities={"review": "parent"}):
        world.browser(team.admin).post(PATH, good | {"signup_start_at": Moment.text(opens)})
        activity_id = world.one(select(Activity.id))
        world.browser(root.admin).post(f"/organization/below/activities/{activity_id}/review", {"action": "accept"})
    assert world.rows(select(Activity.state, Activity.signup_start_at)) == [("published", opens)]


def test_until_it_begins_it_is_moved_on_the_page_of_sign_up_times(world, admin, good, clock):
    opens = clock.now() + DAY
    activity_id = published(world, admin, good, signup_start_at=Moment.text(opens))
    path = f"/organization/activities/{activity_id}/deadline"
    sent = {"signup_end_at": Moment.text(opens + DAY)}
    assert admin.page(path).of("signup_start_at").value == Moment.text(opens)
    assert admin.post(path, sent | {"signup_start_at": Moment.text(opens + 2 * DAY)}).status_code == 422
    assert begins(world) == opens
    assert admin.post(path, sent | {"signup_start_at": Moment.text(opens + HOUR)}).status_code == 303
    assert world.rows(select(Activity.signup_start_at, Activity.signup_end_at)) == [(opens + HOUR, opens + DAY)]
    assert admin.post(path, sent | {"signup_start_at": ""}).status_code == 303
    assert begins(world) == clock.now()
    assert "signup_start_at" not in admin.page(path).fields
