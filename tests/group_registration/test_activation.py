"""确认注册, as whoever was put on a list meets it on their phone."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import Account, Consent
from app.database import in_transaction, session
from app.group_registration.models import ImportRow
from app.organizations.models import Membership, Organization
from app.own_data.services import erase
from app.volunteers.models import Volunteer
from tests.factories import new_id_number
from tests.group_registration.answers import AGREED, INVITED, agree, filled, refuse
from tests.group_registration.sheets import row


@pytest.fixture
def listed(imported):
    """A row of somebody who was imported."""
    one = row()
    imported([one])
    return one


@pytest.fixture
def person(world, listed):
    """The browser of somebody who has just proved the phone."""
    return world.browser(world.account(listed[3]))


def members(world, team):
    return world.one(select(Organization.members_count).where(Organization.id == team.id))


def rows_left(world):
    return world.one(select(func.count()).select_from(ImportRow).where(ImportRow.content_sealed.is_not(None)))


def test_whoever_logs_in_is_led_to_what_was_entered_with_no_box_ticked(world, team, person, listed):
    for page in ("/volunteer", "/volunteer/register"):
        answer = person.get(page, follow_redirects=True)
        assert answer.request.path == INVITED
    page = person.page(INVITED)
    assert team.name in page.text
    assert page.of("name").value == listed[0]
    assert page.of("skills").chosen == ["05", "08"]
    assert [page.of(box).chosen for box in AGREED] == [[], [], []]
    assert listed[2] not in page.html, "a wrong phone on the list must not show a stranger the number"
    assert listed[2][-4:] in page.text
    assert members(world, team) == 0


def test_confirming_makes_a_volunteer_with_a_number_and_a_member(world, team, person, listed):
    answer = agree(person, filled(listed, name="周大明", skills=["01"]))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert "周大明" in person.page("/volunteer").text
    facts = world.rows(select(Volunteer.name, Volunteer.source, Volunteer.volunteer_no, Volunteer.state))
    assert facts[0][:2] == ("周大明", "import")
    assert facts[0][2]
    assert world.rows(select(Membership.state, Membership.organization_id)) == [("active", team.id)]
    assert members(world, team) == 1
    assert world.one(select(func.count()).select_from(Consent)) == 3
    assert rows_left(world) == 0, "what was entered is the person's own now"
    assert person.get(INVITED).status_code == 404


@pytest.mark.parametrize("box", sorted(AGREED))
def test_nothing_happens_without_each_agreement(world, person, listed, box):
    data = filled(listed)
    del data[box]
    answer = agree(person, data)
    assert answer.status_code == 422
    assert world.one(select(func.count()).select_from(Volunteer)) == 0
    assert rows_left(world) == 1


def test_refusing_erases_what_was_entered(world, person, listed):
    assert refuse(person).status_code == 303
    assert world.one(select(func.count()).select_from(ImportRow)) == 0
    assert person.get("/volunteer/register").status_code == 200
    assert person.post(f"{INVITED}/refuse").status_code == 404


def test_somebody_else_at_that_phone_is_a_member_only_once_the_organisation_has_looked(world, team, person, listed):
    assert agree(person, filled(listed, id_number=new_id_number())).status_code == 303
    assert world.rows(select(Membership.state)) == [("pending",)]
    assert members(world, team) == 0


def test_other_phones_see_nothing_of_it(world, listed):
    other = world.browser(world.account())
    assert other.get(INVITED).status_code == 404
    assert other.post(f"{INVITED}/refuse").status_code == 404
    assert rows_left(world) == 1
    assert "/login" in world.browser().get(INVITED).location


def test_an_invitation_ends_by_itself(world, person, clock):
    clock.advance(timedelta(days=30, seconds=1))
    # The log-in of the fixture is as old.
    assert person.get(INVITED).status_code in (303, 404)


def test_whoever_registered_by_themselves_is_asked_whether_they_join(world, team, listed):
    me = world.volunteer(phone=listed[3], id_number=listed[2])
    browser = world.browser(me)
    assert INVITED in browser.page("/volunteer").links
    assert "加入" in browser.page(INVITED).text
    assert agree(browser).status_code == 303
    assert world.rows(select(Membership.state)) == [("active",)]
    assert browser.get(INVITED).status_code == 404


def test_an_undo_leaves_those_who_confirmed_alone(world, team, boss, imported, work):
    one, other = row(), row()
    address = imported([one, other])
    browser = world.browser(world.account(one[3]))
    assert agree(browser, filled(one)).status_code == 303
    boss.post(f"{address}/undo")
    work()
    assert members(world, team) == 1
    assert "已经自己确认或加入，没有动" in boss.page(address).text
    late = world.browser(world.account(other[3]))
    assert late.get(INVITED).status_code == 404


def test_the_number_of_somebody_else_is_refused(world, person, listed):
    taken = world.volunteer()
    answer = agree(person, filled(listed, id_number=taken.id_number))
    assert answer.status_code == 422
    assert rows_left(world) == 1


def test_closing_the_account_takes_what_was_entered_along(world, listed):
    me = world.account(listed[3])
    world.do(lambda: in_transaction(lambda: erase(session.get_one(Account, me.account_id))))
    assert world.one(select(func.count()).select_from(ImportRow)) == 0
