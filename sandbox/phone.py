"""The phone in the browser: pages, and the small JSON they live on."""

from collections.abc import Callable
from concurrent.futures import TimeoutError as NotYet
from typing import Any

from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from sandbox import actions
from sandbox.box import Box, current_box
from sandbox.bubbles import clock_time, drawn
from sandbox.control.base import Refusal, body, find_person, refused, text
from sandbox.control.people import make_person
from sandbox.faults import TITLES
from sandbox.forwarding.addresses import inside
from sandbox.menu_view import find_button, shown_menu
from sandbox.people import Person
from sandbox.qr import by_url

blueprint = Blueprint("phone", __name__)
blueprint.register_error_handler(Refusal, refused)

# A refusal comes at once; a push may take fifteen seconds, and the page does not wait for it.
REFUSAL_WAIT = 0.25
SHOWN_CHAT = 100


@blueprint.get("/")
def choose() -> str:
    """Who holds the phone?"""
    return _chooser("")


def _chooser(error: str) -> str:
    with current_box().world.read() as state:
        people = list(state.people.values())
    return render_template("people.html", people=people, error=error, form=request.form)


@blueprint.post("/people")
def add() -> AnyResponse:
    try:
        person = make_person(request.form.get("name", ""), request.form.get("phone", ""))
    except Refusal as refusal:
        return make_response(_chooser(str(refusal)), 400)
    return redirect(url_for(".show", person_id=person.id))


@blueprint.get("/phone/<person_id>")
def show(person_id: str) -> AnyResponse:
    person = find_person(person_id)
    box = current_box()
    forwarder = _forwarder(box, person)
    values = {"person": person, "account": box.settings.account_name, "faults": TITLES, "forwarder": forwarder}
    response = make_response(render_template("phone.html", **values))
    # Keeps the in-app browser from leaving for the world: what it may not open is caught and shown as 外部网站.
    response.headers["Content-Security-Policy"] = f"frame-src {forwarder}"
    return response


def _forwarder(box: Box, person: Person) -> str:
    """The in-app browser's origin, under the host name by which the phone page itself was opened."""
    host = request.host.rpartition(":")[0] if request.host.count(":") == 1 else request.host
    return f"http://{host}:{box.forwarders.port_for(person.id)}"


@blueprint.get("/phone/<person_id>/live")
def live(person_id: str) -> Response:
    """What has changed; the page asks every second with the version it has."""
    box, person = current_box(), find_person(person_id)
    address, title = box.forwarders.shown(person.id)
    always = {
        "version": f"{box.port}.{box.world.version}",
        "address": address,
        "title": title,
        "forwarder": _forwarder(box, person),
        "now": clock_time(box.clock.now()),
        "faults": box.faults.listed(),
    }
    if request.args.get("version") == always["version"]:
        return jsonify(always)
    with box.world.read() as state:
        chat = [drawn(bubble) for bubble in state.chats.get(person.id, [])[-SHOWN_CHAT:]]
        sms = [{**row, "time": clock_time(row["at"])} for row in reversed(state.sms) if row["phone"] == person.phone]
        menu, snapshot = shown_menu(state, person), state.snapshot_mode
    return jsonify(**always, following=person.following, chat=chat, sms=sms, menu=menu, snapshot=snapshot)


@blueprint.get("/phone/<person_id>/open")
def open_address(person_id: str) -> Response:
    """What an address means on this phone: a page inside, a code of the account, or an outside site."""
    box, person = current_box(), find_person(person_id)
    return jsonify(_meaning(box, person, request.args.get("url", "").strip()))


def _meaning(box: Box, person: Person, url: str) -> dict[str, Any]:
    with box.world.read() as state:
        code = by_url(state, url)
    if code:
        return {"ticket": code["ticket"]}
    if not url.lower().startswith(("http://", "https://")):
        return {"text": url}
    forwarder = _forwarder(box, person)
    frame = url if url.startswith(forwarder + "/") else inside(box, url, forwarder)
    return {"frame": frame, "url": url} if frame else {"external": url}


@blueprint.get("/phone/<person_id>/codes")
def codes(person_id: str) -> Response:
    """Scene codes that can be scanned, newest first."""
    box = current_box()
    find_person(person_id)
    with box.world.read() as state:
        rows = [
            {"url": code["url"], "scene": code["scene"]}
            for code in reversed(state.qr_codes.values())
            if code["expires_at"] is None or box.clock.now() < code["expires_at"]
        ]
    return jsonify(rows[:20])


@blueprint.post("/phone/<person_id>/do/<action>")
def act(person_id: str, action: str) -> AnyResponse:
    """Follow, speak, tap, scan; the push itself goes on in the background."""
    box, person = current_box(), find_person(person_id)
    data = body()
    ticket, said, menu_id = text(data, "ticket"), text(data, "text") or "", text(data, "menu_id")
    doing: dict[str, Callable[[], Any]] = {
        "follow": lambda: actions.follow(box, person, ticket=ticket),
        "unfollow": lambda: actions.unfollow(box, person),
        "say": lambda: actions.say(box, person, said, menu_id),
        "tap": lambda: actions.tap(box, person, data),
        "scan": lambda: actions.scan(box, person, ticket=ticket),
    }
    if action not in doing:
        abort(404)
    opens = _opened_by(box, person, data) if action == "tap" else None
    try:
        box.background.submit(doing[action]).result(REFUSAL_WAIT)
    except actions.ActionError as error:
        return make_response(jsonify(error=str(error)), 400)
    except NotYet:
        pass
    return jsonify(ok=True, open=opens)


def _opened_by(box: Box, person: Person, wanted: dict[str, Any]) -> str | None:
    with box.world.read() as state:
        button = find_button(state, person, wanted)
    return button.url if button else None
