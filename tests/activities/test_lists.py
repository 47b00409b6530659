"""活动报名, 我发布的活动 and 我参加的活动: every row once, filters that mean what they say."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import keyset, regions
from app.activities import queries, ranking
from app.activities.models import Activity, SignUp
from app.database import in_transaction, session
from app.keyset import Place
from app.web.readers import page_key
from tests.factories import create_activity, signed_up, withdrawn


def walk(world, ask):
    """The ids of all rows, page by page."""
    found, after = [], None
    for _ in range(50):
        page = world.do(lambda after=after: as_ids(ask(after)))
        found += page[0]
        if page[1] is None:
            return found
        after = page_key(page[1])
        assert after is not None
    raise AssertionError("the list has no end")


def as_ids(page):
    return [row.id for row in page.rows], page.next_key


@pytest.mark.parametrize("phase", ["signup_open", "all"])
def test_the_pages_of_the_list_have_every_activity_once(world, team, clock, phase):
    start = clock.now() + timedelta(days=3)
    make = [start + timedelta(minutes=number // 25) for number in range(55)]  # many begin at one instant
    made = world.do(lambda: [create_activity(team, starts_at=at).id for at in make])
    found = walk(world, lambda after: queries.published(queries.Wanted(phase), clock.now(), Place(after)))
    assert found == (made if phase == "signup_open" else made[::-1])


def test_an_organisation_sees_each_of_its_own_once(world, root, team, clock):
    mine = world.do(lambda: [create_activity(team).id for _ in range(45)])
    world.activity(root)

    class Mine:
        id = team.id

    assert walk(world, lambda after: queries.of_organization(Mine, "all", clock.now(), after=after)) == mine[::-1]


def test_mine_is_walked_once_and_each_row_is_in_one_tab(world, team, volunteer, clock):
    start = clock.now() + timedelta(days=1)

    def fill():
        for number in range(48):
            event = create_activity(team, starts_at=start + timedelta(hours=3 * number), quota=0)
            signed_up(event, volunteer)
            if number % 3 == 0:
                withdrawn(event, volunteer)
            if number % 5 == 0:
                cancel = update(Activity).where(Activity.id == event.id).values(state="cancelled")
                in_transaction(lambda cancel=cancel: session.execute(cancel))

    world.do(fill)
    clock.advance(timedelta(days=3))
    ask = {
        tab: walk(
            world, lambda after, tab=tab: queries.mine(volunteer.volunteer_id, tab, clock.now(), place=Place(after))
        )
        for tab in ("all", "waiting", "done")
    }
    everything = [row[0] for row in world.rows(select(SignUp.id).order_by(SignUp.id.desc()))]
    assert ask["all"] == everything
    assert sorted(ask["waiting"] + ask["done"], reverse=True) == everything
    assert ask["waiting"]
    assert ask["done"]


def test_equal_end_times_in_mine_are_walked_once(world, team, volunteer, clock):
    start = clock.now() + timedelta(days=1)

    def fill():
        for _ in range(42):
            event = create_activity(team, starts_at=start)
            signed_up(event, volunteer)
            withdrawn(event, volunteer)

    world.do(fill)
    found = walk(world, lambda after: queries.mine(volunteer.volunteer_id, "done", clock.now(), place=Place(after)))
    assert len(found) == len(set(found)) == 42


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("100%", ["100%参与"]),
        ("_", ["下_划线"]),
        ("%", ["100%参与"]),
        ("\\", ["反\\斜线"]),
        ("WiFi", ["wifi课堂"]),
        ("讲座", ["讲座一", "讲座二"]),
        ("没有这个", []),
    ],
)
def test_what_is_searched_for_is_plain_text(world, team, clock, typed, found):
    for title in ("100%参与", "下_划线", "反\\斜线", "wifi课堂", "讲座一", "讲座二", "1005参与"):
        world.activity(team, title=title)
    page = world.do(lambda: [row.title for row in queries.published(queries.Wanted(text=typed), clock.now()).rows])
    assert sorted(page) == sorted(found)


def test_a_city_contains_its_districts_and_a_province_its_cities(world, team, clock):
    places = {"210202": "中山", "210281": "瓦房店", "210102": "沈阳和平", "220102": "长春"}
    for region, title in places.items():
        world.activity(team, region=region, title=title)

    def titles(region):
        return world.do(
            lambda: {row.title for row in queries.published(queries.Wanted(region=region), clock.now()).rows}
        )

    assert titles("210202") == {"中山"}
    assert titles("210200") == {"中山", "瓦房店"}
    assert titles("210000") == {"中山", "瓦房店", "沈阳和平"}
    assert titles("") == set(places.values())


def test_every_city_that_the_list_offers_is_a_region_to_filter_by(world):
    for province, _ in regions.provinces():
        for _, places in regions.districts_by_city(province):
            assert regions.exists(regions.city_of(places[0][0]))


def test_the_filters_and_the_search_combine_on_the_page(world, team):
    world.activity(team, title="中山讲座", region="210202")
    world.activity(team, title="甘井子讲座", region="210211")
    world.activity(team, title="中山义诊", region="210202")
    text = world.browser().page("/activities?region=210202&q=讲座&phase=signup_open").text
    assert "中山讲座" in text
    assert "甘井子讲座" not in text
    assert "中山义诊" not in text


@pytest.mark.parametrize("nonsense", ["phase=x", "region=99", "after=1-1-1", "after=9999999-9", "q=%00", "tab=?"])
def test_nonsense_in_an_address_asks_for_nothing(world, team, volunteer, nonsense):
    world.activity(team)
    browser = world.browser(volunteer)
    for path in ("/activities", "/volunteer/activities"):
        assert browser.get(f"{path}?{nonsense}").status_code == 200
    assert world.browser(team.admin).get(f"/organization/activities?{nonsense}").status_code == 200


def cards(page):
    return re.findall(r'<li class="card card--link" id="([as][0-9]+)"', page.html)


def pages_of(browser, path):
    """The pages that somebody sees who presses 加载更多 without JavaScript."""
    while path:
        page = browser.page(path.partition("#")[0])
        yield page
        path = next((link for link in page.links if "upto=" in link and "/activities/" not in link), None)


@pytest.mark.parametrize("path", ["/activities", "/activities?sort=places", "/volunteer/activities?tab=waiting"])
def test_more_adds_to_what_is_there_and_the_way_back_has_it_all(world, team, volunteer, clock, path):
    start = clock.now() + timedelta(days=1)

    def fill():
        for number in range(45):
            event = create_activity(team, starts_at=start + timedelta(hours=3 * number), quota=0)
            signed_up(event, volunteer)

    world.do(fill)
    browser = world.browser(volunteer)
    seen = [cards(page) for page in pages_of(browser, path)]
    assert [len(part) for part in seen] == [20, 40, 45]
    assert seen[2][:40] == seen[1]
    last = list(pages_of(browser, path))[-1]
    detail = next(link for link in reversed(last.links) if re.match(r"/activities/[0-9]+\?back=", link))
    back = next(link for link in browser.page(detail).links if link.endswith(f"#{seen[2][-1]}"))
    assert cards(browser.page(back.partition("#")[0])) == seen[2]


def test_a_row_of_a_part_that_was_loaded_below_leads_back_to_all_above_it(world, team):
    world.do(lambda: [create_activity(team) for _ in range(30)])
    browser = world.browser()
    whole = next(link for link in browser.page("/activities").links if "upto=" in link)
    part = browser.page(whole.partition("#")[0].replace("upto=", "after="))
    assert len(cards(part)) == 10
    detail = next(link for link in part.links if re.match(r"/activities/[0-9]+\?back=", link))
    back = next(link for link in browser.page(detail).links if link.startswith("/activities?"))
    page = browser.page(back.partition("#")[0])
    assert len(cards(page)) == 30
    assert back.partition("#")[2] in cards(page)


def test_far_down_the_list_begins_later_and_says_so(world, team, monkeypatch):
    monkeypatch.setattr(keyset, "LONGEST", 40)
    world.do(lambda: [create_activity(team) for _ in range(65)])
    for path in ("/activities", "/activities?sort=places"):
        last = list(pages_of(world.browser(), path))[-1]
        assert len(cards(last)) == 25
        assert "前面还有，从头看" in last.text


def test_the_way_back_holds_the_longest_name(world, team):
    name = "科" * 50
    event = world.activity(team, title=name)
    browser = world.browser()
    link = next(link for link in browser.page(f"/activities?q={name}").links if f"/activities/{event.id}?" in link)
    back = next(one for one in browser.page(link).links if one.startswith("/activities?"))
    assert name in browser.page(back.partition("#")[0]).text


def test_the_ranking_by_places_is_walked_once(world, team, clock):
    made = world.do(lambda: [create_activity(team, quota=1 + number % 7).id for number in range(45)])
    found = walk(world, lambda after: ranking.most_places(queries.Wanted("all"), clock.now(), Place(after)))
    assert sorted(found) == made


def test_what_comes_soon_is_first_in_waiting_and_what_was_last_is_first_in_done(world, team, volunteer, clock):
    events = [world.activity(team, starts_at=clock.now() + timedelta(days=days)) for days in (5, 1, 3)]
    world.do(lambda: [signed_up(event, volunteer) for event in events])

    def order(tab):
        text = world.browser(volunteer).page(f"/volunteer/activities?tab={tab}").text
        return sorted((0, 1, 2), key=lambda number: text.index(events[number].title))

    assert order("waiting") == [1, 2, 0]
    assert order("all") == [0, 2, 1]
    clock.advance(timedelta(days=9))
    assert order("done") == [0, 2, 1]


def test_what_i_cancelled_does_not_read_as_a_cancelled_activity(world, team, volunteer):
    event = world.activity(team)
    world.do(lambda: signed_up(event, volunteer))
    world.do(lambda: withdrawn(event, volunteer))
    page = world.browser(volunteer).page("/volunteer/activities")
    assert "报名中" in page.text
    assert "我已取消" in page.text
