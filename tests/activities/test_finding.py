"""活动报名: finding what fits, by place, time, kind, room and distance."""

from datetime import datetime, timedelta

import pytest

from app.activities import distance
from app.activities.views import days_between
from app.clock import SHANGHAI, local
from tests.pages import read

HERE = (121.6147, 38.914)


def titles(browser, query=""):
    return browser.page(f"/activities{query}").text


def near(browser, point=HERE, **more):
    return browser.post("/activities/near", {"lng": str(point[0]), "lat": str(point[1]), **more})


def test_a_city_includes_its_districts_and_a_province_its_cities(world, team):
    inside, outside = world.activity(team, region="210203"), world.activity(team, region="210102")
    browser = world.browser()
    for region, both in (("210203", False), ("210200", False), ("210000", True), ("", True)):
        text = titles(browser, f"?region={region}")
        assert inside.title in text
        assert (outside.title in text) == both


def test_the_kind_of_service_narrows_the_list(world, team):
    first, second = world.activity(team, scope_category="K1"), world.activity(team, scope_category="K6")
    text = titles(world.browser(), "?category=K6")
    assert (first.title in text, second.title in text) == (False, True)
    assert first.title in titles(world.browser(), "?category=nonsense")


@pytest.mark.parametrize(
    ("today", "choice", "first", "last"),
    [
        ("2026-11-23", "today", "2026-11-23", "2026-11-24"),
        ("2026-11-23", "weekend", "2026-11-28", "2026-11-30"),
        ("2026-11-28", "weekend", "2026-11-28", "2026-11-30"),
        ("2026-11-29", "weekend", "2026-11-29", "2026-11-30"),
        ("2026-11-23", "week", "2026-11-23", "2026-11-30"),
        ("2026-11-23", "month", "2026-11-23", "2026-12-23"),
    ],
)
def test_days_are_whole_days_in_china(today, choice, first, last):
    for hour in (0, 12, 23):
        now = datetime.fromisoformat(today).replace(hour=hour, minute=59, tzinfo=SHANGHAI)
        begin, end = days_between(choice, now)
        assert (local(begin).isoformat()[:16], local(end).isoformat()[:16]) == (f"{first}T00:00", f"{last}T00:00")


def test_the_days_narrow_the_list(world, team, clock):
    soon = world.activity(team, starts_at=clock.now() + timedelta(days=2))
    late = world.activity(team, starts_at=clock.now() + timedelta(days=20))
    browser = world.browser()
    assert late.title not in titles(browser, "?when=week")
    assert soon.title in titles(browser, "?when=week")
    assert late.title in titles(browser, "?when=month")


def test_only_those_with_a_place_left(world, team):
    full, free = world.activity(team, quota=1), world.activity(team, quota=0)
    person = world.volunteer()
    world.browser(person).post(f"/activities/{full.id}/shifts/{full.shift_id}/sign-up")
    text = titles(world.browser(), "?room=1")
    assert (full.title in text, free.title in text) == (False, True)
    assert full.title in titles(world.browser())


def test_an_empty_list_says_what_to_loosen(world, team):
    world.activity(team, region="210203")
    page = world.browser().page("/activities?region=210202&category=K6&when=today&q=无")
    for words in ("不限名称", "不限日期", "不限类别", "大连市"):
        assert words in page.text


def test_the_nearest_come_first_with_their_distance_and_the_far_not_at_all(world, team):
    far = world.activity(team, position=(121.9, 39.1))
    close = world.activity(team, position=(121.6170, 38.914))
    beyond = world.activity(team, position=(123.4, 41.8))
    nowhere = world.activity(team)
    text = read(near(world.browser())).text
    assert text.index(close.title) < text.index(far.title)
    assert "约 200 米" in text
    assert "约 32." in text
    assert beyond.title not in text
    assert nowhere.title not in text


@pytest.mark.parametrize("point", [("", ""), ("x", "y"), ("nan", "nan"), ("0", "0"), ("1e400", "2")])
def test_a_position_that_is_none_is_told(world, team, point):
    world.activity(team, position=HERE)
    answer = near(world.browser(), point)
    assert answer.status_code == 422
    assert "没有得到您的位置" in read(answer).alerts[0]


def test_distances_are_those_of_the_reference():
    assert round(distance.metres(121.6147, 38.9140, 121.6147, 38.9149), 1) == 100.1
    assert round(distance.metres(121.6147, 38.9140, 121.6170, 38.9140), 1) == 199.0
    west, south, east, north = distance.box(121.6147, 38.9140, 50_000)
    for lng, lat in ((west, 38.914), (east, 38.914), (121.6147, south), (121.6147, north)):
        assert 49_900 < distance.metres(121.6147, 38.9140, lng, lat) < 50_100


def test_the_list_leads_back_with_its_filters(world, team):
    event = world.activity(team)
    browser = world.browser()
    link = next(
        link for link in browser.page("/activities?category=K1&q=科普").links if f"/activities/{event.id}?" in link
    )
    back = next(one for one in browser.page(link).links if one.startswith("/activities?"))
    assert "category=K1" in back
    assert back.endswith(f"#a{event.id}")
    assert event.title in browser.page(back.partition("#")[0]).text
