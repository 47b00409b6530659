"""Clock, faults, SMS and the other switches."""

import re
import time
from collections.abc import Callable
from typing import Any

from flask import Response, abort, jsonify, request

from sandbox.box import current_box
from sandbox.control.base import Refusal, blueprint, body, find_person, number, text
from sandbox.cutting import cut
from sandbox.faults import ERRCODES, LONGEST_WAIT, MOST_CALLS, SLOW_SECONDS, Fault
from sandbox.menu_view import menu_for
from sandbox.pushes import verify
from sandbox.world import SMS_KEEP


@blueprint.get("/state")
def state() -> Response:
    box = current_box()
    with box.world.read() as world:
        counts = {
            "people": len(world.people),
            "followers": sum(person.following for person in world.people.values()),
            "sms": len(world.sms),
            "tags": len(world.tags),
            "conditional_menus": len(world.conditional_menus),
            "media": len(world.media),
            "calls": len(box.calls),
        }
        return jsonify(
            port=box.port,
            mode=box.settings.mode,
            site_url=box.settings.site_url,
            app_id=box.settings.app_id,
            account_id=box.settings.account_id,
            now=box.clock.now(),
            has_menu=world.menu is not None,
            snapshot_mode=world.snapshot_mode,
            ip_list=world.ip_list,
            counts=counts,
        )


@blueprint.get("/menu")
def menu() -> Response:
    with current_box().world.read() as world:
        wanted = request.args.get("person")
        return jsonify(menu_for(world, find_person(wanted)) if wanted else world.menu)


@blueprint.post("/verify")
def verification() -> Response:
    return jsonify(verify(current_box()))


@blueprint.post("/sms")
def take_sms() -> Response | tuple[Response, int]:
    """What the product's SMS provider calls."""
    box = current_box()
    fault = box.faults.take("/sandbox/sms", frozenset({"sms_down", "slow", "cut_before", "cut_after"}))
    if fault and fault.name == "cut_before":
        return cut()
    if fault and fault.name == "slow":
        time.sleep(fault.seconds)
    if fault and fault.name == "sms_down":
        return jsonify(ok=False, error="sms_down"), 503
    data = body()
    phone = str(data.get("phone", "")).removeprefix("+86")
    if not re.fullmatch(r"1[0-9]{10}", phone):
        raise Refusal("phone is not an 11-digit number")
    message = {name: str(data.get(name) or "") for name in ("purpose", "code", "text")}
    with box.world.change() as world:
        world.sms.append({"id": world.next("sms"), "phone": phone, **message, "at": round(box.clock.now(), 3)})
        del world.sms[:-SMS_KEEP]
    return cut() if fault and fault.name == "cut_after" else jsonify(ok=True)


@blueprint.get("/sms")
def sms() -> Response:
    """Newest first."""
    phone = request.args.get("phone")
    with current_box().world.read() as world:
        return jsonify([row for row in reversed(world.sms) if phone in (None, row["phone"])])


@blueprint.route("/clock", methods=["GET", "POST"])
def clock() -> Response:
    box = current_box()
    if request.method == "POST":
        data = body()
        _move_clock(data)
        with box.world.change() as world:
            world.clock_offset = box.clock.offset
    return jsonify(now=box.clock.now(), offset=box.clock.offset)


def _move_clock(data: dict[str, Any]) -> None:
    clock = current_box().clock
    if data.get("reset") is True:
        clock.reset()
        return
    moves: dict[str, Callable[[float], None]] = {"advance": clock.advance, "at": clock.set}
    name = next((name for name in moves if data.get(name) is not None), None)
    if name is None:
        raise Refusal("advance, at or reset is missing")
    seconds = data[name]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Refusal(f"{name} is a number of seconds")
    try:
        moves[name](seconds)
    except ValueError as error:
        raise Refusal(str(error)) from None


@blueprint.route("/faults", methods=["GET", "POST", "DELETE"])
def faults() -> Response:
    box = current_box()
    data = body() if request.method != "GET" else {}
    if request.method == "DELETE":
        box.faults.clear(data.get("name") or request.args.get("name"))
    if request.method == "POST":
        box.faults.switch_on(_fault(data))
    return jsonify(box.faults.listed())


def _fault(data: dict[str, Any]) -> Fault:
    name, path = text(data, "name") or "", data.get("path")
    if name not in ERRCODES:
        raise Refusal(f"name is one of {', '.join(ERRCODES)}")
    if path is not None and not (isinstance(path, str) and path.startswith("/")):
        raise Refusal("path is an address that begins with /")
    count = number(data, "count", 1, MOST_CALLS, whole=True)
    seconds = number(data, "seconds", 0, LONGEST_WAIT)
    return Fault(name, path, None if count is None else int(count), SLOW_SECONDS if seconds is None else seconds)


@blueprint.route("/calls", methods=["GET", "DELETE"])
def calls() -> Response:
    box = current_box()
    if request.method == "DELETE":
        box.calls.clear()
    return jsonify(list(box.calls))


@blueprint.post("/switches")
def switches() -> Response:
    """Snapshot mode and the IP white list."""
    data = body()
    if not isinstance(data.get("ip_list"), list | None):
        raise Refusal("ip_list is a list of addresses, or null")
    with current_box().world.change() as world:
        if "snapshot" in data:
            world.snapshot_mode = data["snapshot"] is True
        if "ip_list" in data:
            world.ip_list = None if data["ip_list"] is None else [str(ip) for ip in data["ip_list"]]
        return jsonify(snapshot=world.snapshot_mode, ip_list=world.ip_list)


@blueprint.route("/templates", methods=["GET", "POST"])
def templates() -> Response:
    """The message templates the account owns; POST adds one."""
    with current_box().world.change() as world:
        if request.method == "POST":
            data = {name: str(body().get(name, "")) for name in ("id", "kind", "title", "content")}
            if not re.fullmatch(r"[A-Za-z0-9_-]{43}", data["id"]) or data["kind"] not in ("template", "subscribe"):
                raise Refusal("id has 43 characters; kind is template or subscribe")
            world.templates[data["id"]] = data
        return jsonify(list(world.templates.values()))


@blueprint.get("/files/<file_id>")
def files(file_id: str) -> Response:
    """Uploaded bytes: pictures of articles, and what the phone shows of media."""
    box = current_box()
    with box.world.read() as world:
        known = world.media.get(file_id)
    data = box.media.get(file_id) if known else None
    if known is None or data is None:
        abort(404)
    return Response(data, content_type=known["content_type"])


@blueprint.post("/reset")
def reset() -> Response:
    box = current_box()
    box.faults.clear()
    box.calls.clear()
    box.clock.reset()
    box.media.clear()
    box.world.reset()
    box.forwarders.forget()
    return jsonify(ok=True)
