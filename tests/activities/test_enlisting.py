"""加入名单: whom an organiser may put on a list, and how somebody is seen there who did not ask for it."""

from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select

from app.activities.models import SignUp
from app.organizations.models import Role
from app.volunteers.models import Volunteer
from tests.factories import add_admin, create_member, signed_up, withdrawn


@pytest.fixture
def event(world, root):
    """An activity of the 总队."""
    return world.activity(root)


@pytest.fixture
def member_below(world, team):
    return world.do(lambda: create_member(team, name="欧阳小红"))


def number_of(world, person):
    return world.one(select(Volunteer.volunteer_no).where(Volunteer.id == person.volunteer_id))


def put_on_list(world, event, actor, text):
    browser = world.browser(actor, proved=True)
    answer = browser.post(f"/organization/activities/{event.id}/roster/add", {"person": text, "reason": "需要帮手"})
    return browser, answer


def ask_for_phone(world, browser, event):
    number = world.one(select(SignUp.id))
    return browser.post(f"/organization/activities/{event.id}/sign-ups/{number}/phone", {"why": "change"})


def cells(answer):
    book = openpyxl.load_workbook(BytesIO(answer.get_data()))
    return "\n".join(str(cell.value or "") for sheet in book for row in sheet for cell in row)


def test_a_lead_finds_no_member_of_an_organisation_below(world, root, event, member_below):
    lead = world.do(lambda: add_admin(root, Role.LEAD))
    for text in (number_of(world, member_below), member_below.phone):
        _, answer = put_on_list(world, event, lead, text)
        assert "下级组织的成员由所有者或管理员加入" in answer.text
    assert world.one(select(SignUp.id)) is None


def test_a_lead_sees_no_number_of_a_member_below(world, root, team, member_below):
    number = number_of(world, member_below)
    uid = world.one(select(Volunteer.uid).where(Volunteer.id == member_below.volunteer_id))
    lead, owner = world.browser(world.do(lambda: add_admin(root, Role.LEAD))), world.browser(root.admin)
    for path in ("/organization/volunteers?below=1", f"/organization/volunteers/{uid}"):
        assert number not in lead.page(path).text
        assert number in owner.page(path).text
    assert number in world.browser(world.do(lambda: add_admin(team, Role.LEAD))).page("/organization/volunteers").text


def test_a_member_below_is_put_on_the_list_by_an_admin_and_stays_masked_there(world, root, event, member_below):
    admin = world.do(lambda: add_admin(root, Role.ADMIN))
    browser, answer = put_on_list(world, event, admin, number_of(world, member_below))
    assert answer.status_code == 303
    for path in ("", "/roster"):
        page = browser.page(f"/organization/activities/{event.id}{path}")
        assert "欧阳**" in page.text
        assert "欧阳小红" not in page.html
        assert "看电话" not in page.text
    assert "没有找到" in browser.page(f"/organization/activities/{event.id}/roster?q=小红").text
    answer = ask_for_phone(world, browser, event)
    assert answer.status_code == 403
    assert member_below.phone not in answer.text
    sent = {"group": "in", "reason": "联系到场"}
    sheet = cells(browser.post(f"/organization/activities/{event.id}/roster/export", sent))
    assert "欧阳**" in sheet
    assert "欧阳小红" not in sheet
    assert member_below.phone not in sheet


def test_who_signs_up_by_themselves_afterwards_is_seen_like_everybody(world, root, event, member_below):
    browser, _ = put_on_list(world, event, root.admin, number_of(world, member_below))
    world.do(lambda: withdrawn(event, member_below))
    world.do(lambda: signed_up(event, member_below))
    assert "欧阳小红" in browser.page(f"/organization/activities/{event.id}/roster").text
    assert member_below.phone in ask_for_phone(world, browser, event).text


def test_the_phone_of_an_own_member_put_on_the_list_is_for_owners_and_admins(world, root, event):
    person = world.do(lambda: create_member(root, name="欧阳小红"))
    lead, answer = put_on_list(world, event, world.do(lambda: add_admin(root, Role.LEAD)), number_of(world, person))
    assert answer.status_code == 303
    assert "欧阳小红" in lead.page(f"/organization/activities/{event.id}/roster").text
    assert ask_for_phone(world, lead, event).status_code == 403
    owner = world.browser(root.admin)
    assert person.phone in ask_for_phone(world, owner, event).text
