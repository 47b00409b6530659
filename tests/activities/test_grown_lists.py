"""A yes to a long list is for as many people as were on it."""

from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select

from app.activities.export_requests import ExportRequest
from tests.activities.long_lists import ask, audit, download, judge, states
from tests.factories import signed_up, withdrawn
from tests.pages import read

pytestmark = pytest.mark.usefixtures("two_are_many")


@pytest.fixture
def people(world):
    return [world.volunteer() for _ in range(2)]


@pytest.fixture
def event(world, team, people):
    event = world.activity(team, quota=9)
    for person in people:
        world.do(lambda person=person: signed_up(event, person))
    return event


def grow(world, event):
    person = world.volunteer()
    world.do(lambda: signed_up(event, person))


def test_a_yes_is_for_as_many_as_the_list_had_and_a_longer_one_is_asked_for_again(world, event, boss, colleague):
    address = ask(boss, event)
    judge(world, colleague, address)
    grow(world, event)
    page = boss.page(address)
    assert "名单现在有 3 人，同意的是 2 人" in page.text
    assert "下载名单" not in page.text
    assert f"/organization/activities/{event.id}/roster/export" in page.links
    answer = download(boss, address)
    assert (answer.status_code, read(answer).alerts) == (409, ["名单现在有 3 人，同意的是 2 人，请重新申请"])
    assert states(world) == ["approved"]
    assert "roster.exported" not in [action for action, _, _ in audit(world)]
    again = ask(boss, event, form_key="l" * 22)
    judge(world, colleague, again)
    assert openpyxl.load_workbook(BytesIO(download(boss, again).data))["名单"].max_row == 4


def test_who_approves_later_sees_how_many_it_has_become_and_says_yes_to_these(world, event, people, boss, colleague):
    address = ask(boss, event)
    grow(world, event)
    approver = world.browser(colleague, proved=True)
    page = approver.page(address)
    assert "全部在册 3 人（申请时 2 人）" in page.text
    grow(world, event)
    sent = {"action": "accept", "reason": "", "people": page.hidden["people"]}
    assert approver.post(address, sent).status_code == 303
    assert world.one(select(ExportRequest.people)) == 3
    assert download(boss, address).status_code == 409
    world.do(lambda: withdrawn(event, people[0]))
    assert openpyxl.load_workbook(BytesIO(download(boss, address).data))["名单"].max_row == 4


@pytest.mark.parametrize(("said", "kept"), [("999999999", 2), ("x", 2), ("", 2), ("1", 1)])
def test_nobody_says_yes_to_more_than_there_are(world, event, boss, colleague, said, kept):
    address = ask(boss, event)
    sent = {"action": "accept", "reason": "", "people": said}
    assert world.browser(colleague, proved=True).post(address, sent).status_code == 303
    assert world.one(select(ExportRequest.people)) == kept
