"""Nonsense sent to the sandbox's switches: a sentence, never a 5xx, and nothing that a restart would trip over."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PERSON = "/sandbox/people/chen"
CONTROLS = [
    *("/sandbox/people", "/sandbox/verify", "/sandbox/sms", "/sandbox/clock", "/sandbox/faults", "/sandbox/switches"),
    *("/sandbox/templates", "/sandbox/reset"),
    *(f"{PERSON}/{act}" for act in ("follow", "unfollow", "say", "tap", "scan", "push", "accept")),
    *(f"/phone/chen/do/{act}" for act in ("follow", "unfollow", "say", "tap", "scan")),
]
NAMES = [
    *("name", "phone", "id", "scene", "ticket", "text", "menu_id", "key", "url", "result", "MsgType", "Event"),
    *("template_id", "accept", "advance", "at", "reset", "path", "count", "seconds", "snapshot", "ip_list", "kind"),
    *("purpose", "code", "title", "content", "EventKey", "MsgId"),
]
PLAIN = st.one_of(
    st.sampled_from(["chen", "19900000001", "slow", "html", "event", "text", "template", "", "\x00", "]]>", "🙂" * 30]),
    st.sampled_from([1e30, -1e30, 1e308, 10**400, -1, 0, 0.5, 2**63, True, None]),
    st.text(max_size=8),
)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
BODIES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4)


@pytest.mark.parametrize("body", [{"advance": 1e30}, {"at": -1e30}, {"at": 1e308}, {"advance": 10**400}])
def test_the_clock_stays_where_dates_are(sandbox, body):
    before = sandbox.get("/sandbox/clock")["offset"]
    answer = sandbox.http.post(sandbox.url + "/sandbox/clock", data=json.dumps(body))
    assert answer.status_code == 400
    assert "year" in answer.json()["error"]
    assert sandbox.get("/sandbox/clock")["offset"] == before
    assert sandbox.http.get(sandbox.url + "/phone/chen/live").status_code == 200


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999"])
def test_what_is_no_number_moves_no_clock(sandbox, text):
    answer = sandbox.http.post(sandbox.url + "/sandbox/clock", data=f'{{"advance": {text}}}')
    assert answer.status_code == 400
    assert sandbox.get("/sandbox/clock")["offset"] == 0


@pytest.mark.parametrize(
    "more", [{"seconds": 1e30}, {"seconds": "x"}, {"seconds": -1}, {"count": "x"}, {"count": 0}, {"path": 7}]
)
def test_a_switch_that_makes_no_sense_is_not_switched_on(sandbox, more):
    answer = sandbox.http.post(sandbox.url + "/sandbox/faults", json={"name": "slow", **more})
    assert answer.status_code == 400
    assert next(iter(more)) in answer.json()["error"]
    assert sandbox.get("/sandbox/faults") == []


def test_a_state_file_with_a_wild_clock_is_opened_all_the_same(start_sandbox, tmp_path):
    path = tmp_path / "state.json"
    first = start_sandbox(STATE=str(path))
    first.advance(100)
    first.stop()
    path.write_text(json.dumps({**json.loads(path.read_text()), "clock_offset": 1e30}))
    second = start_sandbox(STATE=str(path))
    assert second.get("/sandbox/clock")["offset"] == 0
    assert second.http.get(second.url + "/phone/chen/live").status_code == 200


def test_a_body_that_cannot_be_kept_is_refused_and_the_file_stays_good(start_sandbox, tmp_path):
    first = start_sandbox(STATE=str(tmp_path / "state.json"))
    half = rb'{"phone": "19900000001", "code": "1", "text": "\ud800"}'
    assert first.http.post(first.url + "/sandbox/sms", data=half).status_code == 400
    assert first.http.post(first.url + "/sandbox/sms", data=b"[" * 100_000).status_code == 400
    first.stop()
    assert start_sandbox(STATE=str(tmp_path / "state.json")).get("/sandbox/sms") == []


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CONTROLS), BODIES)
def test_whatever_is_sent_is_answered_with_less_than_500(sandbox, path, body):
    answer = sandbox.http.post(sandbox.url + path, json=body, timeout=30)
    assert answer.status_code < 500, answer.text
    assert sandbox.http.get(sandbox.url + "/phone/chen/live").status_code == 200
    if path == "/sandbox/faults":
        sandbox.http.delete(sandbox.url + path)
