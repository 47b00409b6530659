"""Coming from WeChat: recognised silently, once, and never led astray."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from sqlalchemy import func, select, update

from app.accounts import services
from app.accounts.models import Account, LoginSession, WeChatUser
from app.context import NAME, here
from app.database import in_transaction, session
from app.redis import Redis
from app.wechat.gateway import RetryLater, Visitor
from tests.pages import WECHAT, read

OPENID = "o" + "A" * 27
KNOWN = Visitor(OPENID)
PHONE = "17012345678"


@pytest.fixture
def inside(world, wechat):
    """A browser inside WeChat."""
    return world.browser(agent=WECHAT)


def state_of(answer):
    asked = parse_qs(urlsplit(answer.location).query)
    assert answer.status_code == 302
    assert asked["scope"] == ["snsapi_base"]
    return asked["state"][0]


def come_back(browser, wechat, state, code="code-1", visitor=KNOWN):
    if visitor:
        wechat.codes[code] = visitor
    return browser.get(f"/wechat/oauth?code={code}&state={state}")


def tie(world, person, openid=OPENID):
    def act():
        services.tie_openid(
            session.get_one(Account, person.account_id), here.config.wechat.app_id, openid, here.clock.now()
        )

    world.do(lambda: in_transaction(act))


def states_kept(browser):
    return [name for _, _, name in browser.client._cookies if "oauth" in name]


def owner_of(world, openid):
    return world.one(select(WeChatUser.account_id).where(WeChatUser.openid == openid))


def test_the_first_page_inside_wechat_asks_who_is_here_and_then_shows_itself(inside, wechat):
    answer = inside.get("/activities?phase=all")
    assert "redirect_uri=http%3A%2F%2Flocalhost%2Fwechat%2Foauth" in answer.location
    assert answer.location.endswith("#wechat_redirect")
    back = come_back(inside, wechat, state_of(answer))
    assert back.location == "/activities?phase=all"
    assert inside.get(back.location).status_code == 200


def test_outside_wechat_nobody_is_sent_there(world):
    assert world.browser().get("/activities").status_code == 200


def test_a_known_openid_is_logged_in(world, inside, wechat, volunteer):
    tie(world, volunteer)
    come_back(inside, wechat, state_of(inside.get("/volunteer")))
    assert volunteer.name in inside.page("/volunteer").text


def test_an_unknown_openid_is_a_stranger_and_is_asked_once(inside, wechat):
    come_back(inside, wechat, state_of(inside.get("/policies")))
    assert inside.get("/policies").status_code == 200
    assert inside.get("/volunteer").location.startswith("/login")


def test_a_state_of_another_browser_is_worth_nothing(world, inside, wechat):
    state = state_of(inside.get("/policies"))
    other = world.browser(agent=WECHAT)
    answer = come_back(other, wechat, state)
    assert answer.status_code == 400
    assert "重新进入" in read(answer).text
    assert "openid" not in other.cookie()
    assert wechat.codes  # the code was not even asked about


@pytest.mark.parametrize("state", ["", "x", "0" * 32, "%00", "é" * 10])
def test_a_made_up_state_is_refused(inside, wechat, state):
    assert come_back(inside, wechat, quote(state)).status_code == 400
    assert "openid" not in inside.cookie()


def test_a_state_lives_ten_minutes(inside, wechat, clock):
    state = state_of(inside.get("/policies"))
    clock.advance(timedelta(minutes=10))
    assert come_back(inside, wechat, state).location == "/policies"
    other = state_of(inside_again(inside))
    clock.advance(timedelta(minutes=10, seconds=1))
    assert come_back(inside, wechat, other).status_code in (302, 400)


def inside_again(browser):
    """Forget who this is, and ask anew."""
    with browser.client.session_transaction(base_url=browser.base) as cookie:
        cookie.pop("openid")
    return browser.get("/policies")


def test_a_late_state_recognises_nobody(inside, wechat, clock):
    state = state_of(inside.get("/policies"))
    clock.advance(timedelta(minutes=10, seconds=1))
    assert come_back(inside, wechat, state).status_code == 400
    assert "openid" not in inside.cookie()


def test_the_back_button_and_a_reload_are_harmless(world, inside, wechat, volunteer):
    tie(world, volunteer)
    state = state_of(inside.get("/volunteer"))
    come_back(inside, wechat, state)
    for _ in range(2):
        assert come_back(inside, wechat, state, visitor=None).location == "/"
    assert world.one(select(func.count()).select_from(LoginSession)) == 1


def test_a_reload_after_wechat_was_down_is_harmless_too(inside, wechat):
    wechat.faults["oauth"] = [RetryLater("busy", errcode=-1)]
    state = state_of(inside.get("/policies"))
    assert come_back(inside, wechat, state).location == "/policies"
    assert come_back(inside, wechat, state).location == "/"


def test_a_used_code_is_asked_for_anew_once_and_never_in_a_circle(inside, wechat):
    answer = inside.get("/policies")
    again = come_back(inside, wechat, state_of(answer), visitor=None)
    last = come_back(inside, wechat, state_of(again), visitor=None)
    assert last.status_code == 400
    assert "重新进入" in read(last).text


def test_a_used_code_of_somebody_known_leads_on(inside, wechat):
    states = [state_of(inside.get("/policies")), state_of(inside.get("/activities"))]
    come_back(inside, wechat, states[0])
    assert come_back(inside, wechat, states[1], visitor=None).location == "/activities"


def test_five_tabs_at_once_all_arrive(inside, wechat):
    paths = ["/policies", "/activities", "/volunteer", "/organization", "/"]
    states = [state_of(inside.get(path)) for path in paths]
    for number, (path, state) in enumerate(zip(paths, states, strict=True)):
        assert come_back(inside, wechat, state, code=f"code-{number}").location == path


def test_of_many_tabs_the_oldest_is_forgotten(inside, wechat, clock):
    states = []
    for _ in range(12):
        clock.advance(timedelta(seconds=1))
        states.append(state_of(inside.get("/policies")))
    for number, state in enumerate(states[-5:]):
        assert come_back(inside, wechat, state, code=f"code-{number}").location == "/policies"
    assert states_kept(inside) == []


def test_a_snapshot_visitor_is_told_what_to_press_and_gets_nothing(world, inside, wechat, volunteer):
    tie(world, volunteer)
    answer = come_back(inside, wechat, state_of(inside.get("/volunteer")), visitor=Visitor(OPENID, is_virtual=True))
    assert answer.status_code == 403
    assert "使用完整服务" in read(answer).text
    assert "openid" not in inside.cookie()
    assert "sid" not in inside.cookie()


def test_when_wechat_is_down_the_page_is_shown_all_the_same(inside, wechat):
    wechat.always["oauth"] = RetryLater("busy", errcode=-1)
    assert come_back(inside, wechat, state_of(inside.get("/activities"))).location == "/activities"
    assert inside.get("/activities").status_code == 200


def test_who_says_no_sees_the_page_all_the_same(inside):
    state = state_of(inside.get("/activities"))
    assert inside.get(f"/wechat/oauth?state={state}").location == "/activities"
    assert inside.get("/activities").status_code == 200


def prove(browser, sms, phone=PHONE):
    browser.post("/login", {"phone": phone, "action": "send"})
    return browser.post("/login", {"phone": phone, "code": sms.code(phone), "action": "next"})


def test_proving_the_phone_ties_the_openid(world, inside, wechat, sms):
    come_back(inside, wechat, state_of(inside.get("/policies")))
    prove(inside, sms)
    account_id = world.one(select(Account.id))
    assert owner_of(world, OPENID) == account_id
    again = world.browser(agent=WECHAT)
    come_back(again, wechat, state_of(again.get("/volunteer")))
    assert again.get("/volunteer").location.startswith("/volunteer/register")


def test_a_new_wechat_takes_the_place_of_the_old(world, wechat, sms, clock):
    for openid in (OPENID, "o" + "B" * 27):
        browser = world.browser(agent=WECHAT)
        come_back(browser, wechat, state_of(browser.get("/policies")), visitor=Visitor(openid))
        prove(browser, sms)
        clock.advance(timedelta(minutes=2))
    assert owner_of(world, OPENID) is None
    assert owner_of(world, "o" + "B" * 27) == world.one(select(Account.id))


def test_an_openid_moves_to_the_account_whose_phone_is_proved(world, inside, wechat, sms, volunteer):
    tie(world, volunteer)
    come_back(inside, wechat, state_of(inside.get("/policies")))
    inside.post("/logout")
    prove(inside, sms)
    assert owner_of(world, OPENID) != volunteer.account_id
    assert inside.get("/volunteer").location.startswith("/volunteer/register")


def test_who_logs_out_inside_wechat_stays_logged_out(world, inside, wechat, volunteer):
    tie(world, volunteer)
    come_back(inside, wechat, state_of(inside.get("/volunteer")))
    inside.post("/logout")
    assert inside.get("/volunteer").location.startswith("/login")


def test_two_first_pages_that_open_at_once_both_arrive(world, inside, wechat):
    """Neither request carries what the other one's answer sets."""
    other_tab = world.browser(agent=WECHAT)
    states = [state_of(inside.get("/policies")), state_of(other_tab.get("/activities"))]
    for cookie in other_tab.client._cookies.values():
        inside.client._cookies[cookie._storage_key] = cookie
    for number, (state, path) in enumerate(zip(states, ["/policies", "/activities"], strict=True)):
        assert come_back(inside, wechat, state, code=f"code-{number}").location == path


def test_a_state_counts_once(world, inside, wechat):
    state = state_of(inside.get("/policies"))
    come_back(inside, wechat, state)
    forget(inside)
    assert come_back(inside, wechat, state, code="code-2").status_code == 400


def forget(browser):
    with browser.client.session_transaction(base_url=browser.base) as cookie:
        cookie.clear()


def follow(browser, wechat, path, visitor=KNOWN):
    """Go on until a page is shown; returns where that was, its answer, and how often WeChat was asked."""
    asked = 0
    for _ in range(12):
        answer = browser.get(path)
        if answer.status_code not in (302, 303):
            return path, answer, asked
        path = answer.location
        if path.startswith("http"):
            asked += 1
            wechat.codes[f"follow-{asked}"] = visitor
            path = f"/wechat/oauth?code=follow-{asked}&state={state_of(answer)}"
    raise AssertionError("led in a circle")


@pytest.mark.parametrize("rest", [timedelta(hours=13), timedelta(days=29), timedelta(days=31)])
def test_a_tied_wechat_is_let_in_again_without_a_code_after_a_rest(world, inside, wechat, volunteer, clock, rest):
    tie(world, volunteer)
    follow(inside, wechat, "/volunteer")
    clock.advance(rest)
    path, answer, asked = follow(inside, wechat, "/volunteer")
    assert (path, asked) == ("/volunteer", 1)
    assert volunteer.name in read(answer).text


def test_a_wechat_that_was_tied_elsewhere_since_is_let_in(world, inside, wechat, volunteer):
    follow(inside, wechat, "/policies")
    tie(world, volunteer)
    path, _, asked = follow(inside, wechat, "/volunteer")
    assert (path, asked) == ("/volunteer", 1)


def test_an_untied_wechat_is_not_asked_again_and_again(inside, wechat, clock):
    follow(inside, wechat, "/policies")
    for _ in range(3):
        clock.advance(timedelta(hours=13))
        path, _, asked = follow(inside, wechat, "/volunteer")
        assert path.startswith("/login")
        assert asked == 0


def test_a_frozen_account_is_told_once_and_sent_nowhere(world, inside, wechat, volunteer, clock):
    tie(world, volunteer)
    follow(inside, wechat, "/volunteer")
    world.do(lambda: in_transaction(lambda: session.execute(update(Account).values(state="frozen"))))
    path, _, asked = follow(inside, wechat, "/volunteer")
    assert path.startswith("/login")
    assert asked == 0


def test_when_wechat_is_down_after_a_rest_the_phone_is_asked_for(world, inside, wechat, volunteer, clock):
    tie(world, volunteer)
    follow(inside, wechat, "/volunteer")
    clock.advance(timedelta(hours=13))
    wechat.always["oauth"] = RetryLater("busy", errcode=-1)
    path, answer, _ = follow(inside, wechat, "/volunteer")
    assert path.startswith("/login")
    assert "手机号" in read(answer).text


def test_who_logged_out_is_let_in_by_wechat_when_they_ask(world, inside, wechat, volunteer, clock):
    tie(world, volunteer)
    follow(inside, wechat, "/volunteer")
    inside.post("/logout")
    clock.advance(timedelta(days=2))
    path, answer, asked = follow(inside, wechat, "/volunteer")
    assert path.startswith("/login")
    assert asked == 0
    assert "用微信登录" in read(answer).text
    answer = inside.post("/login/wechat?next=/volunteer")
    come_back(inside, wechat, state_of(answer))
    assert volunteer.name in inside.page("/volunteer").text
    clock.advance(timedelta(hours=13))
    assert follow(inside, wechat, "/volunteer")[0] == "/volunteer"


def test_a_page_on_its_way_while_somebody_logs_out_does_not_bring_them_back(world, inside, wechat, volunteer, clock):
    tie(world, volunteer)
    follow(inside, wechat, "/volunteer")
    clock.advance(timedelta(hours=13))
    state = state_of(inside.get("/volunteer"))
    inside.post("/logout")
    come_back(inside, wechat, state, code="late")
    assert inside.get("/volunteer").location.startswith("/login")


def test_a_session_that_was_ended_from_another_device_does_not_come_back_by_itself(world, inside, wechat, volunteer):
    tie(world, volunteer)
    follow(inside, wechat, "/volunteer")
    world.browser(volunteer).post("/account/sessions/end-others")
    path, answer, asked = follow(inside, wechat, "/volunteer")
    assert path.startswith("/login")
    assert asked == 0
    assert "用微信登录" not in read(answer).text


def test_outside_wechat_and_for_the_untied_there_is_no_such_button(world, inside, wechat, volunteer):
    follow(inside, wechat, "/policies")
    inside.post("/logout")
    for browser in (inside, world.browser()):
        assert "用微信登录" not in browser.page("/login").text
        assert browser.post("/login/wechat").location.startswith("/login")


def test_coming_back_while_logged_in_ends_the_session_that_it_replaces(world, inside, wechat, volunteer):
    tie(world, volunteer)
    states = [state_of(inside.get("/volunteer")), state_of(inside.get("/policies"))]
    come_back(inside, wechat, states[0])
    come_back(inside, wechat, states[1], code="code-2")
    live = select(func.count()).select_from(LoginSession).where(LoginSession.ended_at.is_(None))
    assert world.one(live) == 1


def test_following_the_redirects_ends_soon_whatever_wechat_says(inside, wechat):
    for visitor in (Visitor(OPENID), None, Visitor(OPENID, is_virtual=True)):
        path, steps = "/volunteer", 0
        while path and steps < 10:
            answer = inside.get(path)
            steps += 1
            if answer.status_code not in (302, 303):
                break
            path = answer.location
            if path.startswith("http"):
                code = f"code-{steps}"
                if visitor:
                    wechat.codes[code] = visitor
                path = f"/wechat/oauth?code={code}&state={state_of(answer)}"
        assert steps < 10


def test_a_state_works_once_though_its_cookie_was_kept(world, inside, wechat, volunteer):
    tie(world, volunteer)
    state = state_of(inside.get("/policies"))
    (kept,) = [cookie for cookie in inside.client._cookies.values() if "oauth" in cookie.key]
    assert come_back(inside, wechat, state).location == "/policies"
    other = world.browser(agent=WECHAT)
    other.client.set_cookie(kept.key, kept.value)
    answer = come_back(other, wechat, state, code="code-2")
    assert answer.location == "/policies"
    assert "code-2" in wechat.codes  # not even asked about
    assert state_of(other.get("/volunteer")) != state


def test_without_redis_the_cookie_alone_tells(world, app, inside, wechat):
    parts = app.extensions[NAME]
    nowhere = Redis.from_url("redis://127.0.0.1:9", socket_connect_timeout=0.2, retry=None)
    state = state_of(inside.get("/policies"))
    app.extensions[NAME] = replace(parts, redis=nowhere)
    try:
        assert come_back(inside, wechat, state).location == "/policies"
        assert wechat.codes == {}
    finally:
        app.extensions[NAME] = replace(app.extensions[NAME], redis=parts.redis)
