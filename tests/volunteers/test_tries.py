"""A stranger tries ID numbers: what they learn, what it costs them, and what the person hears of it."""

from datetime import timedelta

from sqlalchemy import func, select

from app.accounts.models import AuditEntry, Try
from app.notices.models import Notice
from app.volunteers.models import Volunteer
from tests.factories import new_id_number
from tests.pages import read
from tests.volunteers.steps import DONE, PATH, register


def answer_to(browser, form):
    """Status and words, without what the person typed."""
    answer = browser.post(PATH, form)
    page = read(answer)
    return answer.status_code, page.of("id_number").errors, "/volunteer/recover" in page.links


def test_a_known_number_and_one_tried_too_often_are_answered_alike(world, volunteer, good):
    browser = world.browser(world.account())
    known = answer_to(browser, good | {"id_number": volunteer.id_number})
    for _ in range(2):
        assert answer_to(browser, good | {"id_number": world.volunteer().id_number}) == known
    assert answer_to(browser, good | {"id_number": new_id_number()}) == known
    assert known[0] == 422
    assert known[2]


def test_the_person_hears_of_it_once_a_day_and_each_time_is_written_down(world, volunteer, good, clock):
    for _ in range(2):
        browser = world.browser(world.account())
        browser.post(PATH, good | {"id_number": volunteer.id_number})
    assert world.rows(select(Notice.account_id, Notice.kind)) == [(volunteer.account_id, "id_number_tried")]
    entries = select(AuditEntry.account_id).where(AuditEntry.action == "id_number.tried")
    assert world.rows(entries) == [(volunteer.account_id,)] * 2
    clock.advance(timedelta(days=1))
    world.browser(world.account()).post(PATH, good | {"id_number": volunteer.id_number})
    assert world.one(select(func.count()).select_from(Notice)) == 2


def test_many_phones_behind_one_address_do_not_help(world, good):
    known = [world.volunteer() for _ in range(10)]
    for person in known:
        world.browser(world.account(), address="192.0.2.7").post(PATH, good | {"id_number": person.id_number})
    assert world.browser(world.account(), address="192.0.2.7").post(PATH, good).status_code == 422
    assert register(world.browser(world.account(), address="192.0.2.8"), good).location == DONE


def test_20_at_once_learn_no_more_than_3(world, good):
    person = world.account()

    def attempt():
        number, browser = world.volunteer().id_number, world.browser(person)
        return lambda: browser.post(PATH, good | {"id_number": number})

    works = [attempt() for _ in range(20)]
    assert {answer.status_code for answer in world.at_once(works)} == {422}
    looked_up = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "id_number.tried")
    assert world.one(looked_up) <= 3


def test_a_day_later_one_may_try_again_and_a_good_try_leaves_nothing(world, good, clock):
    browser = world.browser(world.account())
    for _ in range(4):
        browser.post(PATH, good | {"id_number": world.volunteer().id_number})
    clock.advance(timedelta(days=1, minutes=1))
    other = world.account()
    assert register(world.browser(other), good).location == DONE
    assert world.one(select(func.count()).select_from(Try)) == 0


def test_the_same_wrong_number_again_costs_no_second_try(world, volunteer, good):
    browser = world.browser(world.account())
    for _ in range(6):
        browser.post(PATH, good | {"id_number": volunteer.id_number})
    assert register(browser, good).location == DONE
    assert world.one(select(func.count()).select_from(Volunteer)) == 2
