"""Forwarders, opened on demand and kept."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.box import Box
from sandbox.forwarding.forwarder import Forwarder

MOST = 50


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing: a browser that leaves in the middle of a page is no news."""


@dataclass
class Running:
    """A forwarder and the server around it."""

    forwarder: Forwarder
    server: BaseWSGIServer


class ForwarderPool:
    """At most fifty at once; the one opened longest ago makes room."""

    def __init__(self, box: Box, app: Flask) -> None:
        self._box, self._app = box, app
        self._lock = threading.Lock()
        self._running: OrderedDict[str, Running] = OrderedDict()

    def port_for(self, person_id: str) -> int:
        """The port of a person's in-app browser."""
        with self._lock:
            running = self._running.get(person_id)
            if running is None:
                running = self._start(person_id)
            self._running.move_to_end(person_id)
            while len(self._running) > MOST:
                _, oldest = self._running.popitem(last=False)
                threading.Thread(target=oldest.server.shutdown, daemon=True).start()
            return running.server.port

    def shown(self, person_id: str) -> tuple[str, str]:
        """Address and title of the page a person looked at last."""
        with self._lock:
            running = self._running.get(person_id)
        return (running.forwarder.address, running.forwarder.title) if running else ("", "")

    def forget(self) -> None:
        """After a reset: who is still there starts without cookies on the same port, the others' servers stop."""
        with self._lock, self._box.world.read() as state:
            gone = {person_id: one for person_id, one in self._running.items() if person_id not in state.people}
            for person_id in gone:
                del self._running[person_id]
            for one in self._running.values():
                one.forwarder.forget()
        for one in gone.values():
            threading.Thread(target=one.server.shutdown, daemon=True).start()

    def _start(self, person_id: str) -> Running:
        forwarder = Forwarder(self._box, self._app, person_id)
        server = make_server(self._box.settings.host, 0, forwarder, threaded=True, request_handler=_QuietHandler)
        server.daemon_threads = True  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True, name=f"forward-{person_id}").start()
        self._running[person_id] = Running(forwarder, server)
        return self._running[person_id]
