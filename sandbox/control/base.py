"""What all control addresses share: the blueprint, refusals, reading a body, finding a person."""

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
