"""Dropping a connection without an answer, as a network does."""

import socket
from collections.abc import Callable, Iterable
from typing import Any

from flask import Response

HEADER = "X-Sandbox-Cut"


def cut() -> Response:
    """A response that never reaches the caller."""
    response = Response("")
    response.headers[HEADER] = "1"
    return response


class Cutter:
    """WSGI middleware: closes the socket instead of sending what `cut` made."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            if any(name == HEADER for name, _ in headers):
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
                raise ConnectionAbortedError
            return start_response(status, headers, exc_info)

        return self._app(environ, start)
