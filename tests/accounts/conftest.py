import pytest

from app.accounts.phone_codes import Asker, send, verify
from app.context import here


@pytest.fixture
def asker():
    def asker(phone="17012345678", browser="a browser", address="203.0.113.5", purpose="login"):
        return Asker(phone, purpose, browser, address)

    return asker


@pytest.fixture
def ask_for_code(world, sms):
    """Ask for a code; returns the one that came."""

    def ask_for_code(who):
        def act():
            now, limits = here.clock.now(), here.config.limits
            send(who, here.sms.send_code, redis=here.redis, limits=limits, now=now)
            return sms.code(who.phone)

        return world.do(act)

    return ask_for_code


@pytest.fixture
def prove(world):
    """Type a code; raises what refuses it."""

    def prove(who, code):
        def act():
            verify(who, code, redis=here.redis, limits=here.config.limits, now=here.clock.now())
            return True

        return world.do(act)

    return prove
