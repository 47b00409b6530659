"""What somebody typed into a form that could not be taken as it came: nobody types it a second time.

A form whose key is stale (another tab logged in meanwhile) is shown again at once as it was sent, with a fresh key.
When the session has ended, what was typed is kept for an hour, sealed, for this browser alone, while the person logs
in; then the page's form has it again.
"""

import contextlib
import json
import secrets
from typing import Any
from urllib.parse import urlsplit

import flask
from flask import current_app, g, make_response, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.wrappers import Response

from app import crypto
from app.context import here
from app.redis import RedisError
from app.web import opened_for
from app.web.urls import local_path

#: The entry of the cookie: the page, and the name under which what was typed there is kept.
ENTRY = "typed"
#: The entry that says of which fields of which page a file was not taken: files are not kept.
FILES_ENTRY = "files_left"
HOUR = 3600
#: Larger than the longest form of ours, and how often an address may have something kept in an hour.
MOST_BYTES, MOST_FIELDS, MOST_AN_HOUR = 300_000, 200, 60
#: What counts for one sending only; boxes that mean a yes are ticked anew.
PASSING = {"csrf_token", "action", "province", "code", "password", "invitation"}
PASSING |= {"puzzle_solution", "puzzle_answer", "puzzle_token"}
CONSENTS = {"agreement", "privacy", "id_consent", "leader_id_consent", "guardian_consent", "declaration", "understood"}
#: Nothing of these is kept before the person has agreed to that.
NUMBERS = {"id_number": "id_consent", "leader_id_number": "leader_id_consent"}
STALE = "这一页停留太久，或者登录有了变化；您填写的内容还在，请再按一次"
BACK_AGAIN = "您之前填写的内容已经放回来了，请核对后再提交"
FILE_AGAIN = "您刚才选的文件没有收到，因为要先登录或验证；请重新选择文件，再提交一次"

Values = dict[str, list[str]]


def answer_again() -> Response | None:
    """For a form with a stale key: its page as a GET shows it, with what was typed; None when that cannot be."""
    values = _sent()
    if not values or not _has_page() or _is_from_elsewhere():
        return None
    g.typed, g.is_typed_used = values, False
    asked = request._get_current_object()  # type: ignore[attr-defined]
    asked.method = asked.environ["REQUEST_METHOD"] = "GET"
    asked.__dict__["form"] = ImmutableMultiDict()
    try:
        view = current_app.view_functions[request.endpoint or ""]
        answer = make_response(view(**(request.view_args or {})))
    except Exception as error:
        return make_response(current_app.handle_user_exception(error))
    if not g.is_typed_used:
        return None
    if answer.status_code == 200:
        answer.status_code = 400
    return answer


def keep() -> str | None:
    """Keep what this request brought, until the person has logged in; returns the page that it belongs to."""
    _note_files()
    values = _brought()
    page = local_path(request.full_path.rstrip("?"), "")
    if not values or len(values) > MOST_FIELDS or not page or not _has_page():
        return None
    g.is_typed_used = True
    for number, consent in NUMBERS.items():
        if not values.get(consent):
            values.pop(number, None)
    words = json.dumps({name: texts for name, texts in values.items() if name not in CONSENTS}, ensure_ascii=False)
    if len(words.encode()) > MOST_BYTES or not _may_keep():
        return None
    name = secrets.token_urlsafe(16)
    with contextlib.suppress(RedisError):
        here.redis.set(_key(name), crypto.ring().seal(words, _key(name)), ex=HOUR)
        flask.session[ENTRY] = [page, name]
        return page
    return None


def names() -> set[str]:
    """The fields that this request brought."""
    return set(_brought())


def is_kept() -> bool:
    """Whether something waits for this browser to log in."""
    return ENTRY in flask.session


def into(form: Any) -> MultiDict[str, str] | None:
    """What the form is to be filled in with besides its defaults, if it was typed into one like it on this page."""
    _ask_for_files(form)
    if "typed" in g:
        values, sentence = g.typed, STALE
    elif request.method == "GET":
        values, sentence = _kept(), BACK_AGAIN
    else:
        return None
    if not values or not _fields_of(values) - PASSING <= set(form._fields) or is_anothers(values):
        return None
    g.is_typed_used = True
    form.form_errors.append(sentence)
    return MultiDict([(name, text) for name, texts in values.items() for text in texts])


def note_sent(form: Any) -> None:
    """The form was sent anew: what was kept for it has done its work."""
    values = _kept()
    if values and _fields_of(values) <= set(form._fields) and not is_anothers(values):
        forget()


def forget() -> None:
    entry = flask.session.pop(ENTRY, None)
    if entry:
        with contextlib.suppress(RedisError):
            here.redis.delete(_key(entry[1]))


def _note_files() -> None:
    names = sorted(name for name, file in request.files.items() if file.filename)
    if names and _has_page():
        flask.session[FILES_ENTRY] = [request.path, names]


def _ask_for_files(form: Any) -> None:
    page, names = flask.session.get(FILES_ENTRY) or ("", [])
    if request.method == "GET" and page == request.path and set(names) <= set(form._fields):
        flask.session.pop(FILES_ENTRY)
        flask.flash(FILE_AGAIN)


def _sent() -> Values:
    if request.method != "POST":
        return {}
    values = {name: texts for name, texts in request.form.lists() if name not in PASSING and any(texts)}
    return values if _fields_of(values) else {}


def _fields_of(values: Values) -> set[str]:
    return set(values) - {opened_for.FIELD}


def whose(values: Values) -> str:
    """For whom the page was opened into which it was typed; empty for a page that is nobody's."""
    return next(iter(values.get(opened_for.FIELD, ())), "")


def is_anothers(values: Values) -> bool:
    """Whether it was typed into a page of somebody for whom the person does not act now."""
    return whose(values) not in ("", g.get("opened_for", ""))


def whose_is_kept() -> str:
    """For whom the page was opened into which somebody typed what waits here for this page."""
    return whose(_kept()) if request.method == "GET" else ""


def _brought() -> Values:
    return g.typed if "typed" in g else _sent()


def _has_page() -> bool:
    return bool(request.url_rule and "GET" in (request.url_rule.methods or ()))


def _is_from_elsewhere() -> bool:
    """Whether another site sent the form: nothing that it chose is shown as if the person had typed it."""
    origin = request.headers.get("Origin") or request.referrer
    return bool(origin) and urlsplit(origin).netloc != request.host


def _kept() -> Values:
    page, name = flask.session.get(ENTRY) or ("", "")
    if not name or urlsplit(page).path != request.path:
        return {}
    try:
        sealed: bytes | None = here.redis.get(_key(name))  # type: ignore[assignment]
        return json.loads(crypto.ring().open(sealed.decode(), _key(name))) if sealed else {}
    except (RedisError, crypto.CannotOpen):
        return {}


def _may_keep() -> bool:
    """Strangers must not fill the memory."""
    count = f"typed-by:{crypto.ring().index('address', request.remote_addr or '')}"
    try:
        with here.redis.pipeline() as pipe:
            pipe.set(count, 0, nx=True, ex=HOUR)
            pipe.incr(count)
            return int(pipe.execute()[1]) <= MOST_AN_HOUR
    except RedisError:
        return False


def _key(name: str) -> str:
    return f"typed:{name}"
