import socket
import time

import pytest
from redis.exceptions import RedisError

from app import redis as product_redis
from app.config import RedisServer


def test_both_kinds_keep_and_forget(redis_url):
    client = product_redis.connect(RedisServer(url=redis_url))
    client.flushdb()
    assert client.set("key", "value", nx=True, ex=60)
    assert not client.set("key", "other", nx=True, ex=60)
    assert client.get("key") == b"value"
    assert 0 < client.ttl("key") <= 60
    client.flushdb()


def test_memory_is_not_shared_between_applications():
    one, other = (product_redis.connect(RedisServer(url="memory://")) for _ in range(2))
    one.set("key", "value")
    assert other.get("key") is None


def test_nobody_waits_for_a_redis_that_is_gone():
    client = product_redis.connect(RedisServer(url="redis://127.0.0.1:9/0"))
    began = time.monotonic()
    with pytest.raises(RedisError):
        client.get("key")
    assert time.monotonic() - began < 1


def test_nobody_waits_for_a_redis_that_hangs():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = product_redis.connect(RedisServer(url=f"redis://127.0.0.1:{silent.getsockname()[1]}/0"))
        began = time.monotonic()
        with pytest.raises(RedisError):
            client.get("key")
        assert time.monotonic() - began < 1


def test_a_connection_that_was_cut_is_made_again(redis_server):
    client, other = (product_redis.connect(RedisServer(url=redis_server)) for _ in range(2))
    number = client.client_id()
    assert other.client_kill_filter(_id=str(number)) == 1
    assert client.ping()
