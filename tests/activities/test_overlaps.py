"""An organiser moves an activity onto another one that somebody has signed up to."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.activities import services
from app.activities.queries import find
from app.context import here
from app.database import in_transaction
from app.notices.models import Notice
from tests.factories import activity_facts, signed_up

DAY = timedelta(days=1)


@pytest.fixture
def two(world, team, volunteer, clock):
    """Two activities on two days, both of which the volunteer has taken, and another one only the second."""
    first = world.activity(team, title="防灾讲座", starts_at=clock.now() + 3 * DAY)
    second = world.activity(team, title="义诊服务", starts_at=clock.now() + 5 * DAY)
    other = world.volunteer()
    for event, person in ((first, volunteer), (second, volunteer), (second, other)):
        world.do(lambda event=event, person=person: signed_up(event, person))
    return first, second, other


def move(world, event, starts_at):
    facts = {"title": event.title, "starts_at": starts_at}
    world.do(
        lambda: in_transaction(lambda: services.edit(find(event.id), activity_facts(**facts), now=here.clock.now()))
    )


def told(world, person):
    query = select(Notice.kind, Notice.values).where(Notice.account_id == person.account_id).order_by(Notice.id)
    return world.rows(query)[-1]


def test_whoever_has_both_is_told_which_one_it_overlaps_with(world, two, volunteer, clock):
    _, second, other = two
    move(world, second, clock.now() + 3 * DAY + timedelta(hours=1))
    kind, values = told(world, volunteer)
    assert (kind, values["other"]) == ("activity_overlaps", "防灾讲座")
    assert told(world, other)[0] == "activity_changed"


def test_a_move_that_overlaps_with_nothing_is_told_as_before(world, two, volunteer, clock):
    _, second, _ = two
    move(world, second, clock.now() + 3 * DAY + timedelta(hours=2))
    assert told(world, volunteer)[0] == "activity_changed"


def test_both_rows_say_so_until_one_is_given_up(world, two, volunteer, clock):
    first, second, _ = two
    browser = world.browser(volunteer)
    assert "时间重叠" not in browser.page("/volunteer/activities").text
    move(world, second, clock.now() + 3 * DAY)
    page = browser.page("/volunteer/activities?tab=waiting")
    assert "与“防灾讲座”" in page.text
    assert "与“义诊服务”" in page.text
    leave = next(link for link in page.links if f"/activities/{first.id}/shifts/" in link)
    answer = browser.post(leave, {"why": "time"})
    assert answer.status_code == 303
    page = browser.page("/volunteer/activities?tab=waiting")
    assert "时间重叠" not in page.text
    assert "义诊服务" in page.text


def test_who_only_waits_for_a_place_overlaps_with_nothing(world, team, volunteer, clock):
    full = world.activity(team, quota=1, waitlist_limit=3, starts_at=clock.now() + 5 * DAY)
    mine = world.activity(team, starts_at=clock.now() + 3 * DAY)
    for event, person in ((full, world.volunteer()), (full, volunteer), (mine, volunteer)):
        world.do(lambda event=event, person=person: signed_up(event, person))
    move(world, mine, clock.now() + 5 * DAY)
    assert told(world, volunteer)[0] == "activity_changed"
    assert "时间重叠" not in world.browser(volunteer).page("/volunteer/activities").text
