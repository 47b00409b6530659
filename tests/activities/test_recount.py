"""The counters of shifts against their sign-ups: `flask activities recount`, and the look at night."""

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from app.activities import jobs
from app.activities.models import Shift
from app.database import in_transaction, session
from app.organizations import jobs as organizations_jobs
from app.organizations.models import Organization
from tests.factories import signed_up


@pytest.fixture
def event(world, team):
    """One has the only place, one waits, and nobody comes to another activity."""
    event, people = world.activity(team, quota=1, waitlist_limit=5), [world.volunteer() for _ in range(2)]
    for person in people:
        world.do(lambda person=person: signed_up(event, person))
    world.activity(team)
    return event


def change(world, statement):
    world.do(lambda: in_transaction(lambda: session.execute(statement)))


def spoil(world, event):
    change(world, update(Shift).where(Shift.id == event.shift_id).values(places_taken=0, waiting=3))


def test_recount_finds_what_was_spoilt_and_mends_it(world, app, event):
    run = app.test_cli_runner().invoke
    assert run(args=["activities", "recount"]).output.strip() == "nothing differs"
    spoil(world, event)
    told = run(args=["activities", "recount"])
    assert told.exit_code == 1
    assert f"shift {event.shift_id}: places_taken is 0, should be 1" in told.output
    assert f"shift {event.shift_id}: waiting is 3, should be 1" in told.output
    assert "put right: 2" in run(args=["activities", "recount", "--mend"]).output
    assert world.rows(select(Shift.places_taken, Shift.waiting).order_by(Shift.id)) == [(1, 1), (0, 0)]
    assert run(args=["activities", "recount"]).output.strip() == "nothing differs"


def test_at_night_a_wrong_count_is_warned_of_and_changes_nothing(world, event):
    spoil(world, event)
    with capture_logs() as lines:
        assert world.do(jobs.look_over) == 2
    assert [line["event"] for line in lines] == ["shifts_miscounted"]
    assert world.rows(select(Shift.places_taken).where(Shift.id == event.shift_id)) == [(0,)]


def test_at_night_the_tree_is_counted_too(world, team):
    assert world.do(organizations_jobs.look_over) == 0
    change(world, update(Organization).where(Organization.id == team.id).values(members_count=7))
    with capture_logs() as lines:
        assert world.do(organizations_jobs.look_over) == 1
    assert lines[0]["of"] == ["members_count"]


def test_before_there_is_a_tree_nothing_is_said_at_night(world):
    assert world.do(organizations_jobs.look_over) == 0


def test_both_are_looked_at_once_a_night(app):
    timers = {type(task).__name__: task for task in app.extensions["stvs"].jobs.huey._registry.periodic_tasks}
    assert {"activities.recount.timer", "organizations.recount.timer"} <= set(timers)
