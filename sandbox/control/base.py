"""What all control addresses share: the blueprint, refusals, reading a body, finding a person."""

import json
import math
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from sandbox import actions
from sandbox.box import current_box
from sandbox.people import Person

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
    """The JSON object sent, or an empty one when nothing was. All of it can be kept in a file and shown again."""
    raw = request.get_data()
    if not raw:
        return {}
    try:
        data = json.loads(raw)
        # Half characters and numbers without end can be sent, but not written down.
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Refusal("send a JSON object")
    return data


def text(data: dict[str, Any], name: str, longest: int = 5000) -> str | None:
    """A text that was sent, or a number as text; None when there is none or it is empty."""
    value = data.get(name)
    if value is None or value is False or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > longest:
        raise Refusal(f"{name} is a text of at most {longest} characters")
    return str(value)


def number(data: dict[str, Any], name: str, least: float, most: float, *, whole: bool = False) -> float | None:
    """A number that was sent; None when there is none."""
    value = data.get(name)
    if value is None:
        return None
    fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not fits or not math.isfinite(value) or not least <= value <= most:
        raise Refusal(f"{name} is a {'whole ' if whole else ''}number from {least:g} to {most:g}")
    return value


def find_person(person_id: str) -> Person:
    """By id or openid; 404 when there is none."""
    with current_box().world.read() as state:
        person = state.people.get(person_id) or state.by_openid(person_id)
    if person is None:
        abort(404)
    return person
