"""标志: one small picture, everybody's with the organisation, and a character in its place where there is none."""

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from app.files import StoredFile
from app.organizations.models import LOGO, Organization, Role
from tests.factories import add_admin, suspend
from tests.pages import read
from tests.uploads import photo, send

PATH = "/organization/register"
ADMIN = f"{PATH}?step=admin"
EDIT = "/organization/edit"
LEFT_OUT = ("logo", "province")


@pytest.fixture(autouse=True)
def kept_in(folder):
    return folder


def address(uid, size="small"):
    return f"/organizations/logos/{uid}-{size}.jpg"


def logo_of(world, team):
    return world.one(select(Organization.logo).where(Organization.id == team.id))


def give(world, team, colour="teal"):
    owner = world.browser(team.admin)
    page = owner.page(EDIT)
    filled = {name: field.chosen or field.value for name, field in page.fields.items() if name not in LEFT_OUT}
    form = {name: value for name, value in filled.items() if value} | {"revision": page.hidden["revision"]}
    answer = send(owner, EDIT, form, photo(colour, size=(900, 900)), name="logo")
    assert answer.status_code == 303, read(answer).alerts
    return logo_of(world, team)


def test_it_stands_where_the_organisation_does_and_is_small(world, team):
    uid = give(world, team)
    stranger = world.browser()
    for path in ("/organizations", f"/organizations/{team.uid}"):
        assert address(uid) in stranger.page(path).html
    assert address(uid) in world.browser(team.admin).page("/organization").html
    answer = stranger.get(address(uid))
    assert Image.open(BytesIO(answer.data)).size == (160, 160)
    assert "immutable" in answer.headers["Cache-Control"]
    assert Image.open(BytesIO(stranger.get(address(uid, "large")).data)).size == (480, 480)


def test_without_one_its_first_character_stands_there(world, root):
    world.organization(root, name="滨城科普志愿服务队")
    html = world.browser().page("/organizations").html
    assert '<span class="logo logo--none " aria-hidden="true">滨</span>' in html


def test_a_new_one_takes_the_place_of_the_old(world, team):
    first = give(world, team)
    second = give(world, team, "red")
    assert second not in ("", first)
    assert world.one(select(StoredFile.owner_id).where(StoredFile.uid == first)) is None
    assert world.browser().get(address(first)).status_code == 404


def test_one_that_is_refused_leaves_the_old_one(world, team, good):
    uid = give(world, team)
    owner = world.browser(team.admin)
    sent = photo()
    sent.stream = BytesIO(b"<svg/>")
    page = read(send(owner, EDIT, good | {"logo": uid, "revision": "2"}, sent, name="logo"))
    assert any("换一张" in error for error in page.of("logo").errors)
    assert page.of("logo").chosen == [uid]
    assert logo_of(world, team) == uid


def test_it_can_be_taken_away(world, team, good):
    uid = give(world, team)
    owner = world.browser(team.admin)
    empty = photo(name="")
    answer = send(owner, EDIT, good | {"revision": owner.page(EDIT).hidden["revision"], "logo": ""}, empty, name="logo")
    assert answer.status_code == 303
    assert logo_of(world, team) == ""
    assert uid not in world.browser().page("/organizations").html


@pytest.mark.parametrize("state", ["pending", "suspended", "rejected", "deactivated"])
def test_while_the_organisation_is_not_for_everybody_neither_is_its_picture(world, root, team, state):
    uid = give(world, team)
    world.do(lambda: suspend(team, state))
    helper = world.browser(world.do(lambda: add_admin(team, Role.HELPER)))
    for browser, status in ((world.browser(), 404), (world.browser(world.volunteer()), 404), (helper, 200)):
        assert browser.get(address(uid)).status_code == status
    answer = world.browser(root.admin).get(address(uid))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


def test_before_it_is_handed_in_it_is_the_applicants_own(world, applicant, good, admin_form):
    send(applicant, PATH, good, photo(), name="logo")
    uid = world.one(select(StoredFile.uid).where(StoredFile.kind == LOGO))
    assert applicant.get(address(uid)).status_code == 200
    assert world.browser().get(address(uid)).status_code == 404
    assert world.browser(world.account()).get(address(uid)).status_code == 404
    assert applicant.post(ADMIN, admin_form).status_code == 303
    assert world.browser().get(address(uid)).status_code == 200


def test_it_is_no_way_to_the_papers_nor_the_papers_to_it(world, team):
    uid = give(world, team)
    assert world.browser(team.admin).get(f"/organization/applications/{uid}-large.jpg").status_code == 404
