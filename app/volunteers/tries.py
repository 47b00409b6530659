"""How often somebody may try ID numbers: nobody finds out by trying which of them are registered."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from app.redis import Redis, RedisError
from app.volunteers.errors import IdNumberNotAccepted

#: Refused ID numbers of one account a day; from then on each is answered alike, and papers are looked at by people.
MOST_ID_TRIES = 3
DAY_SECONDS = 86_400


@contextmanager
def counted(account_id: int, redis: Redis) -> Iterator[None]:
    """Count a refusal of what is done inside. Raises IdNumberNotAccepted."""
    key = f"id-tries:{account_id}"
    with suppress(RedisError):
        if int(redis.get(key) or 0) >= MOST_ID_TRIES:
            raise IdNumberNotAccepted
    try:
        yield
    except IdNumberNotAccepted:
        with suppress(RedisError), redis.pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, DAY_SECONDS)
            pipe.execute()
        raise
