"""活动报名, 我发布的活动 and 我参加的活动: every row once, filters that mean what they say."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import regions
from app.activities import queries
from app.activities.models import Activity, SignUp
from app.database import in_transaction, session
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
    found = walk(world, lambda after: queries.published(queries.Wanted(phase), clock.now(), after=after))
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
        tab: walk(world, lambda after, tab=tab: queries.mine(volunteer.volunteer_id, tab, clock.now(), after=after))
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
    found = walk(world, lambda after: queries.mine(volunteer.volunteer_id, "done", clock.now(), after=after))
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


def test_more_leads_to_the_rest(world, team):
    made = world.do(lambda: [create_activity(team).title for _ in range(23)])
    browser, path, seen = world.browser(), "/activities", []
    while path:
        page = browser.page(path)
        seen += [title for title in made if f">{title}<" in page.html]
        path = next((link for link in page.links if "after=" in link), None)
    assert sorted(seen) == sorted(made)
