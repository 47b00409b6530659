"""What cannot wait goes as a text message to whom nothing in WeChat reaches: counted, and never twice."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts import services as accounts
from app.accounts.models import Account, AccountState
from app.activities import ending
from app.activities.models import Activity, SignUp
from app.activities.sign_up import sign_up
from app.context import here
from app.database import in_transaction, session
from app.notices import text_messages
from app.notices.jobs import deliver_all
from app.notices.models import Notice
from app.organizations import invitations
from app.organizations.models import OrganizationAdmin, Role
from app.own_data import retention
from app.own_data.services import close
from app.wechat.gateway import UserMustAct
from tests import factories

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPENID = "o" + "T" * 27


def work(world):
    return world.do(deliver_all)


def states(world):
    return [state for (state,) in world.rows(select(Notice.state).order_by(Notice.id))]


def signed_up(world, team, person, starts_in):
    event = world.activity(team, starts_at=world.do(lambda: here.clock.now()) + starts_in)
    world.do(lambda: in_transaction(lambda: sign_up(event.shift_id, person.volunteer_id, now=here.clock.now())))
    work(world)
    return event


def cancel(world, event):
    def act():
        activity = session.get_one(Activity, event.id)
        ending.cancel(activity, "下雨，改日再办", actor_id=event.team.admin.account_id, now=here.clock.now())

    world.do(lambda: in_transaction(act))


def invite(world, team, phone, role="admin"):
    def act():
        row = session.scalars(select(OrganizationAdmin).where(OrganizationAdmin.organization_id == team.id)).one()
        return invitations.invite(team.id, row, role, phone, limits=here.config.limits, now=here.clock.now())[1]

    return world.do(lambda: in_transaction(act))


def tie(world, person):
    def act():
        row = session.get_one(Account, person.account_id)
        accounts.tie_openid(row, here.config.wechat.app_id, OPENID, here.clock.now())

    world.do(lambda: in_transaction(act))


def test_who_is_not_in_wechat_hears_by_text_message_that_tomorrows_activity_is_off(world, team, volunteer, wechat, sms):
    event = signed_up(world, team, volunteer, 20 * HOUR)
    cancel(world, event)
    work(world)
    ((phone, purpose, words),) = sms.texts
    assert (phone, purpose) == (volunteer.phone, "activity_cancelled")
    assert event.title in words
    assert words.startswith("【科技志愿服务】")
    assert len(words) <= 70
    assert volunteer.name not in words
    assert "下雨" not in words
    assert states(world) == ["unreachable", "sent"]


def test_what_is_next_week_can_wait(world, team, volunteer, wechat, sms):
    cancel(world, signed_up(world, team, volunteer, 7 * DAY))
    work(world)
    assert sms.texts == []
    assert states(world) == ["unreachable", "unreachable"]


def test_who_is_reached_in_wechat_costs_no_text_message(world, team, volunteer, wechat, sms):
    tie(world, volunteer)
    cancel(world, signed_up(world, team, volunteer, 20 * HOUR))
    work(world)
    assert [message.channel for message in wechat.sent] == ["custom", "custom"]
    assert sms.texts == []


def test_a_closed_window_without_a_template_falls_to_the_text_message(world, team, volunteer, wechat, sms):
    tie(world, volunteer)
    event = signed_up(world, team, volunteer, 20 * HOUR)
    wechat.always["custom"] = UserMustAct("out of response window", errcode=45015)
    cancel(world, event)
    work(world)
    assert [phone for phone, _, _ in sms.texts] == [volunteer.phone]


@pytest.fixture
def offered(world, team, volunteer, wechat):
    """Somebody who is offered a place, which nobody has told them yet."""
    waits = world.volunteer()
    event = world.activity(team, quota=1, waitlist_limit=5)
    for person in (volunteer, waits):
        world.do(
            lambda person=person: in_transaction(
                lambda: sign_up(event.shift_id, person.volunteer_id, now=here.clock.now())
            )
        )
    work(world)
    leave = f"/activities/{event.id}/shifts/{event.shift_id}/withdraw"
    assert world.browser(volunteer).post(leave, {"why": "time"}).status_code == 303
    assert world.one(select(Notice.account_id).where(Notice.kind == "place_offered")) == waits.account_id
    return waits


def test_an_offered_place_is_texted_with_its_time(world, offered, sms):
    work(world)
    ((phone, purpose, words),) = sms.texts
    assert (phone, purpose) == (offered.phone, "place_offered")
    assert "前请到" in words


def test_once_the_offer_is_over_nobody_is_texted_of_it(world, offered, sms, clock):
    sms.is_down = True
    work(world)
    ends = world.one(select(SignUp.offer_ends_at).where(SignUp.offer_ends_at.is_not(None)))
    clock.set(ends)
    sms.is_down = False
    work(world)
    assert sms.texts == []


def test_a_provider_that_refuses_is_asked_again_later_and_the_refused_ones_do_not_count(
    world, team, wechat, sms, clock
):
    phone = factories.new_phone()
    with world.settings(limits={"texts_per_phone_day": 1}):
        invite(world, team, phone)
        sms.is_down = True
        work(world)
        assert states(world) == ["waiting"]
        assert world.do(lambda: text_messages.sent_today(here.clock.now())) == 0
        sms.is_down = False
        clock.advance(HOUR)
        work(world)
    assert [to for to, _, _ in sms.texts] == [phone]
    assert states(world) == ["sent"]


def test_a_text_message_whose_answer_was_cut_is_never_repeated(world, team, wechat, sms, clock):
    invite(world, team, factories.new_phone())
    sms.is_cut = True
    work(world)
    for _ in range(3):
        clock.advance(HOUR)
        work(world)
    assert len(sms.texts) == 1
    assert states(world) == ["unknown"]
    assert world.do(lambda: text_messages.sent_today(here.clock.now())) == 1


def test_a_phone_gets_no_more_than_its_share_a_day(world, team, wechat, sms, clock):
    phone = factories.new_phone()
    with world.settings(limits={"texts_per_phone_day": 2}):
        for _ in range(4):
            invite(world, team, phone)
            clock.advance(timedelta(seconds=1))
        work(world)
        assert len(sms.texts) == 2
        assert sorted(states(world)) == ["sent", "sent", "unreachable", "unreachable"]


def test_what_the_whole_site_may_not_send_any_more_waits_for_another_day(world, team, wechat, sms, clock):
    with world.settings(limits={"texts_per_site_day": 2}):
        for _ in range(3):
            invite(world, team, factories.new_phone())
            clock.advance(timedelta(seconds=1))
        work(world)
        assert sorted(states(world)) == ["sent", "sent", "waiting"]
        clock.advance(DAY)
        work(world)
    assert len(sms.texts) == 3


def test_no_cap_is_passed_by_8_workers_at_once(world, team, wechat, sms, clock):
    with world.settings(limits={"texts_per_site_day": 3}):
        for _ in range(6):
            invite(world, team, factories.new_phone())
            clock.advance(timedelta(seconds=1))
        world.at_once([deliver_all] * 8)
    assert len(sms.texts) == 3


def test_an_invitation_says_for_whom_and_where_and_nothing_that_lets_anybody_in(world, team, wechat, sms):
    phone = factories.new_phone()
    token = invite(world, team, phone, role="lead")
    work(world)
    ((to, purpose, words),) = sms.texts
    assert (to, purpose) == (phone, "admin_invited")
    assert team.name in words
    assert "活动负责人" in words
    assert "localhost" in words
    assert token not in words
    assert "/" not in words
    row = world.rows(select(Notice.phone_sealed, Notice.phone_index))
    assert row == [(None, None)]


def test_who_was_invited_by_text_message_finds_it_after_the_log_in(world, team, sms):
    phone = factories.new_phone()
    invite(world, team, phone)
    person = world.account(phone)
    browser = world.browser(person)
    assert "邀请" in browser.page("/").text
    assert browser.get("/organization").location == "/organization/invitations"
    assert "邀请您担任" not in world.browser(world.account()).page("/").text


def test_a_kind_without_a_template_of_the_provider_is_not_texted(world, team, wechat, sms):
    sms.lacking = {"admin_invited"}
    invite(world, team, factories.new_phone())
    work(world)
    assert sms.texts == []
    assert states(world) == ["unreachable"]


def test_nobody_writes_to_who_closed_the_account(world, team, volunteer, wechat, sms):
    event = signed_up(world, team, volunteer, 20 * HOUR)
    world.do(
        lambda: in_transaction(lambda: session.get_one(Account, volunteer.account_id).move_to(AccountState.ERASED))
    )
    cancel(world, event)
    work(world)
    assert sms.texts == []


def test_a_phone_that_was_only_named_is_forgotten_with_its_message(world, team, wechat, sms, clock):
    phone = factories.new_phone()
    invite(world, team, phone)
    sms.is_cut = True
    work(world)
    assert world.one(select(func.count(Notice.phone_sealed))) == 1
    clock.advance(100 * DAY)

    def expire():
        for rule in retention.rules(here.config.retention, here.config.limits, here.clock.now()):
            retention.apply(rule)

    world.do(expire)
    assert world.one(select(func.count(Notice.phone_sealed))) == 0


def test_a_phone_that_was_only_named_goes_with_the_account_that_it_became(world, team, sms):
    phone = factories.new_phone()
    invite(world, team, phone)
    person = world.account(phone)
    assert world.one(select(func.count(Notice.phone_index))) == 1

    def gone():
        close(session.get_one(Account, person.account_id), now=here.clock.now())

    world.do(lambda: in_transaction(gone))
    assert world.one(select(func.count(Notice.id)).where(Notice.phone_index.is_not(None))) == 0


def test_a_replaced_owner_hears_of_it(world, root, team, wechat, sms):
    other = world.do(lambda: factories.add_admin(team, Role.ADMIN))
    row = world.one(select(OrganizationAdmin.id).where(OrganizationAdmin.account_id == other.account_id))
    browser = world.browser(root.admin, proved=True)
    answer = browser.post(f"/organization/below/{team.uid}/owner", {"admin": str(row), "reason": "原所有者退休"})
    assert answer.status_code == 303
    work(world)
    assert {(phone, purpose) for phone, purpose, _ in sms.texts} == {
        (team.admin.phone, "owner_changed"),
        (other.phone, "owner_changed"),
    }
