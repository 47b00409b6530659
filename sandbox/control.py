"""The sandbox by HTTP, for tests and scripts: JSON under /sandbox/. docs/sandbox.md describes each address."""

import re
import uuid
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from sandbox import actions
from sandbox.box import current_box
from sandbox.cutting import cut
from sandbox.faults import ERRCODES, Fault
from sandbox.menu_view import menu_for
from sandbox.people import Person, new_openid, person_faults
from sandbox.pushes import Outcome, verify
from sandbox.qr import by_url
from sandbox.world import SMS_KEEP

blueprint = Blueprint("control", __name__, url_prefix="/sandbox")


class Refusal(Exception):
    """400 with a sentence."""


@blueprint.errorhandler(Refusal)
@blueprint.errorhandler(actions.ActionError)
def refused(error: Exception) -> tuple[Response, int]:
    return jsonify(error=str(error)), 400


@blueprint.errorhandler(404)
def unknown(_: Exception) -> tuple[Response, int]:
    return jsonify(error="unknown"), 404


def body() -> dict[str, Any]:
    """The JSON object sent, or an empty one when nothing was."""
    if not request.get_data():
        return {}
    data = request.get_json(force=True, silent=True)
    if not isinstance(data, dict):
        raise Refusal("send a JSON object")
    return data


def find_person(person_id: str) -> Person:
    """By id or openid; 404 when there is none."""
    with current_box().world.read() as state:
        person = state.people.get(person_id) or state.by_openid(person_id)
    if person is None:
        abort(404)
    return person


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


@blueprint.get("/people")
def people() -> Response:
    with current_box().world.read() as world:
        return jsonify([described(person) for person in world.people.values()])


@blueprint.post("/people")
def add_person() -> Response:
    """Make a person; the same id again answers the one that exists."""
    data = body()
    return jsonify(described(make_person(str(data.get("name", "")), str(data.get("phone", "")), data.get("id"))))


def make_person(name: str, phone: str, person_id: str | None = None) -> Person:
    name, phone = name.strip(), phone.strip()
    fault = person_faults(name, phone, person_id)
    if fault:
        raise Refusal(fault)
    with current_box().world.change() as world:
        wanted = person_id or "p" + uuid.uuid4().hex[:10]
        return world.people.setdefault(wanted, Person(wanted, name, phone, new_openid()))


def described(person: Person) -> dict[str, Any]:
    box = current_box()
    hidden = {"cookies", "refused_templates", "consented"}
    shown = {item.name: getattr(person, item.name) for item in fields(person) if item.name not in hidden}
    return {**shown, "virtual_openid": person.virtual_openid, "phone_url": f"{box.origins()[0]}/phone/{person.id}"}


def told(outcome: Outcome, **more: Any) -> Response:
    return jsonify(tries=[asdict(one) for one in outcome.tries], shown=outcome.shown, **more)


@blueprint.post("/people/<person_id>/follow")
def follow(person_id: str) -> Response:
    data = body()
    scene = data.get("scene")
    return told(
        actions.follow(current_box(), find_person(person_id), str(scene) if scene else None, data.get("ticket"))
    )


@blueprint.post("/people/<person_id>/unfollow")
def unfollow(person_id: str) -> Response:
    return told(actions.unfollow(current_box(), find_person(person_id)))


@blueprint.post("/people/<person_id>/say")
def say(person_id: str) -> Response:
    data = body()
    menu_id = data.get("menu_id")
    text = str(data.get("text", ""))
    return told(actions.say(current_box(), find_person(person_id), text, str(menu_id) if menu_id else None))


@blueprint.post("/people/<person_id>/tap")
def tap(person_id: str) -> Response:
    outcome, url = actions.tap(current_box(), find_person(person_id), body())
    return told(outcome, open=url)


@blueprint.post("/people/<person_id>/scan")
def scan(person_id: str) -> Response:
    data = body()
    scene, ticket = data.get("scene"), data.get("ticket")
    if data.get("url"):
        with current_box().world.read() as world:
            code = by_url(world, str(data["url"]))
        ticket = code["ticket"] if code else "unknown"
    if not scene and not ticket:
        raise Refusal("scene, ticket or url is missing")
    return told(actions.scan(current_box(), find_person(person_id), str(scene) if scene else None, ticket))


@blueprint.post("/people/<person_id>/push")
def push(person_id: str) -> Response:
    return told(actions.raw(current_box(), find_person(person_id), body()))


@blueprint.post("/people/<person_id>/accept")
def accept(person_id: str) -> Response:
    data = body()
    template_id = str(data.get("template_id", ""))
    return told(actions.accept(current_box(), find_person(person_id), template_id, data.get("accept", True) is True))


@blueprint.get("/people/<person_id>/chat")
def chat(person_id: str) -> Response:
    person = find_person(person_id)
    with current_box().world.read() as world:
        return jsonify(world.chats.get(person.id, []))


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
    fault = box.faults.take("/sandbox/sms", frozenset({"sms_down", "slow", "cut_before", "cut_after"}) - {"slow"})
    if fault and fault.name == "cut_before":
        return cut()
    if fault and fault.name == "sms_down":
        return jsonify(ok=False, error="sms_down"), 503
    data = body()
    phone = str(data.get("phone", "")).removeprefix("+86")
    if not re.fullmatch(r"1\d{10}", phone):
        raise Refusal("phone is not an 11-digit number")
    message = {name: str(data.get(name) or "") for name in ("purpose", "code", "text")}
    with box.world.change() as world:
        world.sms.append({"id": world.next("sms"), "phone": phone, **message, "at": round(box.clock.now(), 3)})
        del world.sms[:-SMS_KEEP]
    return cut() if fault else jsonify(ok=True)


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
    moves: dict[str, Callable[[float], None]] = {"advance": current_box().clock.advance, "at": current_box().clock.set}
    if data.get("reset") is True:
        current_box().clock.reset()
        return
    for name, move in moves.items():
        value = data.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            move(value)
            return
    raise Refusal("advance, at or reset is missing")


@blueprint.route("/faults", methods=["GET", "POST", "DELETE"])
def faults() -> Response:
    box = current_box()
    data = body() if request.method != "GET" else {}
    if request.method == "DELETE":
        box.faults.clear(data.get("name") or request.args.get("name"))
    if request.method == "POST":
        if data.get("name") not in ERRCODES:
            raise Refusal(f"name is one of {', '.join(ERRCODES)}")
        known = {item.name for item in fields(Fault)}
        box.faults.switch_on(Fault(**{name: value for name, value in data.items() if name in known}))
    return jsonify(box.faults.listed())


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
    box.forwarders.forget()
    box.world.reset()
    return jsonify(ok=True)
