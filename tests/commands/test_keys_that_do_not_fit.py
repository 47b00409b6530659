"""Settings with other keys than the data were made with: said before anybody is lost, and no trace of a traceback."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import config, crypto
from app.accounts.models import Account
from app.web import health
from tests.conftest import made_up_key

PHONE = "17055501234"


@contextmanager
def keys(letter="k", index_letter="i"):
    before = crypto.ring()
    ring = [config.decode_key(made_up_key(letter))]
    crypto.install(crypto.KeyRing(ring, config.decode_key(made_up_key(index_letter))))
    try:
        yield
    finally:
        crypto.install(before)


@pytest.mark.parametrize("wrong", [{"letter": "x"}, {"index_letter": "x"}], ids=["ring", "index key"])
def test_doctor_and_readiness_tell_keys_that_are_not_those_of_the_data(app, world, flask, volunteer, wrong):
    app.extensions.pop(health.IN_ORDER, None)  # as a process that has just been started with these keys
    with keys(**wrong):
        told = [line for line in flask("doctor").output.splitlines() if "put that" in line]
        assert told
        assert all(line.startswith("FAULT") for line in told)
        assert world.browser().get("/readyz").get_json()["missing"] == ["keys"]
    assert "fit the data" in flask("doctor").output
    assert world.browser().get("/readyz").status_code == 200


def test_keys_fit_an_empty_database(flask):
    with keys("x", "x"):
        assert "fit the data" in flask("doctor").output


def test_a_wrong_index_key_makes_nobody_a_second_time(world, sms, clock):
    def log_in():
        clock.advance(timedelta(minutes=2))
        browser = world.browser()
        browser.post("/login", {"phone": PHONE, "action": "send"})
        return browser.post("/login", {"phone": PHONE, "code": sms.code(PHONE), "action": "next"})

    assert log_in().status_code == 303
    with keys(index_letter="x"):
        assert log_in().status_code == 503
    assert world.one(select(func.count()).select_from(Account)) == 1
    assert log_in().status_code == 303


def test_a_page_that_cannot_be_opened_is_no_bug_of_the_page(world, volunteer):
    with keys("x"):
        answer = world.browser(volunteer).get("/volunteer")
    assert answer.status_code == 503
    assert "维护" in answer.text


@pytest.mark.parametrize("words", [("rotate",), ("export", "--phone")], ids=["rotate", "export"])
def test_a_command_without_the_old_key_says_which_to_put_back(world, flask, volunteer, words):
    missing = crypto.key_id(config.decode_key(made_up_key("k")))
    with keys("x"):
        result = flask("privacy", *words, *((volunteer.phone,) if "--phone" in words else ()))
    assert result.exit_code == 1
    (line,) = [line for line in result.output.splitlines() if line.startswith("Error")]
    assert missing in line
    assert "put that key back" in line
