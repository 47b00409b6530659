"""How the application puts WeChat in its place."""

from collections.abc import Callable, Mapping

from flask import Flask

from app.clock import Clock
from app.config import Config, from_root
from app.context import NAME, Context
from app.redis import Redis
from app.wechat import replies
from app.wechat.callback import Callback
from app.wechat.client import Account
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


def open_account(settings: Config, redis: Redis, clock: Clock) -> OfficialAccount:
    return Account(settings.wechat, redis, clock)


NoteFollowing = Callable[..., None]


def answer_pushes(app: Flask, pages: Mapping[str, str], *, note_following: NoteFollowing) -> None:
    """Answer WeChat's pushes before Flask's dispatcher; `pages` are full addresses by page name."""
    parts: Context = app.extensions[NAME]
    texts = replies.load(from_root(parts.config.content.replies), pages)
    app.extensions[replies.NAME] = texts
    routes = default_routes(texts)
    for event, is_following in (("subscribe", True), ("unsubscribe", False)):

        def act(push: Push, is_following: bool = is_following) -> None:
            note_following(parts.config.wechat.app_id, push.openid, push.create_time, is_following=is_following)

        routes.on_event(event, act=act)
    app.wsgi_app = Callback(app, parts.config, parts.redis, parts.clock, routes)  # type: ignore[method-assign]
