"""Putting the parts together, and serving them."""

import logging
import sys
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox import control, phone
from sandbox.api import dispatch
from sandbox.api.endpoints import DAILY_LIMITS
from sandbox.authorize import pages as authorize_pages
from sandbox.box import Box
from sandbox.clock import Clock, fits
from sandbox.cutting import Cutter
from sandbox.faults import Faults
from sandbox.forwarding.pool import ForwarderPool
from sandbox.media_store import MediaStore
from sandbox.settings import Settings
from sandbox.world import World

# The largest medium is 10 MB; a little more for the form around it lets the handler answer 40006 itself.
MAX_BODY = 24 << 20


class QuietHandler(WSGIRequestHandler):
    """No line for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        if type == "error":
            print("sandbox:", message % args, file=sys.stderr, flush=True)


def create_box(settings: Settings) -> Box:
    world = World(settings.state)
    clock = Clock(world.state.clock_offset if fits(world.state.clock_offset) else 0)
    return Box(settings, clock, world, Faults(), MediaStore(settings.state), daily_limits=DAILY_LIMITS)


def create_app(box: Box) -> Flask:
    app = Flask("sandbox", static_url_path="/sandbox-static")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["sandbox"] = box
    app.register_blueprint(dispatch.blueprint)
    app.register_blueprint(control.blueprint)
    app.register_blueprint(authorize_pages.blueprint)
    app.register_blueprint(phone.blueprint)
    return app


def serve(settings: Settings) -> BaseWSGIServer:
    """A server that is bound and knows its port; the caller runs it."""
    box = create_box(settings)
    app = create_app(box)
    server = make_server(settings.host, settings.port, Cutter(app), threaded=True, request_handler=QuietHandler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    box.port = server.port
    box.forwarders = ForwarderPool(box, app)
    return server
