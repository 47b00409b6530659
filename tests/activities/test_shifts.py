"""Several shifts of one activity: published, added, changed and taken away while people sign up."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.activities import services
from app.activities.facts import ShiftFacts
from app.activities.leaving import must_ask, withdraw
from app.activities.models import Activity, Shift, SignUp
from app.activities.queries import find
from app.activities.sign_up import find_sign_up, sign_up
from app.context import here
from app.database import in_transaction
from app.notices.models import Notice
from app.privacy import new_uid
from app.web.forms import Moment
from tests.factories import activity_facts, publishing_form
from tests.pages import read

PATH = "/organization/activities/new"


@pytest.fixture
def start(clock):
    return clock.now() + timedelta(days=3)


@pytest.fixture
def good(start):
    more = {"title": "科技周展区讲解", "scope_category": "K3", "address": "科技馆", "content": "分上午和下午两场。"}
    return publishing_form(start, **times("", start), **more)


def times(prefix, start, quota="5"):
    end = start + timedelta(hours=2)
    return {f"{prefix}starts_at": Moment.text(start), f"{prefix}ends_at": Moment.text(end), f"{prefix}quota": quota}


def second(start, **more):
    given = {f"more_shifts-0-{name}": value for name, value in more.items()}
    return times("more_shifts-0-", start + timedelta(hours=4), "8") | {"more_shifts-0-uid": "second-shift"} | given


def kept(world):
    return world.rows(
        select(Shift.title, Shift.place, Shift.quota).where(Shift.removed_at.is_(None)).order_by(Shift.starts_at)
    )


def test_two_shifts_are_published_and_each_can_be_chosen(world, admin, good, start, volunteer):
    more = {"shift_title": "上午场", "shift_place": "一层"} | second(start, title="下午场")
    place = admin.post(PATH, good | more).location
    assert kept(world) == [("上午场", "一层", 5), ("下午场", "", 8)]
    ((begins, ends, closes),) = world.rows(select(Activity.starts_at, Activity.ends_at, Activity.signup_end_at))
    assert (begins, ends) == (start, start + timedelta(hours=6))
    assert closes == start + timedelta(hours=4), "sign-up to the second goes on when the first has begun"
    page = world.browser(volunteer).page(place.replace("/organization", ""))
    assert "上午场" in page.text
    assert "一层" in page.text
    assert page.html.count("立即报名") == 2


def test_a_row_is_added_and_taken_away_without_javascript_and_nothing_typed_is_lost(world, admin, good, start):
    page = read(admin.post(PATH, good | {"action": "add-shift", "title": "还没写完"}))
    assert page.alerts == []
    assert page.of("title").value == "还没写完"
    assert page.of("more_shifts-0-starts_at").value == Moment.text(start + timedelta(hours=2))
    assert page.of("more_shifts-0-quota").value == "5"
    more = second(start) | {"action": "remove-shift-0"}
    page = read(admin.post(PATH, good | more))
    assert page.of("starts_at").value == Moment.text(start + timedelta(hours=4))
    assert page.of("quota").value == "8"
    assert "more_shifts-0-quota" not in page.fields
    assert world.one(select(func.count()).select_from(Activity)) == 0


@pytest.mark.parametrize("action", ["remove-shift-9", "remove-shift-", "remove-shift-x", "remove-shift-99999"])
def test_a_made_up_row_is_not_taken_away(admin, good, start, action):
    assert admin.post(PATH, good | second(start) | {"action": action}).status_code == 200


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"ends_at": "2026-11-20T10:00"}, "more_shifts-0-ends_at", "晚于开始时间"),
        ({"starts_at": ""}, "more_shifts-0-starts_at", "请填写开始时间"),
        ({"quota": "-1"}, "more_shifts-0-quota", "整数"),
        ({"title": "长" * 51}, "more_shifts-0-title", "最多 50 个字"),
    ],
)
def test_what_is_wrong_with_a_shift_is_told_beside_it(world, admin, good, start, change, field, words):
    answer = admin.post(PATH, good | second(start, **change))
    assert answer.status_code == 422
    assert any(words in error for error in read(answer).of(field).errors)
    assert world.one(select(func.count()).select_from(Activity)) == 0


@pytest.mark.parametrize("index", ["²", "9" * 400, "x", "-1", ""])
def test_made_up_row_numbers_are_no_rows(world, admin, good, index):
    assert admin.post(PATH, good | {f"more_shifts-{index}-quota": "3"}).status_code == 303
    assert len(kept(world)) == 1


def test_more_rows_than_there_may_be_are_left_out(world, admin, good, start):
    rows = {}
    for number in range(80):
        rows |= times(f"more_shifts-{number}-", start + timedelta(hours=3 * number))
    assert admin.post(PATH, good | rows).status_code == 303
    assert len(kept(world)) == 60


def test_an_edit_adds_changes_and_removes_and_tells_only_those_concerned(world, admin, good, start):
    place = admin.post(PATH, good | {"shift_uid": "first-shift"} | second(start)).location
    ((first_id,), (second_id,)) = world.rows(select(Shift.id).order_by(Shift.starts_at))
    one, two = world.volunteer(), world.volunteer()
    world.do(lambda: in_transaction(lambda: sign_up(first_id, one.volunteer_id, now=here.clock.now())))
    world.do(lambda: in_transaction(lambda: sign_up(second_id, two.volunteer_id, now=here.clock.now())))
    page = admin.page(f"{place}/edit")
    assert page.hidden["shift_uid"] == "first-shift"
    assert page.of("more_shifts-0-quota").value == "8"
    later = second(start + timedelta(hours=1)) | {"shift_uid": "first-shift"}
    added = {name.replace("-0-", "-1-"): value for name, value in second(start + timedelta(days=1)).items()}
    added["more_shifts-1-uid"] = "third-shift"
    for _ in range(2):
        assert admin.post(f"{place}/edit", good | later | added).status_code == 303
    assert len(kept(world)) == 3
    told = world.rows(select(Notice.account_id).where(Notice.kind == "activity_changed"))
    assert told == [(two.account_id,)]
    ((copied,),) = world.rows(select(SignUp.shift_starts_at).where(SignUp.shift_id == second_id))
    assert copied == start + timedelta(hours=5)


def test_a_shift_is_taken_away_only_when_nobody_holds_a_place(world, admin, good, start, volunteer):
    place = admin.post(PATH, good | {"shift_uid": "first-shift"} | second(start)).location
    ((activity_id, shift_id),) = world.rows(select(Shift.activity_id, Shift.id).where(Shift.uid == "second-shift"))
    world.do(lambda: in_transaction(lambda: sign_up(shift_id, volunteer.volunteer_id, now=here.clock.now())))
    gone = good | {"shift_uid": "first-shift", "removed": ["second-shift"]}
    answer = admin.post(f"{place}/edit", gone | {"title": "改过的名字"})
    assert "已有人报名" in read(answer).alerts[0]
    assert world.one(select(Activity.title)) == good["title"]
    world.do(lambda: in_transaction(lambda: withdraw(shift_id, volunteer.volunteer_id, "有事", now=here.clock.now())))
    assert admin.post(f"{place}/edit", gone).status_code == 303
    assert len(kept(world)) == 1
    assert world.one(select(Activity.ends_at)) == start + timedelta(hours=2)
    browser = world.browser(volunteer)
    assert browser.post(f"/activities/{activity_id}/shifts/{shift_id}/sign-up").status_code == 404


def test_a_shift_that_another_added_meanwhile_stays(world, admin, good, start):
    place = admin.post(PATH, good | {"shift_uid": "first-shift"}).location
    assert admin.post(f"{place}/edit", good | {"shift_uid": "first-shift"} | second(start)).status_code == 303
    assert admin.post(f"{place}/edit", good | {"shift_uid": "first-shift"}).status_code == 303
    assert len(kept(world)) == 2


def test_nobody_gets_a_place_of_a_shift_that_goes_at_that_moment(world, team, start):
    stays = ShiftFacts(start, start + timedelta(hours=2), 5)
    for _ in range(4):
        first, goes = replace(stays, uid=new_uid()), replace(stays, uid=new_uid())
        event = world.activity(team, shifts=(first, goes))
        shift_id = world.one(select(Shift.id).where(Shift.uid == goes.uid))
        person = world.volunteer()

        def remove(event=event, first=first, goes=goes):
            facts = activity_facts(shifts=(first,), removed=frozenset({goes.uid}))
            return in_transaction(lambda: services.edit(find(event.id), facts, now=here.clock.now()))

        def join(shift_id=shift_id, person=person):
            return in_transaction(lambda: sign_up(shift_id, person.volunteer_id, now=here.clock.now())[0].id)

        world.at_once([remove, join])
        ((removed_at, taken),) = world.rows(select(Shift.removed_at, Shift.places_taken).where(Shift.id == shift_id))
        assert taken == world.one(select(func.count()).select_from(SignUp).where(SignUp.shift_id == shift_id))
        assert (removed_at is None) == bool(taken)


def test_a_shift_that_is_over_takes_nobody_while_the_activity_goes_on(world, team, clock, start, volunteer):
    later = start + timedelta(days=1)
    both = (ShiftFacts(start, start + timedelta(hours=2), 5), ShiftFacts(later, later + timedelta(hours=2), 5))
    event = world.activity(team, shifts=both, signup_end_at=later)
    clock.set(start + timedelta(hours=3))
    browser = world.browser(volunteer)
    assert browser.post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up").status_code == 409
    other = world.one(select(Shift.id).where(Shift.id != event.shift_id))
    assert browser.post(f"/activities/{event.id}/shifts/{other}/sign-up").status_code == 303


def test_the_deadline_to_leave_is_as_long_before_each_shift(world, team, clock, start, volunteer):
    later = start + timedelta(days=7)
    both = (ShiftFacts(start, start + timedelta(hours=2), 5), ShiftFacts(later, later + timedelta(hours=2), 5))
    event = world.activity(team, shifts=both, signup_end_at=later, cancel_deadline_at=start - timedelta(days=1))
    other = world.one(select(Shift.id).where(Shift.id != event.shift_id))
    world.do(lambda: in_transaction(lambda: sign_up(other, volunteer.volunteer_id, now=here.clock.now())))

    def asks():
        return must_ask(find_sign_up(other, volunteer.volunteer_id), find(event.id), here.clock.now())

    clock.set(start + timedelta(days=1))
    assert not world.do(asks)
    clock.set(later - timedelta(hours=23))
    assert world.do(asks)


def test_a_name_that_is_another_activitys_is_not_taken_over(world, admin, good, start):
    admin.post(PATH, good | {"shift_uid": "first-shift"})
    admin.post(PATH, good | {"shift_uid": "first-shift", "form_key": "z" * 22, "title": "另一场讲解", "again": "y"})
    assert len(kept(world)) == 2
