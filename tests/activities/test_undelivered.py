"""Beside a name on the list stands what the person was owed and did not get, so that the organiser calls."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.activities import ending, services
from app.activities.queries import find
from app.context import here
from app.database import in_transaction, session
from app.notices.jobs import deliver_all
from app.notices.models import Notice, NoticeState
from tests.factories import activity_facts, signed_up


@pytest.fixture
def event(world, team, volunteer):
    event = world.activity(team)
    world.do(lambda: signed_up(event, volunteer))
    return event


def change(world, event, **facts):
    def act():
        activity = find(event.id)
        same = {"title": activity.title, "starts_at": activity.starts_at, "ends_at": activity.ends_at}
        services.edit(activity, activity_facts(**same | facts), now=here.clock.now())

    world.do(lambda: in_transaction(act))


def roster(admin, event):
    return admin.page(f"/organization/activities/{event.id}/roster").text


def test_whom_nothing_reaches_is_to_be_called(world, event, admin):
    world.do(deliver_all)
    # What one sees on the page where one presses is worth no call.
    assert "未送达：" not in roster(admin, event)
    change(world, event, address="市科技馆")
    assert "未送达：" not in roster(admin, event)
    world.do(deliver_all)
    assert world.one(select(Notice.state).where(Notice.kind == "activity_changed")) == NoticeState.UNREACHABLE
    assert "未送达：活动变动，请打电话告诉对方" in roster(admin, event)
    assert "未送达：活动变动" in admin.page(f"/organization/activities/{event.id}").text


def test_what_may_have_arrived_says_so(world, event, admin):
    change(world, event, address="市科技馆")
    world.do(lambda: in_transaction(lambda: session.execute(update(Notice).values(state=NoticeState.UNKNOWN))))
    assert "不知是否送达：活动变动" in roster(admin, event)


def test_a_later_one_that_arrived_makes_up_for_it(world, event, admin, clock):
    change(world, event, address="市科技馆")
    world.do(deliver_all)
    clock.advance(timedelta(minutes=5))
    change(world, event, address="区科技馆")
    waits = update(Notice).where(Notice.state == NoticeState.WAITING)
    world.do(lambda: in_transaction(lambda: session.execute(waits.values(state=NoticeState.SENT))))
    assert "未送达：" not in roster(admin, event)


def test_another_activity_s_messages_are_not_shown_here(world, team, event, admin, volunteer, clock):
    other = world.activity(team, starts_at=clock.now() + timedelta(days=9))
    world.do(lambda: signed_up(other, volunteer))
    change(world, other, address="市科技馆")
    world.do(deliver_all)
    assert "未送达：" not in roster(admin, event)
    assert "未送达：" in roster(admin, other)


def test_who_did_not_hear_that_it_is_cancelled_can_be_called(world, team, event, admin, volunteer):
    def cancel():
        ending.cancel(find(event.id), "大风", actor_id=team.admin.account_id, now=here.clock.now())

    world.do(lambda: in_transaction(cancel))
    world.do(deliver_all)
    page = admin.page(f"/organization/activities/{event.id}/roster")
    assert "未送达：活动取消" in page.text
    (phone,) = [link for link in page.links if "/phone" in link]
    assert volunteer.phone in admin.post(phone, {"why": "change"}).get_data(as_text=True)
    assert not [link for link in page.links if "/refuse/remove" in link]


def test_all_that_did_not_arrive_is_named_once(world, event, admin, clock):
    for facts in ({"address": "市科技馆"}, {"address": "区科技馆"}, {"risk_text": "有台阶。", "address": "区科技馆"}):
        change(world, event, **facts)
        clock.advance(timedelta(minutes=5))
    world.do(deliver_all)
    assert "未送达：活动变动、活动风险变动，请打电话告诉对方" in roster(admin, event)


def test_those_to_be_called_are_found_in_one_group(world, event, admin, volunteer):
    change(world, event, address="市科技馆")
    world.do(deliver_all)
    newcomer = world.volunteer(name="后来的人")
    world.do(lambda: signed_up(event, newcomer))
    page = admin.page(f"/organization/activities/{event.id}/roster?group=missed")
    assert volunteer.name in page.text
    assert newcomer.name not in page.text
    path = f"/organization/activities/{event.id}/roster"
    assert 'value="missed"' not in admin.page(f"{path}/message").html
