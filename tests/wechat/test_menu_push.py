"""`flask menu …` step by step, against an account in memory."""

import pytest
from flask import Flask

import app as product
from app import config
from app.wechat.gateway import RetryLater
from app.wechat.menu_diff import drift
from tests.conftest import FixedClock, make_settings
from tests.wechat.menus import Account, last, names, run, site_with, write

PAGE = "http://localhost/activities"


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


def test_the_shipped_menu_passes_the_check_in_the_real_application(tmp_path):
    real = product.create_app(make_settings(database={"url": f"sqlite:///{tmp_path}/m.db"}), clock=FixedClock())
    checked = run(real, "check")
    assert (checked.exit_code, config.Content().menus) == (0, "menus"), checked.output
    lines = run(real, "show").output.splitlines()
    assert len(lines) == 3 + 12
    assert "    活动报名  view  url http://localhost/activities" in lines


@pytest.mark.parametrize("name", ["activities.show", "accounts.leave", "static", "nowhere", ".index", ""])
def test_a_page_that_no_tap_can_open_is_refused(site, folder, name):
    write(folder, action=f'page = "{name}"')
    assert last(run(site, "check")).endswith(f"default.toml:2: 甲: there is no page '{name}'")


def test_a_pull_over_a_file_keeps_the_file_with_its_comments(site, folder, account, tmp_path):
    account.default = {"button": [{"name": "旧", "type": "click", "key": "help"}]}
    text = '# the words of 2026\n[[button]]\nname = "甲"\nreply = "help"\n'
    (folder / "default.toml").write_text(text, encoding="utf-8")
    result = run(site, "pull", "--force")
    assert result.exit_code == 0, result.output
    (kept,) = (tmp_path / "history").glob("default.toml.*")
    assert "# the words of 2026" in kept.read_text(encoding="utf-8")
    assert kept.name in result.output
    assert run(site, "history").output == ""


def test_faults_are_told_from_top_to_bottom_and_a_nameless_button_as_such(site, folder):
    text = '[[button]]\nname = "甲"\nurl = "ftp://a"\n[[button]]\nname = "  "\nurl = "https://x.example.org/"\n'
    (folder / "default.toml").write_text(text + "[colour]\n" + '[matchrule]\ntag_id = "1"\n', encoding="utf-8")
    lines = [line for line in run(site, "check").output.splitlines() if "default.toml" in line]
    numbers = [int(line.partition("default.toml:")[2].partition(":")[0]) for line in lines]
    assert numbers == sorted(numbers)
    assert len(numbers) >= 4
    assert "(no name): needs a name" in "\n".join(lines)


def test_a_missing_default_menu_has_no_line(site, folder):
    assert "default.toml: there is no such file" in run(site, "check").output


def test_a_file_that_cannot_be_opened_has_no_line_and_one_that_cannot_be_read_has_its_own(site, folder):
    write(folder)
    (folder / "a.toml").mkdir()
    (folder / "b.toml").write_bytes('[[button]]\nname = "甲"\n'.encode() + b"url = '\xff'\n")
    (folder / "c.toml").write_text('[[button]]\nname = "乙"\nurl', encoding="utf-8")
    opened, read, parsed = run(site, "check").output.splitlines()
    assert opened.endswith("a.toml: cannot be read: Is a directory")
    assert "b.toml:3: is not UTF-8" in read
    assert "c.toml:3: " in parsed


def test_a_failed_push_does_not_hide_the_menu_to_roll_back_to(site, folder, account):
    for button in ("甲", "乙"):
        write(folder, button=button)
        run(site, "push", "--yes")
    write(folder, button="丙")
    account.fails = {"create": RetryLater("busy")}
    assert run(site, "push", "--yes").exit_code == 1
    account.fails = {}
    assert run(site, "rollback", "--yes").exit_code == 0
    assert names([account.default]) == ["甲"]


def test_a_history_without_another_menu_is_told(site, folder):
    assert "no other menu" in last(run(site, "rollback"))
    assert run(site, "history").output == ""


def test_nothing_is_pushed_when_the_present_menu_cannot_be_kept(site, folder, account, tmp_path):
    account.default = {"button": [{"name": "旧", "type": "click", "key": "help"}]}
    (tmp_path / "history").write_text("a file where the folder should be")
    write(folder)
    assert "nothing was sent to WeChat" in last(run(site, "push", "--yes"))
    assert account.calls == ["get"]


def test_conditional_menus_are_made_anew_in_the_order_of_the_files_before_the_old_ones_go(site, folder, account):
    write(folder)
    for name, tag in (("a", "1"), ("b", "2"), ("c", "3")):
        write(folder, name, button=name, tag=tag)
    assert run(site, "push", "--yes").exit_code == 0
    write(folder, "a", button="new", tag="1")
    account.calls.clear()
    assert run(site, "push", "--yes").exit_code == 0
    assert names(account.conditional) == ["new", "b", "c"]
    assert account.calls == ["get", *["add"] * 3, *["delete"] * 3]


def test_of_two_live_menus_alike_one_is_removed_and_no_other_touched(site, folder, account):
    write(folder)
    write(folder, "a", button="乙", tag="1")
    run(site, "push", "--yes")
    account.conditional.append({**account.conditional[0], "menuid": "again"})
    account.calls.clear()
    assert run(site, "push", "--yes").exit_code == 0
    assert account.calls == ["get", "delete"]
    assert run(site, "diff").exit_code == 0


def test_old_conditional_menus_that_cannot_be_removed_are_told(site, folder, account):
    account.tells_menuid = False
    account.conditional = [{"button": [], "matchrule": {"tag_id": "9"}, "menuid": "9"}]
    write(folder)
    assert "menuid of 1 old conditional menus: they stay" in last(run(site, "push", "--yes"))


def test_pull_puts_a_conditional_menu_into_the_file_with_its_rule_and_keeps_what_is_the_same(site, folder, account):
    write(folder, action='page = "activities.index"  # our list')
    write(folder, "admins", button="乙", tag="1")
    write(folder, "others", button="丙", tag="2")
    run(site, "push", "--yes")
    account.conditional[0]["button"][0]["name"] = "丁"
    account.conditional[1]["matchrule"] = {"tag_id": "3"}
    refused = run(site, "pull")
    assert "admins.toml would be written over" in last(refused)
    pulled = run(site, "pull", "--force")
    assert pulled.exit_code == 0
    assert "others.toml is not live" in pulled.output
    assert "# our list" in (folder / "default.toml").read_text(encoding="utf-8")
    assert sorted(path.name for path in folder.iterdir()) == [
        *("admins.toml", "conditional-1.toml", "default.toml", "others.toml")
    ]
    (folder / "others.toml").unlink()
    assert run(site, "diff").exit_code == 0
    assert "already" in run(site, "pull").output


def test_pull_fills_an_empty_folder_and_the_result_is_what_is_live(site, folder, account):
    sub = [
        {"name": "列表", "type": "view", "url": PAGE, "sub_button": []},
        {"name": "外", "type": "view", "url": "https://x.example/?a=1&b=\"'", "sub_button": []},
        {"name": "小", "type": "miniprogram", "appid": "wx1", "pagepath": "p", "url": "https://x.example/"},
        {"name": "扫", "type": "scancode_waitmsg", "key": "k", "sub_button": []},
        {"name": "文", "type": "article_id", "article_id": "a"},
    ]
    tap = {"name": "问", "type": "click", "key": "help", "sub_button": []}
    account.default = {"menuid": 7, "button": [{"name": "上", "sub_button": sub}, tap]}
    account.conditional = [{"button": [tap], "matchrule": {"tag_id": 5, "sex": ""}, "menuid": 8}]
    assert run(site, "pull").exit_code == 0
    text = (folder / "default.toml").read_text(encoding="utf-8")
    assert '{ name = "列表", page = "activities.index" }' in text
    assert 'reply = "help"' in text
    assert run(site, "check").exit_code == 0
    assert run(site, "diff").exit_code == 0


def test_pull_writes_over_a_file_that_is_no_toml_only_when_forced(site, folder, account):
    account.default = {"button": [{"name": "旧", "type": "click", "key": "help"}]}
    (folder / "default.toml").write_text("[[button]\n")
    assert "default.toml would be written over" in last(run(site, "pull"))
    assert run(site, "pull", "--force").exit_code == 0
    assert run(site, "diff").exit_code == 0


def test_an_account_without_a_menu_has_nothing_to_pull(site, folder):
    assert last(run(site, "pull")) == "Error: the account has no menu"


def test_drift_tells_the_doctor_what_differs(site, folder, account):
    write(folder)
    with site.app_context():
        assert "+甲  click  key help" in drift()
        account.default = {"button": [{"key": "help", "sub_button": [], "type": "click", "name": "甲"}], "menuid": 3}
        assert drift() == []
        write(folder, action="reply = 5")
        with pytest.raises(config.ConfigError, match=r"default\.toml:2: 甲"):
            drift()


@pytest.mark.parametrize("name", ["甲 ", "甲\u200b", "A", "Ａ"])
def test_names_are_compared_exactly(site, folder, account, name):
    write(folder, button="A" if name != "A" else "a")
    account.default = {"button": [{"name": name, "type": "click", "key": "help"}]}
    assert run(site, "diff").exit_code == 1
