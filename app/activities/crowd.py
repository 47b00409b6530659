"""立即报名 when hundreds press at once: a small WSGI application that stands before Flask's dispatcher.

Flask's way to a view, its session, its forms and its templates cost several times what is left of a press once presses
share a transaction (app/activities/sharing.py). So a press that is plain is answered here: somebody who is logged in,
with a form of ours, and gets a place, is in already, or finds it full. Whatever is not plain goes on to Flask as it
came, and is judged there (app/activities/joining.py): nobody is refused here for another reason than that it is full,
and nobody let in whom Flask would not let in.
"""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import flask
import structlog
from flask import Flask, g, render_template
from flask.sessions import SessionMixin
from flask_wtf.csrf import same_origin
from itsdangerous import BadData, URLSafeTimedSerializer

from app.accounts.visitor import TOKEN
from app.activities.errors import ActivityFull
from app.activities.models import SignUpState
from app.activities.sharing import Press, sign_up_together
from app.activities.views import way_back_to
from app.context import NAME, Context
from app.errors import AppError
from app.organizations.acting import ORGANIZATIONS, SEVERAL
from app.web import display, headers, readers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()

PATH = re.compile(r"/activities/([1-9][0-9]{0,14})/shifts/([1-9][0-9]{0,14})/sign-up")
#: Longer than any plain press, whose fields are a key and two ticks.
MOST_BYTES, MOST_FIELDS = 2000, 10
#: What somebody reads who has just pressed 立即报名.
OUTCOMES = {
    SignUpState.CONFIRMED: "报名成功",
    SignUpState.PENDING: "报名已提交，等主办组织审核",
    SignUpState.WAITLISTED: "名额已满，您已加入候补；有名额会通知您",
    SignUpState.ENTERED: "已报名，等报名截止后抽签；结果会通知您",
}
IN_ALREADY = "您已经报过名了"
#: Stand in the page of a refusal, which is made once, for what each answer has of its own.
NONCE, FORM_KEY, ACTIVITY = "nonce-of-the-answer", "key-of-the-form", 999_999_999_999_999


@dataclass(frozen=True)
class Asked:
    """A press as it came: which shift, the browser's cookie, the fields of the form, and the list it came from."""

    activity_id: int
    shift_id: int
    visit: SessionMixin
    fields: dict[str, str]
    back: str
    is_large: bool


class Crowd:
    def __init__(self, app: Flask) -> None:
        self._app, self._next = app, app.wsgi_app
        self._parts: Context = app.extensions[NAME]
        # As Flask-WTF signs the key of a form.
        self._form_keys = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token")
        #: The page of a refusal, in usual and in large type.
        self._pages: dict[bool, str] = {}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = PATH.fullmatch(environ.get("PATH_INFO", ""))
        if path is None or environ["REQUEST_METHOD"] != "POST":
            return self._next(environ, start_response)
        body = _body(environ)
        if body is None:
            return self._next(environ, start_response)
        environ["wsgi.input"] = BytesIO(body)  # Flask reads it again
        try:
            asked = self._read(environ, path, body)
            answer = asked and self._answer(asked)
        except Exception:
            # Flask tells the person; if it was done, then that they are in.
            log.exception("press_failed")
            answer = None
        return (answer or self._next)(environ, start_response)

    def _read(self, environ: "WSGIEnvironment", path: re.Match[str], body: bytes) -> Asked | None:
        """What is asked, by whom; None unless it is plain, and sent from a page of ours."""
        query = environ.get("QUERY_STRING", "")
        try:
            fields = parse_qsl(body.decode("ascii"), max_num_fields=MOST_FIELDS, errors="strict")
            place = parse_qsl(query, max_num_fields=1, errors="strict")
        except ValueError:
            return None
        request = self._app.request_class(environ)
        visit = self._app.session_interface.open_session(self._app, request)
        given = dict(fields)
        if visit is None or not visit.get(TOKEN) or len(given) < len(fields) or given.get("password"):
            return None
        if {name for name, _ in place} - {"back"} or not self._is_ours(request, visit, given.get("csrf_token", "")):
            return None
        # Who acts for several organisations, or has something to be told, reads that on each page.
        if visit.get(ORGANIZATIONS) == SEVERAL or visit.get("_flashes"):
            return None
        back, is_large = dict(place).get("back", ""), request.cookies.get(display.COOKIE) == "1"
        return Asked(int(path[1]), int(path[2]), visit, given, back, is_large)

    def _is_ours(self, request: flask.Request, visit: SessionMixin, form_key: str) -> bool:
        """Whether Flask-WTF would take the form. What it would not, it refuses itself."""
        try:
            is_same = hmac.compare_digest(self._form_keys.loads(form_key), visit.get("csrf_token", ""))
        except (BadData, TypeError):
            return False
        return is_same and (not request.is_secure or same_origin(request.referrer or "", f"https://{request.host}/"))

    def _answer(self, asked: Asked) -> "WSGIApplication | None":
        press = Press(asked.activity_id, asked.shift_id, token=asked.visit[TOKEN])
        press.accepts_risk, press.has_training = (asked.fields.get(name) == "y" for name in ("risk", "training"))
        press.read_edition = readers.number(asked.fields.get("edition"))
        try:
            came = sign_up_together(self._app, press, now=self._parts.clock.now())
        except ActivityFull as full:
            return self._refusal(asked, full)
        except AppError:
            return None
        return came and self._success(asked, OUTCOMES[came.state] if came.is_new else IN_ALREADY)

    def _success(self, asked: Asked, words: str) -> flask.Response:
        """Back to the activity, where the words are read once, as flask.flash() leaves them."""
        asked.visit["_flashes"] = [("message", words)]
        back = way_back_to(asked.back) or None
        address = self._app.url_map.bind("").build("activities.show", {"activity_id": asked.activity_id, "back": back})
        answer = self._app.response_class(status=303, headers={"Location": address})
        self._app.session_interface.save_session(self._app, asked.visit, answer)
        answer.headers.update(headers.of_page(self._parts.config, headers.new_nonce()))
        return answer

    def _refusal(self, asked: Asked, full: ActivityFull) -> "WSGIApplication":
        """Hundreds a second read this when an activity was full in no time: the word, and where to go."""
        if asked.is_large not in self._pages:
            self._pages[asked.is_large] = self._refused_page(asked, full.message)
        nonce = headers.new_nonce()
        page = self._pages[asked.is_large].replace(NONCE, nonce).replace(FORM_KEY, asked.fields["csrf_token"])
        body = page.replace(str(ACTIVITY), str(asked.activity_id)).encode()
        given = headers.of_page(self._parts.config, nonce) | {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            "Vary": "Cookie",
        }

        def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            start_response(f"{full.status} Conflict", list(given.items()))
            return [body]

        return answer

    def _refused_page(self, asked: Asked, message: str) -> str:
        cookie = {"Cookie": f"{display.COOKIE}=1"} if asked.is_large else {}
        path = f"/activities/{ACTIVITY}/shifts/1/sign-up"
        with self._app.test_request_context(path, method="POST", headers=cookie):
            flask.session[TOKEN] = asked.visit[TOKEN]
            flask.session[ORGANIZATIONS] = 0  # the page is everybody's
            g.nonce, g.csrf_token = NONCE, FORM_KEY
            return render_template("activities/refused.html", message=message, activity_id=ACTIVITY)


def _body(environ: "WSGIEnvironment") -> bytes | None:
    """The form that was sent; None if it is none that is plain."""
    length, kind = environ.get("CONTENT_LENGTH") or "", environ.get("CONTENT_TYPE", "")
    if kind != "application/x-www-form-urlencoded" or not (length.isascii() and length.isdigit() and len(length) < 5):
        return None
    if int(length) > MOST_BYTES:
        return None
    try:
        body: bytes = environ["wsgi.input"].read(int(length))
    except Exception:
        # Each server has errors of its own for callers that went away; nobody reads the answer.
        return b""
    return body


def answer_presses(app: Flask) -> None:
    app.wsgi_app = Crowd(app)  # type: ignore[method-assign]
