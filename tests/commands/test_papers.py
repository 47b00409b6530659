"""注册申请表 with the operator's commands: sealed anew, told of, and gone with the leader."""

import json

import pytest
from sqlalchemy import select

from app import crypto
from app.files import StoredFile
from tests.conftest import made_up_key
from tests.uploads import give_pages, photo, send


@pytest.fixture(autouse=True)
def kept_in(world, tmp_path):
    with world.settings(content={"uploads": str(tmp_path / "uploads")}):
        yield tmp_path / "uploads"


def uids(world):
    return [uid for (uid,) in world.rows(select(StoredFile.uid).order_by(StoredFile.id))]


def test_pages_go_with_the_leader_who_takes_their_data_out(world, root, flask, kept_in):
    leader = world.volunteer()
    team, other = world.organization(root, leader_phone=leader.phone), world.organization(root)
    give_pages(world, team)
    (kept,) = give_pages(world, other)
    data = json.loads(flask("privacy", "export", "--phone", leader.phone).output)
    assert data["organizations.leader"][0]["application_pages"] == 1
    flask("privacy", "erase", "--phone", leader.phone, "--yes")
    assert uids(world) == [kept]


def test_what_somebody_sent_and_never_handed_in_goes_with_them(world, flask, root):
    person = world.account()
    send(world.browser(person), "/organization/register", {"name": ""}, photo(), name="application")
    assert len(uids(world)) == 1
    flask("privacy", "erase", "--phone", person.phone, "--yes")
    assert uids(world) == []


def test_a_new_key_seals_pages_anew_and_the_old_one_may_go(world, team, kept_in, flask, settings):
    (uid,) = give_pages(world, team)
    before = {path: path.read_bytes() for path in kept_in.glob("*/*")}
    index_key = crypto.base64.b64decode(settings().privacy.index_key)
    old = crypto.ring()
    new = crypto.base64.b64decode(made_up_key("n"))
    try:
        crypto.install(crypto.KeyRing([new, *old._keys.values()], index_key))
        assert "pictures: 2 sealed anew" in flask("privacy", "rotate").output
        crypto.install(crypto.KeyRing([new], index_key))
        assert world.browser(team.admin).get(f"/organization/applications/{uid}-large.jpg").status_code == 200
        assert all(path.read_bytes() != data for path, data in before.items())
    finally:
        crypto.install(old)
