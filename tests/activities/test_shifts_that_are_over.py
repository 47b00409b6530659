"""A shift that is over while its activity goes on: whoever served it stays on the list, and hears of nothing more."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.activities import judging
from app.activities.errors import ShiftEnded
from app.activities.models import SignUp
from app.activities.queries import find
from app.context import here
from app.database import in_transaction
from app.life_cycle import WrongMove
from app.notices.models import Notice
from tests.factories import Event, signed_up
from tests.pages import read

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def event(world, team, clock):
    """One in three hours; `later` is its second shift."""
    return world.activity(team, starts_at=clock.now() + 3 * HOUR)


@pytest.fixture
def later(world, event, clock):
    return world.shift(event, starts_at=clock.now() + 4 * DAY)


def comer(world, event, shift_id, name):
    person = world.volunteer(name=name)
    world.do(lambda: signed_up(Event(event.id, shift_id, "", event.team), person))
    return person


def number_of(world, person):
    return world.one(select(SignUp.id).where(SignUp.volunteer_id == person.volunteer_id))


def state(world, person):
    return world.one(select(SignUp.state).where(SignUp.volunteer_id == person.volunteer_id))


def told(world, person):
    query = select(Notice.kind).where(Notice.account_id == person.account_id).order_by(Notice.id)
    return [kind for (kind,) in world.rows(query)]


def boss(world, team):
    return world.browser().log_in(team.admin, proved=True)


def press(world, event, act, person, *words):
    def judge():
        judged = {"actor_id": event.team.admin.account_id, "now": here.clock.now()}
        act(find(event.id), number_of(world, person), *words, **judged)

    world.do(lambda: in_transaction(judge))


def test_whoever_served_is_not_taken_off_the_list_and_whoever_is_to_come_is(world, team, event, later, clock):
    served, coming = comer(world, event, event.shift_id, "赵服务"), comer(world, event, later, "钱将来")
    clock.advance(30 * HOUR)
    browser, path = boss(world, team), f"/organization/activities/{event.id}"
    text = browser.get(f"{path}/roster").text
    assert "移出名单：赵服务" not in text
    assert "移出名单：钱将来" in text
    answer = browser.post(f"{path}/sign-ups/{number_of(world, served)}/refuse/remove", {"reason": "没有来"})
    assert answer.status_code == 422
    assert "这一场已经结束" in answer.text
    assert state(world, served) == "confirmed"
    assert "sign_up_removed" not in told(world, served)
    path = f"{path}/sign-ups/{number_of(world, coming)}/refuse/remove"
    assert browser.post(path, {"reason": "本人不来"}).status_code == 303


def test_nobody_is_let_into_what_is_over(world, team, clock):
    event = world.activity(team, approval_mode="review", starts_at=clock.now() + 3 * HOUR)
    world.shift(event, starts_at=clock.now() + 4 * DAY)
    late = comer(world, event, event.shift_id, "赵迟到")
    clock.advance(30 * HOUR)
    browser, path = boss(world, team), f"/organization/activities/{event.id}"
    text = browser.get(f"{path}/roster").text
    assert ">通过<" not in text
    assert "不通过：赵迟到" in text
    answer = browser.post(f"{path}/sign-ups/{number_of(world, late)}/answer/approve")
    assert answer.status_code == 409
    assert "这一场已经结束" in answer.text
    assert (state(world, late), told(world, late).count("sign_up_confirmed")) == ("pending", 0)
    press(world, event, judging.reject, late, "来不及审核")
    assert state(world, late) == "rejected"


def test_days_after_the_end_the_list_stays_as_it_was(world, team, clock):
    event = world.activity(team, approval_mode="review")
    one, other = (comer(world, event, event.shift_id, name) for name in ("赵一", "钱二"))
    press(world, event, judging.approve, one)
    clock.advance(9 * DAY)
    with pytest.raises(ShiftEnded):
        press(world, event, judging.approve, other)
    with pytest.raises(ShiftEnded):
        press(world, event, judging.remove, one, "没有来")
    # What was done already is done.
    press(world, event, judging.approve, one)


def test_nobody_is_taken_off_the_list_of_what_was_called_off(world, team, event):
    one = comer(world, event, event.shift_id, "赵一")
    browser, path = boss(world, team), f"/organization/activities/{event.id}"
    browser.post(f"{path}/cancel", {"reason": "大雨"})
    with pytest.raises(WrongMove):
        press(world, event, judging.remove, one, "没有来")


def test_a_new_name_or_place_is_told_to_those_to_come(world, team, event, later, clock):
    served, coming = comer(world, event, event.shift_id, "赵服务"), comer(world, event, later, "钱将来")
    clock.advance(30 * HOUR)
    browser, path = boss(world, team), f"/organization/activities/{event.id}/edit"
    answer = browser.post(path, browser.page(path).sent(title="改过的名称", address="别处"), follow_redirects=True)
    assert "1 位报名的人会收到变动通知" in answer.text
    assert told(world, coming)[-1] == "activity_changed"
    assert "activity_changed" not in told(world, served)


def test_another_risk_is_not_asked_of_whoever_served(world, team, event, later, clock):
    served, coming = comer(world, event, event.shift_id, "赵服务"), comer(world, event, later, "钱将来")
    clock.advance(30 * HOUR)
    browser, path = boss(world, team), f"/organization/activities/{event.id}/edit"
    for text in ("有台阶。", "有台阶，路滑。"):
        sent = browser.page(path).sent(risk_text=text, risk_level="general")
        assert browser.post(path, sent).status_code == 303
    assert "risk_changed" not in told(world, served)
    assert told(world, coming).count("risk_changed") == 2


def test_the_place_of_what_is_over_stays(world, team, event, later, clock):
    clock.advance(30 * HOUR)
    browser, path = boss(world, team), f"/organization/activities/{event.id}/edit"
    answer = browser.post(path, browser.page(path).sent(shift_place="另一个地方"))
    assert "不能再改它的地点" in read(answer).of("shift_place").errors[0]
    assert browser.post(path, browser.page(path).sent(**{"more_shifts-0-place": "二楼"})).status_code == 303


def test_another_point_on_the_map_is_told_and_one_that_is_added_is_not(world, admin, event):
    one, path = comer(world, event, event.shift_id, "赵一"), f"/organization/activities/{event.id}/edit"

    def move(point):
        assert admin.post(path, admin.page(path).sent(position=point)).status_code == 303
        return told(world, one).count("activity_changed")

    assert [move(point) for point in ("121.61,38.91", "121.61,38.91", "116.3975,39.9087", "")] == [0, 0, 1, 1]
