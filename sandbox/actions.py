"""What a person does with the account; each answers with the push it caused."""

import json
import re
import secrets
from typing import Any

from sandbox.box import Box
from sandbox.menu_view import Button, find_button
from sandbox.people import Person
from sandbox.pushes import Outcome, push
from sandbox.qr import QrError, find_qr_code
from sandbox.windows import open_window

SCAN_TYPES = {"scancode_push", "scancode_waitmsg"}
PHOTO_TYPES = {"pic_sysphoto", "pic_photo_or_album", "pic_weixin"}


class ActionError(Exception):
    """The person cannot do this now; the message says why, in Chinese, for the page."""


def follow(box: Box, person: Person, scene: str | None = None, ticket: str | None = None) -> Outcome:
    """Follow, plainly or by a scene code. Following twice pushes nothing."""
    if person.following:
        return Outcome()
    code = _scene(box, scene, ticket)
    with box.world.change():
        person.following = True
        person.followed_at = box.clock.now()
        person.subscribe_scene = "ADD_SCENE_QR_CODE" if code else "ADD_SCENE_SEARCH"
        person.qr_scene = code["scene_id"] if code else 0
        person.qr_scene_str = code["scene_str"] if code else ""
        open_window(person, "follow", box.clock.now())
    fields = {"MsgType": "event", "Event": "subscribe", "EventKey": ""}
    if code:
        fields |= {"EventKey": f"qrscene_{code['scene']}", "Ticket": code["ticket"]}
    return push(box, person, fields)


def unfollow(box: Box, person: Person) -> Outcome:
    """Un-follow: tags, remark and windows go with it."""
    if not person.following:
        return Outcome()
    with box.world.change():
        person.following = False
        person.tags, person.remark, person.windows = [], "", {}
    return push(box, person, {"MsgType": "event", "Event": "unsubscribe", "EventKey": ""})


def scan(box: Box, person: Person, scene: str | None = None, ticket: str | None = None) -> Outcome:
    """Scan a code of the account: a newcomer follows by it."""
    if not person.following:
        return follow(box, person, scene, ticket)
    code = _scene(box, scene, ticket)
    if code is None:
        raise ActionError("没有可用的二维码")
    with box.world.change():
        open_window(person, "scan", box.clock.now())
    fields = {"MsgType": "event", "Event": "SCAN", "EventKey": code["scene"], "Ticket": code["ticket"]}
    return push(box, person, fields)


def say(box: Box, person: Person, text: str, menu_id: str | None = None) -> Outcome:
    """Send a text message; `menu_id` is the option of a menu message that was tapped."""
    if not person.following:
        raise ActionError("请先关注公众号")
    if not text:
        raise ActionError("请输入内容")
    with box.world.change() as state:
        state.show(person.id, {"from": "me", "type": "text", "text": text}, box.clock.now())
        open_window(person, "message" if menu_id is None else "tap", box.clock.now())
    fields: dict[str, Any] = {"MsgType": "text", "Content": text}
    if menu_id is not None:
        fields["bizmsgmenuid"] = menu_id
    return push(box, person, fields)


def tap(box: Box, person: Person, wanted: dict[str, Any]) -> tuple[Outcome, str | None]:
    """Tap a menu button found by key, url or name; also says which page opens."""
    if not person.following:
        raise ActionError("请先关注公众号")
    with box.world.read() as state:
        found = find_button(state, person, wanted)
    if found is None:
        raise ActionError("菜单里没有这个按钮")
    return push(box, person, _tap_fields(box, person, found, wanted)), found.url


def _tap_fields(box: Box, person: Person, button: Button, wanted: dict[str, Any]) -> dict[str, Any]:
    if button.type == "view":
        return {"MsgType": "event", "Event": "VIEW", "EventKey": button.url, "MenuId": button.menu_id}
    if button.type not in {"click", "location_select"} | SCAN_TYPES | PHOTO_TYPES:
        raise ActionError("本地模拟器不支持这种按钮")
    event: dict[str, Any] = {"MsgType": "event", "Event": button.type, "EventKey": button.key}
    if button.type == "click":
        event["Event"] = "CLICK"
    if button.type in {"click"} | SCAN_TYPES:
        with box.world.change():
            open_window(person, "tap", box.clock.now())
    if button.type in SCAN_TYPES:
        event["ScanCodeInfo"] = {"ScanType": "qrcode", "ScanResult": str(wanted.get("result", "sandbox"))}
    if button.type in PHOTO_TYPES:
        event["SendPicsInfo"] = {"Count": 1, "PicList": {"item": {"PicMd5Sum": secrets.token_hex(16)}}}
    if button.type == "location_select":
        place = {"Location_X": "38.914003", "Location_Y": "121.614682", "Scale": "15", "Label": "大连市", "Poiname": ""}
        event["SendLocationInfo"] = place
    return event


def raw(box: Box, person: Person, fields: dict[str, Any]) -> Outcome:
    """Push whatever fields a test wants; numbers in strings stay strings."""
    if not isinstance(fields.get("MsgType"), str):
        raise ActionError("MsgType is missing, or no text")
    with box.world.change():
        if fields["MsgType"] != "event":
            open_window(person, "message", box.clock.now())
    return push(box, person, json.loads(json.dumps(fields)))


def accept(box: Box, person: Person, template_id: str, accepted: bool) -> Outcome:
    """Answer the subscription pop-up: one acceptance is worth one message."""
    with box.world.change():
        if accepted:
            person.acceptances[template_id] = person.acceptances.get(template_id, 0) + 1
        else:
            person.acceptances.pop(template_id, None)
    item = {
        "TemplateId": template_id,
        "SubscribeStatusString": "accept" if accepted else "reject",
        "PopupScene": 1,
    }
    return push(
        box,
        person,
        {"MsgType": "event", "Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": {"List": item}},
    )


def _scene(box: Box, scene: str | None, ticket: str | None) -> dict[str, Any] | None:
    if not scene and not ticket:
        return None
    with box.world.read() as state:
        try:
            code = find_qr_code(state, scene, ticket, box.clock.now())
        except QrError as error:
            raise ActionError(str(error)) from error
    number = re.fullmatch(r"[0-9]{1,10}", scene or "")
    # A scene nobody made a code for is still useful to a test.
    return code or {
        "scene": scene,
        "scene_id": int(number[0]) if number else 0,
        "scene_str": "" if number else scene,
        "ticket": "gQ" + secrets.token_urlsafe(60),
    }
