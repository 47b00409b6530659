"""A form is one activity however often it is sent: by Back, by a second tab, by a colleague on the same draft."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.activities.models import Activity, Shift
from app.notices.models import Notice
from app.organizations.models import Role
from app.web.forms import Moment
from tests.factories import add_admin
from tests.pages import read

PATH = "/organization/activities/new"
AGAIN = "确实再发布一个活动"


@pytest.fixture
def second(world, team):
    return world.browser(world.do(lambda: add_admin(team, Role.ADMIN)))


def titles(world):
    return [title for (title,) in world.rows(select(Activity.title).order_by(Activity.id))]


def test_who_goes_back_and_presses_again_is_asked_whether_one_more_is_meant(world, admin, good):
    first = admin.post(PATH, good).location
    # Back, the page is loaded anew: another name of the form, and what was typed in it.
    back = good | {"form_key": admin.page(PATH).hidden["form_key"]}
    answer = admin.post(PATH, back)
    page = read(answer)
    assert answer.status_code == 422
    assert "您刚刚发布过同样的活动" in page.alerts[0]
    assert first in page.links
    assert AGAIN in page.text
    assert page.of("content").value.strip() == good["content"]
    assert len(titles(world)) == 1
    meant = back | {"again": "y"}
    again = admin.post(PATH, meant).location
    assert again != first
    # That one is one, too.
    assert admin.post(PATH, meant).location == again
    assert titles(world) == [good["title"]] * 2


@pytest.mark.parametrize("review", ["none", "parent"])
@pytest.mark.parametrize("change", ["title", "hour", "address"])
def test_who_goes_back_to_correct_what_they_have_published_is_led_to_it(
    world, root, admin, good, clock, change, review
):
    start = clock.now() + timedelta(days=3, hours=1)
    changes = {
        "title": {"title": "社区防灾讲座（第二期）"},
        "hour": {"starts_at": Moment.text(start), "ends_at": Moment.text(start + timedelta(hours=2))},
        "address": {"address": "二楼活动室"},
    }
    with world.settings(activities={"review": review}):
        first = admin.post(PATH, good).location
        back = good | changes[change] | {"form_key": admin.page(PATH).hidden["form_key"]}
        answer = admin.post(PATH, back)
        page = read(answer)
        assert answer.status_code == 422
        assert f"您刚刚发布过“{good['title']}”" in page.alerts[0]
        assert first in page.links
        # What waits for the organisation above is taken back before it is mended.
        assert (f"{first}/edit" in page.links) == (review == "none")
        assert page.of("title").value == back["title"]
        assert admin.post(PATH, page.sent(declaration="y", again="y")).status_code == 303
    assert titles(world) == [good["title"], back["title"]]


def test_of_the_same_name_another_day_or_place_is_no_repeat_a_while_later(world, admin, good, clock):
    later = clock.now() + timedelta(days=10)
    admin.post(PATH, good)
    clock.advance(timedelta(minutes=10))
    times = {"starts_at": Moment.text(later), "ends_at": Moment.text(later + timedelta(hours=2))}
    assert admin.post(PATH, good | times | {"form_key": "a" * 22}).status_code == 303
    clock.advance(timedelta(minutes=10))
    assert admin.post(PATH, good | {"address": "二楼", "form_key": "b" * 22}).status_code == 303
    clock.advance(timedelta(minutes=30))
    assert admin.post(PATH, good | {"form_key": "c" * 22}).status_code == 303


def test_another_name_at_another_place_or_hour_is_published_at_once(world, admin, good, clock):
    admin.post(PATH, good)
    other = {"title": "另一个活动", "address": "二楼活动室", "form_key": "a" * 22}
    assert admin.post(PATH, good | other).status_code == 303
    start = clock.now() + timedelta(days=4)
    times = {"starts_at": Moment.text(start), "ends_at": Moment.text(start + timedelta(hours=2))}
    assert admin.post(PATH, good | times | {"title": "第三个活动", "form_key": "b" * 22}).status_code == 303
    # What the form proposes is that of many.
    fourth = {"title": "第四个活动", "content": "教老人用智能手机。", "form_key": "c" * 22}
    assert admin.post(PATH, good | fourth).status_code == 303


def test_a_copy_and_a_draft_of_its_own_are_published_without_a_question(world, admin, good, clock):
    start = clock.now() + timedelta(days=10)
    times = {"starts_at": Moment.text(start), "ends_at": Moment.text(start + timedelta(hours=2))}
    admin.post(PATH, good | times | {"form_key": "d" * 22, "action": "draft"})
    draft = world.one(select(Activity.id))
    clock.advance(timedelta(minutes=1))
    first = admin.post(PATH, good).location
    clock.advance(timedelta(minutes=1))
    assert admin.post(f"{PATH}?draft={draft}", good | times | {"form_key": "d" * 22}).status_code == 303
    clock.advance(timedelta(minutes=11))
    second = admin.post(PATH, good | {"title": "每月一课", "address": "三楼", "form_key": "a" * 22}).location
    number = second.rpartition("/")[2]
    copy = f"{PATH}?copy={number}"
    page = admin.page(copy)
    weekly = page.sent(declaration="y") | times
    made = admin.post(copy, weekly)
    assert made.status_code == 303, read(made).alerts
    # Back from the copy is as from any form.
    assert admin.post(copy, weekly | {"title": "每月二课", "form_key": "e" * 22}).status_code == 422
    assert first != second


def test_several_that_one_form_publishes_apart_are_no_repeats_of_each_other(world, admin, good, clock):
    several = good | {"repeat_days": ["4"], "repeat_until": "2026-12-31", "is_apart": "y", "shift_uid": "f" * 22}
    page = read(admin.post(PATH, several | {"action": "repeat"}))
    made = admin.post(PATH, page.sent(declaration="y"))
    assert made.status_code == 303, read(made).alerts
    assert len(titles(world)) > 2


def test_a_colleague_who_publishes_the_like_is_not_asked(admin, second, good):
    admin.post(PATH, good)
    assert second.post(PATH, good | {"form_key": "a" * 22}).status_code == 303


@pytest.mark.parametrize("review", ["none", "parent"])
def test_the_same_words_under_the_same_name_are_one_whoever_sends_them(world, root, admin, good, review):
    with world.settings(activities={"review": review}):
        everything = good | {
            "position": "121.61, 38.91",
            "waitlist_limit": "5",
            "notice": "带水。",
            "risk_level": "danger",
            "risk_text": "水边。",
            "insurer": "甲保险",
            "insurance_policy_no": "1",
            "insured_from": "2026-11-01",
            "insured_to": "2026-12-31",
            "recruit_scope": "directed",
            "audience": ["own"],
            "cancel_deadline_at": "2026-11-25T10:00",
        }
        answers = [admin.post(PATH, everything) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303], read(answers[0]).alerts
    assert answers[0].location == answers[1].location
    assert len(titles(world)) == 1
    waiting = world.rows(select(Notice.id).where(Notice.kind == "activity_to_review"))
    assert len(waiting) == (review == "parent")


@pytest.mark.parametrize("review", ["none", "parent"])
@pytest.mark.parametrize(
    "changed",
    [{"title": "改过的名字", "content": "改过的内容。"}, {"quota": "7"}, {"position": "121.6, 38.9"}],
    ids=["words", "quota", "point"],
)
def test_the_second_of_two_on_one_draft_is_not_told_that_their_words_are_published(
    world, root, admin, second, good, changed, review
):
    with world.settings(activities={"review": review}):
        admin.post(PATH, good | {"action": "draft"})
        draft = world.one(select(Activity.id))
        mine, theirs = (browser.page(f"{PATH}?draft={draft}") for browser in (admin, second))
        assert admin.post(PATH, mine.sent(declaration="y")).status_code == 303
        wanted = theirs.sent(declaration="y", **changed)
        answer = second.post(PATH, wanted)
        page = read(answer)
        assert answer.status_code == 422
        assert "您写的还没有发布" in page.alerts[0]
        assert f"/organization/activities/{draft}" in page.links
        assert {name: page.of(name).value.strip() for name in changed} == changed
        assert titles(world) == [good["title"]]
        # What they wrote is not lost: it may be one more.
        one_more = second.post(PATH, page.sent(declaration="y", again="y"))
        assert one_more.status_code == 303, read(one_more).alerts
        assert second.post(PATH, page.sent(declaration="y", again="y")).location == one_more.location
    assert titles(world) == [good["title"], changed.get("title", good["title"])]


def test_what_was_refused_so_can_be_kept_as_a_draft_of_its_own(world, admin, second, good):
    admin.post(PATH, good)
    refused = read(second.post(PATH, good | {"title": "改过的名字"}))
    assert second.post(PATH, refused.sent(action="draft")).status_code == 303
    draft = world.one(select(Activity.id).where(Activity.state == "draft"))
    page = second.page(f"{PATH}?draft={draft}")
    assert page.of("title").value == "改过的名字"
    assert AGAIN in read(second.post(PATH, page.sent(declaration="y"))).text
    assert second.post(PATH, page.sent(declaration="y", again="y")).status_code == 303
    assert world.rows(select(Activity.state)) == [("published",)] * 2
    assert titles(world) == [good["title"], "改过的名字"]


def test_shifts_that_are_published_apart_are_found_again(world, admin, good, clock):
    later = clock.now() + timedelta(days=9)
    more = {"uid": "s" * 22, "starts_at": later, "ends_at": later + timedelta(hours=2)}
    typed = {name: value if isinstance(value, str) else Moment.text(value) for name, value in more.items()}
    rows = {f"more_shifts-0-{name}": value for name, value in (typed | {"quota": "5"}).items()}
    several = good | rows | {"is_apart": "y", "shift_uid": "f" * 22}
    first = admin.post(PATH, several).location
    assert admin.post(PATH, several).location == first
    assert len(titles(world)) == 2
    changed = admin.post(PATH, several | {"more_shifts-0-quota": "6"})
    assert "您写的还没有发布" in read(changed).alerts[0]
    assert world.rows(select(Shift.quota).order_by(Shift.starts_at)) == [(20,), (5,)]


def test_the_address_of_a_draft_that_was_published_leads_to_the_activity(world, admin, good):
    admin.post(PATH, good | {"action": "draft"})
    draft = world.one(select(Activity.id))
    admin.post(PATH, admin.page(f"{PATH}?draft={draft}").sent(declaration="y"))
    assert admin.get(f"{PATH}?draft={draft}").location == f"/organization/activities/{draft}"


def test_a_repeat_below_a_preview_is_asked_about(world, admin, good):
    admin.post(PATH, good)
    preview = admin.post(PATH, good | {"form_key": "a" * 22, "action": "preview"}).location
    seen = admin.page(preview).hidden["seen"]
    answer = admin.post(preview.replace("preview", "publish"), {"declaration": "y", "seen": seen})
    page = admin.page(answer.location)
    assert "您刚刚发布过同样的活动" in page.text
    assert world.rows(select(Activity.state).order_by(Activity.id)) == [("published",), ("draft",)]
    asked = read(admin.post(PATH, page.sent(declaration="y")))
    assert AGAIN in asked.text
    assert admin.post(PATH, asked.sent(declaration="y", again="y")).status_code == 303
    assert world.rows(select(Activity.state)) == [("published",)] * 2
