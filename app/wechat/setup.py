"""How the application puts WeChat in its place."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import cache
from importlib import import_module
from typing import Any, cast

from flask import Flask
from werkzeug.local import LocalProxy

from app.clock import Clock
from app.config import Config, from_root
from app.context import NAME, Context
from app.cutoff import Cutoff
from app.redis import Redis
from app.wechat import replies
from app.wechat.callback import Callback
from app.wechat.gateway import OfficialAccount
from app.wechat.push import Push
from app.wechat.routing import default_routes

#: Pages that replies and menu files may name.
PAGES = (
    "volunteers.register",
    "volunteers.show",
    "activities.index",
    "activities.mine",
    "organizations.register",
    "organizations.show",
    "publishing.new",
    "publishing.index",
    "links.policies",
    "accounts.confirm_log_in",
)


#: The job that does what a push changes when it could not be done at once, so many seconds later.
EFFECT, PUT_OFF_SECONDS = "wechat.effect", 5


def open_account(settings: Config, redis: Redis, clock: Clock) -> OfficialAccount:
    """Made when somebody first asks WeChat for something: what it needs weighs much, and most pages need none of it."""
    made = cache(lambda: import_module("app.wechat.client").Account(settings.wechat, redis, clock))
    return cast(OfficialAccount, LocalProxy(made))


NoteFollowing = Callable[..., None]


def answer_pushes(app: Flask, pages: Mapping[str, str], *, note_following: NoteFollowing) -> None:
    """Answer WeChat's pushes before Flask's dispatcher; `pages` are full addresses by page name."""
    parts: Context = app.extensions[NAME]
    texts = replies.load(from_root(parts.config.content.replies), pages)
    app.extensions[replies.NAME] = texts
    routes = default_routes(texts)
    for event, is_following in (("subscribe", True), ("unsubscribe", False)):

        def act(push: Push, is_following: bool = is_following) -> None:
            with app.app_context():
                note_following(parts.config.wechat.app_id, push.openid, push.create_time, is_following=is_following)

        routes.on_event(event, act=act)

    def do(payload: dict[str, Any]) -> None:
        push = Push(**payload)
        handler = routes.find(push)
        if handler and handler.act:
            handler.act(push)

    parts.jobs.add_with_payload(EFFECT, do)

    def put_off(push: Push) -> None:
        # Only what says which effect it is: what a person wrote has no business in the queue.
        kept = replace(push, text="", fields={})
        parts.jobs.hand_over(EFFECT, asdict(kept), seconds=PUT_OFF_SECONDS)

    app.wsgi_app = Callback(  # type: ignore[method-assign]
        app,
        parts.config,
        parts.redis,
        parts.clock,
        routes,
        put_off=put_off,
        cutoff=Cutoff(parts.engine),
    )
