"""我的资料 of whoever acts for an organisation: name, 职务, and an ID number if one likes."""

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.context import here
from app.database import in_transaction, session
from app.organizations.models import OrganizationAdmin, Role
from app.own_data import services as own_data
from app.privacy import mask_id_number
from tests.factories import add_admin, new_id_number
from tests.pages import read

PATH = "/organization/admins/me"
ADMINS = "/organization/admins"


@pytest.fixture
def number():
    return new_id_number()


def kept(world, team, person):
    where = (OrganizationAdmin.organization_id == team.id, OrganizationAdmin.account_id == person.account_id)

    def look():
        row = session.scalar(select(OrganizationAdmin).where(*where))
        return row.name, row.position, row.id_number

    return world.do(look)


def test_everybody_writes_their_own_name_and_position(world, team):
    helper = world.do(lambda: add_admin(team, Role.HELPER))
    browser = world.browser(helper)
    assert browser.post(PATH, {"name": "帮手", "position": "干事"}).location == ADMINS
    assert kept(world, team, helper) == ("帮手", "干事", "")
    assert "干事" in world.browser(team.admin).page(ADMINS).text
    assert browser.page(PATH).of("position").value == "干事"


def test_a_number_is_optional_checked_agreed_to_and_shown_by_its_end_alone(world, root, team, number):
    owner = world.browser(team.admin)
    form = {"name": "带队者", "position": "队长"}
    page = read(owner.post(PATH, form | {"id_number": number}))
    assert page.of("id_consent").errors
    assert page.of("id_number").value == number
    assert read(owner.post(PATH, form | {"id_number": "210281190002290012", "id_consent": "y"})).of("id_number").errors
    assert owner.post(PATH, form | {"id_number": number.lower(), "id_consent": "y"}).status_code == 303
    assert kept(world, team, team.admin)[2] == number
    helper = world.browser(world.do(lambda: add_admin(team, Role.HELPER)))
    admin = world.browser(world.do(lambda: add_admin(team, Role.ADMIN)))
    for browser, is_shown in ((owner, True), (admin, True), (helper, False)):
        page = browser.page(ADMINS)
        assert (mask_id_number(number) in page.text) == is_shown
        assert number not in page.html
    assert number not in owner.page(PATH).html
    assert mask_id_number(number) not in world.browser(root.admin).page(f"/organization/below/{team.uid}").html


def test_it_stays_unless_it_is_replaced_or_taken_out(world, team, number):
    owner = world.browser(team.admin)
    form = {"name": "带队者", "position": "队长"}
    owner.post(PATH, form | {"id_number": number, "id_consent": "y"})
    owner.post(PATH, form | {"position": "秘书长"})
    assert kept(world, team, team.admin) == ("带队者", "秘书长", number)
    owner.post(PATH, form | {"drops_id_number": "y"})
    assert kept(world, team, team.admin)[2] == ""


def test_it_goes_with_the_consent_and_is_among_ones_own_data(world, team, number):
    world.browser(team.admin).post(PATH, {"name": "带队者", "id_number": number, "id_consent": "y"})

    def account():
        return session.get_one(Account, team.admin.account_id)

    (row,) = world.do(lambda: own_data.export(account()))["organization_admins"]
    assert row["id_number"] == number
    world.do(lambda: in_transaction(lambda: own_data.forget_id_number(account(), now=here.clock.now())))
    assert kept(world, team, team.admin)[2] == ""


def test_one_acts_for_another_organisation_under_another_title(world, root, team, number):
    other = world.organization(root, admin=team.admin)
    browser = world.browser(team.admin)
    browser.act_for(other)
    browser.post(PATH, {"name": "带队者", "position": "顾问", "id_number": number, "id_consent": "y"})
    assert kept(world, other, team.admin) == ("带队者", "顾问", number)
    assert kept(world, team, team.admin) == ("带队者", "队长", "")
