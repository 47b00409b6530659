"""A fault in a menu file is told with the line where the button really stands, however the file is written."""

import re
import tomllib

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from app.wechat.menu_files import MenuFaults, normal, read
from app.wechat.menu_rules import NEEDS

GOOD = '[[button]]\nname = "好"\nreply = "help"\n'
BAD = 'name = "坏"\npage = "nowhere"\n'


def faults(folder, text: str, **others: str) -> list[str]:
    for name, content in {"default": text, **others}.items():
        (folder / f"{name}.toml").write_text(content, encoding="utf-8")
    with pytest.raises(MenuFaults) as caught:
        read(folder, {}.get, {"help"})
    return [fault.removeprefix(f"{folder}/") for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('# { name = "坏" }\n[[button]]\n' + BAD, 3),
        ('[[button]]\nname = "好"\nurl = "https://x.example/?name=\'坏\'"\n[[button]]\n' + BAD, 5),
        ("[[ button ]]  # the first\n" + BAD, 2),
        ('[["button"]]\npage = "nowhere"\n"name" = \'坏\'\n', 3),
        ('[[button]]\nname = "\\u574F"\npage = "nowhere"\n', 2),
        ('[[button]]\nname = """\\\n  坏"""\npage = "nowhere"\n', 2),
        ('[[button]]\nname = """好\n[[button]]\n\'"""\nreply = "help"\n[[button]]\n' + BAD, 7),
        ("[[button]]\nname = '''好\n[[button]]\n\"'''\nreply = \"help\"\n[[button]]\n" + BAD, 7),
        ('button = [\n  { name = "好", reply = "help" },\n  { name = "坏", page = "nowhere" },\n]\n', 3),
        ('\r\n[[button]]\r\nname = "坏"\r\npage = "nowhere"\r\n', 3),
        ("\ufeff\n[[button]]\n" + BAD, 3),
        ("[[button]]\n\n\n" + BAD, 4),
    ],
    ids=[
        *("comment", "inside a string", "spaces", "quoted key", "escape", "lines joined", "long string"),
        *("long literal", "inline", "Windows lines", "byte order mark", "empty lines"),
    ],
)
def test_the_line_is_the_buttons(tmp_path, text, line):
    assert faults(tmp_path, text) == [f"default.toml:{line}: 坏: there is no page 'nowhere'"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            '[[button]]\nname = "上"\n[[button.sub_button]]\nname = "好"\nreply = "help"\n[[button.sub_button]]\n'
            + BAD,
            7,
        ),
        (
            '[[button]]\nsub_button = [\n{ name="好", reply="help" }, # ]\n{ name="坏", page="nowhere" }]\nname="上"',
            4,
        ),
        ('[[button]]\nname = "上"\nsub_button = [ { name = "坏", reply = "help" },\n{name="坏",page="nowhere"}]', 4),
        (GOOD + '[[button]]\nname = "上"\nsub_button = [\n\n{ page = "nowhere", name = "坏" }]\n', 8),
    ],
    ids=["tables", "name comes last", "same name twice", "second button"],
)
def test_the_line_of_a_button_below_is_its_own(tmp_path, text, line):
    assert faults(tmp_path, text) == [f"default.toml:{line}: 上 › 坏: there is no page 'nowhere'"]


def test_a_button_without_a_name_has_its_own_line_too(tmp_path):
    text = '[[button]]\nname = "上"\nsub_button = [\n{ name = "好", reply = "help" },\n{ reply = "help" },\n]\n'
    assert faults(tmp_path, text) == ["default.toml:5: 上 › (no name): needs a name"]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('sex = "1"\n', "a.toml:2: [matchrule] sex: WeChat removed it for privacy (65320)"),
        ('tag_id = "1"\ncity = "大连"\n', "a.toml:3: [matchrule] city: WeChat removed it for privacy (65320)"),
        ('tag_id = "1"\ncolour = "red"\n', "a.toml:3: [matchrule] colour: there are tag_id"),
        ('tag_id = "志愿者"\n', "a.toml:2: [matchrule] tag_id is the number of a tag"),
        ("client_platform_type = 4\n", 'a.toml:2: [matchrule] client_platform_type is "1" (iOS)'),
        ('tag_id = ""\n', "a.toml:1: [matchrule] needs tag_id or client_platform_type (65304)"),
    ],
)
def test_a_fault_in_a_rule_has_the_line_of_its_field(tmp_path, rule, told):
    (fault,) = faults(tmp_path, GOOD, a=f"[matchrule]\n{rule}{GOOD}")
    assert fault.startswith(told)


def test_a_number_in_a_rule_is_sent_as_text_as_wechat_has_it(tmp_path):
    (tmp_path / "default.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "a.toml").write_text(f"[matchrule]\ntag_id = 100\n{GOOD}", encoding="utf-8")
    assert read(tmp_path, {}.get, {"help"}).conditional[0]["matchrule"] == {"tag_id": "100"}


def test_two_files_for_the_same_people_are_refused(tmp_path):
    rule = '[matchrule]\ntag_id = "1"\n'
    (fault,) = faults(tmp_path, GOOD, a=rule + GOOD, b="\n" + rule + GOOD)
    assert fault.startswith("b.toml:2: [matchrule] is that of a.toml")


def test_the_default_menu_has_no_rule(tmp_path):
    (fault,) = faults(tmp_path, GOOD + '[matchrule]\ntag_id = "1"\n')
    assert fault.startswith("default.toml:4: the default menu is for everybody")


def test_the_button_that_leads_to_a_fourth_domain_is_named_beside_other_faults(tmp_path):
    links = "".join(f'{{ name = "{n}", url = "https://d{n}.example/" }},\n' for n in range(4))
    a = f'[matchrule]\ntag_id = "1"\n[[button]]\nname = "链接"\nsub_button = [\n{links}]\n'
    told = faults(tmp_path, "[[button]]\n" + BAD, a=a)
    assert told[0] == "default.toml:2: 坏: there is no page 'nowhere'"
    assert told[1].startswith("a.toml:9: 链接 › 3: leads to d3.example, domain 4 of the conditional menus")


@pytest.mark.parametrize(
    "broken",
    [
        *('reply = ["x"]', "type = [1]", "page = 5", "url = { a = 1 }", "page = { }", 'type = "click"\nkey = 5'),
        *(
            "sub_button = 1",
            "sub_button = [1, [2]]",
            'sub_button = "x"',
            'url = "https://x:99999/"',
            'url = "https://["',
        ),
        *('url = "https://a b/"', 'type = "view_limited"\nmedia_id = "m"', 'page = "a"\ntype = "view"'),
    ],
)
def test_values_of_the_wrong_kind_are_faults_of_the_button(tmp_path, broken):
    told = faults(tmp_path, f'[[button]]\nname = "坏"\n{broken}\n')
    assert told
    assert all(fault.startswith("default.toml:") and ": 坏" in fault for fault in told)


def test_contradictions_and_the_name_are_told_together(tmp_path):
    told = faults(tmp_path, '[[button]]\nname = "志愿者服务队"\nreply = "help"\npage = "p"\n')
    assert len(told) == 2
    assert told[0].endswith("has more than one of page, url, reply, type: page, reply")
    assert told[1].endswith("the name has 18 bytes; WeChat takes 16")


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=3)


def near(most: int, before: str = "") -> st.SearchStrategy[str]:
    """Texts that end a little before or after so many bytes."""
    room = most - len(before)
    sizes = st.integers(1, room + 1) | st.just(room)
    return st.builds(lambda end, size: before + "a" * (size - len(end.encode())) + end, words, sizes)


good = st.sampled_from([{"reply": "help"}, {"url": "https://x.example/"}, {"type": "pic_weixin", "key": "k"}])
odd = st.dictionaries(
    st.sampled_from(["page", "reply", "url", "type", "key", "media_id", "appid", "pagepath", "colour"]),
    words | st.integers() | st.just(""),
    max_size=3,
)
actions = st.one_of(
    *[good] * 9,
    near(128).map(lambda key: {"type": "click", "key": key}),
    near(1024, "https://x.example/").map(lambda url: {"url": url}),
    odd,
)
below = st.builds(lambda name, action: {"name": name, **action}, words | near(60), actions)
tops = st.one_of(
    st.builds(lambda name, action: {"name": name, **action}, words | near(16), actions),
    st.builds(lambda name, under: {"name": name, "sub_button": under}, words, st.lists(below, min_size=1, max_size=6)),
)


def as_toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {as_toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return str(value) if isinstance(value, int) else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


@settings(max_examples=300, deadline=None)
@given(st.lists(tops, min_size=1, max_size=4))
def test_what_the_rules_accept_keeps_every_limit(tmp_path_factory, buttons):
    folder = tmp_path_factory.mktemp("menus")
    (folder / "default.toml").write_text(f"button = {as_toml(buttons)}\n", encoding="utf-8")
    try:
        menu = read(folder, {}.get, {"help"}).default
    except MenuFaults as error:
        event(f"refused, faults: {len(error.faults)}")
        return
    event("accepted")
    # The figures of the contract, not those of the code that is tried here.
    assert 1 <= len(menu["button"]) <= 3
    assert normal(menu) == menu
    for top in menu["button"]:
        assert len(top["name"].encode()) <= 16
        assert ("type" in top) != ("sub_button" in top)
        assert 1 <= len(top.get("sub_button", [top])) <= 5
        for one in top.get("sub_button", [top]):
            assert len(one["name"].encode()) <= 60
            assert set(one) == {"name", "type", *NEEDS[one["type"]]}
            assert len(one.get("key", "").encode()) <= 128
            assert len(one.get("url", "").encode()) <= 1024
            assert one.get("url", "https://").startswith(("http://", "https://"))


def test_the_types_are_the_twelve_of_today():
    assert len(NEEDS) == 12
    assert "view_limited" not in NEEDS


def test_a_button_at_each_limit_is_accepted_and_one_byte_more_is_not(tmp_path):
    def one(name: int, key: int, url: int) -> str:
        address = "https://x.example/" + "a" * (url - 18)
        return (
            f'[[button]]\nname = "{"a" * 16}"\nsub_button = [\n{{ name = "{"a" * name}", reply = "help" }},\n'
            f'{{ name = "k", type = "click", key = "{"k" * key}" }},\n{{ name = "u", url = "{address}" }},\n]\n'
        )

    (tmp_path / "default.toml").write_text(one(60, 128, 1024), encoding="utf-8")
    assert read(tmp_path, {}.get, {"help"}).default
    told = faults(tmp_path, one(61, 129, 1025))
    assert [fault.split(": ")[0] for fault in told] == [f"default.toml:{line}" for line in (4, 5, 6)]
    assert [fault.split(" has ")[1] for fault in told] == [
        f"{most + 1} bytes; WeChat takes {most}" for most in (60, 128, 1024)
    ]


scraps = st.sampled_from(
    [
        *(
            "[[button]]\n",
            "[[button.sub_button]]\n",
            "[button]\n",
            "[matchrule]\n",
            "\n",
            "# {[\"'\n",
            "\r\n",
            "[a.b]\n",
        ),
        *(
            'name = "a"\n',
            "name = 'b'\n",
            'name = """a\n"b"""\n',
            "name = '''\n'''\n",
            '"na\\u006de" = ""\n',
            "name = ''\n",
        ),
        *("sub_button = [", "]\n", "{ ", " }", ", ", 'name = "c"', 'reply = "help"\n', "reply = 'help'", "a.b = 1.5\n"),
        *(
            "t = 2026-11-23 10:00:00\n",
            "x = [1, [2], {a = 1}]\n",
            "button = [",
            "url = 'https://x.example/#='\n",
            "n = -inf\n",
        ),
    ]
)


@settings(max_examples=1500, deadline=None)
@given(st.lists(scraps, max_size=12).map("".join))
def test_whatever_is_in_a_file_is_read_or_told(tmp_path_factory, text):
    folder = tmp_path_factory.getbasetemp()
    for name in ("default", "a"):
        (folder / f"{name}.toml").write_bytes(text.encode())
    told: list[str] = []
    try:
        read(folder, {}.get, {"help"})
    except MenuFaults as error:
        told = error.faults
    lines = [int(re.match(r".*?\.toml:([0-9]+): ", fault)[1]) for fault in told]
    assert all(1 <= line <= text.count("\n") + 1 for line in lines), told
    event("TOML" if tomllib_reads(text) else "no TOML")


def tomllib_reads(text: str) -> bool:
    try:
        return bool(tomllib.loads(text.replace("\r\n", "\n")))
    except tomllib.TOMLDecodeError:
        return False
