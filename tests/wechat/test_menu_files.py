"""Menu files: each fault names file, line, button, figure and limit."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import ROOT
from app.wechat.menu_diff import to_toml
from app.wechat.menu_files import MenuFaults, normal, read

PAGES = {
    "volunteers.register": "http://localhost/volunteer/register",
    "activities.index": "http://localhost/activities",
}
TOP = '[[button]]\nname = "志愿者"\n'


def load(tmp_path, text: str, name: str = "default.toml", **others: str):
    (tmp_path / name).write_text(text)
    for other, content in others.items():
        (tmp_path / f"{other}.toml").write_text(content)
    return read(tmp_path, PAGES.get, {"help"})


def faults(tmp_path, text: str, **others: str) -> list[str]:
    with pytest.raises(MenuFaults) as caught:
        load(tmp_path, text, **others)
    return [fault.removeprefix(f"{tmp_path}/") for fault in caught.value.faults]


def test_the_shipped_menu_is_the_manuals():
    data = tomllib.loads((ROOT / "menus" / "default.toml").read_text())
    assert {top["name"]: [sub["name"] for sub in top["sub_button"]] for top in data["button"]} == {
        "志愿者": ["注册", "活动报名", "我参加的活动", "志愿者信息"],
        "组织": ["注册", "活动发布", "我发布的活动", "组织信息"],
        "友情链接": ["政策文件", "中国科协官网", "志愿服务联合会", "中国科协绿平台"],
    }


def test_pages_replies_and_addresses_become_what_wechat_takes(tmp_path):
    text = TOP + (
        'sub_button = [ { name = "注册", page = "volunteers.register" }, { name = "帮助", reply = "help" },\n'
        ' { name = "外", url = "https://www.cast.org.cn/" }, { name = "扫", type = "scancode_waitmsg", key = "k" } ]\n'
    )
    (button,) = load(tmp_path, text).default["button"]
    assert button["sub_button"] == [
        {"name": "注册", "type": "view", "url": "http://localhost/volunteer/register"},
        {"name": "帮助", "type": "click", "key": "help"},
        {"name": "外", "type": "view", "url": "https://www.cast.org.cn/"},
        {"name": "扫", "type": "scancode_waitmsg", "key": "k"},
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "default.toml:1: the menu has 0 buttons at the bottom; WeChat takes 1 to 3"),
        ((TOP + 'reply = "help"\n') * 4, "default.toml:11: the menu has 4 buttons at the bottom; WeChat takes 1 to 3"),
        ("[[button]]\n", "default.toml:1: (no name): needs a name"),
        (TOP, "default.toml:2: 志愿者: does nothing"),
        ('[[button]]\nname = "志愿者服务队"\nreply = "help"\n', "the name has 18 bytes; WeChat takes 16"),
        (TOP + f'sub_button = [\n{{ name = "{"长" * 21}", reply = "help" }} ]\n', "default.toml:4: 志愿者 › 长"),
        (TOP + f'sub_button = [\n{{ name = "{"长" * 21}", reply = "help" }} ]\n', "63 bytes; WeChat takes 60"),
        (TOP + 'page = "nowhere"\n', "there is no page 'nowhere'"),
        (TOP + 'reply = "nothing"\n', "[tap.nothing]"),
        (TOP + 'url = "ftp://x/"\n', "must begin with http"),
        (TOP + 'url = "https://"\n', "must begin with http"),
        (TOP + f'url = "https://x/{"a" * 1015}"\n', "1025 bytes; WeChat takes 1024"),
        (TOP + f'type = "click"\nkey = "{"k" * 129}"\n', "the key has 129 bytes; WeChat takes 128"),
        (TOP + 'type = "click"\n', "of type click needs key"),
        (TOP + 'type = "dance"\n', "which WeChat does not know"),
        (TOP + 'type = "miniprogram"\nappid = "wx1"\npagepath = "p"\n', "needs url"),
        (TOP + 'reply = "help"\nurl = "https://x/"\n', "more than one of"),
        (TOP + 'reply = "help"\ncolour = "red"\n', "does not belong to it: colour"),
        (TOP + "sub_button = []\n", "has 0 buttons below it; WeChat takes 1 to 5"),
        (TOP + 'sub_button = [{ name = "a", reply = "help" }]\nkey = "x"\n', "does nothing itself: key"),
        (TOP + 'sub_button = [{ name = "a", sub_button = [{ name = "b", reply = "help" }] }]\n', "two levels"),
        ("nonsense = 1\n" + TOP + 'reply = "help"\n', "nonsense"),
        ("[[button]\n", "default.toml:1:"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path, text, told):
    assert any(told in fault for fault in faults(tmp_path, text)), faults(tmp_path, text)


def test_of_two_buttons_with_one_name_the_faulty_one_is_named(tmp_path):
    text = (
        TOP + 'sub_button = [\n { name = "注册", page = "volunteers.register" },\n]\n'
        '[[button]]\nname = "组织"\nsub_button = [\n { name = "注册", page = "nowhere" },\n]\n'
    )
    assert faults(tmp_path, text) == ["default.toml:9: 组织 › 注册: there is no page 'nowhere'"]


def test_all_faults_are_told_at_once(tmp_path):
    text = '[[button]]\nname = "志愿者服务队"\nreply = "nothing"\n[[button]]\nname = "组织"\npage = "nowhere"\n'
    assert len(faults(tmp_path, text)) == 3


GOOD = TOP + 'reply = "help"\n'


def test_a_conditional_menu_needs_a_rule_that_wechat_still_knows(tmp_path):
    assert "needs tag_id" in faults(tmp_path, GOOD, admins=GOOD)[0]
    assert "65320" in faults(tmp_path, GOOD, admins='[matchrule]\nsex = "1"\n' + GOOD)[0]
    assert "iOS" in faults(tmp_path, GOOD, admins='[matchrule]\nclient_platform_type = "9"\n' + GOOD)[0]
    menus = load(tmp_path, GOOD, admins='[matchrule]\ntag_id = "100"\n' + GOOD)
    assert menus.conditional[0]["matchrule"] == {"tag_id": "100"}


def test_conditional_menus_lead_to_three_domains_at_most(tmp_path):
    rule = '[matchrule]\ntag_id = "1"\n'
    links = "".join(f'{{ name = "{number}", url = "https://d{number}.example/" }},' for number in range(4))
    assert (
        "志愿者 › 3: leads to d3.example, domain 4 of"
        in faults(tmp_path, GOOD, a=f"{rule}{TOP}sub_button = [{links}]\n")[0]
    )


def test_without_a_default_menu_there_is_no_conditional_one(tmp_path):
    (tmp_path / "a.toml").write_text('[matchrule]\ntag_id = "1"\n' + GOOD)
    with pytest.raises(MenuFaults, match="65303"):
        read(tmp_path, PAGES.get, {"help"})


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries({"name": st.text(min_size=1, max_size=5).filter(str.strip), "key": st.text(min_size=1)}),
        min_size=1,
        max_size=3,
    )
)
def test_a_menu_written_to_a_file_reads_back(tmp_path_factory, buttons):
    menu = {"button": [{"type": "click", **button} for button in buttons]}
    folder = tmp_path_factory.mktemp("menus")
    (folder / "default.toml").write_text(to_toml(menu, lambda url: None), encoding="utf-8", newline="")
    try:
        again = read(folder, PAGES.get, {button["key"] for button in buttons})
    except MenuFaults as error:
        others = [fault for fault in error.faults if "bytes; WeChat takes" not in fault]
    else:
        others = [] if normal(again.default) == normal(menu) else ["it reads otherwise"]
    assert others == []


def test_what_wechat_adds_is_no_difference():
    ours = {"button": [{"name": "a", "sub_button": [{"name": "b", "type": "click", "key": "k"}]}]}
    theirs = {
        "menuid": 7,
        "button": [{"name": "a", "sub_button": [{"key": "k", "name": "b", "type": "click", "sub_button": []}]}],
    }
    assert normal(ours) == normal(theirs)
