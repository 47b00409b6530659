"""`/wechat/callback`: a small WSGI application that stands before Flask's dispatcher.

WeChat cuts the connection after 5 seconds, repeats the push, and shows the person a grey line when the answer is
neither XML nor `success`; so no push that is WeChat's own is ever answered with an error, and none waits for long.
"""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import structlog
from flask import Flask

from app.clock import Clock
from app.config import Config
from app.cutoff import Cutoff
from app.redis import Redis, RedisError
from app.wechat.claims import Claims, Signed
from app.wechat.crypto import BadPush
from app.wechat.effects import Effects, PutOff
from app.wechat.push import Door, Push
from app.wechat.replies import encrypt, render
from app.wechat.routing import Act, Routes

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()

PATH = "/wechat/callback"
SUCCESS = b"success"
#: How long an answer may wait for its effect, in seconds; WeChat waits 5.
DEADLINE = 3.0
#: How often a repeat looks whether the effect is done, in seconds.
INTERVAL = 0.05
#: How long it is remembered which body a plain signature came with, in seconds; longer than such a push is believed.
STAMP_SECONDS = 3600


class Callback:
    def __init__(
        self,
        app: Flask,
        config: Config,
        redis: Redis,
        clock: Clock,
        routes: Routes,
        *,
        deadline: float = DEADLINE,
        put_off: PutOff | None = None,
        cutoff: Cutoff | None = None,
    ) -> None:
        """`put_off` keeps a push whose effect failed, so that it is done later; `cutoff` is the database's."""
        self._next: WSGIApplication = app.wsgi_app
        self._config, self._clock, self._routes = config, clock, routes
        self._door, self._deadline = Door(config.wechat), deadline
        self._claims = Claims(
            redis,
            config.wechat.app_id,
            in_work_ms=max(int(deadline * 1000 * 2 / 3), 1),
            stamp_seconds=max(STAMP_SECONDS, 2 * config.wechat.max_push_age),
        )
        self._effects = Effects(self._claims, put_off, cutoff)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            return self._next(environ, start_response)
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "POST"):
            return _answer(start_response, "405 Method Not Allowed", b"", [("Allow", "GET, POST")])
        ends = time.monotonic() + self._deadline
        try:
            query = _query(environ)
            if method == "GET":
                return _answer(start_response, "200 OK", self._verified(query))
            body = self._body(environ)
            push = self._door.open(query, body, self._clock.now())
            signed = Signed(query["signature"], body) if self._config.wechat.mode == "plain" else None
            answer = self._answer_to(push, signed, ends)
        except BadPush as error:
            log.warning("push_refused", reason=str(error))
            return _answer(start_response, "403 Forbidden", b"refused")
        if answer != SUCCESS and self._config.wechat.mode != "plain" and self._door.cipher:
            answer = encrypt(answer, self._door.cipher, self._config.wechat.token, query["timestamp"])
        kind = "text/plain" if answer == SUCCESS else "text/xml"
        return _answer(start_response, "200 OK", answer, [("Content-Type", f"{kind}; charset=utf-8")])

    def _verified(self, query: dict[str, str]) -> bytes:
        """The echo of a URL verification; its signature, overheard, must not carry a push. Raises BadPush."""
        echo = self._door.verify(query)
        if self._config.wechat.mode == "plain":
            self._claims.note(Signed(query["signature"], b""))
        return echo

    def _body(self, environ: "WSGIEnvironment") -> bytes:
        """The body, whatever its length is said to be. Raises BadPush when it is too long."""
        most = self._config.limits.body_bytes
        given = environ.get("CONTENT_LENGTH") or ""
        if given:
            if not (given.isascii() and given.isdigit()) or len(given) > 12 or int(given) > most:
                raise BadPush("size")
            most = int(given)
        elif not environ.get("wsgi.input_terminated"):
            return b""
        read: Callable[[int], bytes] = environ["wsgi.input"].read
        body = b""
        try:
            while len(body) <= most and (part := read(most + 1 - len(body) if not given else most - len(body))):
                body += part
        except Exception:
            # Each server has errors of its own for chunks that are none and for callers that went away.
            raise BadPush("body") from None
        if len(body) > self._config.limits.body_bytes:
            raise BadPush("size")
        return body

    def _answer_to(self, push: Push, signed: Signed | None, ends: float) -> bytes:
        """What to say to it, and what it changes. Raises BadPush."""
        handler = self._routes.find(push)
        if signed and not (handler and handler.act):
            self._claims.note(signed)
        if handler is None:
            log.info("push_unknown", kind=push.kind[:64], event_name=push.event[:64])
            return SUCCESS
        try:
            reply = handler.answer(push)
            answer = SUCCESS if reply is None else render(reply, push)
            return self._act_once(handler.act, push, answer, signed, ends) if handler.act else answer
        except BadPush:
            raise
        except Exception:
            # The person would see the grey line; we see the log.
            log.exception("push_handler_failed", kind=push.kind, event_name=push.event)
            return SUCCESS

    def _act_once(self, act: Act, push: Push, answer: bytes, signed: Signed | None, ends: float) -> bytes:
        """Do what the push changes, once: a repeat, at whichever worker it arrives, gets the first answer."""
        try:
            while (known := self._claims.claim(push, answer, signed)) is not None:
                first, is_done = known
                if is_done or time.monotonic() > ends:
                    return first
                time.sleep(INTERVAL)
        except RedisError:
            # Effects are guarded a second time, by the database; better twice looked at than never.
            log.warning("push_not_claimed")
        self._run(act, push, answer, ends)
        return answer

    def _run(self, act: Act, push: Push, answer: bytes, ends: float) -> None:
        self._effects.do(act, push, answer, ends - time.monotonic())


def _query(environ: "WSGIEnvironment") -> dict[str, str]:
    """The parameters, each byte a character of Latin-1, so that an echo is given back to the byte."""
    text = environ.get("QUERY_STRING", "")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=50, encoding="latin-1")
    except ValueError:
        raise BadPush("query") from None
    query = dict(pairs)
    if len(query) != len(pairs):
        raise BadPush("a parameter twice")
    return query


def _answer(
    start_response: "StartResponse", status: str, body: bytes, headers: list[tuple[str, str]] | None = None
) -> list[bytes]:
    """Content-Length always: some accounts could not be verified through a chunked answer."""
    fixed: list[tuple[str, str]] = [
        ("Content-Length", str(len(body))),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    ]
    given = headers or []
    if not any(name == "Content-Type" for name, _ in given):
        fixed.append(("Content-Type", "text/plain; charset=utf-8"))
    start_response(status, [*fixed, *given])
    return [body]
