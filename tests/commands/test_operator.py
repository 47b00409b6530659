"""What an operator types: the root organisation, demonstration data, the doctor."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import create_engine, func, select
from stdnum import luhn

from app.accounts.models import Account
from app.activities.models import SEATED, Activity, Phase, Shift, SignUp
from app.context import NAME
from app.database import session
from app.models import metadata
from app.organizations.models import Organization, OrganizationAdmin
from app.volunteers.identity import read_resident_id
from app.volunteers.models import Volunteer
from app.wechat.gateway import OperatorMustAct, OutcomeUnknown
from tests.pages import Browser


def create_root(flask, name="滨城总队", phone="17012345678"):
    return flask("organizations", "create-root", "--name", name, "--phone", phone)


def test_the_root_is_made_once_with_its_owner(world, flask):
    result = create_root(flask, phone="+86 170 1234 5678")
    assert result.exit_code == 0, result.output
    assert "滨城总队" in result.output
    assert "17012345678" not in result.output
    assert world.rows(select(Organization.name, Organization.depth, Organization.state)) == [
        ("滨城总队", 1, "approved")
    ]
    assert world.rows(select(OrganizationAdmin.role)) == [("owner",)]
    again = create_root(flask, name="另一个总队")
    assert again.exit_code != 0
    assert "总队已经存在" in again.output
    assert world.one(select(func.count()).select_from(Organization)) == 1


@pytest.mark.parametrize(
    ("name", "phone"), [("滨城总队", "123"), ("队", "17012345678"), ("长" * 51, "17012345678"), ("🎉🎉", "17012345678")]
)
def test_a_wrong_name_or_phone_makes_nothing(world, flask, name, phone):
    result = create_root(flask, name, phone)
    assert result.exit_code == 2
    assert world.one(select(func.count()).select_from(Account)) == 0


@pytest.fixture
def folder(world, tmp_path):
    with world.settings(content={"policies": str(tmp_path / "policies")}):
        yield tmp_path / "policies"


def counts(world):
    return {name: world.one(select(func.count()).select_from(table)) for name, table in metadata.tables.items()}


def test_demonstration_data_show_every_phase(world, flask, clock, folder):
    result = flask("demo")
    assert result.exit_code == 0, result.output
    phases = world.do(lambda: Counter(row.phase(clock.now()) for row in all_of(Activity)))
    assert set(phases) == set(Phase)
    assert world.one(select(func.count()).select_from(Organization)) >= 6
    assert world.one(select(func.count()).select_from(Volunteer)) >= 24
    assert (folder / "demo.md").exists()


def all_of(model):
    return list(session.scalars(select(model)))


def test_demonstration_people_have_valid_numbers_of_their_own(world, flask, clock, folder):
    flask("demo")

    def numbers():
        return [(row.id_number, row.birth_date, row.gender, row.volunteer_no) for row in all_of(Volunteer)]

    rows = world.do(numbers)
    for number, born, gender, volunteer_no in rows:
        identity = read_resident_id(number, clock.now())
        assert (identity.birth_date, identity.gender) == (born, gender)
        assert luhn.is_valid(volunteer_no)
    assert len({row[0] for row in rows}) == len(rows)


def test_demonstration_counters_are_right_and_one_activity_is_full(world, flask, folder):
    flask("demo")
    held = SignUp.state.in_(SEATED)
    seats = select(func.count()).where(SignUp.shift_id == Shift.id, held).scalar_subquery()
    rows = world.rows(select(Shift.places_taken, seats, Shift.quota))
    assert all(taken == seated for taken, seated, _ in rows)
    assert any(quota and taken == quota for taken, _, quota in rows)


def test_the_second_time_does_nothing(world, flask, folder):
    flask("demo")
    before = counts(world)
    result = flask("demo")
    assert result.exit_code == 0
    assert "nothing changed" in result.output
    assert counts(world) == before


def test_it_refuses_a_real_account(world, flask, folder):
    with world.settings(wechat={"api_url": "https://api.weixin.qq.com"}):
        result = flask("demo")
    assert result.exit_code == 1
    assert "sandbox" in result.output
    assert sum(counts(world).values()) == 0
    assert not folder.exists()


def test_every_page_of_the_demonstration_opens(world, flask, folder, app):
    flask("demo")
    browser = Browser(app)
    for path in ("/activities?phase=all", "/policies", "/policies/demo", "/"):
        browser.page(path)
    for (activity_id,) in world.rows(select(Activity.id)):
        browser.page(f"/activities/{activity_id}")


def test_a_healthy_site_has_no_fault(flask, wechat, clock):
    clock.set(datetime.now(UTC))
    result = flask("doctor")
    assert result.exit_code == 0, result.output
    assert "FAULT" not in result.output


def test_a_clock_that_is_off_is_named(backend, flask, wechat, clock):
    clock.set(datetime.now(UTC) + timedelta(seconds=40))
    result = flask("doctor")
    # SQLite's clock is this machine's.
    assert (result.exit_code, "clock is" in result.output) == ((0, False) if backend == "sqlite" else (1, True))


REAL = {"api_url": "https://api.weixin.qq.com"}


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"site": {"public_url": "http://volunteer.example.org"}, "wechat": REAL}, "https://"),
        ({"site": {"public_url": "https://volunteer.example.org:8443"}, "wechat": REAL}, "port"),
        ({"site": {"public_url": "https://203.0.113.9"}, "wechat": REAL}, "IP address"),
        ({"site": {"public_url": "https://localhost"}, "wechat": REAL}, "nobody outside"),
        ({"site": {"public_url": "https://stvs.local"}, "wechat": REAL}, "nobody outside"),
        ({"site": {"region": "999999"}}, "site.region"),
    ],
)
def test_the_doctor_names_what_must_be_mended(world, flask, wechat, sections, words):
    with world.settings(**sections):
        result = flask("doctor")
    assert result.exit_code == 1
    assert any(words in line for line in result.output.splitlines() if line.startswith("FAULT")), result.output


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"wechat": {"token": "short"}}, "wechat.token"),
        ({"wechat": {"mode": "plain"}}, "wechat.mode"),
        ({"wechat": {"account_id": ""}}, "wechat.account_id"),
        ({"wechat": REAL | {"max_push_age": 0}}, "max_push_age"),
    ],
)
def test_the_doctor_warns_of_what_is_unwise(world, flask, wechat, sections, words):
    with world.settings(**sections):
        output = flask("doctor").output
    assert any(words in line for line in output.splitlines() if line.startswith("warning")), output


@pytest.mark.parametrize(
    "error", [OperatorMustAct("put 203.0.113.9 on the white list", errcode=40164), OutcomeUnknown("no answer")]
)
def test_the_doctor_says_why_wechat_gives_no_token(flask, wechat, error):
    wechat.always["token"] = error
    result = flask("doctor")
    assert result.exit_code == 1
    assert error.reason in result.output


def test_the_doctor_says_what_cannot_be_reached(app, flask, wechat, tmp_path):
    parts = app.extensions[NAME]
    nowhere = Redis.from_url("redis://127.0.0.1:9", socket_connect_timeout=0.2, retry=None)
    unreachable = create_engine("postgresql+psycopg://nobody@127.0.0.1:9/none", connect_args={"connect_timeout": 2})
    empty = create_engine(f"sqlite:///{tmp_path}/empty.db")
    try:
        app.extensions[NAME] = replace(parts, redis=nowhere, engine=unreachable)
        result = flask("doctor")
        assert result.exit_code == 1, result.output
        assert "Redis cannot be reached" in result.output
        assert "database cannot be reached" in result.output
        app.extensions[NAME] = replace(parts, engine=empty)
        assert "flask db upgrade" in flask("doctor").output
    finally:
        app.extensions[NAME] = parts


def test_the_doctor_tells_no_secret(app, flask, wechat):
    output = flask("doctor").output
    settings = app.extensions[NAME].config
    for secret in (settings.site.secret_key, settings.wechat.app_secret, settings.wechat.token, *settings.privacy.keys):
        assert secret not in output
