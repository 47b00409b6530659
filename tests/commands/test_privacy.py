"""What is kept about people: sealed, found again, given out whole, taken out whole."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text

from app import config, crypto
from app.accounts.models import Account, Consent, LoginSession, PhoneCodeSend
from app.activities.models import Activity, Shift, SignUp
from app.context import NAME
from app.database import session
from app.models import metadata
from app.organizations.models import Organization
from app.privacy import data_class, personal_columns, sealed_columns
from app.volunteers.models import Volunteer, VolunteerSkill
from tests.conftest import made_up_key
from tests.factories import signed_up
from tests.services.databases import bytes_of
from tests.volunteers.steps import DONE, consent_of_guardian, send_step

PHONE, GUARDIAN, LEADER = "17055501234", "17055505678", "17055509012"
ID_NUMBER = "210202201203010035"
GUARDIAN_NAME = "司马监护标记"
MARKERS = (PHONE, GUARDIAN, LEADER, ID_NUMBER, GUARDIAN_NAME)


@pytest.fixture
def walked(world, sms, team):
    """A young volunteer who did everything that there is to do; an organisation's draft, too."""
    browser = world.browser()
    browser.post("/login", {"phone": PHONE, "action": "send"})
    browser.post("/login", {"phone": PHONE, "code": sms.code(PHONE), "action": "next"})
    form = {"name": "欧阳测试", "id_type": "01", "id_number": ID_NUMBER, "region": "210202", "skills": ["01"]}
    form |= {
        "services": ["K1"],
        "organization": team.uid,
        "guardian_name": GUARDIAN_NAME,
        "guardian_phone": GUARDIAN,
        "guardian_consent": "y",
    }
    form |= {"agreement": "y", "privacy": "y", "id_consent": "y"}
    browser.post("/volunteer/register", form)
    consent_of_guardian(browser, sms, form)
    send_step(browser, "ability", form)
    assert send_step(browser, "finish", form).location == DONE
    event = world.activity(team, leader_phone=LEADER)
    assert browser.post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up").status_code == 303
    draft = {"name": "草稿服务队", "st_line": "G", "parent": team.uid, "region": "210202", "address": "某处"}
    draft |= {"founded_on": "2019-03-05", "leader_name": "队长", "leader_phone": LEADER, "service_categories": ["K1"]}
    assert browser.post("/organization/register", draft | {"join_mode": "1"}).status_code == 303
    for path in ("/volunteer", "/volunteer/activities", f"/activities/{event.id}"):
        browser.page(path)
    return browser


def forms_of(marker):
    raw = marker.encode()
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for shift in range(3):  # wherever it lies in a longer text
        whole = base64.b64encode(b"\0" * shift + raw)
        yield whole[(0, 4, 4)[shift] : len(whole) - 4]


def dump(app):
    engine = app.extensions["database"]
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                yield repr(tuple(row)).encode()


def kept_in_redis(app):
    redis = app.extensions[NAME].redis
    for key in redis.keys("*"):
        yield key
        if redis.type(key) == b"string":
            yield redis.get(key)
        elif redis.type(key) == b"hash":
            yield repr(redis.hgetall(key)).encode()
        elif redis.type(key) == b"list":
            yield repr(redis.lrange(key, 0, -1)).encode()


def files(app):
    """The database's own files, its log, and the queue's."""
    url = app.extensions["database"].url
    if url.get_backend_name() == "sqlite":
        for path in (
            *Path(url.database).parent.glob(Path(url.database).name + "*"),
            Path(url.database).parent / "jobs.db",
        ):
            yield bytes_of(path)


def test_a_full_walk_leaves_nothing_in_clear_anywhere(app, walked, capfd):
    said = capfd.readouterr()
    places = [b"".join(dump(app)), b"".join(kept_in_redis(app)), *files(app), (said.out + said.err).encode()]
    for marker in MARKERS:
        for form in forms_of(marker):
            for number, place in enumerate(places):
                assert form not in place, (marker, form, number)


def test_the_search_would_find_a_marker(app, world, walked):
    """A defence without a test that fails does not count: the name, which is not sealed, is found."""
    assert "欧阳测试".encode() in b"".join(dump(app))
    assert base64.b64encode(b"xx" + PHONE.encode() + b"yy").find(list(forms_of(PHONE))[5]) >= 0


def test_a_sealed_value_in_another_persons_row_does_not_open(world):
    one, other = world.volunteer(), world.volunteer()

    def swap():
        rows = [session.get_one(Volunteer, person.volunteer_id) for person in (one, other)]
        rows[0].id_number_sealed, rows[1].id_number_sealed = rows[1].id_number_sealed, rows[0].id_number_sealed
        session.flush()
        return rows[0].id_number

    with pytest.raises(crypto.CannotOpen):
        world.do(swap)


def test_an_export_holds_everything_about_the_person(world, flask, walked, volunteer):
    data = json.loads(flask("privacy", "export", "--phone", PHONE).output)
    (row,) = data["volunteers"]
    assert row["id_number"] == ID_NUMBER
    assert row["guardian_name"] == GUARDIAN_NAME
    assert row["name"] == "欧阳测试"
    assert data["accounts"][0]["phone"] == PHONE
    assert json.loads(data["drafts"][0]["content"])["name"] == "草稿服务队"
    tables = {table.name for table in metadata.tables.values() if "person" in table.info and not table.info.get("copy")}
    assert set(data) == tables - {
        *("wechat_users", "organization_admins", "audit_entries", "team_members", "invitations"),
        *("organization_changes", "appeals", "import_rows", "export_requests"),
    }
    for table in metadata.tables.values():
        for entry in data.get(table.name, []):
            for column in personal_columns(table):
                assert column.name.removesuffix("_sealed") in entry
            assert not any(column.name in entry for column in table.columns if data_class(column) == "secret")
    assert volunteer.phone not in json.dumps(data)


def test_an_export_also_says_where_the_person_is_the_one_to_call(world, flask, root):
    team = world.organization(root)
    event = world.activity(team, leader_name="带队标记", leader_phone=team.admin.phone)
    data = json.loads(flask("privacy", "export", "--phone", team.admin.phone).output)
    assert data["activities.leader"] == [{"id": event.id, "leader_name": "带队标记", "leader_phone": team.admin.phone}]
    assert data["organizations.leader"][0]["leader_phone"] == team.admin.phone


def test_erasing_leaves_the_number_and_the_sums_and_nothing_else(world, flask, app, walked):
    ((number,),) = world.rows(select(Volunteer.volunteer_no))
    before = world.rows(select(SignUp.state, Shift.places_taken).join(Shift))
    index = world.one(select(Account.phone_index).where(Account.id.in_(select(Volunteer.account_id))))
    result = flask("privacy", "erase", "--phone", PHONE, input="y\n")
    assert result.exit_code == 0, result.output

    assert world.rows(select(Volunteer.volunteer_no, Volunteer.state, Volunteer.name)) == [(number, "erased", "")]
    assert before == [("confirmed", 1)]
    assert world.rows(select(SignUp.state, Shift.places_taken).join(Shift)) == [("withdrawn", 0)]
    for model in (Consent, LoginSession, VolunteerSkill):
        assert world.one(select(func.count()).select_from(model)) == 0
    assert world.one(select(func.count()).where(PhoneCodeSend.phone_index == index)) == 0
    everything = b"".join(dump(app))
    for trace in ("欧阳测试", index, "2012-03-01", "datetime.date(2012, 3, 1)"):
        assert trace.encode() not in everything
    assert walked.get("/volunteer").location.startswith("/login")
    assert flask("privacy", "export", "--phone", PHONE).exit_code != 0


def test_erasing_one_person_touches_nobody_else(world, flask, team, walked, volunteer):
    event = world.activity(team)
    world.do(lambda: signed_up(event, volunteer))
    others = world.rows(
        select(Volunteer.name, Volunteer.id_number_sealed).where(Volunteer.id == volunteer.volunteer_id)
    )
    flask("privacy", "erase", "--phone", PHONE, input="y\n")
    same = select(Volunteer.name, Volunteer.id_number_sealed).where(Volunteer.id == volunteer.volunteer_id)
    assert world.rows(same) == others
    assert json.loads(flask("privacy", "export", "--phone", volunteer.phone).output)["volunteers"]


def test_an_erased_person_is_nowhere_the_one_to_call(world, flask, root):
    team = world.organization(root)
    mine = world.activity(team, leader_phone=team.admin.phone, leader_name="带队标记")
    theirs = world.activity(team, leader_phone=LEADER, leader_name="别的领队")
    flask("privacy", "erase", "--phone", team.admin.phone, input="y\n")
    left = dict(world.rows(select(Activity.id, Activity.leader_name)))
    assert left == {mine.id: "", theirs.id: "别的领队"}
    kept = dict(world.rows(select(Organization.id, Organization.leader_phone_sealed)))
    assert kept[team.id] is None
    assert kept[root.id] is not None
    world.browser().page(f"/activities/{mine.id}")


def test_who_was_erased_may_come_again_as_somebody_new(world, flask, walked):
    flask("privacy", "erase", "--phone", PHONE, input="y\n")
    again = world.volunteer(phone=PHONE)
    assert world.one(select(func.count()).select_from(Volunteer)) == 2
    assert again.volunteer_id


def test_erasing_asks_first(world, flask, walked):
    assert flask("privacy", "erase", "--phone", PHONE, input="n\n").exit_code != 0
    assert world.one(select(Volunteer.name)) == "欧阳测试"


def test_a_phone_that_nobody_has_is_told(flask):
    for command in ("export", "erase"):
        result = flask("privacy", command, "--phone", "17000000000", input="y\n")
        assert result.exit_code != 0
        assert "no account" in result.output
    assert "no account" in flask("privacy", "export", "--phone", "nonsense").output


def test_a_new_key_is_32_random_bytes(flask):
    keys = {flask("privacy", "new-key").output.strip() for _ in range(2)}
    assert len(keys) == 2
    assert all(len(config.decode_key(key)) == 32 for key in keys)


@pytest.fixture
def new_ring(settings):
    """Put a new key before the old one; afterwards the tests' own ring is back."""
    privacy = settings().privacy
    index = config.decode_key(privacy.index_key)
    new = config.decode_key(made_up_key("n"))
    yield lambda *keys, algorithm="aes-256-gcm": crypto.install(
        crypto.KeyRing(keys or (new, *privacy.ring), index, algorithm)
    )
    crypto.install(crypto.KeyRing(privacy.ring, index, privacy.algorithm))


def everything_sealed(world):
    def read():
        return {
            f"{table.name}.{column.name}:{row.id}": row[1]
            for table in metadata.sorted_tables
            for column in sealed_columns(table)
            for row in session.execute(select(table.c.id, column).where(column.is_not(None)))
        }

    return world.do(read)


def test_a_new_key_seals_every_row_anew_and_the_old_one_may_go(world, flask, walked, new_ring):
    before = everything_sealed(world)
    new_ring()
    result = flask("privacy", "rotate")
    assert result.exit_code == 0, result.output
    after = everything_sealed(world)
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())
    new_ring(config.decode_key(made_up_key("n")))  # without the old key
    assert json.loads(flask("privacy", "export", "--phone", PHONE).output)["volunteers"][0]["id_number"] == ID_NUMBER
    flask("privacy", "rotate")
    assert everything_sealed(world) == after


def test_another_algorithm_seals_every_row_anew_too(world, flask, walked, settings, new_ring):
    new_ring(*settings().privacy.ring, algorithm="sm4-gcm")
    flask("privacy", "rotate")
    assert all(value.startswith("sm4-gcm.") for value in everything_sealed(world).values())
    assert json.loads(flask("privacy", "export", "--phone", PHONE).output)["volunteers"][0]["id_number"] == ID_NUMBER


def test_a_blind_index_is_not_the_number_and_not_a_plain_hash(world):
    person = world.volunteer()
    ((index,),) = world.rows(select(Account.phone_index).where(Account.id == person.account_id))
    for name in ("md5", "sha1", "sha256"):
        assert index not in hashlib.new(name, person.phone.encode()).hexdigest()
