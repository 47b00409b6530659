"""Signatures for WeChat's script: who asks without end is told to wait, and nobody else."""

from dataclasses import replace

import pytest

from app import config, redis
from app.context import NAME
from app.wechat.js_sdk import MOST_OF_ADDRESS, MOST_OF_BROWSER


def statuses(browser, times):
    return [browser.get("/wechat/js-sdk?url=/activities").status_code for _ in range(times)]


def test_a_browser_that_asks_without_end_is_told_to_wait_and_others_are_not(world, volunteer, wechat):
    browser = world.browser(volunteer)
    assert statuses(browser, MOST_OF_BROWSER + 1) == [200] * MOST_OF_BROWSER + [429]
    assert statuses(world.browser(), 1) == [200]


def test_an_address_that_asks_without_end_is_told_to_wait(world, wechat):
    assert statuses(world.browser(), MOST_OF_ADDRESS + 1)[-2:] == [200, 429]


@pytest.fixture
def redis_is_gone(app):
    """Nothing answers where Redis should be."""
    before = app.extensions[NAME]
    app.extensions[NAME] = replace(before, redis=redis.connect(config.RedisServer(url="redis://127.0.0.1:9/0")))
    yield
    app.extensions[NAME] = before


def test_without_redis_pages_are_signed(world, wechat, redis_is_gone):
    assert statuses(world.browser(), 1) == [200]
