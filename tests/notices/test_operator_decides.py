"""`flask notices`: the operator sees what did not arrive for sure, and decides."""

import pytest
from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.models import Account
from app.activities.sign_up import sign_up
from app.context import here
from app.database import in_transaction, session
from app.notices.jobs import deliver_all
from app.notices.models import Notice
from app.wechat.gateway import OutcomeUnknown, UserMustAct

OPENID = "o" + "B" * 27


@pytest.fixture
def flask(app):
    def flask(*words, **more):
        return app.test_cli_runner().invoke(args=list(words), **more)

    return flask


@pytest.fixture
def owed(world, team, volunteer, wechat):
    event = world.activity(team)

    def act():
        row = session.get_one(Account, volunteer.account_id)
        accounts.tie_openid(row, here.config.wechat.app_id, OPENID, here.clock.now())
        sign_up(event.shift_id, volunteer.volunteer_id, now=here.clock.now())

    world.do(lambda: in_transaction(act))
    return world.one(select(Notice.id))


@pytest.fixture
def unknown(world, owed, wechat):
    wechat.faults["custom"] = [OutcomeUnknown("a gateway answered in WeChat's place, with status 502")]
    world.do(deliver_all)
    return owed


def state(world):
    return world.one(select(Notice.state))


def test_what_is_unknown_is_listed_with_its_trouble_and_nothing_personal(flask, unknown, volunteer):
    said = flask("notices", "list").output
    assert f"{unknown}  unknown" in said
    assert "status 502" in said
    assert OPENID not in said
    assert volunteer.phone not in said


def test_nothing_to_decide_is_said(flask, world):
    assert "nothing failed" in flask("notices", "list").output


def test_an_unknown_one_is_sent_again_only_after_a_yes(flask, world, unknown, wechat):
    assert flask("notices", "retry", str(unknown), input="n\n").exit_code == 1
    world.do(deliver_all)
    assert (wechat.sent, state(world)) == ([], "unknown")
    assert flask("notices", "retry", str(unknown), input="y\n").exit_code == 0
    world.do(deliver_all)
    assert len(wechat.sent) == 1
    assert state(world) == "sent"
    again = flask("notices", "retry", str(unknown), "--yes")
    assert again.exit_code == 1
    assert "neither failed nor unknown" in again.output


def test_a_dropped_one_is_never_sent(flask, world, unknown, wechat):
    assert flask("notices", "drop", str(unknown)).exit_code == 0
    world.do(deliver_all)
    assert (wechat.sent, state(world)) == ([], "dropped")
    assert "nothing failed" in flask("notices", "list").output


@pytest.fixture
def template(world):
    with world.settings(notices={"templates": {"sign_up_confirmed": "a-template"}}):
        yield


def test_after_an_unknown_chat_message_no_other_channel_tells_it_too(world, template, unknown, wechat, clock):
    assert [call.channel for call in wechat.calls] == ["custom"]
    world.do(deliver_all)
    assert wechat.sent == []


def test_an_unknown_template_message_is_sent_once_more_under_its_key(world, template, owed, wechat):
    wechat.always["custom"] = UserMustAct("out of response window", errcode=45015)
    wechat.faults["template"] = [OutcomeUnknown("WeChat broke the connection before it answered")]
    world.do(deliver_all)
    keys = [call.key for call in wechat.calls if call.channel == "template"]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert [message.channel for message in wechat.sent] == ["template"]
    assert state(world) == "sent"


def test_a_template_message_that_stays_unknown_is_left_at_that(world, template, owed, wechat):
    wechat.always["custom"] = UserMustAct("out of response window", errcode=45015)
    wechat.faults["template"] = [OutcomeUnknown("no answer"), OutcomeUnknown("no answer")]
    for _ in range(3):
        world.do(deliver_all)
    assert sum(call.channel == "template" for call in wechat.calls) == 2
    assert state(world) == "unknown"
