"""Where an organisation is on the map: typed as a map shows it, shown to everybody, handed on to its activities."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.activities.models import Activity
from app.database import session
from app.organizations.models import Organization
from tests.factories import publishing_form
from tests.pages import read

PATH = "/organization/register"
ADMIN = f"{PATH}?step=admin"
NEW = "/organization/activities/new"
TYPED = "38.914, 121.6147"
POINT = "121.614700,38.914000"
MARKER = "position=121.6147%2C38.914"


@pytest.fixture
def placed(world, applicant, good, admin_form):
    """An organisation that said where it is, and its owner's browser."""
    applicant.post(PATH, good | {"position": TYPED})
    assert applicant.post(ADMIN, admin_form).status_code == 303
    return applicant


def test_either_order_of_the_numbers_is_understood_and_everybody_finds_the_way(world, placed, good):
    row = select(Organization.uid, Organization.lng, Organization.lat).where(Organization.name == good["name"])
    ((uid, lng, lat),) = world.rows(row)
    assert (lng, lat) == (121.6147, 38.914)
    assert any(MARKER in link for link in world.browser().page(f"/organizations/{uid}").links)
    assert POINT in placed.page("/organization").text
    assert placed.page("/organization/edit").of("position").value == POINT


def test_without_numbers_the_map_looks_for_the_address(world, team):
    links = world.browser().page(f"/organizations/{team.uid}").links
    assert any("uri.amap.com/search" in link for link in links)


@pytest.mark.parametrize("typed", ["大连", "0,0", "121.6", "121.6,38.9,1", "1e9,2e9", "-121,38"])
def test_what_is_no_place_is_told_beside_the_field_and_kept(applicant, good, typed):
    page = read(applicant.post(PATH, good | {"position": typed}))
    assert page.of("position").errors
    assert page.of("position").value == typed


def test_a_change_of_place_is_written_down_and_can_be_taken_out(world, placed, good):
    edit = "/organization/edit"
    assert (
        placed.post(edit, good | {"position": "", "revision": placed.page(edit).hidden["revision"]}).status_code == 303
    )
    detail = world.do(lambda: session.scalar(select(AuditEntry).where(AuditEntry.action == "organization.edit")).detail)
    assert POINT in detail
    assert world.rows(select(Organization.lng, Organization.lat).where(Organization.name == good["name"])) == [
        (None, None)
    ]


def test_an_activity_begins_at_the_place_of_its_organisation(world, placed, clock):
    assert placed.page(NEW).of("position").value == POINT
    form = publishing_form(clock.now() + timedelta(days=3))
    here = form | {"address": "青泥街道1号", "position": POINT}
    assert placed.post(NEW, here).status_code == 303
    elsewhere = form | {"title": "别处的活动", "address": "另一条街2号", "position": POINT, "form_key": "e" * 22}
    assert placed.post(NEW, elsewhere).status_code == 303
    assert world.rows(select(Activity.lng, Activity.lat).order_by(Activity.id)) == [(121.6147, 38.914), (None, None)]
