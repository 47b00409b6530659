"""`flask menu …` against a WeChat that obeys, is dead, busy or refuses."""

import json

import pytest
from click.testing import Result
from flask import Flask
from werkzeug.wrappers import Response

import app as product
from app.wechat import menu_history
from tests.conftest import NOWHERE, FixedClock, make_settings
from tests.wechat.server import PlayedWeChat

CREATE, GET = "/cgi-bin/menu/create", "/cgi-bin/menu/get"


class MenuWeChat(PlayedWeChat):
    """Keeps a menu as WeChat does."""

    def __init__(self) -> None:
        super().__init__()
        self.menu: dict | None = None
        self.conditional: list[dict] = []
        self.answers |= {
            GET: self._get,
            CREATE: self._create,
            "/cgi-bin/menu/addconditional": self._add,
            "/cgi-bin/menu/delconditional": self._delete,
        }

    def _get(self, request):
        if self.menu is None:
            return Response(json.dumps({"errcode": 46003, "errmsg": "menu no exist"}))
        shown = {"menu": {**self.menu, "menuid": 1}, "conditionalmenu": self.conditional}
        return Response(json.dumps(shown, ensure_ascii=False))

    def _create(self, request):
        self.menu = request.get_json(force=True)
        return Response('{"errcode":0,"errmsg":"ok"}')

    def _add(self, request):
        menuid = str(100 + len(self.conditional) + self.count("/cgi-bin/menu/delconditional"))
        self.conditional.append({**request.get_json(force=True), "menuid": menuid})
        return Response(json.dumps({"menuid": menuid}))

    def _delete(self, request):
        menuid = request.get_json(force=True)["menuid"]
        self.conditional = [menu for menu in self.conditional if menu["menuid"] != menuid]
        return Response('{"errcode":0,"errmsg":"ok"}')


@pytest.fixture
def live():
    played = MenuWeChat()
    yield played
    played.stop()


@pytest.fixture
def folder(tmp_path):
    menus = tmp_path / "menus"
    menus.mkdir()
    (menus / "default.toml").write_text('[[button]]\nname = "活动"\npage = "activities.index"\n')
    return menus


@pytest.fixture
def site(live, folder, tmp_path, monkeypatch) -> Flask:
    monkeypatch.setattr(menu_history, "FOLDER", str(tmp_path / "history"))
    return site_for(live.url, folder, tmp_path)


def site_for(url: str, folder, tmp_path) -> Flask:
    chosen = make_settings(
        wechat={"api_url": url}, content={"menus": str(folder)}, database={"url": f"sqlite:///{tmp_path}/menu.db"}
    )
    return product.create_app(chosen, clock=FixedClock())


def menu(site: Flask, *words: str, typed: str = "") -> Result:
    return site.test_cli_runner().invoke(args=["menu", *words], input=typed)


def change(folder, page: str = "volunteers.register") -> None:
    (folder / "default.toml").write_text(f'[[button]]\nname = "改"\npage = "{page}"\n')


def test_check_and_show_tell_what_is_in_the_files(site, folder):
    assert menu(site, "check").exit_code == 0
    assert "活动  view  url http://localhost/activities" in menu(site, "show").output
    change(folder, "nowhere")
    refused = menu(site, "check")
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert "default.toml:2: 改: there is no page 'nowhere'" in refused.output


def test_diff_exits_1_until_the_menu_is_pushed(site, live):
    assert menu(site, "diff").exit_code == 1
    assert menu(site, "push", "--yes").exit_code == 0
    assert live.menu["button"][0]["url"] == "http://localhost/activities"
    assert menu(site, "diff").exit_code == 0


def test_pushing_the_same_does_nothing(site, live):
    menu(site, "push", "--yes")
    again = menu(site, "push", "--yes")
    assert (again.exit_code, live.count(CREATE)) == (0, 1)
    assert "nothing differs" in again.output


def test_push_asks_first_and_takes_no_for_an_answer(site, live):
    asked = menu(site, "push", typed="n\n")
    assert (asked.exit_code, live.menu) == (1, None)
    assert "+活动" in asked.output
    assert menu(site, "push", typed="y\n").exit_code == 0
    assert live.menu


def test_the_menu_before_is_kept_and_can_come_back(site, live, folder):
    menu(site, "push", "--yes")
    change(folder)
    menu(site, "push", "--yes")
    (name,) = menu(site, "history").output.split()
    assert menu(site, "rollback", "--yes").exit_code == 0
    assert live.menu["button"][0]["name"] == "活动"
    assert menu(site, "rollback", name, "--yes").exit_code == 0
    assert menu(site, "rollback", "gone", "--yes").exit_code == 1


def test_pull_writes_the_live_menu_with_our_page_names(site, live, folder):
    menu(site, "push", "--yes")
    before = (folder / "default.toml").read_text()
    assert menu(site, "pull").exit_code == 0
    assert (folder / "default.toml").read_text() == before
    change(folder)
    assert menu(site, "pull").exit_code == 1
    assert menu(site, "pull", "--force").exit_code == 0
    assert 'page = "activities.index"' in (folder / "default.toml").read_text()
    assert menu(site, "diff").exit_code == 0


def test_a_conditional_menu_is_added_changed_and_taken_away(site, live, folder):
    path = folder / "admins.toml"
    path.write_text('[matchrule]\ntag_id = "100"\n[[button]]\nname = "发布"\npage = "publishing.new"\n')
    assert menu(site, "push", "--yes").exit_code == 0
    assert [one["button"][0]["name"] for one in live.conditional] == ["发布"]
    path.write_text('[matchrule]\ntag_id = "100"\n[[button]]\nname = "新"\npage = "publishing.new"\n')
    assert menu(site, "push", "--yes").exit_code == 0
    assert [one["button"][0]["name"] for one in live.conditional] == ["新"]
    path.unlink()
    assert menu(site, "push", "--yes").exit_code == 0
    assert live.conditional == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"errcode": -1, "errmsg": "system error"}, "the menu is as before"),
        ({"errcode": 40018, "errmsg": "invalid button name size rid: 1-2-3"}, "invalid button name size"),
        ({"errcode": 48001, "errmsg": "api unauthorized"}, "certification"),
        (lambda request: Response("<html>", 502), "status 502"),
    ],
    ids=["busy", "refusing", "not granted", "bad gateway"],
)
def test_when_wechat_does_not_do_it_the_old_menu_stays_and_one_line_says_what_to_do(site, live, folder, answer, told):
    menu(site, "push", "--yes")
    change(folder)
    live.answers[CREATE] = answer
    failed = menu(site, "push", "--yes")
    assert failed.exit_code == 1
    last = failed.output.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert told in last
    assert live.menu["button"][0]["name"] == "活动"


def test_a_dead_wechat_is_told_in_one_line(folder, tmp_path):
    failed = menu(site_for(NOWHERE, folder, tmp_path), "push", "--yes")
    assert (failed.exit_code, failed.output.count("\n")) == (1, 1)
    assert "cannot be reached" in failed.output


def test_wrong_use_exits_2(site):
    assert menu(site, "push", "--sideways").exit_code == 2
    assert menu(site, "dance").exit_code == 2
