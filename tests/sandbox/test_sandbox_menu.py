"""Menu rules in bytes, each with WeChat's code."""

import json

import pytest

CREATE = "/cgi-bin/menu/create"


def click(name="活动", **more):
    return {"type": "click", "name": name, "key": "K", **more}


def view(name="网站", url="https://example.com/"):
    return {"type": "view", "name": name, "url": url}


def under(*subs):
    return {"name": "菜单", "sub_button": list(subs)}


GOOD = [
    [click("六个字节六" + "x")],
    [click("x" * 16)],
    [under(click("字" * 20))],
    [under(*[click()] * 5)],
    [click(key="k" * 128)],
    [view(url="https://example.com/" + "p" * (1024 - 20))],
    [click(sub_button=[])],
]
BAD = [
    ([], 40016),
    ([click()] * 4, 40016),
    ("x", 40016),
    ([click("字" * 5 + "xx")], 40018),
    ([click("")], 40018),
    ([click(type="nothing")], 40017),
    ([{"name": "空"}], 40017),
    ([click(key="")], 40019),
    ([click(key="字" * 43)], 40019),
    ([view(url="")], 40020),
    ([view(url="https://example.com/" + "p" * 1005)], 40020),
    ([view(url="ftp://example.com/")], 40055),
    ([under(view(url="javascript:1"))], 40054),
    ([under(*[click()] * 6)], 40023),
    ([under(click(type="x"))], 40024),
    ([under(click("字" * 20 + "x"))], 40025),
    ([under(click(key="x" * 129))], 40026),
    ([under(view(url="https://e.cn/" + "x" * 1024))], 40027),
    ([under(under(click()))], 40022),
    ([{"type": "miniprogram", "name": "程序", "appid": "wx1", "pagepath": "p"}], 40020),
    ([{"type": "miniprogram", "name": "程序", "appid": "wx1", "pagepath": "p", "url": "https://e.cn"}], 40119),
    ([{"type": "media_id", "name": "图", "media_id": "x"}], 40007),
    ([{"type": "article_id", "name": "文", "article_id": "x"}], 53600),
]


@pytest.mark.parametrize("buttons", GOOD, ids=range(len(GOOD)))
def test_a_menu_at_the_limit_is_taken(sandbox, buttons):
    assert sandbox.call(CREATE, {"button": buttons})["errcode"] == 0


@pytest.mark.parametrize(("buttons", "code"), BAD, ids=[f"{code}-{n}" for n, (_, code) in enumerate(BAD)])
def test_a_menu_over_the_limit_is_refused_and_the_old_one_stays(sandbox, buttons, code):
    sandbox.call(CREATE, {"button": [click("旧的")]})
    assert sandbox.call(CREATE, {"button": buttons})["errcode"] == code
    assert sandbox.get("/sandbox/menu")["button"][0]["name"] == "旧的"


def test_escapes_are_refused(sandbox):
    escaped = json.dumps({"button": [click("活动")]}).encode()
    assert b"\\u" in escaped
    assert sandbox.call(CREATE, escaped)["errcode"] == 40033
    assert sandbox.call("/cgi-bin/menu/addconditional", escaped)["errcode"] == 40033


def test_without_a_menu(sandbox):
    assert sandbox.call("/cgi-bin/menu/get")["errcode"] == 46003
    assert sandbox.call("/cgi-bin/get_current_selfmenu_info") == {"is_menu_open": 0}
    rule = {"button": [click()], "matchrule": {"tag_id": "1"}}
    assert sandbox.call("/cgi-bin/menu/addconditional", rule)["errcode"] == 65303


CONDITIONAL = [
    ({"matchrule": {"tag_id": "1"}}, 65307),
    ({"button": [click()]}, 65304),
    ({"button": [click()], "matchrule": {}}, 65304),
    ({"button": [click()], "matchrule": {"tag_id": ""}}, 65304),
    ({"button": [click()], "matchrule": {"sex": "1", "tag_id": "1"}}, 65320),
    ({"button": [click("x" * 17)], "matchrule": {"tag_id": "1"}}, 40018),
    ({"button": [view(url=f"https://{n}.cn") for n in "abc"], "matchrule": {"tag_id": "1"}}, None),
    ({"button": [under(*[view(url=f"https://{n}.cn") for n in "abcd"])], "matchrule": {"tag_id": "1"}}, 65316),
]


@pytest.mark.parametrize(("body", "code"), CONDITIONAL)
def test_conditional_menus_have_rules_of_their_own(sandbox, body, code):
    sandbox.call(CREATE, {"button": [click()]})
    assert sandbox.call("/cgi-bin/menu/addconditional", body).get("errcode") == code


def test_the_newest_matching_menu_is_seen(sandbox):
    sandbox.call(CREATE, {"button": [click("默认")]})
    add = "/cgi-bin/menu/addconditional"
    sandbox.call(add, {"button": [click("安卓")], "matchrule": {"client_platform_type": "2"}})
    old = sandbox.call(add, {"button": [click("旧")], "matchrule": {"client_platform_type": "3"}})["menuid"]
    new = sandbox.call(add, {"button": [click("新")], "matchrule": {"client_platform_type": "3"}})["menuid"]
    assert sandbox.get("/sandbox/menu", person="chen")["button"][0]["name"] == "新"
    listed = sandbox.call("/cgi-bin/menu/get")["conditionalmenu"]
    assert [str(menu["menuid"]) for menu in listed][:2] == [new, old]
    sandbox.call("/cgi-bin/menu/delconditional", {"menuid": new})
    assert sandbox.get("/sandbox/menu", person="chen")["button"][0]["name"] == "旧"
    assert sandbox.call("/cgi-bin/menu/delconditional", {"menuid": new})["errcode"] == 65301
    sandbox.call("/cgi-bin/menu/delete")
    assert sandbox.get("/sandbox/menu", person="chen") is None
