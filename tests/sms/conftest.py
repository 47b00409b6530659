"""A gateway for text messages: a real HTTP server that remembers what it was sent and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Gateway:
    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.answer: bytes = b"{}"
        self.cuts = False
        self.stalls = threading.Event()
        self.received: list[tuple[str, bytes]] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                gateway.received.append((self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
                gateway.stalls.wait()
                if gateway.cuts:
                    self.close_connection = True
                    return
                self.send_response(gateway.status)
                for name, value in gateway.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(gateway.answer)))
                self.end_headers()
                self.wfile.write(gateway.answer)

            do_GET = do_POST  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.stalls.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}/sms"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def bodies(self) -> list[dict[str, str]]:
        return [json.loads(body) for _, body in self.received]

    def stall(self) -> None:
        """Take requests and answer none."""
        self.stalls.clear()

    def close(self) -> None:
        self.stalls.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    running = Gateway()
    yield running
    running.close()
