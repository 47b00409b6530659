"""The outbox: what is owed is delivered once, or said to be unknown, whatever dies in between."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.accounts import services as accounts
from app.accounts.models import Account
from app.activities.sign_up import sign_up
from app.context import here
from app.database import in_transaction, session
from app.notices import services
from app.notices.jobs import deliver_all
from app.notices.models import Notice
from app.notices.services import CLAIM
from app.wechat.gateway import OperatorMustAct, OutcomeUnknown, Refused, RetryLater, UserMustAct

OPENID = "o" + "A" * 27
WINDOW_CLOSED = UserMustAct("out of response window", errcode=45015)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Killed(BaseException):
    """The worker dies here."""


@pytest.fixture
def reader(world, volunteer):
    """A volunteer who can be reached in WeChat."""

    def tie():
        row = session.get_one(Account, volunteer.account_id)
        accounts.tie_openid(row, here.config.wechat.app_id, OPENID, here.clock.now())

    world.do(lambda: in_transaction(tie))
    return volunteer


@pytest.fixture
def owed(world, team, reader, wechat):
    """A sign-up whose confirmation is waiting."""
    event = world.activity(team)
    press(world, event, reader)
    return event


@pytest.fixture
def templates(world):
    with world.settings(notices={"templates": {"sign_up_confirmed": "a-template"}}):
        yield


def press(world, event, person):
    world.do(lambda: in_transaction(lambda: sign_up(event.shift_id, person.volunteer_id, now=here.clock.now())))


def states(world):
    return [state for (state,) in world.rows(select(Notice.state).order_by(Notice.id))]


def work(world):
    return world.do(deliver_all)


def test_a_sign_up_is_told_once_in_the_chat(world, owed, wechat):
    assert work(world) == 1
    assert work(world) == 0
    (message,) = wechat.sent
    assert message.openid == OPENID
    assert owed.title in message.text
    assert f'<a href="http://localhost/activities/{owed.id}">' in message.text
    assert states(world) == ["sent"]


def test_a_sign_up_that_is_rolled_back_owes_nothing(world, team, reader, wechat):
    event = world.activity(team)

    def act():
        sign_up(event.shift_id, reader.volunteer_id, now=here.clock.now())
        raise Killed

    with pytest.raises(Killed):
        world.do(lambda: in_transaction(act))
    assert states(world) == []
    assert len(here_jobs(world)) == 0


def here_jobs(world):
    return world.do(lambda: here.jobs.huey.pending())


def test_the_worker_is_woken_once_the_sign_up_stands(world, owed):
    assert [task.name for task in here_jobs(world)] == ["notices.deliver"]


def test_8_workers_at_once_send_each_notice_once(world, team, reader, wechat, clock):
    for number in range(6):
        event = world.activity(team, starts_at=clock.now() + timedelta(days=3 + number))
        press(world, event, reader)
    world.at_once([deliver_all] * 8)
    assert len(wechat.sent) == len(set(wechat.sent)) == 6
    assert states(world) == ["sent"] * 6


def test_a_worker_that_dies_before_the_call_is_replaced_after_its_claim(world, owed, wechat, clock):
    world.do(lambda: in_transaction(lambda: services.claim_due(here.clock.now())))
    clock.advance(CLAIM - SECOND)
    work(world)
    assert wechat.sent == []
    clock.advance(SECOND)
    work(world)
    assert len(wechat.sent) == 1
    assert states(world) == ["sent"]


def die_after_the_call(world, wechat):
    """WeChat takes the message, and the worker dies before it writes that down."""

    def die(message):
        wechat.sent.append(message)
        wechat.on_call = lambda message: None
        raise Killed

    wechat.on_call = die
    with pytest.raises(Killed):
        work(world)


def test_a_chat_message_whose_worker_died_is_never_repeated(world, owed, wechat, clock):
    die_after_the_call(world, wechat)
    assert states(world) == ["sending"]
    for _ in range(3):
        clock.advance(10 * MINUTE)
        work(world)
    assert len(wechat.sent) == 1
    assert states(world) == ["unknown"]


def test_a_template_message_whose_worker_died_is_repeated_with_its_key(world, owed, wechat, clock, templates):
    wechat.always["custom"] = WINDOW_CLOSED
    work_until_template_dies(world, wechat)
    clock.advance(CLAIM + MINUTE)
    work(world)
    keys = [call.key for call in wechat.calls if call.channel == "template"]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert [message.channel for message in wechat.sent] == ["template"]
    assert states(world) == ["sent"]


def work_until_template_dies(world, wechat):
    def die(message):
        if message.channel == "template":
            wechat.sent.append(message)
            wechat.on_call = lambda message: None
            raise Killed

    wechat.on_call = die
    with pytest.raises(Killed):
        work(world)


def test_a_template_whose_key_wechat_has_forgotten_is_not_repeated(world, owed, wechat, clock, templates):
    wechat.always["custom"] = WINDOW_CLOSED
    work_until_template_dies(world, wechat)
    clock.advance(10 * MINUTE)
    work(world)
    assert len(wechat.sent) == 1
    assert states(world) == ["unknown"]


def test_a_closed_window_falls_to_the_template(world, owed, wechat, templates):
    wechat.always["custom"] = WINDOW_CLOSED
    work(world)
    (message,) = wechat.sent
    assert message.channel == "template"
    assert states(world) == ["sent"]


def test_a_closed_window_without_a_template_is_told_on_the_pages_only(world, owed, wechat):
    wechat.always["custom"] = WINDOW_CLOSED
    work(world)
    assert states(world) == ["unreachable"]


def test_who_is_not_in_wechat_is_not_sent_anything(world, team, volunteer, wechat):
    press(world, world.activity(team), volunteer)
    work(world)
    assert wechat.calls == []
    assert states(world) == ["unreachable"]


def test_an_answer_that_never_came_is_unknown_and_stays_so(world, owed, wechat, clock):
    wechat.faults["custom"] = [OutcomeUnknown("no answer")]
    work(world)
    clock.advance(timedelta(hours=2))
    work(world)
    assert len(wechat.calls) == 1
    assert states(world) == ["unknown"]


def test_a_call_that_is_wrong_is_not_repeated(world, owed, wechat, clock):
    wechat.always["custom"] = Refused("invalid openid", errcode=40003)
    work(world)
    clock.advance(timedelta(hours=2))
    work(world)
    assert len(wechat.calls) == 1
    assert states(world) == ["unreachable"]


@pytest.mark.parametrize("fault", [RetryLater("busy", errcode=-1), OperatorMustAct("wrong secret", errcode=40125)])
def test_tries_lie_further_and_further_apart_and_end_after_a_day(world, owed, wechat, clock, fault):
    wechat.always["custom"] = fault
    began, tried = clock.now(), []
    while states(world) == ["waiting"] and clock.now() - began < timedelta(days=3):
        before = len(wechat.calls)
        work(world)
        if len(wechat.calls) > before:
            tried.append((clock.now() - began) // MINUTE)
        clock.set(world.one(select(Notice.due_at)) if tried else clock.now() + MINUTE)
    assert tried[:6] == [0, 1, 6, 21, 81, 261]
    assert tried[-1] >= 24 * 60
    assert states(world) == ["failed"]
    assert wechat.sent == []


def test_nothing_is_tried_before_its_time(world, owed, wechat, clock):
    wechat.faults["custom"] = [RetryLater("busy", errcode=-1)]
    work(world)
    clock.advance(MINUTE - SECOND)
    work(world)
    assert len(wechat.calls) == 1


def test_when_wechat_is_back_the_message_goes_out(world, owed, wechat, clock):
    wechat.faults["custom"] = [RetryLater("busy", errcode=-1)]
    work(world)
    assert states(world) == ["waiting"]
    clock.advance(MINUTE)
    work(world)
    assert len(wechat.sent) == 1


def test_one_that_fails_does_not_hold_up_the_others(world, team, owed, reader, wechat, clock):
    press(world, world.activity(team, starts_at=clock.now() + timedelta(days=9)), reader)
    wechat.faults["custom"] = [RetryLater("busy", errcode=-1), None]
    work(world)
    assert sorted(states(world)) == ["sent", "waiting"]


def test_a_notice_that_nobody_can_write_does_not_hold_up_the_others(world, team, owed, reader, wechat, clock):
    world.do(lambda: in_transaction(lambda: session.execute(update(Notice).values(kind="no such kind"))))
    press(world, world.activity(team, starts_at=clock.now() + timedelta(days=9)), reader)
    for _ in range(3):
        work(world)
        clock.advance(MINUTE)
    assert len(wechat.sent) == 1
    assert states(world) == ["failed", "sent"]


def test_who_must_wait_for_a_judgement_is_told_so_in_the_chat(world, team, reader, wechat):
    event = world.activity(team, approval_mode="review")
    press(world, event, reader)
    assert work(world) == 1
    (message,) = wechat.sent
    assert message.openid == OPENID
    assert "等主办组织审核" in message.text
    assert states(world) == ["sent"]


def test_one_occasion_is_told_once_to_each_whoever_was_told_before(world):
    people = [world.volunteer().account_id for _ in range(3)]
    facts = {"values": {"title": "甲队"}, "now": world.do(lambda: here.clock.now())}

    def tell(*accounts_told):
        return in_transaction(lambda: services.add_many("organization_moved", "moved:1", accounts_told, **facts))

    assert world.do(lambda: tell(*people[1:])) == 2
    assert world.do(lambda: tell(*people)) == 1
    assert world.do(lambda: tell(*people)) == 0
    told = world.rows(select(Notice.account_id).where(Notice.kind == "organization_moved"))
    assert sorted(told) == [(person,) for person in sorted(people)]
