"""What stands before every page: files with their headers, and a look at whom the request is addressed to."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from wsgiref.headers import Headers

from flask import Flask, request
from werkzeug.exceptions import BadRequest
from whitenoise import WhiteNoise

from app.web.headers import EVERYWHERE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Addresses of files carry a digest of their content (see templating.asset), so that they may be kept for a year.
YEAR = 31_536_000
#: More than any form of ours has.
MOST_FIELDS = 1000


class KnownHosts:
    """Refuses requests for other hosts before anything is made of the name."""

    def __init__(self, application: "WSGIApplication", hosts: set[str]) -> None:
        self._next, self._hosts = application, hosts

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if _name(environ.get("HTTP_HOST", "")) in self._hosts:
            return self._next(environ, start_response)
        body = "请从公众号菜单或正确的网址进入".encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        headers += [*EVERYWHERE.items(), ("Content-Security-Policy", "default-src 'none'")]
        start_response("400 Bad Request", headers)
        return [body]


def _name(host: str) -> str:
    """The host without its port."""
    return host.rpartition(":")[0].lower() if ":" in host and not host.endswith("]") else host.lower()


def files(application: "WSGIApplication", folder: str) -> "WSGIApplication":
    """Serve /static/, compressed as set-up prepared it."""

    def add_headers(headers: Headers, path: str, url: str) -> None:
        for name, value in EVERYWHERE.items():
            headers[name] = value
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"

    served: WSGIApplication = WhiteNoise(
        application,
        root=folder,
        prefix="static/",
        max_age=YEAR,
        allow_all_origins=False,
        add_headers_function=add_headers,
    )
    return served


def bound_bodies(
    app: Flask, *, form_bytes: int, picture_bytes: int, sheet_bytes: int, may_upload: Callable[[], bool]
) -> None:
    """Let bodies of pages that take files be larger, for people with a session. Before anything reads a form."""

    @app.before_request
    def _bound() -> None:
        view = app.view_functions.get(request.endpoint or "")
        more = getattr(view, "most_pictures", 0) * picture_bytes + getattr(view, "most_sheets", 0) * sheet_bytes
        if more and may_upload():
            request.max_content_length = form_bytes + more


def refuse_unreadable(app: Flask) -> None:
    """Refuse bytes that are no text, and too many fields, before any page looks at them."""

    @app.before_request
    def _refuse() -> None:
        query = request.query_string
        try:
            query.decode()
            request.environ.get("PATH_INFO", "").encode("latin-1").decode()
        except UnicodeError:
            raise BadRequest from None
        if query.count(b"&") >= MOST_FIELDS:
            raise BadRequest
        # Werkzeug counts the parts of a multipart form only.
        if request.endpoint and request.mimetype == "application/x-www-form-urlencoded" and _fields() > MOST_FIELDS:
            raise BadRequest


def _fields() -> int:
    return sum(1 for _ in request.form.items(multi=True))
