"""报名口令: how often somebody may try the password of an activity."""

from contextlib import suppress

from app.activities import recruiting
from app.activities.errors import TooManyTries
from app.activities.models import Activity, RecruitScope
from app.redis import Redis, RedisError

#: Wrong passwords of one person for one activity in an hour.
MOST_TRIES = 10
HOUR_SECONDS = 3600


def tried(activity: Activity, volunteer_id: int, typed: str, redis: Redis) -> bool:
    """Whether the activity has no password or this is it. Raises TooManyTries."""
    if activity.recruit_scope != RecruitScope.PASSWORD:
        return True
    key = f"password-tries:{activity.id}:{volunteer_id}"
    with suppress(RedisError):
        # Counted before it is judged, so that many at once count as many.
        tries = int(redis.incr(key))
        redis.expire(key, HOUR_SECONDS)
        if tries > MOST_TRIES:
            raise TooManyTries
    if not recruiting.knows_password(activity, typed[:200]):
        return False
    with suppress(RedisError):
        redis.delete(key)
    return True
