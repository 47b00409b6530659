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


NO_ANSWER = OutcomeUnknown("WeChat did not answer in time")
FAILURES = [
    (RetryLater("system busy", errcode=-1), "system busy (-1); try again in a few minutes"),
    (OperatorMustAct("add 192.0.2.1 to the white list", errcode=40164), "add 192.0.2.1 to the white list (40164)"),
    (Refused("invalid button name size", errcode=40018), "invalid button name size (40018); correct the file"),
    (NO_ANSWER, "WeChat did not answer in time"),
]


@pytest.mark.parametrize(("error", "told"), FAILURES)
def test_the_old_menu_stays_and_one_line_says_what_to_do(site, folder, account, error, told):
    account.default = old = {"button": [{"name": "旧", "type": "click", "key": "help"}]}
    account.fails = {"create": error}
    write(folder)
    said = last(run(site, "push", "--yes"))
    assert told in said
    assert "the menu is as before" in said
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
    assert isinstance(error, Refused) == ("correct the file" in told)
    account.fails = {}
    assert run(site, "push", "--yes").exit_code == 0
    assert (names([account.default]), names(account.conditional)) == (["甲"], ["乙"])
    assert run(site, "diff").exit_code == 0


def lose_the_answer(account, step, error=NO_ANSWER):
    """WeChat does what it is asked, and another answer arrives, or none."""
    done = getattr(account, step)

    def do(menu):
        done(menu)
        raise error

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
    told = last(run(site, "push", "--yes"))
    assert "the menu is as before: WeChat did not answer in time; see with `flask menu diff`" in told


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


OLD = {"button": [{"name": "旧", "type": "click", "key": "help"}]}
#: A proxy before WeChat answers so too when WeChat has done what it was asked.
NO_PROOF = [
    RetryLater("WeChat answered with status 502"),
    RetryLater("WeChat answered something that is not its own"),
    RetryLater("system busy", errcode=-1),
]


def lose_the_answer_and_the_line(account, step, error):
    """WeChat may have done it; from then on it cannot be asked."""
    done = getattr(account, step)

    def do(menu):
        done(menu)
        account.fails = {"get": RetryLater("WeChat cannot be reached")}
        raise error

    setattr(account, step, do)


@pytest.mark.parametrize("error", NO_PROOF, ids=str)
def test_a_menu_that_is_live_after_a_fault_is_not_said_to_be_as_before(site, folder, account, error):
    account.default = OLD
    write(folder)
    lose_the_answer(account, "create_menu", error)
    result = run(site, "push", "--yes")
    assert result.exit_code == 0, result.output
    assert f"{error}, but the menu is live" in result.output


@pytest.mark.parametrize("error", NO_PROOF, ids=str)
def test_after_a_fault_nothing_is_said_of_a_menu_that_cannot_be_looked_at(site, folder, account, error):
    account.default = OLD
    write(folder)
    lose_the_answer_and_the_line(account, "create_menu", error)
    told = last(run(site, "push", "--yes"))
    assert "as before" not in told
    assert "whether the menu changed is not known" in told
    assert "`flask menu diff`" in told


def test_a_push_done_in_part_names_what_stands_and_what_does_not(site, folder, account):
    account.default = OLD
    write(folder)
    write(folder, "a", button="乙", tag="1")
    write(folder, "b", button="丙", tag="2")
    add, added = account.create_conditional_menu, []

    def once(menu):
        if added:
            raise Refused("too many conditional menus", errcode=65305)
        added.append(add(menu))

    account.create_conditional_menu = once
    told = last(run(site, "push", "--yes"))
    assert "only a part is live (default menu replaced; menu for tag_id = 1 added)" in told
    assert "still to do: menu for tag_id = 2 added" in told
    assert "too many conditional menus (65305)" in told


def test_of_a_push_that_lost_the_answer_in_the_middle_the_diff_shows_what_is_missing(site, folder, account):
    account.conditional = [{**OLD, "matchrule": {"tag_id": "9"}, "menuid": "9"}]
    write(folder)
    write(folder, "a", button="乙", tag="1")
    lose_the_answer(account, "create_conditional_menu")
    result = run(site, "push", "--yes")
    assert "only a part is live (default menu replaced), the rest is shown above" in last(result)
    assert "still to do" not in result.output
    missing = result.output.rpartition("missing of the new menu:")[2]
    assert "-[only for tag_id = 9]" in missing
    assert "tag_id = 1]" in missing
    assert "+[only for tag_id = 1]" not in missing


def test_of_a_push_that_lost_everything_in_the_middle_it_is_said_up_to_where_it_is_known(site, folder, account):
    account.conditional = [{**OLD, "matchrule": {"tag_id": "9"}, "menuid": "9"}]
    write(folder)
    write(folder, "a", button="乙", tag="1")
    lose_the_answer_and_the_line(account, "create_conditional_menu", NO_ANSWER)
    told = last(run(site, "push", "--yes"))
    assert "done: default menu replaced" in told
    assert "not known: menu for tag_id = 1 added" in told
    assert "as before" not in told
    assert "still to do: old menu for tag_id = 9 removed" in told


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (RetryLater("reach max api daily quota limit", errcode=45009), "try again tomorrow"),
        (Refused("invalid button url size", errcode=40020), "correct the file"),
        (Refused("something that nobody knows", errcode=99999), "look the number up"),
    ],
    ids=str,
)
def test_the_advice_is_that_of_the_error(site, folder, account, error, advice):
    account.default = OLD
    account.fails = {"create": error}
    write(folder)
    assert advice in last(run(site, "push", "--yes"))


@pytest.mark.parametrize("command", ["diff", "pull"])
def test_a_refused_look_does_not_blame_the_file(site, folder, account, command):
    account.fails = {"get": Refused("api not found", errcode=40066)}
    write(folder)
    told = last(run(site, command))
    assert told.startswith("Error: the live menu cannot be read, and nothing was changed: api not found (40066)")
    assert "file" not in told
