"""Redis: what may be lost (codes, tokens, limits, claimed pushes). Only this module opens it."""

import fakeredis
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from app.config import RedisServer

__all__ = ["Redis", "RedisError", "connect"]

#: Pages must go on when Redis hangs, so nobody waits longer for it than this, in seconds.
PATIENCE = 0.3


def connect(settings: RedisServer) -> Redis:
    """A client for the server that the settings name; `memory://` is one inside this process."""
    if settings.url == "memory://":
        return fakeredis.FakeRedis(server=fakeredis.FakeServer())
    # By itself the client repeats for seconds. Once more, at once, is for a connection that was cut meanwhile.
    retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    return Redis.from_url(settings.url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=retry)
