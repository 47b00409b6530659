"""Redis: what may be lost (codes, tokens, limits, claimed pushes). Only this module opens it."""

import fakeredis
from redis import Redis

from app.config import RedisServer

#: Pages must go on when Redis hangs, so nobody waits longer for it than this, in seconds.
PATIENCE = 0.3


def connect(settings: RedisServer) -> Redis:
    """A client for the server that the settings name; `memory://` is one inside this process."""
    if settings.url == "memory://":
        return fakeredis.FakeRedis(server=fakeredis.FakeServer())
    return Redis.from_url(settings.url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
