"""微信扫码登录: a scan sends a link, a press confirms, and only the browser that asked is logged in, once."""

import re
from urllib.parse import urlsplit

import pytest

from app.accounts import services
from app.accounts.models import Account
from app.context import NAME, here
from app.database import in_transaction, session
from app.wechat import replies
from tests.pages import read


@pytest.fixture
def computer(world, wechat):
    browser = world.browser()
    assert "微信扫一扫" in browser.page("/login/scan?next=/volunteer/activities").text
    return browser


OPENID = "o-of-the-one-who-scans"


@pytest.fixture
def volunteer(world, app, volunteer):
    """A volunteer whose WeChat is known."""
    world.do(lambda: in_transaction(lambda: tie(app, volunteer, OPENID)))
    return volunteer


def tie(app, person, openid):
    app_id = app.extensions[NAME].config.wechat.app_id
    services.tie_openid(session.get_one(Account, person.account_id), app_id, openid, here.clock.now())


def link_of(app, scene, openid=OPENID):
    """What a scan of the code leads to."""
    with app.app_context():
        text = app.extensions[replies.NAME].for_scene(scene, openid)
    assert "不是您在操作" in text
    return urlsplit(re.search('href="([^"]+)"', text)[1]).path


def finish(browser):
    return browser.post("/login/scan?next=/volunteer/activities")


def state(browser):
    return browser.get("/login/scan/state").get_json()["state"]


def test_who_confirms_is_logged_in_on_the_computer_that_asked(app, world, wechat, computer, volunteer):
    link, phone = link_of(app, wechat.scenes[0]), world.browser(volunteer)
    assert state(computer) == "waiting"
    page = phone.page(link)
    for words in ("设备", "网络地址", "时间", "无法由它判断地点", "不要帮别人确认"):
        assert words in page.text
    assert state(computer) == "waiting"
    assert "已确认" in read(phone.post(link)).text
    assert state(computer) == "confirmed"
    answer = finish(computer)
    assert answer.location == "/volunteer/activities"
    assert "我参加的活动" in computer.page("/volunteer/activities").text


def test_a_scan_alone_logs_nobody_in(app, world, wechat, computer, volunteer):
    world.browser(volunteer).page(link_of(app, wechat.scenes[0]))
    assert finish(computer).location.startswith("/login/scan")
    assert computer.get("/volunteer").status_code == 303


def test_another_browser_that_knows_the_name_is_not_logged_in(app, world, wechat, computer, volunteer):
    link = link_of(app, wechat.scenes[0])
    world.browser(volunteer).post(link)
    thief = world.browser()
    thief.page("/login/scan")
    with thief.client.session_transaction() as cookie:
        cookie["scan"] = [wechat.scenes[0].removeprefix("login_"), cookie["scan"][1]]
    assert finish(thief).location.startswith("/login/scan")
    assert thief.get("/volunteer").status_code == 303
    assert finish(computer).location == "/volunteer/activities"


def test_a_confirmation_counts_once(app, world, wechat, computer, volunteer):
    link, other = link_of(app, wechat.scenes[0]), world.volunteer()
    phone = world.browser(volunteer)
    phone.post(link)
    assert phone.post(link).status_code == 410
    assert world.browser(other).post(link).status_code == 404
    finish(computer)
    assert phone.get(link).status_code == 410
    assert finish(world.browser()).location.startswith("/login/scan")


def test_only_who_scanned_can_confirm_and_not_who_was_sent_the_link(app, world, wechat, computer, volunteer):
    link, other = link_of(app, wechat.scenes[0]), world.volunteer()
    assert world.browser(other).get(link).status_code == 404
    world.do(lambda: in_transaction(lambda: tie(app, other, "o-of-another")))
    for path in (link, link.partition(".")[0], link[:-1], f"{link.partition('.')[0]}.密"):
        answer = world.browser(other).post(path)
        assert answer.status_code == 404
        assert "只能由扫码的微信本人确认" in read(answer).text
    assert state(computer) == "waiting"
    assert OPENID not in link
    assert world.browser(volunteer).post(link).status_code == 200


def test_a_code_ends_after_two_minutes(app, world, wechat, computer, volunteer):
    link = link_of(app, wechat.scenes[0])
    redis = app.extensions[NAME].redis
    (key,) = redis.keys("scan:*")
    assert 100 < redis.ttl(key) <= 120
    redis.delete(key)
    assert world.browser(volunteer).get(link).status_code == 410
    assert state(computer) == "gone"


def test_a_stranger_on_the_phone_logs_in_first(app, world, wechat, computer):
    link = link_of(app, wechat.scenes[0])
    assert world.browser().get(link).location.startswith("/login?next=/login/confirm/")


def test_one_address_does_not_ask_for_ever(world, wechat):
    browser = world.browser()
    answers = [browser.get("/login/scan").status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]


def test_what_is_asked_for_with_nonsense_is_gone(world, volunteer):
    for name in ("", "x", "A" * 500):
        assert world.browser(volunteer).get(f"/login/confirm/{name}").status_code in (404, 410)
