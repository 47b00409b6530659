"""`flask menu push` when WeChat fails in the middle: what is said of the live menu is so, and says what to do."""

import pytest
from flask import Flask

from app.wechat.gateway import OperatorMustAct, OutcomeUnknown, Refused, RetryLater
from tests.wechat.menus import Account, last, names, run, site_with, write


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "menus").mkdir()
    return tmp_path / "menus"


@pytest.fixture
def site(account, folder, tmp_path, monkeypatch) -> Flask:
    return site_with(account, folder, tmp_path / "history", monkeypatch)


FAILURES = [
    (RetryLater("system busy", errcode=-1), "as before: system busy (-1); try again in a few minutes"),
    (OperatorMustAct("add 192.0.2.1 to the white list", errcode=40164), "as before: add 192.0.2.1"),
    (
        Refused("invalid button name size", errcode=40018),
        "as before, WeChat refuses it: invalid button name size (40018); correct the file",
    ),
    (OutcomeUnknown("WeChat did not answer in time"), "WeChat did not answer in time; "),
]


@pytest.mark.parametrize(("error", "told"), FAILURES)
@pytest.mark.parametrize("step", ["get", "create"])
def test_the_old_menu_stays_and_one_line_says_what_to_do(site, folder, account, error, told, step):
    account.default = old = {"button": [{"name": "旧", "type": "click", "key": "help"}]}
    account.fails = {step: error}
    write(folder)
    assert told in last(run(site, "push", "--yes"))
    assert account.default is old


@pytest.mark.parametrize("error", [error for error, _ in FAILURES])
@pytest.mark.parametrize("step", ["add", "delete"])
def test_a_push_done_in_part_does_not_say_that_all_is_as_before(site, folder, account, error, step):
    account.conditional = [{"button": [], "matchrule": {"tag_id": "9"}, "menuid": "9"}]
    account.fails = {step: error}
    write(folder)
    write(folder, "a", button="乙", tag="1")
    told = last(run(site, "push", "--yes"))
    assert "as before" not in told
    assert "only a part is live (default menu replaced" in told
    assert "`flask menu diff`" in told
    account.fails = {}
    assert run(site, "push", "--yes").exit_code == 0
    assert (names([account.default]), names(account.conditional)) == (["甲"], ["乙"])
    assert run(site, "diff").exit_code == 0


def lose_the_answer(account, step):
    """WeChat does what it is asked, and its answer does not arrive."""
    done = getattr(account, step)

    def do(menu):
        done(menu)
        raise OutcomeUnknown("WeChat did not answer in time")

    setattr(account, step, do)


def test_a_menu_that_is_live_though_no_answer_came_is_told_as_live(site, folder, account):
    account.default = {"button": [{"name": "旧", "type": "click", "key": "help"}]}
    write(folder)
    lose_the_answer(account, "create_menu")
    result = run(site, "push", "--yes")
    assert result.exit_code == 0, result.output
    assert "but the menu is live" in result.output


def test_a_menu_that_is_not_live_when_no_answer_came_is_told_as_before(site, folder, account):
    account.default = {"button": [{"name": "旧", "type": "click", "key": "help"}]}
    account.fails = {"create": OutcomeUnknown("WeChat did not answer in time")}
    write(folder)
    assert "the menu is as before: see with `flask menu diff`" in last(run(site, "push", "--yes"))


def test_nothing_is_said_of_a_menu_that_cannot_be_looked_at(site, folder, account):
    account.default = {"button": [{"name": "旧", "type": "click", "key": "help"}]}
    write(folder)

    def dead(menu):
        account.fails = {"get": RetryLater("system busy", errcode=-1)}
        raise OutcomeUnknown("WeChat did not answer in time")

    account.create_menu = dead
    told = last(run(site, "push", "--yes"))
    assert "whether the menu changed is not known" in told
    assert "as before" not in told
