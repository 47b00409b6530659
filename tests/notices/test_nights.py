"""Text messages do not go out at night, save those for which the morning is too late."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from app.activities import services
from app.activities.facts import ShiftFacts
from app.activities.models import Activity
from app.activities.sign_up import sign_up
from app.context import here
from app.database import in_transaction, session
from app.notices.jobs import deliver_all
from app.notices.models import Notice
from app.notices.nights import end_of_night
from tests.factories import activity_facts, new_phone
from tests.notices.test_text_messages import cancel, invite, signed_up, states, tie, work

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def in_china(hour, minute=0, day=24):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - 8 * HOUR


EIGHT = in_china(8, day=25)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (in_china(22) - SECOND, None),
        (in_china(22), EIGHT),
        (in_china(22) + SECOND, EIGHT),
        (in_china(0, day=25) - SECOND, EIGHT),
        (in_china(0, day=25), EIGHT),
        (EIGHT - SECOND, EIGHT),
        (EIGHT, None),
        (EIGHT + SECOND, None),
    ],
)
def test_it_is_night_from_ten_to_eight(now, end):
    assert end_of_night(now, "22:00", "08:00") == end


@pytest.mark.parametrize(
    ("now", "is_quiet"),
    [(in_china(1) - SECOND, False), (in_china(1), True), (in_china(6) - SECOND, True), (in_china(6), False)],
)
def test_quiet_hours_may_lie_within_one_day(now, is_quiet):
    assert end_of_night(now, "01:00", "06:00") == (in_china(6) if is_quiet else None)


def test_without_quiet_hours_there_is_no_night():
    assert end_of_night(in_china(3), "", "") is None


def test_an_invitation_of_the_night_arrives_in_the_morning_once(world, team, wechat, sms, clock):
    phone = new_phone()
    clock.set(in_china(22))
    invite(world, team, phone)
    for now in (in_china(22), in_china(3, day=25), EIGHT - SECOND):
        clock.set(now)
        work(world)
        assert sms.texts == []
        assert states(world) == ["waiting"]
    clock.set(EIGHT)
    work(world)
    work(world)
    assert [to for to, _, _ in sms.texts] == [phone]
    assert states(world) == ["sent"]


def test_a_second_before_the_night_it_goes_at_once(world, team, wechat, sms, clock):
    clock.set(in_china(22) - SECOND)
    invite(world, team, new_phone())
    work(world)
    assert len(sms.texts) == 1


def test_with_empty_quiet_hours_it_goes_at_any_hour(world, team, wechat, sms, clock):
    clock.set(in_china(3))
    with world.settings(sms={"quiet_from": "", "quiet_until": ""}):
        invite(world, team, new_phone())
        work(world)
    assert len(sms.texts) == 1


def test_a_code_is_never_delayed(world, sms, clock):
    clock.set(in_china(3))
    phone = new_phone()
    answer = world.browser().post("/login", {"phone": phone, "action": "send"})
    assert answer.status_code in (200, 303)
    assert sms.count(phone) == 1


def begins_at(world, clock, team, person, starts_at):
    """An activity that somebody has signed up to, at eleven at night."""
    clock.set(in_china(12))
    event = signed_up(world, team, person, starts_at - in_china(12))
    clock.set(in_china(23))
    return event


@pytest.mark.parametrize(("begins", "sent"), [(EIGHT + HOUR - SECOND, 1), (EIGHT + HOUR, 0), (EIGHT - HOUR, 1)])
def test_what_begins_before_nine_and_is_off_is_told_at_once(world, team, volunteer, wechat, sms, clock, begins, sent):
    cancel(world, begins_at(world, clock, team, volunteer, begins))
    work(world)
    assert len(sms.texts) == sent
    clock.set(EIGHT)
    work(world)
    assert len(sms.texts) == 1


def move(world, event, starts_at):
    def act():
        row = session.get_one(Activity, event.id)
        shifts = (ShiftFacts(starts_at, starts_at + 2 * HOUR, 10, uid=row.shifts[0].uid),)
        facts = activity_facts(title=row.title, shifts=shifts, signup_end_at=starts_at)
        services.edit(row, facts, now=here.clock.now())

    world.do(lambda: in_transaction(act))


@pytest.mark.parametrize("days", [0, 7])
def test_what_was_to_begin_early_and_is_put_off_is_told_at_once(world, team, volunteer, wechat, sms, clock, days):
    event = begins_at(world, clock, team, volunteer, in_china(7, day=25))
    move(world, event, in_china(15, day=25) + days * DAY)
    work(world)
    assert [purpose for _, purpose, _ in sms.texts] == ["activity_changed"]


def test_what_begins_in_the_afternoon_and_is_moved_is_told_in_the_morning(world, team, volunteer, wechat, sms, clock):
    event = begins_at(world, clock, team, volunteer, in_china(15, day=25))
    move(world, event, in_china(16, day=25))
    work(world)
    assert sms.texts == []
    clock.set(EIGHT)
    work(world)
    assert [purpose for _, purpose, _ in sms.texts] == ["activity_changed"]


@pytest.mark.parametrize(("ends", "sent"), [(EIGHT + HOUR - SECOND, 1), (EIGHT + HOUR, 0)])
def test_an_offer_that_ends_before_nine_is_told_at_once(world, team, volunteer, wechat, sms, clock, ends, sent):
    waits = world.volunteer()
    event = world.activity(team, quota=1, waitlist_limit=5, starts_at=in_china(15, day=26))
    for person in (volunteer, waits):
        world.do(
            lambda person=person: in_transaction(
                lambda: sign_up(event.shift_id, person.volunteer_id, now=here.clock.now())
            )
        )
    work(world)
    clock.set(in_china(23))
    hours = {"offer_hours": 12}
    with world.settings(limits=hours):
        leave = f"/activities/{event.id}/shifts/{event.shift_id}/withdraw"
        assert world.browser(volunteer).post(leave, {"why": "time"}).status_code == 303
    world.do(
        lambda: in_transaction(
            lambda: session.execute(update(Notice).where(Notice.kind == "place_offered").values(text_until=ends))
        )
    )
    work(world)
    assert len(sms.texts) == sent


def test_in_the_morning_wechat_is_tried_first_again(world, team, volunteer, wechat, sms, clock):
    """Who was out of reach at night and follows by the morning needs no text message."""
    event = begins_at(world, clock, team, volunteer, in_china(15, day=25))
    cancel(world, event)
    work(world)
    tie(world, volunteer)
    clock.set(EIGHT)
    work(world)
    assert sms.texts == []
    assert [message.channel for message in wechat.sent] == ["custom"]


def test_8_workers_at_once_in_the_morning_send_once(world, team, wechat, sms, clock):
    clock.set(in_china(23))
    phones = [new_phone() for _ in range(4)]
    for phone in phones:
        invite(world, team, phone)
        clock.advance(SECOND)
    assert world.at_once([deliver_all] * 8).count(0) <= 8
    assert sms.texts == []
    clock.set(EIGHT)
    world.at_once([deliver_all] * 8)
    assert sorted(to for to, _, _ in sms.texts) == sorted(phones)
