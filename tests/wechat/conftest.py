from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from app import redis
from app.config import RedisServer
from app.wechat.client import Account
from tests.conftest import FixedClock, make_settings
from tests.wechat.server import PlayedWeChat


@pytest.fixture
def wechat() -> Iterator[PlayedWeChat]:
    played = PlayedWeChat()
    yield played
    played.stop()


@pytest.fixture
def store() -> Redis:
    return redis.connect(RedisServer(url="memory://"))


@pytest.fixture
def time() -> FixedClock:
    return FixedClock()


@pytest.fixture
def account(wechat: PlayedWeChat, store: Redis, time: FixedClock) -> Account:
    return Account(make_settings(wechat={"api_url": wechat.url}).wechat, store, time)


@pytest.fixture
def another(wechat: PlayedWeChat, time: FixedClock) -> Callable[[Redis], Account]:
    """The same account in another process, as far as a test can see."""
    return lambda store: Account(make_settings(wechat={"api_url": wechat.url}).wechat, store, time)
