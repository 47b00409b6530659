"""活动报名: finding what fits, by place, time, kind, room and distance."""

from datetime import datetime, timedelta

import pytest

from app import regions
from app.activities import distance
from app.activities.finding import days_between
from app.clock import SHANGHAI, local
from app.database import in_transaction, session
from app.volunteers.models import Volunteer
from tests.pages import read

HERE = (121.6147, 38.914)


def titles(browser, query=""):
    return browser.page(f"/activities{query}").text


def satellite(lng, lat):
    """The WGS-84 position of a point on a Chinese map: there is no formula back, so it is approached."""
    guess = lng, lat
    for _ in range(8):
        there = distance.gcj02(*guess)
        guess = guess[0] + lng - there[0], guess[1] + lat - there[1]
    return guess


def send(browser, point, **more):
    return browser.post("/activities/near", {"lng": str(point[0]), "lat": str(point[1]), **more})


def near(browser, point=HERE, **more):
    """The list that somebody reads who stands at a point of the map and pressed 离我近."""
    return browser.page(send(browser, satellite(*point), **more).location)


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
    text = near(world.browser()).text
    assert text.index(close.title) < text.index(far.title)
    assert "约 200 米" in text
    assert "约 32." in text or "约 33." in text
    assert beyond.title not in text
    assert nowhere.title not in text


@pytest.mark.parametrize("point", [("", ""), ("x", "y"), ("nan", "nan"), ("0", "0"), ("1e400", "2")])
def test_a_position_that_is_none_is_told(world, team, point):
    world.activity(team, position=HERE)
    answer = send(world.browser(), point)
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


@pytest.mark.parametrize(
    ("satellite_at", "map_at"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_the_position_of_a_browser_is_moved_to_where_chinese_maps_have_it(satellite_at, map_at):
    assert distance.metres(*distance.gcj02(*satellite_at), *map_at) < 1
    assert distance.metres(*satellite(*map_at), *satellite_at) < 1
    assert 300 < distance.metres(*satellite_at, *map_at) < 800


@pytest.mark.parametrize("point", [(139.7, 35.7), (2.35, 48.86), (0.0, 0.0), (-74.0, 40.7)])
def test_outside_china_a_position_stays_what_it_is(point):
    assert distance.gcj02(*point) == point


def test_the_list_by_distance_has_an_address_without_the_position_and_a_way_back(world, team):
    event = world.activity(team, position=HERE)
    browser = world.browser()
    answer = send(browser, satellite(*HERE), category="K1")
    assert answer.status_code == 303
    assert answer.location == "/activities?phase=signup_open&sort=near&region=&category=K1"
    assert "121" not in answer.location
    page = browser.page(answer.location)
    link = next(link for link in page.links if f"/activities/{event.id}?" in link)
    back = next(one for one in browser.page(link).links if one.startswith("/activities?"))
    assert "sort=near" in back
    assert "约 100 米" in browser.page(back.partition("#")[0]).text


def test_the_position_is_sealed_in_the_browser_and_goes_with_it(world, team):
    world.activity(team, position=HERE)
    cookie = send(world.browser(), satellite(*HERE)).headers["Set-Cookie"]
    assert cookie.startswith("near=")
    assert "121." not in cookie
    assert "HttpOnly" in cookie
    assert "expires" not in cookie.lower()
    assert "max-age" not in cookie.lower()


def test_the_position_is_forgotten_after_half_an_hour_or_when_asked_to(world, team, clock):
    world.activity(team, position=HERE)
    browser = world.browser()
    near(browser)
    clock.advance(timedelta(minutes=29))
    assert "约 100 米" in browser.page("/activities?sort=near&region=").text
    assert "· 约 100 米" in browser.page("/activities?region=").text
    browser.post("/activities/near/forget")
    assert "· 约 100 米" not in browser.page("/activities?region=").text
    assert "已经忘掉了" in browser.page("/activities?sort=near&region=").alerts[0]
    near(browser)
    clock.advance(timedelta(minutes=30))
    assert "已经忘掉了" in browser.page("/activities?sort=near&region=").alerts[0]


@pytest.mark.parametrize("planted", ["", "x", "121.6,38.9,1", "aes-256-gcm.00000000.AAAA"])
def test_a_position_that_somebody_planted_counts_for_nothing(world, team, planted):
    world.activity(team, position=HERE)
    browser = world.browser()
    browser.client.set_cookie("near", planted, domain="localhost")
    assert "已经忘掉了" in browser.page("/activities?sort=near&region=").alerts[0]


def test_the_most_places_come_first_and_those_without_limit_before_all(world, team, clock):
    few, many = world.activity(team, quota=2), world.activity(team, quota=30)
    open_to_all = world.activity(team, quota=0)
    late = world.activity(team, quota=30, starts_at=clock.now() + timedelta(days=9))
    full = world.activity(team, quota=1)
    world.browser(world.volunteer()).post(f"/activities/{full.id}/shifts/{full.shift_id}/sign-up")
    text = titles(world.browser(), "?sort=places")
    order = [text.index(event.title) for event in (open_to_all, many, late, few, full)]
    assert order == sorted(order)


def test_a_district_is_chosen_once_and_all_regions_are_one_tap_away(world, team):
    inside, outside = world.activity(team, region="210203"), world.activity(team, region="210102")
    browser = world.browser()
    answer = browser.get("/activities?keep=1&phase=signup_open&region=210203&q=")
    assert answer.location == "/activities?phase=signup_open&region=210203"
    text = titles(browser)
    assert (inside.title in text, outside.title in text) == (True, False)
    assert "正在看：辽宁省大连市西岗区" in text
    everywhere = next(link for link in browser.page("/activities").links if "keep=1" in link)
    assert outside.title in browser.page(browser.get(everywhere).location).text
    assert outside.title in titles(browser)


def test_an_address_that_somebody_sent_changes_nobodys_district(world, team):
    outside = world.activity(team, region="210102")
    browser = world.browser()
    assert outside.title not in titles(browser, "?region=210203")
    assert outside.title in titles(browser)


def test_a_volunteer_begins_with_their_own_region(world, team):
    inside, outside = world.activity(team, region="210203"), world.activity(team, region="210102")
    at_home = titles(world.browser(world.volunteer(residence_region="210202")))
    assert (inside.title in at_home, outside.title in at_home) == (True, False)
    person = world.volunteer(residence_region="210202")

    def choose():
        session.get_one(Volunteer, person.volunteer_id).service_region = "210102"

    world.do(lambda: in_transaction(choose))
    chosen = titles(world.browser(person))
    assert (inside.title in chosen, outside.title in chosen) == (False, True)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("110101", "北京市东城区"),
        ("500229", "重庆市城口县"),
        ("429004", "仙桃市"),
        ("659001", "石河子市"),
        ("210202", "大连市中山区"),
    ],
)
def test_a_place_is_called_what_people_call_it(code, name):
    assert regions.within_city(code) == name


@pytest.mark.parametrize("path", ["/activities", "/organizations"])
def test_no_province_is_called_what_it_is_not(world, team, path):
    html = world.browser().page(f"{path}?region=110101").html
    assert "全省" not in html
    assert html.count("北京市全部") == 1
