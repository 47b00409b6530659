"""People, and what they do with the account; each answer tells the tries of the push and what was shown."""

import uuid
from dataclasses import asdict, fields
from typing import Any

from flask import Response, jsonify

from sandbox import actions
from sandbox.box import current_box
from sandbox.control.base import Refusal, blueprint, body, find_person, text
from sandbox.people import Person, new_openid, person_faults
from sandbox.pushes import Outcome
from sandbox.qr import by_url


@blueprint.get("/people")
def people() -> Response:
    with current_box().world.read() as world:
        return jsonify([described(person) for person in world.people.values()])


@blueprint.post("/people")
def add_person() -> Response:
    """Make a person; the same id again answers the one that exists."""
    data = body()
    return jsonify(described(make_person(text(data, "name") or "", text(data, "phone") or "", text(data, "id"))))


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
    scene, ticket = text(data, "scene", 64), text(data, "ticket")
    return told(actions.follow(current_box(), find_person(person_id), scene, ticket))


@blueprint.post("/people/<person_id>/unfollow")
def unfollow(person_id: str) -> Response:
    return told(actions.unfollow(current_box(), find_person(person_id)))


@blueprint.post("/people/<person_id>/say")
def say(person_id: str) -> Response:
    data = body()
    said, menu_id = text(data, "text") or "", text(data, "menu_id")
    return told(actions.say(current_box(), find_person(person_id), said, menu_id))


@blueprint.post("/people/<person_id>/tap")
def tap(person_id: str) -> Response:
    outcome, url = actions.tap(current_box(), find_person(person_id), body())
    return told(outcome, open=url)


@blueprint.post("/people/<person_id>/scan")
def scan(person_id: str) -> Response:
    data = body()
    scene, ticket, url = text(data, "scene", 64), text(data, "ticket"), text(data, "url")
    if url:
        with current_box().world.read() as world:
            code = by_url(world, url)
        ticket = code["ticket"] if code else "unknown"
    if not scene and not ticket:
        raise Refusal("scene, ticket or url is missing")
    return told(actions.scan(current_box(), find_person(person_id), scene, ticket))


@blueprint.post("/people/<person_id>/push")
def push(person_id: str) -> Response:
    return told(actions.raw(current_box(), find_person(person_id), body()))


@blueprint.post("/people/<person_id>/accept")
def accept(person_id: str) -> Response:
    data = body()
    template_id = text(data, "template_id", 64) or ""
    return told(actions.accept(current_box(), find_person(person_id), template_id, data.get("accept", True) is True))


@blueprint.get("/people/<person_id>/chat")
def chat(person_id: str) -> Response:
    person = find_person(person_id)
    with current_box().world.read() as world:
        return jsonify(world.chats.get(person.id, []))
