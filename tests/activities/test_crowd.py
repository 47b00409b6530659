"""立即报名 before Flask's dispatcher: whoever is answered there is answered as Flask would, and nobody else is."""

import subprocess
import sys
from datetime import timedelta

import pytest
from flask import request, request_started
from sqlalchemy import func, select, update

from app.accounts import sessions
from app.accounts.models import Account, AccountState, LoginSession
from app.activities import sharing
from app.activities.models import Shift, SignUp
from app.config import ROOT
from app.context import here
from app.database import in_transaction, session
from app.organizations.models import OrganizationAdmin, Role
from tests.factories import add_admin
from tests.pages import read
from tests.web.test_queries import counted

FULL = "名额已满，看看别的活动吧"


def path_of(event, more=""):
    return f"/activities/{event.id}/shifts/{event.shift_id}/sign-up{more}"


@pytest.fixture
def reached(app):
    """The presses that Flask saw."""
    seen = []
    note = lambda sender, **more: seen.append(request.path) if request.path.endswith("/sign-up") else None  # noqa: E731
    with request_started.connected_to(note, app):
        yield seen


@pytest.fixture
def full(world, team, volunteer):
    event = world.activity(team, quota=1)
    assert world.browser(volunteer).post(path_of(event)).status_code == 303
    return event


def count(world):
    return world.one(select(func.count()).select_from(SignUp))


def change(world, table, where, **values):
    world.do(lambda: in_transaction(lambda: session.execute(update(table).where(where).values(**values))))


def test_a_place_one_has_already_and_no_place_are_told_without_flask(world, team, volunteer, reached):
    event = world.activity(team, quota=1)
    mine, other = world.browser(volunteer), world.browser(world.volunteer())
    answer = mine.post(path_of(event))
    assert (answer.status_code, answer.location) == (303, f"/activities/{event.id}")
    assert "报名成功" in mine.page(answer.location).text
    assert "报名成功" not in mine.page(answer.location).text
    mine.post(path_of(event))
    assert "您已经报过名了" in mine.page(answer.location).text
    refused = other.post(path_of(event))
    assert (refused.status_code, read(refused).alerts) == (409, [FULL])
    assert reached == []
    assert count(world) == 1


def test_while_it_is_full_all_are_told_without_flask_and_without_a_lock(world, app, full, volunteer, reached):
    late = [world.browser(world.volunteer()) for _ in range(4)]
    assert late[0].post(path_of(full)).status_code == 409  # who finds out
    reached.clear()
    with counted(app) as statements:
        assert [browser.post(path_of(full)).status_code for browser in late[1:]] == [409] * 3
        assert world.browser(volunteer).post(path_of(full)).status_code == 303
    assert reached == []
    assert not [one for one in statements if "FOR UPDATE" in one or one.startswith("UPDATE")]


def test_every_statement_of_a_press_can_be_put_together_by_itself():
    """In a process of its own: what SQLAlchemy makes of two tables without an order differs from process to process."""
    asked = (
        "from sqlalchemy import Select, Update; from app.activities import sign_up_statements as made; "
        "print([str(one) for one in vars(made).values() if isinstance(one, Select | Update)])"
    )
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_refusal_is_a_page_like_any_other(world, full):
    browser = world.browser(world.volunteer())
    refused, page = browser.post(path_of(full)), browser.get(f"/activities/{full.id}")
    given, usual = dict(refused.headers), dict(page.headers)
    plain = lambda policy: [part for part in policy.split() if not part.startswith("'nonce-")]  # noqa: E731
    assert plain(given.pop("Content-Security-Policy")) == plain(usual.pop("Content-Security-Policy"))
    assert {name: given[name] for name in usual if name not in ("Content-Length", "Set-Cookie", "Date")} == {
        name: value for name, value in usual.items() if name not in ("Content-Length", "Set-Cookie", "Date")
    }
    nonce = refused.headers["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
    assert f'nonce="{nonce}"' in refused.text
    assert f'href="/activities/{full.id}"' in refused.text
    again = browser.post(path_of(full))
    assert again.headers["Content-Security-Policy"] != refused.headers["Content-Security-Policy"]
    # What stands for these in the page that is made once is nowhere left.
    assert not any(left in refused.text for left in ("nonce-of-the-answer", "key-of-the-form", "999999"))


def test_its_form_works_and_large_type_stays(world, full):
    browser = world.browser(world.volunteer())
    refused = browser.post(path_of(full))
    key = refused.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert (
        browser.client.post("/display", data={"csrf_token": key, "large": "1"}, base_url=browser.base).status_code
        == 303
    )
    assert '<html lang="zh-CN" class="large">' in browser.post(path_of(full)).text
    assert 'class="large"' not in world.browser(world.volunteer()).post(path_of(full)).text


def test_the_way_back_to_the_list_is_kept_and_leads_nowhere_else(world, team):
    event = world.activity(team)
    browser = world.browser(world.volunteer())
    back = browser.post(path_of(event, "?back=/activities?q%3D%E8%AE%B2%23a1")).location
    assert back.startswith(f"/activities/{event.id}?back=")
    assert browser.get(back).status_code == 200
    for foreign in ("//elsewhere.example", "https://elsewhere.example/", "/%2F/elsewhere.example"):
        assert browser.post(path_of(event, f"?back={foreign}")).location == f"/activities/{event.id}"


@pytest.mark.parametrize("form_key", ["", "nonsense", "IjEi.aaaa.bbbb"])
def test_a_form_that_is_not_ours_signs_nobody_up(world, team, form_key):
    event = world.activity(team)
    browser = world.browser(world.volunteer())
    assert browser.post(path_of(event), {"csrf_token": form_key}).status_code in (303, 400)
    other = world.browser(world.volunteer()).form_key()
    assert browser.post(path_of(event), {"csrf_token": other}).status_code in (303, 400)
    assert count(world) == 0


def test_under_https_the_form_must_come_from_our_page(world, team):
    event = world.activity(team)
    browser = world.browser(world.volunteer())
    https = {"wsgi.url_scheme": "https"}
    for foreign in ({}, {"Referer": "https://elsewhere.example/"}):
        answer = browser.post(path_of(event), headers=foreign, environ_overrides=https)
        assert answer.status_code in (303, 400)
    assert count(world) == 0


def test_who_is_not_logged_in_or_no_longer_signs_nobody_up(world, team):
    event = world.activity(team)
    people = [world.volunteer() for _ in range(4)]
    browsers = [world.browser(person) for person in people]
    ended, idle, frozen, paused = people
    now = world.do(lambda: here.clock.now())
    change(world, LoginSession, LoginSession.account_id == ended.account_id, ended_at=now)
    long_ago = {"last_seen_at": now - timedelta(hours=13), "created_at": now - timedelta(days=2)}
    change(world, LoginSession, LoginSession.account_id == idle.account_id, **long_ago)
    change(world, Account, Account.id == frozen.account_id, state=AccountState.FROZEN)
    change(world, LoginSession, LoginSession.account_id == paused.account_id, is_paused=True)
    for browser in [world.browser(), *browsers]:
        answer = browser.post(path_of(event))
        assert answer.status_code == 303
        assert not answer.location.startswith("/activities")
    assert count(world) == 0


def test_the_use_of_a_session_is_written_down_here_too(world, team, volunteer, clock):
    event = world.activity(team)
    browser = world.browser(volunteer)
    clock.set(clock.now() + sessions.SEEN_EVERY + timedelta(seconds=1))
    assert browser.post(path_of(event)).status_code == 303
    assert world.one(select(LoginSession.last_seen_at)) == clock.now()
    assert count(world) == 1


@pytest.mark.parametrize(
    ("more", "fields", "headers"),
    [
        ("?back=/&back=/", {}, {}),
        ("?other=1", {}, {}),
        ("?back=%FF", {}, {}),
        ("", {"password": "春天来了"}, {}),
        ("", {"risk": ["y", "n"]}, {}),
        ("", {f"more{number}": "1" for number in range(20)}, {}),
        ("", {"long": "a" * 3000}, {}),
    ],
)
def test_what_is_not_plain_goes_on_to_flask_as_it_came(world, team, reached, more, fields, headers):
    event = world.activity(team)
    answer = world.browser(world.volunteer()).post(path_of(event, more), fields, **headers)
    assert len(reached) == 1
    assert answer.status_code in (303, 400)


def act_for(world, person, *teams):
    for one in teams:
        helper = world.do(lambda one=one: add_admin(one, Role.ADMIN))
        change(
            world, OrganizationAdmin, OrganizationAdmin.account_id == helper.account_id, account_id=person.account_id
        )


def test_who_came_to_act_for_several_since_the_page_reads_so_on_the_refusal(world, team, root, full):
    person = world.volunteer()
    browser = world.browser(person)
    assert "切换到" not in browser.page(f"/activities/{full.id}").text
    act_for(world, person, team, root)
    refused = browser.post(path_of(full))
    assert refused.status_code == 409
    assert "切换到" in refused.text


def test_who_acts_for_several_reads_so_on_the_refusal(world, team, root, full):
    person = world.volunteer()
    act_for(world, person, team, root)
    browser = world.browser(person)
    assert browser.get("/organization").status_code == 200
    assert "切换到" in browser.page("/activities").text
    refused = browser.post(path_of(full))
    assert refused.status_code == 409
    assert "切换到" in refused.text


def test_people_who_press_at_once_each_hear_what_is_true_of_them(world, team, reached):
    event = world.activity(team, quota=3)
    browsers = [world.browser(world.volunteer()) for _ in range(12)]
    answers = world.at_once([lambda browser=browser: browser.post(path_of(event)) for browser in browsers])
    assert sorted(answer.status_code for answer in answers) == [303] * 3 + [409] * 9
    assert count(world) == 3


def test_when_the_shared_way_breaks_each_is_served_by_itself(world, team, reached, monkeypatch):
    event = world.activity(team)

    def breaks(*group, **more):
        raise RuntimeError("made up")

    monkeypatch.setattr(sharing, "share", breaks)
    assert world.browser(world.volunteer()).post(path_of(event)).status_code == 303
    assert len(reached) == count(world) == 1


@pytest.mark.parametrize("way", ["together", "alone"])
def test_who_agreed_to_the_risk_of_an_older_page_reads_the_new_one_first(world, team, way):
    event = world.activity(team, risk_text="户外有风险", **({"waitlist_limit": 5} if way == "alone" else {}))
    browser = world.browser(world.volunteer())
    page = browser.page(f"/activities/{event.id}")
    read_edition = page.hidden["edition"]
    change(world, Shift, Shift.id == event.shift_id, edition=Shift.edition + 1)
    answer = browser.post(path_of(event), {"risk": "y", "edition": read_edition})
    assert (answer.status_code, read(answer).alerts) == (409, ["活动刚刚有变动，请看清后再按一次"])
    assert count(world) == 0
    again = {"risk": "y", "edition": read(answer).hidden["edition"]}
    assert browser.post(path_of(event), again).status_code == 303
    assert count(world) == 1


def test_a_risk_that_changed_once_more_is_not_accepted_from_an_older_page(world, team, volunteer):
    event = world.activity(team, risk_text="户外有风险")
    browser = world.browser(volunteer)
    browser.post(path_of(event), {"risk": "y"})
    change(world, SignUp, SignUp.shift_id == event.shift_id, risk_accepted_at=None)
    read_edition = browser.page(f"/activities/{event.id}").hidden["edition"]
    change(world, Shift, Shift.id == event.shift_id, edition=Shift.edition + 1)
    path = path_of(event).replace("sign-up", "accept-risk")
    assert browser.post(path, {"edition": read_edition}).status_code == 409
    assert world.one(select(SignUp.risk_accepted_at)) is None
    assert browser.post(path, {"edition": str(int(read_edition) + 1)}).status_code == 303
    assert world.one(select(SignUp.risk_accepted_at)) is not None
