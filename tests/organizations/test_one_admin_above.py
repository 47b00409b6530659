"""Who acts for an organisation and alone for the one above it judges nothing of it: the next one up is told instead."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.notices.models import Notice
from app.organizations.models import Organization, Role
from tests import factories
from tests.activities.long_lists import ask
from tests.organizations.calls import REGISTER
from tests.organizations.test_edit import save, wish_path
from tests.pages import read


@pytest.fixture
def child(world, team):
    """Below the team, and run by the only admin of the team."""
    return world.do(lambda: factories.create_organization(team, admin=team.admin))


@pytest.fixture
def both(world, team, child):
    browser = world.browser(team.admin)
    browser.act_for(child)
    return browser


def told(world, person):
    kinds = select(Notice.kind).where(Notice.account_id == person.account_id).order_by(Notice.id)
    return [kind for (kind,) in world.rows(kinds)]


def register(world, person, form, admin_form):
    browser = world.browser(person)
    with world.settings(organizations={"review": "parent"}):
        assert browser.post(REGISTER, form).status_code == 303
        assert browser.post(f"{REGISTER}?step=admin", admin_form).status_code == 303
    return world.one(select(Organization.uid).order_by(Organization.id.desc()).limit(1))


def test_a_registration_goes_to_the_next_one_up_who_judges_it(world, root, team, legal, admin_form):
    uid = register(world, team.admin, legal | {"parent": team.uid}, admin_form)
    assert told(world, root.admin) == ["organization_waiting"]
    assert "organization_waiting" not in told(world, team.admin)
    path = world.one(select(Notice.values).where(Notice.account_id == root.admin.account_id))["path"]
    above = world.browser(root.admin)
    assert above.get(path).status_code == 200
    answer = above.post(f"/organization/below/{uid}/review", {"action": "accept"})
    assert answer.status_code == 303
    assert "judged_further_up" not in told(world, team.admin)


def test_a_registration_that_is_taken_back_is_told_to_who_was_to_judge_it(world, root, team, legal, admin_form):
    uid = register(world, team.admin, legal | {"parent": team.uid}, admin_form)
    browser = world.browser(team.admin)
    assert browser.post(f"/organization/act-for/{uid}").status_code == 303
    browser.opened_for = uid
    assert browser.post("/organization/withdraw").status_code == 303
    assert told(world, root.admin) == ["organization_waiting", "organization_withdrawn"]


def test_with_a_second_admin_it_stays_with_the_one_above(world, root, team, legal, admin_form):
    second = world.do(lambda: factories.add_admin(team, Role.ADMIN))
    register(world, team.admin, legal | {"parent": team.uid}, admin_form)
    assert told(world, root.admin) == []
    assert told(world, second) == ["organization_waiting"]


def test_where_nobody_may_up_to_the_root_its_admins_read_so(world, root, legal, admin_form):
    uid = register(world, root.admin, legal, admin_form)
    assert "organization_waiting" in told(world, root.admin)
    browser = world.browser(root.admin)
    browser.act_for(root)
    answer = browser.post(f"/organization/below/{uid}/review", {"action": "accept"})
    assert answer.status_code == 403
    assert "另一位" in read(answer).text or "其他" in read(answer).text


def test_a_wish_to_change_goes_to_the_next_one_up(world, root, team, child, both):
    with world.settings(organizations={"review": "parent"}):
        assert save(both, name="改过名字的科技志愿服务队").status_code == 303
    assert told(world, root.admin) == ["change_waiting"]
    assert "change_waiting" not in told(world, team.admin)
    assert world.browser(root.admin).post(wish_path(world), {"action": "accept"}).status_code == 303


def test_an_activity_goes_to_the_next_one_up(world, root, team, both, clock):
    form = factories.publishing_form(clock.now() + timedelta(days=3))
    with world.settings(activities={"review": "parent"}):
        assert both.post("/organization/activities/new", form).status_code == 303
    assert told(world, root.admin) == ["activity_to_review"]
    assert "activity_to_review" not in told(world, team.admin)


def test_a_long_list_goes_to_the_next_one_up(world, root, team, child):
    event = world.activity(child, quota=5)
    for _ in range(2):
        person = world.volunteer()
        world.do(lambda person=person: factories.signed_up(event, person))
    browser = world.browser(team.admin, proved=True)
    browser.act_for(child)
    with world.settings(limits={"export_rows": 1}):
        ask(browser, event)
    assert told(world, root.admin) == ["export_waiting"]
