"""Another description, or an earlier end of cancelling: who signed up reads of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.activities import services
from app.activities.models import Activity
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from tests.factories import activity_facts, signed_up, withdrawn

DAY = timedelta(days=1)


@pytest.fixture
def event(world, team):
    return world.activity(team)


@pytest.fixture
def comer(world, event):
    person = world.volunteer()
    world.do(lambda: signed_up(event, person))
    return person


def change(world, event, **facts):
    """Edit the activity, all else as it is."""

    def act():
        activity = session.get_one(Activity, event.id)
        same = {"title": activity.title, "starts_at": activity.starts_at, "ends_at": activity.ends_at}
        return services.edit(activity, activity_facts(**(same | facts)), now=here.clock.now()).told

    return world.do(lambda: in_transaction(act))


def told(world, kind):
    query = select(Notice.account_id, Notice.values).where(Notice.kind == kind).order_by(Notice.id)
    return world.rows(query)


def test_another_description_is_told_once_a_day(world, event, comer, clock):
    gone = world.volunteer()
    world.do(lambda: signed_up(event, gone))
    world.do(lambda: withdrawn(event, gone))
    assert change(world, event, content="改为义诊，请带听诊器。") == 1
    assert change(world, event, content="改为义诊，请带好听诊器。") == 0
    assert [account for account, _ in told(world, "description_changed")] == [comer.account_id]
    clock.advance(DAY)
    assert change(world, event, content="改为义诊，请带好听诊器和笔。") == 1


def test_small_things_are_told_to_nobody(world, event, comer):
    assert change(world, event) == 0
    assert change(world, event, is_major=True, co_organizers="社区居委会", notice="请带水杯") == 0


def test_an_earlier_end_of_cancelling_is_told_with_its_time(world, event, comer, clock):
    start = clock.now() + 3 * DAY
    assert change(world, event, cancel_deadline_at=start - DAY, content="换一种讲法。") == 1
    ((account, values),) = told(world, "leaving_ends_earlier")
    assert account == comer.account_id
    assert values["until"].startswith("11月25日 10:00")
    with world.app.app_context():
        assert "取消截止时间提前到" in here.notice_texts.message("leaving_ends_earlier", values, "https://example.org")
    assert told(world, "description_changed") == []
    assert change(world, event, cancel_deadline_at=start, content="换一种讲法。") == 0


def test_who_is_told_of_another_time_is_not_told_twice(world, event, comer, clock):
    start = clock.now() + 4 * DAY
    facts = {"starts_at": start, "ends_at": start + timedelta(hours=2), "content": "换一种讲法。"}
    assert change(world, event, cancel_deadline_at=clock.now() + DAY, **facts) == 1
    assert told(world, "description_changed") == told(world, "leaving_ends_earlier") == []
