"""After some codes from one address each costs a puzzle: a sum that the browser does, or the digits of a picture."""

import base64
import html
import json
import re
from datetime import timedelta

import altcha
import pytest
from sqlalchemy import func, select

from app import crypto
from app.accounts import puzzles
from app.accounts.errors import PuzzleUnsolved
from app.accounts.models import PhoneCodeSend
from app.context import here
from tests.factories import new_phone
from tests.pages import read

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _three(world):
    with world.settings(limits={"codes_before_puzzle": 3}):
        yield


def send(browser, phone="", **form):
    return browser.post("/login", {"phone": phone or new_phone(), "action": "send"} | form)


def sent(world):
    return world.one(select(func.count()).select_from(PhoneCodeSend))


@pytest.fixture
def asked_thrice(world, sms):
    """From this address three codes were sent."""
    for _ in range(3):
        assert "验证码已发出" in send(world.browser()).text


def task_of(page):
    found = re.search(r'data-puzzle="([^"]*)"', page.html)
    return json.loads(html.unescape(found[1])) if found else None


def solution(task):
    """As the page's script finds it."""
    number = altcha.solve_challenge_v1(task["challenge"], task["salt"], task["algorithm"], task["maxNumber"]).number
    told = {name: task[name] for name in ("algorithm", "challenge", "salt", "signature")} | {"number": number}
    return base64.b64encode(json.dumps(told).encode()).decode()


def digits_of(world, page):
    """What a person reads off the picture."""

    def look():
        (mark,) = altcha.extract_params_v1(task_of(page))["browser"]
        return json.loads(crypto.ring().open(page.hidden["puzzle_token"], f"puzzle:{mark}"))["digits"]

    return world.do(look)


def test_the_first_three_codes_cost_nothing(world, sms):
    for _ in range(3):
        browser = world.browser()
        assert task_of(browser.page("/login")) is None
        assert "验证码已发出" in send(browser).text
    assert task_of(world.browser().page("/login")) is not None


def test_then_none_is_sent_without_a_solution_whether_the_phone_is_known_or_not(world, volunteer, asked_thrice, sms):
    for phone in (volunteer.phone, new_phone()):
        answer = send(world.browser(), phone)
        assert answer.status_code == 422
        assert "图片里的数字" in read(answer).alerts[0]
        assert read(answer).of("phone").value == phone
        assert sms.count(phone) == 0
    assert sent(world) == 3


def test_a_browser_does_the_sum_and_the_code_comes(world, asked_thrice, sms):
    browser, phone = world.browser(), new_phone()
    told = solution(task_of(browser.page("/login")))
    assert "验证码已发出" in send(browser, phone, puzzle_solution=told).text
    assert sms.count(phone) == 1


def test_a_person_without_javascript_types_the_digits(world, asked_thrice, sms):
    browser, phone = world.browser(), new_phone()
    page = browser.page("/login")
    assert page.of("puzzle_answer").label == "图片里的数字"
    assert 'src="data:image/png;base64,' in page.html
    form = {"puzzle_token": page.hidden["puzzle_token"], "puzzle_answer": f" {digits_of(world, page)} "}
    assert "验证码已发出" in send(browser, phone, **form).text
    assert sms.count(phone) == 1


def test_a_solution_is_good_once_for_one_browser(world, asked_thrice, sms):
    browser = world.browser()
    page = browser.page("/login")
    sum_done = {"puzzle_solution": solution(task_of(page))}
    typed = {"puzzle_token": page.hidden["puzzle_token"], "puzzle_answer": digits_of(world, page)}
    for form in (sum_done, typed):
        assert send(world.browser(), **form).status_code == 422, "another browser's"
    for form in (sum_done, typed):
        assert "验证码已发出" in send(browser, **form).text
        assert send(browser, **form).status_code == 422, "used already"
    assert sent(world) == 5


@pytest.mark.parametrize(("after", "is_good"), [(puzzles.LIFE - SECOND, True), (puzzles.LIFE, False)])
def test_a_puzzle_lives_ten_minutes(world, clock, asked_thrice, sms, after, is_good):
    for kind in ("sum", "picture"):
        browser = world.browser()
        page = browser.page("/login")
        form = {"puzzle_solution": solution(task_of(page))}
        if kind == "picture":
            form = {"puzzle_token": page.hidden["puzzle_token"], "puzzle_answer": digits_of(world, page)}
        clock.advance(after)
        assert ("验证码已发出" in send(browser, **form).text) == is_good
        clock.advance(-after)


def test_digits_are_guessed_once(world, asked_thrice, sms):
    browser = world.browser()
    page = browser.page("/login")
    right = digits_of(world, page)
    wrong = f"{(int(right) + 1) % 100_000:05d}"
    for guess in (wrong, right):
        assert send(browser, puzzle_token=page.hidden["puzzle_token"], puzzle_answer=guess).status_code == 422
    assert sent(world) == 3


def changed(task, **changes):
    told = {name: task[name] for name in ("algorithm", "challenge", "salt", "signature")} | {"number": 1} | changes
    return base64.b64encode(json.dumps(told).encode()).decode()


@pytest.mark.parametrize(
    "nonsense",
    ["", "x", "🙂", "A" * 50_000, base64.b64encode(b"[" * 1500).decode(), base64.b64encode(b"[]").decode()],
)
def test_nonsense_is_no_solution(world, asked_thrice, sms, nonsense):
    page = world.browser().page("/login")
    for form in ({"puzzle_solution": nonsense}, {"puzzle_token": nonsense, "puzzle_answer": nonsense or "12345"}):
        assert send(world.browser(), **form).status_code == 422
    for change in ({"number": "1"}, {"number": True}, {"salt": 1}, {"algorithm": "MD5"}, {"number": 10**40}):
        assert send(world.browser(), puzzle_solution=changed(task_of(page), **change)).status_code == 422
    assert sent(world) == 3


def test_ones_own_easy_sum_is_not_the_sites(world, asked_thrice, sms):
    browser = world.browser()
    salt = task_of(browser.page("/login"))["salt"]
    own = altcha.create_challenge_v1(altcha.ChallengeOptionsV1(max_number=1, hmac_key="mine", salt=salt)).to_dict()
    assert send(browser, puzzle_solution=solution(own)).status_code == 422


def test_an_hour_later_it_costs_nothing_again(world, clock, asked_thrice, sms):
    clock.advance(timedelta(hours=1) - SECOND)
    assert send(world.browser()).status_code == 422
    clock.advance(SECOND)
    assert "验证码已发出" in send(world.browser()).text


def test_near_the_sites_cap_everybody_has_one(world, sms):
    with world.settings(limits={"codes_before_puzzle": 1000, "codes_per_site_day": 5}):
        for _ in range(4):
            assert "验证码已发出" in send(world.browser()).text
        browser = world.browser()
        assert send(browser).status_code == 422
        told = solution(task_of(browser.page("/login")))
        assert "验证码已发出" in send(browser, puzzle_solution=told).text


def test_whoever_is_logged_in_is_asked_on_their_pages_too(world, volunteer, asked_thrice, sms):
    browser = world.browser(volunteer)
    page = browser.page("/account/phone")
    assert browser.post("/account/phone", {"action": "send"}).status_code == 422
    answer = browser.post("/account/phone", {"action": "send", "puzzle_solution": solution(task_of(page))})
    assert "验证码已发出" in answer.text


def test_8_presses_at_once_with_one_solution_pass_once(world, asked_thrice):
    def begin():
        task = json.loads(puzzles.make("browser", here.clock.now()).task)
        return {"puzzle_solution": solution(task)}

    form = world.do(begin)
    outcomes = world.at_once([lambda: puzzles.check(form, "browser", redis=here.redis, now=here.clock.now())] * 8)
    assert outcomes.count(None) == 1
    assert {type(outcome) for outcome in outcomes} == {type(None), PuzzleUnsolved}
