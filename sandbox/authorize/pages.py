"""The authorize page, for a phone's own browser and for a robot that only has WeChat's User-Agent."""

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.authorize.rules import AuthorizeError, granted, needs_consent, read_link, refused
from sandbox.box import Box, current_box
from sandbox.people import Person

blueprint = Blueprint("authorize", __name__)

PATH = "/connect/oauth2/authorize"
MARK = "MicroMessenger/"
COOKIE = "sandbox_person"


@blueprint.route(PATH, methods=["GET", "POST"])
def authorize() -> AnyResponse:
    """Without a phone: choose who to be, once, then as in WeChat."""
    box = current_box()
    if MARK not in request.headers.get("User-Agent", ""):
        return make_response(render_template("outside_wechat.html"))
    query = request.query_string.decode()
    chosen = request.form.get("person") or request.cookies.get(COOKIE, "")
    with box.world.read() as state:
        person = state.people.get(chosen)
        people = list(state.people.values())
    if person is None:
        return _chooser(box, query, people)
    response = answer(box, person, query, request.form.get("answer"))
    response.set_cookie(COOKIE, person.id, httponly=True, samesite="Lax")
    return response


def answer(box: Box, person: Person, query: str, said: str | None) -> AnyResponse:
    """For a known person: an error page, the consent page, or back with a code. Needs an app context only."""
    try:
        link = read_link(query, box)
    except AuthorizeError as error:
        return _error(error)
    if said == "refuse":
        return redirect(refused(link))
    if said != "allow" and needs_consent(link, person):
        return Response(render_template("consent.html", person=person, account=box.settings.account_name))
    return redirect(granted(box, person, link))


def _chooser(box: Box, query: str, people: list[Person]) -> AnyResponse:
    try:
        read_link(query, box)
    except AuthorizeError as error:
        return _error(error)
    return Response(render_template("choose_person.html", people=people))


def _error(error: AuthorizeError) -> Response:
    return Response(render_template("authorize_error.html", error=error))
