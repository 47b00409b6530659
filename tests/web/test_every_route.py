"""Every address of the site, for everybody who may ask for it."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.activities.models import SignUp
from app.models import metadata
from app.web.guards import audience_of, check_audiences
from tests.factories import signed_up
from tests.pages import WECHAT

HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy")


@pytest.fixture
def stage(world, root, team, volunteer):
    """Somebody of each kind, and something of each kind to ask for."""
    other = world.organization(root)
    event, foreign = world.activity(team), world.activity(other)
    world.do(lambda: signed_up(event, volunteer))
    return {
        "anonymous": world.browser(),
        "wechat": world.browser(agent=WECHAT),
        "newcomer": world.browser(world.account()),
        "volunteer": world.browser(volunteer),
        "admin": world.browser(team.admin),
        "other admin": world.browser(other.admin),
        "above": world.browser(root.admin),
        "values": {
            "activity_id": [event.id, foreign.id, 999_999],
            "shift_id": [event.shift_id, 999_999],
            "sign_up_id": [world.one(select(SignUp.id)), 999_999],
            "session_id": [999_999],
            "admin_id": [999_999],
            "membership_id": [999_999],
            "answer": ["approve", "nonsense"],
            "refusal": ["remove", "nonsense"],
            "uid": [team.uid, other.uid, "A" * 22],
            "volunteer_uid": ["A" * 22],
            "change": ["add", "dissolve", "suspend", "nonsense"],
            "document": ["privacy-notice", "none"],
            "version": ["1"],
            "slug": ["none"],
            "filename": ["site.css", "none"],
            "size": ["large", "small"],
            "name": ["x"],
        },
        "event": event,
        "foreign": foreign,
        "team": team,
        "other": other,
    }


PEOPLE = ("anonymous", "wechat", "newcomer", "volunteer", "admin", "other admin", "above")


def addresses(app, values):
    """(rule, address) with each value in each place."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        longest = max([len(values[name]) for name in rule.arguments], default=1)
        for number in range(longest):
            picked = {name: values[name][number % len(values[name])] for name in rule.arguments}
            yield rule, adapter.build(rule.endpoint, picked)


def snapshot(world):
    """Every row of every table, but for when a session was last seen."""
    hidden = {"last_seen_at"}
    return {
        table.name: sorted(world.rows(select(*(c for c in table.columns if c.name not in hidden))), key=repr)
        for table in metadata.sorted_tables
    }


def test_every_route_names_its_audience(app):
    for rule in app.url_map.iter_rules():
        assert audience_of(app, rule.endpoint), rule


def test_a_route_without_an_audience_stops_the_start(app):
    app.view_functions["nobody-said"] = lambda: ""
    try:
        with pytest.raises(RuntimeError, match="nobody-said"):
            check_audiences(app)
    finally:
        del app.view_functions["nobody-said"]


def test_getting_any_page_as_anybody_changes_nothing_and_breaks_nothing(world, app, stage, wechat):
    before = snapshot(world)
    for rule, address in addresses(app, stage["values"]):
        for who in PEOPLE:
            for method in {"GET", "HEAD", "OPTIONS"} & rule.methods:
                if (rule.endpoint, method) == ("static", "OPTIONS"):
                    continue  # answered with 405 and nothing else, before Flask
                answer = stage[who].client.open(address, method=method, base_url="http://localhost")
                expected = 503 if rule.endpoint == "wechat.js_sdk_signature" else 499
                assert answer.status_code <= expected, (who, method, address)
                for name in HEADERS:
                    assert name in answer.headers, (name, address)
    assert snapshot(world) == before


def test_no_form_is_taken_without_its_key(world, app, stage):
    before = snapshot(world)
    for rule, address in addresses(app, stage["values"]):
        if "POST" not in rule.methods:
            continue
        for who in PEOPLE:
            for form in ({}, {"csrf_token": "x"}, {"csrf_token": stage["above"].form_key()}):
                if who == "above" and len(form.get("csrf_token", "")) > 1:
                    continue
                answer = stage[who].client.post(address, data=form, base_url="http://localhost")
                assert answer.status_code == 400, (who, address)
    assert snapshot(world) == before


def test_pages_of_volunteers_are_for_volunteers(app, stage):
    for rule, address in addresses(app, stage["values"]):
        audience = audience_of(app, rule.endpoint)
        if audience == "public":
            continue
        method = "GET" if "GET" in rule.methods else "POST"
        for who in ("anonymous", "newcomer"):
            browser = stage[who]
            answer = browser.get(address) if method == "GET" else browser.post(address)
            if audience == "volunteer" or audience.startswith("organization:"):
                goal = "/login" if who == "anonymous" else ("/volunteer/reg", "/organization/reg")
                assert answer.status_code == 303, (who, address)
                assert answer.location.startswith(goal), (who, address)


def test_what_belongs_to_another_organisation_is_not_found(world, stage):
    event, foreign, team, other = stage["event"], stage["foreign"], stage["team"], stage["other"]
    before = snapshot(world)
    for browser, strange in ((stage["admin"], foreign), (stage["other admin"], event), (stage["above"], event)):
        for path in (f"/organization/activities/{strange.id}", f"/organization/activities/{strange.id}/edit"):
            assert browser.get(path).status_code == 404
        assert browser.post(f"/organization/activities/{strange.id}/edit").status_code == 404
    for uid in (other.uid, team.uid):
        assert stage["admin"].post(f"/organization/below/{uid}/review", {"action": "accept"}).status_code == 404
    assert snapshot(world) == before


def test_another_host_is_refused(world, stage):
    for who in PEOPLE:
        answer = stage[who].client.get("/policies", base_url="http://evil.example")
        assert answer.status_code == 400
        assert "evil.example" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/login", "/volunteer/register", "/logout", "/none"])
def test_a_body_that_is_too_big_is_refused(world, stage, path):
    answer = stage["volunteer"].client.post(path, data=b"a=" + b"x" * 270_000, base_url="http://localhost")
    assert 400 <= answer.status_code < 500


def test_an_unknown_method_is_refused(stage):
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "FOO"):
        answer = stage["volunteer"].client.open("/volunteer", method=method, base_url="http://localhost")
        assert answer.status_code in (400, 405)
        assert "Content-Security-Policy" in answer.headers


def test_static_files_have_the_headers_too(world):
    answer = world.browser().get("/static/site.css")
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


NASTY = st.one_of(
    st.sampled_from(
        [
            *("", "0", "-1", "1e9", "9" * 15, "9" * 16, "9" * 400, "١٢", "１２", "1 ", "01", "1.0", "NaN", "null"),
            *("../../etc/passwd", "%2e%2e%2f", "%00", "\x00", "\r\nX: y", "'", '"', "' OR 1=1--", "{{7*7}}", "${7*7}"),
            *("<script>alert(1)</script>", "𠮷", "🙂", "\u202e", "\ud7ff", "\ufffe", "é", "e\u0301", "a" * 3000, "%"),
            *("_", "\\", "[]", "{}", "all", "signup_open", "210202", "210000", "000000", "0-0", "99999999999999999-1"),
        ]
    ),
    st.text(max_size=30),
)
NAMES = ["q", "phase", "region", "after", "tab", "next", "step", "code", "state", "url", "province", "action", "phone"]
FIELDS = [*NAMES, "name", "id_number", "birth_date", "quota", "starts_at", "ends_at", "form_key", "skills", "reason"]
FIELDS += ["parent", "organization", "founded_on", "content", "title", "signup_end_at", "leader_phone", "intro", "uid"]


def test_nasty_values_never_break_the_site(app, stage, wechat, backend):
    rules = sorted(app.url_map.iter_rules(), key=str)
    asked = 0

    @settings(
        max_examples=800 if backend == "sqlite" else 250,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(
        rule=st.sampled_from(rules),
        who=st.sampled_from(PEOPLE),
        method=st.sampled_from(["GET", "POST", "POST", "HEAD"]),
        values=st.lists(NASTY, min_size=3, max_size=3),
        query=st.dictionaries(st.sampled_from(NAMES), NASTY, max_size=3),
        form=st.dictionaries(st.sampled_from(FIELDS), NASTY, max_size=6),
        real=st.booleans(),
    )
    def ask(rule, who, method, values, query, form, real):
        nonlocal asked
        path = "/"
        given_values = iter(values)
        for is_variable, part in rule._trace:
            if not is_variable:
                path += part.lstrip("|/")
                continue
            name = part
            path += str(stage["values"][name][0]) if real else next(given_values, "x")
        path = quote(path, safe="/%")
        browser = stage[who]
        for _ in range(2):  # the second time with what the first left behind
            asked += 1
            more = {"query_string": query}
            if method == "POST":
                answer = browser.post(path, form, **more)
            else:
                answer = browser.client.open(path, method=method, base_url=browser.base, **more)
            assert answer.status_code < 500 or rule.endpoint == "wechat.js_sdk_signature", (method, path, query, form)

    ask()
    assert asked >= 500


@pytest.mark.parametrize(
    "raw", ["\xff", "q=\xff\xfe", "q=%ff%fe", "next=\xe8\xae", "%", "q=%zz", "a&" * 2000, "q\x00=1"]
)
@pytest.mark.parametrize("path", ["/activities", "/volunteer", "/login", "/organization", "/none"])
def test_bytes_that_are_no_text_are_refused_or_harmless(stage, raw, path):
    for who in ("anonymous", "wechat", "volunteer"):
        answer = stage[who].client.get(path, base_url="http://localhost", environ_overrides={"QUERY_STRING": raw})
        assert answer.status_code < 500


def test_too_many_fields_are_refused(stage):
    form = "&".join(f"a{number}=1" for number in range(1500))
    answer = stage["anonymous"].client.post(
        "/login", data=form, base_url="http://localhost", content_type="application/x-www-form-urlencoded"
    )
    assert 400 <= answer.status_code < 500
