"""Codes that prove a phone: how often, how long, for whom."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import func, select
from structlog.testing import capture_logs

from app.accounts.errors import CodeExpired, CodesUnavailable, CodeTooSoon, TooManyCodes, WrongCode
from app.accounts.models import PhoneCodeCount, PhoneCodeSend
from app.accounts.phone_codes import send, verify
from app.context import NAME, here
from app.errors import Busy
from app.sms.provider import SmsFailed, SmsOutcomeUnknown

MINUTE = timedelta(minutes=1)


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def sends(world):
    return world.one(select(func.count()).select_from(PhoneCodeSend))


def test_a_code_has_six_digits_and_works_once(asker, ask_for_code, prove):
    code = ask_for_code(asker())
    assert re.fullmatch("[0-9]{6}", code)
    assert prove(asker(), code)
    with pytest.raises(CodeExpired):
        prove(asker(), code)


def test_a_code_lives_five_minutes(asker, ask_for_code, prove, clock):
    code = ask_for_code(asker())
    clock.advance(5 * MINUTE - timedelta(seconds=1))
    assert prove(asker(), code)
    code = ask_for_code(asker())
    clock.advance(5 * MINUTE)
    with pytest.raises(CodeExpired):
        prove(asker(), code)


def test_a_newer_code_replaces_the_older(asker, ask_for_code, prove, clock):
    old = ask_for_code(asker())
    clock.advance(MINUTE)
    new = ask_for_code(asker())
    if old != new:
        with pytest.raises(WrongCode):
            prove(asker(), old)
    assert prove(asker(), new)


def test_five_tries_are_enough_and_the_sixth_is_not_looked_at(asker, ask_for_code, prove):
    code = ask_for_code(asker())
    for _ in range(5):
        with pytest.raises(WrongCode):
            prove(asker(), wrong(code))
    with pytest.raises(CodeExpired):
        prove(asker(), code)


def test_four_wrong_ones_leave_one_right(asker, ask_for_code, prove):
    code = ask_for_code(asker())
    for _ in range(4):
        with pytest.raises(WrongCode):
            prove(asker(), wrong(code))
    assert prove(asker(), code)


@pytest.mark.parametrize("change", [{"browser": "another"}, {"phone": "17012345679"}, {"purpose": "another"}])
def test_a_code_is_for_one_phone_one_browser_and_one_purpose(asker, ask_for_code, prove, change):
    code = ask_for_code(asker())
    with pytest.raises(CodeExpired):
        prove(asker(**change), code)
    assert prove(asker(), code)


def test_another_browsers_tries_do_not_use_up_mine(asker, ask_for_code, prove):
    code = ask_for_code(asker())
    for _ in range(8):
        with pytest.raises(CodeExpired):
            prove(asker(browser="a stranger's"), wrong(code))
    assert prove(asker(), code)


def test_the_same_code_used_8_times_at_once_works_once(world, asker, ask_for_code):
    code = ask_for_code(asker())

    def act():
        verify(asker(), code, redis=here.redis, limits=here.config.limits, now=here.clock.now())
        return True

    outcomes = world.at_once([act] * 8)
    assert outcomes.count(True) == 1
    assert {type(outcome) for outcome in outcomes} <= {bool, CodeExpired, WrongCode}


def test_60_guesses_at_once_are_five(world, asker, ask_for_code, prove):
    code = ask_for_code(asker())

    def guess():
        verify(asker(), wrong(code), redis=here.redis, limits=here.config.limits, now=here.clock.now())

    outcomes = world.at_once([guess] * 60)
    assert sum(type(outcome) is WrongCode for outcome in outcomes) <= 5
    with pytest.raises(CodeExpired):
        prove(asker(), code)


def test_a_code_is_not_kept_as_it_is(app, asker, ask_for_code):
    code = ask_for_code(asker())
    redis = app.extensions[NAME].redis
    for key in redis.keys("*"):
        kept = redis.hgetall(key) if redis.type(key) == b"hash" else redis.get(key)
        assert code not in str(kept)
        assert asker().phone not in f"{key} {kept}"


def test_everything_that_redis_keeps_goes_by_itself(app, asker, ask_for_code, prove):
    code = ask_for_code(asker())
    with pytest.raises(WrongCode):
        prove(asker(), wrong(code))
    prove(asker(), code)
    with pytest.raises(CodeExpired):
        prove(asker(), code)
    redis = app.extensions[NAME].redis
    assert [key for key in redis.keys("*") if redis.ttl(key) == -1] == []


def test_60_seconds_lie_between_two_codes_also_from_another_browser(asker, ask_for_code, clock, sms):
    ask_for_code(asker())
    clock.advance(timedelta(seconds=59))
    for who in (asker(), asker(browser="another", address="198.51.100.7")):
        with pytest.raises(CodeTooSoon, match="秒后再获取"):
            ask_for_code(who)
    clock.advance(timedelta(seconds=1))
    ask_for_code(asker())
    assert sms.count(asker().phone) == 2


def test_two_browsers_press_at_once_for_one_phone_and_one_code_is_sent(world, asker, sms):
    def press(browser):
        def act():
            now, limits = here.clock.now(), here.config.limits
            send(asker(browser=browser), here.sms.send_code, redis=here.redis, limits=limits, now=now)

        return act

    outcomes = world.at_once([press(f"browser {number % 4}") for number in range(12)])
    assert sms.count(asker().phone) == 1
    assert outcomes.count(None) == 1
    assert {type(outcome) for outcome in outcomes} == {type(None), CodeTooSoon}


def test_a_phone_has_ten_codes_a_day_and_new_ones_after_midnight(asker, ask_for_code, clock):
    for _ in range(10):
        ask_for_code(asker())
        clock.advance(2 * MINUTE)
    with pytest.raises(TooManyCodes, match="明天"):
        ask_for_code(asker())
    clock.advance(timedelta(hours=13))  # 23:20 in China
    with pytest.raises(TooManyCodes):
        ask_for_code(asker())
    clock.advance(timedelta(minutes=41))  # past midnight there
    ask_for_code(asker())


def test_an_address_has_20_codes_an_hour(asker, ask_for_code, clock):
    for number in range(20):
        ask_for_code(asker(phone=f"170{number:08d}"))
    with pytest.raises(TooManyCodes, match="一小时后"):
        ask_for_code(asker(phone="17055555555"))
    ask_for_code(asker(phone="17055555555", address="203.0.113.6"))
    clock.advance(timedelta(hours=1, seconds=1))
    ask_for_code(asker(phone="17066666666"))


def test_one_subscribers_many_ipv6_addresses_are_one(asker, ask_for_code):
    for number in range(20):
        ask_for_code(asker(phone=f"170{number:08d}", address=f"2001:db8:1:2::{number + 1:x}"))
    with pytest.raises(TooManyCodes):
        ask_for_code(asker(phone="17055555555", address="2001:db8:1:2:ffff::1"))
    ask_for_code(asker(phone="17055555555", address="2001:db8:1:3::1"))


def test_the_site_has_a_cap_a_day(world, asker, ask_for_code):
    with world.settings(limits={"codes_per_site_day": 3}):
        for number in range(3):
            ask_for_code(asker(phone=f"170{number:08d}", address=f"203.0.113.{number}"))
        with pytest.raises(TooManyCodes, match="明天"):
            ask_for_code(asker(phone="17055555555", address="203.0.113.99"))


def test_the_operator_is_told_once_when_the_day_of_the_site_is_nearly_used_up(app, world, asker, ask_for_code):
    doctor = app.test_cli_runner()
    with world.settings(limits={"codes_per_site_day": 5}), capture_logs() as logs:
        for number in range(3):
            ask_for_code(asker(phone=f"170{number:08d}"))
        assert "ok      3 of today's 5 codes" in doctor.invoke(args=["doctor"]).output
        for number in range(3, 5):
            ask_for_code(asker(phone=f"170{number:08d}"))
        assert "warning 5 of today's 5 codes" in doctor.invoke(args=["doctor"]).output
    told = [entry for entry in logs if entry["event"] == "codes_near_the_cap_of_the_day"]
    assert [(entry["sent"], entry["cap"], entry["log_level"]) for entry in told] == [(4, 5, "warning")]


def test_the_caps_outlive_redis(app, asker, ask_for_code):
    ask_for_code(asker())
    app.extensions[NAME].redis.flushdb()
    with pytest.raises(CodeTooSoon):
        ask_for_code(asker())


def test_a_failed_send_does_not_count(world, asker, ask_for_code, sms):
    sms.is_down = True
    with pytest.raises(SmsFailed):
        ask_for_code(asker())
    assert sends(world) == 0
    sms.is_down = False
    ask_for_code(asker())


def test_a_send_whose_outcome_is_unknown_counts_against_every_cap(world, asker, ask_for_code, sms, clock):
    sms.is_cut = True
    for wait in (timedelta(0), *[timedelta(seconds=61)] * 9):
        clock.advance(wait)
        with pytest.raises(SmsOutcomeUnknown):
            ask_for_code(asker())
        with pytest.raises(CodeTooSoon):
            ask_for_code(asker())
    clock.advance(timedelta(seconds=61))
    with pytest.raises(TooManyCodes):
        ask_for_code(asker())
    assert sms.count(asker().phone) == sends(world) == 10
    for number in range(10):
        with pytest.raises(SmsOutcomeUnknown):
            ask_for_code(asker(phone=f"170{number:08d}"))
    with pytest.raises(TooManyCodes, match="一小时后"):
        ask_for_code(asker(phone="17055555555"))


def test_a_code_whose_sending_was_cut_works_when_it_arrives(asker, ask_for_code, prove, sms):
    sms.is_cut = True
    with pytest.raises(SmsOutcomeUnknown):
        ask_for_code(asker())
    assert prove(asker(), sms.code(asker().phone))


def test_a_failed_send_leaves_every_cap_as_it_was(world, asker, ask_for_code, sms):
    with world.settings(limits={"codes_per_phone_day": 1, "codes_per_address_day": 1, "codes_per_site_day": 1}):
        sms.is_down = True
        for _ in range(3):
            with pytest.raises(SmsFailed):
                ask_for_code(asker())
        sms.is_down = False
        ask_for_code(asker())


def test_an_address_has_60_codes_a_day(asker, ask_for_code, clock):
    for number in range(60):
        if number % 20 == 0:
            clock.advance(timedelta(hours=1, seconds=1))
        ask_for_code(asker(phone=f"170{number:08d}"))
    clock.advance(timedelta(hours=2))
    with pytest.raises(TooManyCodes, match="明天"):
        ask_for_code(asker(phone="17055555555"))
    ask_for_code(asker(phone="17055555555", address="203.0.113.6"))
    clock.advance(timedelta(hours=10))  # past midnight in China
    ask_for_code(asker(phone="17066666666"))


def test_a_subscriber_of_ipv6_has_60_codes_a_day_too(world, asker, ask_for_code):
    with world.settings(limits={"codes_per_address_day": 2}):
        for number in range(2):
            ask_for_code(asker(phone=f"170{number:08d}", address=f"2001:db8:1:2::{number + 1:x}"))
        with pytest.raises(TooManyCodes, match="明天"):
            ask_for_code(asker(phone="17055555555", address="2001:db8:1:2:ffff::1"))


def test_addresses_of_ipv4_are_apart_also_when_they_come_as_ipv6(world, asker, ask_for_code):
    with world.settings(limits={"codes_per_address_day": 1}):
        ask_for_code(asker(phone="17000000001", address="::ffff:203.0.113.5"))
        ask_for_code(asker(phone="17000000002", address="::ffff:203.0.113.6"))
        with pytest.raises(TooManyCodes):
            ask_for_code(asker(phone="17000000003", address="203.0.113.6"))


@pytest.mark.parametrize(
    ("cap", "addresses"), [("codes_per_address_hour", 1), ("codes_per_address_day", 1), ("codes_per_site_day", 16)]
)
def test_16_phones_at_once_get_no_more_codes_than_the_cap(world, asker, sms, cap, addresses):
    def press(number):
        def act():
            now, limits = here.clock.now(), here.config.limits
            who = asker(phone=f"170{number:08d}", address=f"203.0.113.{number % addresses}")
            send(who, here.sms.send_code, redis=here.redis, limits=limits, now=now)

        return act

    with world.settings(limits={cap: 3}):
        outcomes = world.at_once([press(number) for number in range(16)])
    assert {type(outcome) for outcome in outcomes} <= {type(None), TooManyCodes, Busy}
    assert len(sms.received) == outcomes.count(None) == 3


def test_what_was_counted_on_days_gone_by_is_forgotten(world, asker, ask_for_code, clock):
    for _ in range(5):
        ask_for_code(asker())
        clock.advance(timedelta(days=1))
    ask_for_code(asker())
    assert world.one(select(func.count(func.distinct(PhoneCodeCount.day)))) == 3


def test_wrong_codes_of_one_address_are_capped_and_others_go_on(world, asker, ask_for_code, prove):
    with world.settings(limits={"wrong_codes_per_address_hour": 6}):
        for number in range(3):
            code = ask_for_code(asker(phone=f"170{number:08d}"))
            for _ in range(2):
                with pytest.raises(WrongCode):
                    prove(asker(phone=f"170{number:08d}"), wrong(code))
        code = ask_for_code(asker())
        with pytest.raises(WrongCode, match="一小时后"):
            prove(asker(), code)
        elsewhere = asker(phone="17077777777", address="198.51.100.1")
        assert prove(elsewhere, ask_for_code(elsewhere))


def test_wrong_codes_of_the_whole_site_are_capped(world, asker, ask_for_code, prove):
    with world.settings(limits={"wrong_codes_per_site_hour": 2}):
        code = ask_for_code(asker())
        for _ in range(2):
            with pytest.raises(WrongCode):
                prove(asker(), wrong(code))
        with pytest.raises(WrongCode, match="一小时后"):
            prove(asker(), code)


def test_without_redis_codes_are_refused_in_clear_words(app, asker, ask_for_code, prove):
    parts = app.extensions[NAME]
    nowhere = Redis.from_url("redis://127.0.0.1:9", socket_connect_timeout=0.2, retry=None)
    app.extensions[NAME] = replace(parts, redis=nowhere)
    try:
        for act in (lambda: ask_for_code(asker()), lambda: prove(asker(), "123456")):
            with pytest.raises(CodesUnavailable, match="暂时不可用"):
                act()
    finally:
        app.extensions[NAME] = replace(app.extensions[NAME], redis=parts.redis)
