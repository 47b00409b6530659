"""The WSGI app behind one person's in-app browser."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

import requests
from flask import Flask, render_template
from werkzeug.wrappers import Request, Response

from sandbox.authorize.pages import answer
from sandbox.box import Box
from sandbox.forwarding.addresses import AUTHORIZE, EXTERNAL, moved, outward
from sandbox.forwarding.cookies import load_jar, save_jar
from sandbox.forwarding.links import kept_inside
from sandbox.outgoing import new_session
from sandbox.people import Person

MARKER = " MicroMessenger/8.0.50 NetType/WIFI Language/zh_CN"
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
TIMEOUT = (5, 60)


class Forwarder:
    """Passes requests to the site as WeChat's browser would send them, and the answers back."""

    def __init__(self, box: Box, app: Flask, person_id: str) -> None:
        self.box, self._app, self._person_id = box, app, person_id
        self._session = new_session()
        # The browser's own headers are passed on; requests would add its own.
        self._session.headers.clear()
        self._session.cookies = load_jar(self._person())
        self.address = ""
        self.title = ""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self._respond(Request(environ))(environ, start_response)

    def forget(self) -> None:
        """As a phone fresh from the shop."""
        self._session.cookies.clear()
        self.address = self.title = ""

    def _person(self) -> Person:
        with self.box.world.read() as state:
            return state.people[self._person_id]

    def _respond(self, request: Request) -> Response:
        forwarder = f"http://{request.host}"
        if request.path == AUTHORIZE:
            return self._authorize(request, forwarder)
        if request.path == EXTERNAL:
            return self._page("外部网站", "external.html", url=request.args.get("url", ""))
        try:
            upstream = self._ask(request, forwarder)
        except requests.RequestException:
            return self._page("无法打开网页", "unreachable.html", 502, url=self.box.settings.site_url)
        save_jar(self.box, self._person(), self._session.cookies)
        return self._answer(request, upstream, forwarder)

    def _authorize(self, request: Request, forwarder: str) -> Response:
        with self._app.app_context():
            response = answer(self.box, self._person(), request.query_string.decode(), request.form.get("answer"))
        if response.location:
            response.headers["Location"] = moved(self.box, response.location, forwarder)
        # Location stays as written: the browser must see the forwarder's own host.
        response.autocorrect_location_header = False
        return response

    def _page(self, title: str, template: str, status: int = 200, *, url: str) -> Response:
        """A page of the sandbox's own, shown in place of the site's."""
        self.address, self.title = url, title
        with self._app.app_context():
            return Response(render_template(template, url=url), status, content_type="text/html; charset=utf-8")

    def _ask(self, request: Request, forwarder: str) -> requests.Response:
        site = self.box.settings.site_origin
        target = str(request.environ.get("REQUEST_URI") or request.full_path)
        headers: dict[str, str] = {}
        for name, value in request.headers.items():
            lower = name.lower()
            if lower not in HOP_BY_HOP and lower not in ("host", "cookie", "content-length"):
                headers[name] = outward(self.box, value, forwarder) if lower in ("origin", "referer") else value
        headers["User-Agent"] = request.headers.get("User-Agent", "") + MARKER
        if _is_page(request):
            # The bar above the page shows its title, which is read from the clear text.
            headers["Accept-Encoding"] = "identity"
        body = request.get_data()
        return self._session.request(
            request.method,
            site + target,
            headers=headers,
            data=body or None,
            timeout=TIMEOUT,
            stream=True,
            allow_redirects=False,
        )

    def _answer(self, request: Request, upstream: requests.Response, forwarder: str) -> Response:
        response = Response(status=upstream.status_code)
        response.headers.clear()
        response.autocorrect_location_header = False
        for name, value in upstream.raw.headers.items():
            lower = name.lower()
            if lower in HOP_BY_HOP or lower == "set-cookie":
                continue
            response.headers.add(name, moved(self.box, value, forwarder) if lower == "location" else value)
        if _is_page(request) and upstream.headers.get("Content-Type", "").startswith("text/html"):
            self._show(response, upstream, forwarder)
        else:
            response.response = upstream.raw.stream(8192, decode_content=False)
        response.call_on_close(upstream.close)
        return response

    def _show(self, response: Response, upstream: requests.Response, forwarder: str) -> None:
        """A page for the person's eyes: its title is noted, its links are kept inside."""
        page = upstream.raw.read(decode_content=True)
        found = re.search(rb"<title[^>]*>([^<]*)", page, re.IGNORECASE)
        self.address = upstream.url
        self.title = unescape(found[1].decode("utf-8", "replace")).strip() if found else ""
        response.headers.pop("Content-Encoding", None)
        response.set_data(kept_inside(self.box, page, forwarder))


def _is_page(request: Request) -> bool:
    return request.headers.get("Sec-Fetch-Dest", "") in ("document", "iframe")
