"""How many pictures one person sends that no form takes over has an end, and what was sent before stays."""

import pytest
from sqlalchemy import func, select

from app.files import StoredFile
from tests.factories import publishing_form
from tests.pages import read
from tests.uploads import photo, send

PATH = "/organization/register"
NEW = "/organization/activities/new"


@pytest.fixture(autouse=True)
def few(world, folder):
    with world.settings(limits={"pictures_in_hand": 10}):
        yield folder


def number(world):
    return world.one(select(func.count()).select_from(StoredFile))


def test_of_an_organisation_that_is_registered(world, applicant, good):
    for _ in range(10):
        assert send(applicant, PATH, good | {"action": "keep"}, photo(size=(30, 20)), name="logo").status_code == 204
    answer = send(applicant, PATH, good, photo(size=(30, 20)), name="logo")
    assert answer.status_code == 422
    assert "今天传的图片太多了" in read(answer).of("logo").errors[0]
    assert number(world) == 10
    assert applicant.post(PATH, good).status_code == 303
    other = world.browser(world.account())
    assert send(other, PATH, good, photo(size=(30, 20)), name="logo").status_code == 303


def test_of_an_activity_that_is_published(world, team, clock):
    browser = world.browser(team.admin)
    form = publishing_form(clock.now(), content="") | {"action": "preview"}
    for _ in range(4):
        answer = send(browser, NEW, form, *(photo(size=(30, 20)) for _ in range(3)))
    assert "今天传的图片太多了" in answer.text
    assert number(world) == 10
