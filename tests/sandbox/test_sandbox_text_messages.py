"""Text messages of the outbox over HTTP, to the sandbox's inbox and through its faults."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.context import NAME
from app.database import in_transaction
from app.notices import services
from app.notices.jobs import deliver_all
from app.notices.models import Notice
from app.sms.http import HttpProvider
from tests.factories import new_phone

PATH = "/sandbox/sms"


@pytest.fixture
def owed(world, clock, sandbox):
    """Owe somebody without an account an invitation; returns the phone."""
    before = world.app.extensions[NAME]
    world.app.extensions[NAME] = replace(before, sms=HttpProvider(sandbox.url + PATH, through_proxy=False))
    phone = new_phone()
    values = {"title": "中山区科技志愿服务队", "role": "管理员"}
    until = clock.now() + timedelta(days=3)

    def owe():
        services.add_for_phone(phone, "admin_invited", f"test:{phone}", values, now=clock.now(), text_until=until)

    world.do(lambda: in_transaction(owe))
    yield phone
    world.app.extensions[NAME] = before


def work_for_a_day(world, clock):
    for _ in range(6):
        world.do(deliver_all)
        clock.advance(timedelta(hours=2))


def state(world):
    return world.one(select(Notice.state))


def test_the_inbox_shows_it(world, clock, sandbox, owed):
    work_for_a_day(world, clock)
    (message,) = sandbox.get(PATH, phone=owed)
    assert message["purpose"] == "admin_invited"
    assert message["code"] == ""
    assert "中山区科技志愿服务队" in message["text"]
    assert state(world) == "sent"


@pytest.mark.parametrize(
    ("fault", "seconds", "shown", "ends"),
    [
        ("sms_down", 0, 1, "sent"),
        ("slow", 1, 1, "sent"),
        ("cut_before", 0, 0, "unknown"),
        ("cut_after", 0, 1, "unknown"),
    ],
)
def test_through_each_fault_it_arrives_once_at_most(world, clock, sandbox, owed, fault, seconds, shown, ends):
    sandbox.fault(fault, path=PATH, count=1, **({"seconds": seconds} if seconds else {}))
    work_for_a_day(world, clock)
    assert len(sandbox.get(PATH, phone=owed)) == shown
    assert state(world) == ends


def test_a_gateway_slower_than_our_patience_is_not_asked_again(world, clock, sandbox, owed):
    sandbox.fault("slow", path=PATH, count=1, seconds=7)
    work_for_a_day(world, clock)
    assert state(world) == "unknown"
