"""Custom menus: default and conditional."""

from typing import Any

from sandbox.api.call import OK, Answer, Call
from sandbox.errors import ApiError
from sandbox.menu_rules import check_domains, check_escapes, checked_buttons, checked_rule
from sandbox.menu_view import menu_for

MAX_CONDITIONAL = 500
FIRST_MENU_ID = 206163100


def create(call: Call) -> Answer:
    check_escapes(call.request.get_data())
    buttons = checked_buttons(call.body().get("button"))
    call.state.menu = {"button": buttons, "menuid": call.state.next("menu_id", FIRST_MENU_ID)}
    return OK


def get(call: Call) -> Answer:
    if call.state.menu is None:
        raise ApiError(46003)
    answer: dict[str, Any] = {"menu": call.state.menu}
    if call.state.conditional_menus:
        answer["conditionalmenu"] = list(reversed(call.state.conditional_menus))
    return answer


def delete(call: Call) -> Answer:
    """Conditional menus go with the default one."""
    call.state.menu = None
    call.state.conditional_menus = []
    return OK


def add_conditional(call: Call) -> Answer:
    check_escapes(call.request.get_data())
    body = call.body()
    if call.state.menu is None:
        raise ApiError(65303)
    if not body.get("button"):
        raise ApiError(65307)
    buttons = checked_buttons(body["button"])
    rule = checked_rule(body.get("matchrule"))
    menus = call.state.conditional_menus
    if len(menus) >= MAX_CONDITIONAL:
        raise ApiError(65305)
    check_domains([*(menu["button"] for menu in menus), buttons])
    menu_id = call.state.next("menu_id", FIRST_MENU_ID)
    menus.append({"button": buttons, "matchrule": rule, "menuid": menu_id})
    return {"menuid": str(menu_id)}


def delete_conditional(call: Call) -> Answer:
    wanted = str(call.body().get("menuid", ""))
    kept = [menu for menu in call.state.conditional_menus if str(menu["menuid"]) != wanted]
    if len(kept) == len(call.state.conditional_menus):
        raise ApiError(65301)
    call.state.conditional_menus = kept
    return OK


def try_match(call: Call) -> Answer:
    person = call.state.by_openid(call.body().get("user_id"))
    if person is None:
        raise ApiError(65302)
    menu = menu_for(call.state, person)
    if menu is None:
        raise ApiError(46003)
    return {"button": menu["button"]}


def current(call: Call) -> Answer:
    """The shape of this call differs: sub_button is an object here."""
    menu = call.state.menu
    if menu is None:
        return {"is_menu_open": 0}
    return {"is_menu_open": 1, "selfmenu_info": {"button": [_as_list(button) for button in menu["button"]]}}


def _as_list(button: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in button.items() if name != "sub_button"}
    if not button["sub_button"]:
        return rest
    subs = [{name: value for name, value in sub.items() if name != "sub_button"} for sub in button["sub_button"]]
    return {**rest, "sub_button": {"list": subs}}
