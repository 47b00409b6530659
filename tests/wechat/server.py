"""A small HTTP server that plays WeChat as a test says, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


class PlayedWeChat:
    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], bytes, str]] = []
        self.answers: dict[str, Callable[[Request], Response] | dict[str, Any]] = {}
        self.tokens = 0
        self._lock = threading.Lock()
        self.server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self.server.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        body = request.get_data()
        with self._lock:
            self.asked.append((request.path, request.args.to_dict(), body, request.content_type or ""))
        answer = self.answers.get(request.path, {"errcode": 0, "errmsg": "ok"})
        if request.path == "/cgi-bin/stable_token" and request.path not in self.answers:
            with self._lock:
                self.tokens += 1
            answer = {"access_token": f"token-{self.tokens}", "expires_in": 7200}
        response = answer(request) if callable(answer) else Response(json.dumps(answer), mimetype="text/plain")
        return response(environ, start_response)

    def count(self, path: str) -> int:
        return sum(asked[0] == path for asked in self.asked)

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
