"""What is begun for an organisation in the moment in which it is merged or suspended is not left with nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.activities import drafts, reviews, services
from app.activities.errors import OrganizerPaused
from app.activities.models import Activity
from app.config import from_root
from app.context import here
from app.database import in_transaction, session
from app.errors import AppError, Forbidden
from app.group_registration import services as group_registration
from app.group_registration.models import ImportBatch
from app.organizations import suspending, teams
from app.organizations.errors import MayNotPublish
from app.organizations.models import Team
from app.privacy import new_uid
from tests import factories
from tests.held import in_each_others_way
from tests.organizations.merges import actor, find, merge


def suspend(above, team):
    facts = {"reason": "整顿"}
    return lambda: suspending.suspend(find(above), team.uid, actor=actor(above), now=here.clock.now(), **facts) and None


def publish(team, **changes):
    key, facts = new_uid(), None

    def act():
        nonlocal facts
        facts = facts or factories.activity_facts()
        return services.publish(facts, find(team), form_key=key, now=here.clock.now(), **changes).id

    return act


def make_team(team):
    return lambda: teams.create(find(team), "青年队", "", actor=actor(team), now=here.clock.now()).id


def save_draft(team):
    key = new_uid()
    return lambda: drafts.save({"title": ["草稿"]}, find(team), form_key=key, now=here.clock.now()).id


def send_sheet(team):
    def act():
        how = {"folder": from_root(here.config.content.uploads), "limits": here.config.limits}
        return group_registration.send(find(team), actor(team), b"sheet", **how, now=here.clock.now()).id

    return act


BEGUN = {
    "an activity": (publish, Activity),
    "a sub-team": (make_team, Team),
    "a draft": (save_draft, Activity),
    "a sheet of people": (send_sheet, ImportBatch),
}


@pytest.fixture(autouse=True)
def uploads(world, tmp_path):
    with world.settings(content={"uploads": str(tmp_path / "uploads")}):
        yield


@pytest.mark.parametrize("what", BEGUN)
def test_what_was_begun_just_before_a_merge_goes_along(world, root, what):
    one, two = world.organization(root), world.organization(root)
    begin, model = BEGUN[what]
    made, merged = in_each_others_way(world, begin(one), merge(root, one, two))
    assert (made, merged) == (world.one(select(model.id)), None)
    assert world.rows(select(model.organization_id)) == [(two.id,)]


@pytest.mark.parametrize("what", BEGUN)
def test_nothing_is_begun_for_an_organisation_that_is_being_merged(world, root, what):
    one, two = world.organization(root), world.organization(root)
    begin, model = BEGUN[what]
    merged, refusal = in_each_others_way(world, merge(root, one, two), begin(one))
    assert merged is None
    assert isinstance(refusal, MayNotPublish | Forbidden)
    assert "并入" in refusal.message
    assert world.rows(select(model.id)) == []


def test_nothing_is_published_while_the_organisation_is_suspended(world, root, team):
    _, refusal = in_each_others_way(world, suspend(root, team), publish(team))
    assert isinstance(refusal, MayNotPublish)
    assert world.rows(select(Activity.id)) == []


def test_nothing_is_let_pass_while_the_organisation_is_suspended(world, root, team):
    waiting = world.do(lambda: in_transaction(publish(team, review=True, by=team.admin.account_id)))

    def accept():
        reviews.accept(session.get_one(Activity, waiting), actor_id=root.admin.account_id, now=here.clock.now())

    _, refusal = in_each_others_way(world, suspend(root, team), accept)
    assert isinstance(refusal, OrganizerPaused)
    assert world.one(select(Activity.state)) == "pending_review"


def test_a_draft_that_is_being_published_is_not_thrown_away(world, team):
    act = publish_draft(world, team)
    number = world.one(select(Activity.id))
    made, refusal = in_each_others_way(world, act, lambda: drafts.drop(session.get_one(Activity, number)))
    assert made == number
    assert isinstance(refusal, AppError)
    assert world.one(select(Activity.state)) == "published"


def test_a_draft_that_is_being_thrown_away_is_not_half_published(world, team, backend):
    act = publish_draft(world, team)
    number = world.one(select(Activity.id))
    dropped, outcome = in_each_others_way(world, lambda: drafts.drop(session.get_one(Activity, number)), act)
    assert dropped is None
    if backend == "sqlite":
        return  # there the form, which comes after it, is a new one
    assert isinstance(outcome, AppError)
    assert world.rows(select(Activity.id)) == []


def test_whoever_publishes_a_draft_that_is_being_thrown_away_reads_so(world, team, clock, backend):
    browser = world.browser(team.admin)
    form = factories.publishing_form(clock.now() + timedelta(days=7), action="preview")
    preview = browser.post("/organization/activities/new", form).location
    number = world.one(select(Activity.id))
    drop = lambda: drafts.drop(session.get_one(Activity, number))  # noqa: E731
    press = lambda: browser.post(preview.replace("preview", "publish"), {"declaration": "y"})  # noqa: E731
    _, answer = in_each_others_way(world, drop, press, by_page=True)
    if backend != "sqlite":
        assert answer.status_code == 303
        assert "刚刚被删除，没有发布" in browser.page(answer.location).text
    assert world.rows(select(Activity.id)) == []


def publish_draft(world, team):
    """A draft, and the press that publishes it."""
    key = new_uid()
    world.do(
        lambda: in_transaction(
            lambda: drafts.save({"title": ["草稿"]}, find(team), form_key=key, now=here.clock.now()).id
        )
    )
    facts = world.do(factories.activity_facts)
    return lambda: services.publish(facts, find(team), form_key=key, now=here.clock.now()).id
