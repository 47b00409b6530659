"""Two organisations have put one phone on their lists: an answer is to the one that the page showed and no other."""

import pytest
from sqlalchemy import select

from app.group_registration.models import ImportRow
from app.organizations.models import Membership
from tests.group_registration.answers import INVITED, agree, filled, refuse, seen
from tests.group_registration.sheets import book, row
from tests.pages import read as page_of

PAST = "这份邀请已经处理过，或已过期、被撤回"


@pytest.fixture
def other(world, root):
    return world.organization(root)


@pytest.fixture
def listed_by_both(world, other, imported, send, work):
    """Have two organisations import a row; gives the address of the first one's sheet."""

    def act(one):
        address = imported([one])
        second = world.browser(other.admin, proved=True)
        sent = send(book([one]), browser=second).location
        work()
        assert second.post(f"{sent}/confirm").status_code == 303
        work()
        return address

    return act


def members(world):
    return world.rows(select(Membership.organization_id, Membership.state))


def asked_by(world):
    return [one for (one,) in world.rows(select(ImportRow.organization_id).where(ImportRow.state == "invited"))]


def test_a_form_sent_twice_joins_the_organisation_that_it_showed_and_says_that_it_was_answered(
    world, team, other, listed_by_both
):
    one = row()
    listed_by_both(one)
    person = world.browser(world.account(one[3]))
    page = person.page(INVITED)
    assert team.name in page.text
    assert other.name not in page.text
    form = filled(one) | seen(person)
    assert person.post(INVITED, form).location.endswith("/volunteer/registered")
    answer = person.post(INVITED, form, follow_redirects=True)
    assert PAST in answer.text
    assert members(world) == [(team.id, "active")]
    assert asked_by(world) == [other.id]
    assert other.name in person.page(INVITED).text, "the other is asked for by itself"


def test_a_page_of_a_list_that_was_taken_back_joins_no_other_organisation(world, other, boss, listed_by_both, work):
    person = world.volunteer()
    address = listed_by_both(row(phone=person.phone))
    browser = world.browser(person)
    shown = seen(browser)
    boss.post(f"{address}/undo")
    work()
    answer = browser.post(INVITED, shown, follow_redirects=True)
    assert PAST in answer.text
    assert members(world) == []
    assert asked_by(world) == [other.id]
    assert agree(browser).status_code == 303
    assert members(world) == [(other.id, "pending")]


def test_a_no_sent_twice_erases_what_one_organisation_entered(world, other, listed_by_both):
    one = row()
    listed_by_both(one)
    person = world.browser(world.account(one[3]))
    shown = seen(person)
    assert person.post(f"{INVITED}/refuse", shown).status_code == 303
    answer = person.post(f"{INVITED}/refuse", shown, follow_redirects=True)
    assert answer.request.path == INVITED
    assert PAST in answer.text
    assert other.name in answer.text
    assert asked_by(world) == [other.id]
    assert refuse(person).status_code == 303
    assert asked_by(world) == []


def test_a_mistake_in_the_form_is_mended_in_the_answer_to_the_same_organisation(world, team, listed_by_both):
    one = row()
    listed_by_both(one)
    person = world.browser(world.account(one[3]))
    answer = person.post(INVITED, filled(one, name="") | seen(person))
    assert answer.status_code == 422
    again = page_of(answer)
    assert again.hidden["invitation"] == seen(person)["invitation"]
    assert team.name in again.text


@pytest.mark.parametrize("named", [{}, {"invitation": ""}, {"invitation": "x\0"}])
def test_an_answer_that_names_no_invitation_is_none(world, listed_by_both, named):
    one = row()
    listed_by_both(one)
    person = world.browser(world.account(one[3]))
    for path in (INVITED, f"{INVITED}/refuse"):
        assert PAST in person.post(path, filled(one) | named, follow_redirects=True).text
    assert members(world) == []
    assert len(asked_by(world)) == 2


def test_nobody_answers_what_another_phone_is_asked(world, listed_by_both):
    one = row()
    listed_by_both(one)
    foreign = seen(world.browser(world.account(one[3])))
    stranger, volunteer = world.browser(world.account()), world.browser(world.volunteer())
    for path in (INVITED, f"{INVITED}/refuse"):
        assert stranger.post(path, filled(one) | foreign).status_code == 404
        assert PAST in volunteer.post(path, foreign, follow_redirects=True).text
    assert members(world) == []
    assert len(asked_by(world)) == 2


def test_a_yes_after_the_session_ended_is_asked_for_once_more_and_claims_to_have_kept_nothing(world, listed_by_both):
    person = world.volunteer()
    listed_by_both(row(phone=person.phone))
    shown = seen(world.browser(person))
    browser = world.browser()
    assert "/login" in browser.post(INVITED, shown).location
    assert browser.log_in(person).page(INVITED).alerts == []
    assert members(world) == []
