"""What is not kept for ever goes after its days, not before."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.accounts.models import Draft, LoginSession, PhoneCodeSend
from app.database import in_transaction, session
from app.notices.models import Notice
from app.own_data.jobs import expire
from app.volunteers.models import Volunteer
from tests.services.databases import bytes_of

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def kept(world, clock, volunteer):
    """One of each, made now: a draft, a log-in that ended, a code sent, a notice sent and one that waits."""

    def make():
        now = clock.now()
        for state in ("sent", "waiting"):
            facts = {"kind": "sign_up_confirmed", "occasion": state, "values": {"title": "讲座"}, "state": state}
            session.add(Notice(account_id=volunteer.account_id, created_at=now, due_at=now, **facts))
        session.add(Draft(account_id=volunteer.account_id, form="organization", content="{}", changed_at=now))
        login = {"token_hash": "a" * 64, "account_id": volunteer.account_id, "created_at": now, "last_seen_at": now}
        session.add(LoginSession(**login, ended_at=now))
        session.add(PhoneCodeSend(phone_index="x", address_index="y", sent_at=now))

    world.do(lambda: in_transaction(make))


def rows(world):
    tables = (Draft, LoginSession, PhoneCodeSend)
    ended = LoginSession.ended_at.is_not(None)
    counts = [world.one(select(func.count()).select_from(table)) for table in tables[:1]]
    counts.append(world.one(select(func.count()).select_from(LoginSession).where(ended)))
    counts.append(world.one(select(func.count()).select_from(PhoneCodeSend).where(PhoneCodeSend.phone_index == "x")))
    return counts


def notices(world):
    return dict(world.rows(select(Notice.occasion, Notice.state)))


@pytest.mark.parametrize(("days", "left"), [(7, [1, 1, 1]), (8, [1, 1, 0]), (30, [1, 1, 0]), (31, [0, 0, 0])])
def test_each_goes_after_its_days(world, kept, clock, days, left):
    clock.advance(days * DAY)
    world.do(expire)
    assert rows(world) == left


def test_the_words_of_a_message_go_and_that_it_was_sent_stays(world, kept, clock):
    clock.advance(90 * DAY + SECOND)
    world.do(expire)
    assert notices(world) == {"sent": "emptied", "waiting": "waiting"}
    assert dict(world.rows(select(Notice.state, Notice.values))) == {"emptied": {}, "waiting": {"title": "讲座"}}
    assert world.do(expire) == 0


def test_a_log_in_in_use_stays(world, clock, volunteer):
    browser = world.browser(volunteer)
    clock.advance(timedelta(hours=6))
    world.do(expire)
    assert browser.get("/volunteer").status_code == 200


def test_a_dry_run_says_how_much_and_takes_nothing(world, kept, clock, app):
    clock.advance(100 * DAY)
    before = rows(world)
    said = app.test_cli_runner().invoke(args=["privacy", "expire", "--dry-run"]).output
    assert "half-filled forms: 1 would go" in said
    assert "words of messages: 1 would go" in said
    assert (rows(world), notices(world)["sent"]) == (before, "sent")
    said = app.test_cli_runner().invoke(args=["privacy", "expire"]).output
    assert "half-filled forms: 1 gone" in said
    assert rows(world) == [0, 0, 0]


def test_an_erased_name_is_in_no_file_of_the_database_soon(world, app, volunteer):
    def rename(name):
        session.get_one(Volunteer, volunteer.volunteer_id).name = name

    name = "诸葛青岚"
    for words in (name, "已注销"):
        world.do(lambda words=words: in_transaction(lambda: rename(words)))
    world.do(expire)
    assert world.one(select(Volunteer.name).where(Volunteer.id == volunteer.volunteer_id)) == "已注销"
    engine = app.extensions["database"]
    file = Path(engine.url.database)
    # The other databases keep such files to themselves.
    for path in file.parent.glob(f"{file.name}*") if engine.dialect.name == "sqlite" else ():
        assert name.encode() not in bytes_of(path), path.name
