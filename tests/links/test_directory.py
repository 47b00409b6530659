"""组织名录: the organisations for everybody, each with what one can sign up for."""

from datetime import timedelta

import pytest

from tests.factories import suspend
from tests.pages import read

PATH = "/organizations"


@pytest.fixture
def visitor(world):
    return world.browser()


def cards(page):
    return [link for link in page.links if link.startswith(f"{PATH}/")]


def test_it_shows_who_was_let_in_and_how_much_one_can_sign_up_for(world, root, team, visitor):
    waiting = world.organization(root, review="parent")
    gone = world.organization(root)
    world.do(lambda: suspend(gone, "suspended"))
    world.activity(team)
    world.activity(team)
    page = visitor.page(PATH)
    assert cards(page) == [f"{PATH}/{one.uid}" for one in (root, team)]
    assert "2 个报名中" in page.text
    for hidden in (waiting, gone):
        assert visitor.get(f"{PATH}/{hidden.uid}").status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("region=210202", {"中山区科技志愿服务队"}),
        ("region=210200", {"中山区科技志愿服务队", "滨城化学会"}),
        ("region=210000", {"中山区科技志愿服务队", "滨城化学会"}),
        ("line=B", {"滨城化学会", "远方物理学会"}),
        ("line=B&region=110101", {"远方物理学会"}),
        ("q=化学", {"滨城化学会"}),
        ("q=中山区 科技志愿服务总队", {"中山区科技志愿服务队"}),
        ("q=%25", set()),
        ("region=999999&line=Z&after=x&q=%00", {"中山区科技志愿服务队", "滨城化学会", "远方物理学会"}),
    ],
)
def test_it_is_narrowed_by_region_line_and_name(world, visitor, query, names):
    root = world.organization(name="总", region="210103")
    world.organization(root, name="中山区科技志愿服务队", region="210202")
    world.organization(root, name="滨城化学会", region="210211", st_line="B")
    world.organization(root, name="远方物理学会", region="110101", st_line="B")
    page = visitor.page(f"{PATH}?{query}")
    every = {"中山区科技志愿服务队", "滨城化学会", "远方物理学会"}
    shown = {name for name in every if f'card__title">{name}<' in page.html}
    assert shown == names
    if not names:
        assert "没有找到这样的组织" in page.text


def test_an_organisation_is_found_by_its_short_name(world, root, visitor):
    world.organization(root, name="大连市青少年科学教育志愿服务队", short_name="青科队")
    assert "大连市青少年科学教育志愿服务队" in visitor.page(f"{PATH}?q=青科队").text


def test_it_goes_on_below_without_a_gap(world, root, visitor):
    teams = [root, *(world.organization(root) for _ in range(44))]
    found, address = [], PATH
    while address:
        page = visitor.page(address)
        found += cards(page)
        address = next((link for link in page.links if "after=" in link), None)
    assert found == [f"{PATH}/{one.uid}" for one in teams]


def test_a_page_shows_what_one_can_sign_up_for_and_no_person(world, root, visitor, clock):
    private = {"leader_name": "负责标记", "leader_phone": "17011115555", "backing_name": "经办标记"}
    team = world.organization(
        root,
        contact_name="联系标记",
        contact_phone="0411-81234567",
        backing_phone="17011116666",
        leader_id_number="11010519491231002X",
        **private,
    )
    now = world.activity(team)
    later = world.activity(team, signup_start_at=clock.now() + timedelta(days=1))
    html = visitor.page(f"{PATH}/{team.uid}").html
    assert now.title in html
    assert later.title not in html
    for secret in (*private.values(), "联系标记", "81234567", "17011116666", "002X"):
        assert secret not in html
        assert secret not in visitor.page(PATH).html


def test_a_phone_that_is_marked_public_is_shown_and_nothing_else(world, root, visitor):
    shown = {"contact_name": "联系标记", "contact_phone": "0411-81234567", "is_phone_public": True}
    team = world.organization(root, **shown)
    page = visitor.page(f"{PATH}/{team.uid}")
    assert "0411-81234567" in page.text
    assert "联系标记" not in page.html


def test_a_phone_is_made_public_only_when_there_is_one(world, root):
    form = {"is_phone_public": "y"}
    answer = world.browser(world.account()).post("/organization/register", form)
    assert answer.status_code == 422
    owner = world.browser(root.admin)
    page = owner.page("/organization/edit")
    filled = {name: field.chosen or field.value for name, field in page.fields.items()}
    filled = {name: value for name, value in filled.items() if value} | page.hidden | form
    assert "先填写一个" in read(owner.post("/organization/edit", filled)).of("contact_phone").errors[0]


def test_the_front_page_and_the_links_lead_to_it(world, root, visitor):
    for path in ("/", "/links"):
        assert PATH in visitor.page(path).links


def test_a_page_goes_on_until_all_that_one_can_sign_up_for_is_there(world, root, visitor, monkeypatch):
    monkeypatch.setattr("app.keyset.PAGE", 2)
    team = world.organization(root)
    events = [world.activity(team, title=f"第{number}次科普") for number in range(5)]
    path, found = f"/organizations/{team.uid}", []
    while path:
        page = visitor.page(path)
        found += [link for link in page.links if link.startswith("/activities/")]
        path = next((link for link in page.links if "after=" in link), "")
    assert found == [f"/activities/{event.id}" for event in events]
