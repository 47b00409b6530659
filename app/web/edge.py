"""What stands before every page: files with their headers, and a look at whom the request is addressed to."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from wsgiref.headers import Headers

from whitenoise import WhiteNoise

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Addresses of files carry a digest of their content (see templating.asset), so that they may be kept for a year.
YEAR = 31_536_000


class KnownHosts:
    """Refuses requests for other hosts before anything is made of the name."""

    def __init__(self, application: "WSGIApplication", hosts: set[str]) -> None:
        self._next, self._hosts = application, hosts

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if _name(environ.get("HTTP_HOST", "")) in self._hosts:
            return self._next(environ, start_response)
        body = "请从公众号菜单或正确的网址进入".encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response("400 Bad Request", [*headers, ("X-Content-Type-Options", "nosniff")])
        return [body]


def _name(host: str) -> str:
    """The host without its port."""
    return host.rpartition(":")[0].lower() if ":" in host and not host.endswith("]") else host.lower()


def files(application: "WSGIApplication", folder: str) -> "WSGIApplication":
    """Serve /static/, compressed as set-up prepared it."""

    def add_headers(headers: Headers, path: str, url: str) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
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
