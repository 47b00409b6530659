"""`/wechat/callback`: a small WSGI application that stands before Flask's dispatcher.

WeChat cuts the connection after 5 seconds, repeats the push, and shows the person a grey line when the answer is
neither XML nor `success`; so no push that is WeChat's own is ever answered with an error, and none waits for long.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import structlog
from flask import Flask

from app.clock import Clock
from app.config import Config
from app.jobs import GONE
from app.redis import Redis, RedisError
from app.wechat.crypto import BadPush
from app.wechat.push import Door, Push
from app.wechat.replies import encrypt, render
from app.wechat.routing import Act, Handler, Routes

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()

PATH = "/wechat/callback"
SUCCESS = b"success"
#: How long an answer may wait for its effect, in seconds; WeChat waits 5.
DEADLINE = 3.0
#: WeChat's repeats come within 15 seconds.
CLAIM_SECONDS = 60
#: Stands before the answer while its effect is not done yet, and how often a repeat looks whether it is, in seconds.
IN_WORK, INTERVAL = b"?", 0.05
#: How long it is remembered which body a plain signature came with, in seconds; longer than such a push is believed.
STAMP_SECONDS = 3600
#: Effects that may be waiting at once in a process; more would only pile up behind a database that hangs.
MOST_WAITING = 64


PutOff = Callable[[Push], None]


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
    ) -> None:
        """`put_off` keeps a push whose effect failed, so that it is done later."""
        self._next: WSGIApplication = app.wsgi_app
        self._app, self._config, self._redis, self._clock, self._routes = app, config, redis, clock, routes
        self._door, self._deadline, self._put_off = Door(config.wechat), deadline, put_off
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        # Its threads begin with the first push, so a fork before that is harmless.
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="push")

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
            handler = self._routes.find(push)
            if self._config.wechat.mode == "plain":
                self._remember_signature(query, body, has_effect=bool(handler and handler.act))
        except BadPush as error:
            log.warning("push_refused", reason=str(error))
            return _answer(start_response, "403 Forbidden", b"refused")
        answer = self._answer_to(push, handler, ends)
        if answer != SUCCESS and self._config.wechat.mode != "plain" and self._door.cipher:
            answer = encrypt(answer, self._door.cipher, self._config.wechat.token, query["timestamp"])
        kind = "text/plain" if answer == SUCCESS else "text/xml"
        return _answer(start_response, "200 OK", answer, [("Content-Type", f"{kind}; charset=utf-8")])

    def _verified(self, query: dict[str, str]) -> bytes:
        """The echo of a URL verification; its signature, overheard, must not carry a push. Raises BadPush."""
        echo = self._door.verify(query)
        if self._config.wechat.mode == "plain":
            self._remember_signature(query, b"", has_effect=False)
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

    def _answer_to(self, push: Push, handler: Handler | None, ends: float) -> bytes:
        if handler is None:
            log.info("push_unknown", kind=push.kind[:64], event_name=push.event[:64])
            return SUCCESS
        try:
            reply = handler.answer(push)
            answer = SUCCESS if reply is None else render(reply, push)
            return self._act_once(handler.act, push, answer, ends) if handler.act else answer
        except Exception:
            # The person would see the grey line; we see the log.
            log.exception("push_handler_failed", kind=push.kind, event_name=push.event)
            return SUCCESS

    def _act_once(self, act: Act, push: Push, answer: bytes, ends: float) -> bytes:
        """Do what the push changes, once: a repeat, at whichever worker it arrives, gets the first answer.

        A worker that is killed at work leaves a claim that soon ends: WeChat's repeat then does what was left undone.
        """
        key = "push:" + hashlib.sha256(f"{self._config.wechat.app_id}:{push.identity}".encode()).hexdigest()
        brief = max(int(self._deadline * 1000 * 2 / 3), 1)
        try:
            while (first := self._redis.set(key, IN_WORK + answer, nx=True, get=True, px=brief)) is not None:
                known = bytes(first)  # type: ignore[arg-type]
                if not known.startswith(IN_WORK) or time.monotonic() > ends:
                    return known.removeprefix(IN_WORK)
                time.sleep(INTERVAL)
        except RedisError:
            # Effects are guarded a second time, by the database; better twice looked at than never.
            log.warning("push_not_claimed")
        self._run(act, push, key, answer, ends)
        return answer

    def _run(self, act: Act, push: Push, key: str, answer: bytes, ends: float) -> None:
        """Do it in the pool and wait, but not beyond the deadline: the answer is known already.

        What waiting for a Redis that hangs has cost is part of the deadline.
        """
        if not self._places.acquire(blocking=False):
            self._do_later(push, key, answer)
            return
        done: Future[None] = self._pool.submit(self._in_context, act, push, key, answer)
        try:
            done.result(max(ends - time.monotonic(), 0))
        except TooLate:
            log.warning("push_effect_late", event_name=push.event)

    def _in_context(self, act: Act, push: Push, key: str, answer: bytes) -> None:
        try:
            with self._app.app_context():
                act(push)
            with suppress(RedisError):
                self._redis.set(key, answer, ex=CLAIM_SECONDS)
        except Exception as error:
            if isinstance(error, GONE):
                log.warning("push_effect_failed", event_name=push.event, reason=type(error).__name__)
            else:
                log.exception("push_effect_failed", event_name=push.event)
            self._do_later(push, key, answer)
        finally:
            self._places.release()

    def _do_later(self, push: Push, key: str, answer: bytes) -> None:
        """WeChat has its answer and may not come back: the worker does the effect; else a repeat finds no claim."""
        try:
            if self._put_off:
                self._put_off(push)
                with suppress(RedisError):
                    self._redis.set(key, answer, ex=CLAIM_SECONDS)
                return
        except Exception as error:
            log.error("push_effect_dropped", event_name=push.event, reason=type(error).__name__)
        with suppress(RedisError):
            self._redis.delete(key)

    def _remember_signature(self, query: dict[str, str], body: bytes, *, has_effect: bool) -> None:
        """In plain mode the signature does not cover the body: one that was overheard must not carry another effect.

        It is known by itself, not by timestamp and nonce: these can change places or digits and be signed alike.
        """
        stamp = hashlib.sha256(query["signature"].encode()).hexdigest()
        digest = hashlib.sha256(body).digest()
        seconds = max(STAMP_SECONDS, 2 * self._config.wechat.max_push_age)
        try:
            first = self._redis.set(f"stamp:{stamp}", digest, nx=True, get=True, ex=seconds)
        except RedisError:
            return
        if has_effect and first is not None and bytes(first) != digest:  # type: ignore[arg-type]
            raise BadPush("a signature used for another body")


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
