"""候补: who waits, in which order a place is passed on, and what becomes of an offer. On each database."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.models import Account
from app.activities import errors, services, waiting
from app.activities.facts import AudienceFacts
from app.activities.jobs import end_offers, offer_what_is_free
from app.activities.leaving import withdraw
from app.activities.models import RecruitScope, Shift, SignUp
from app.activities.queries import before_in_queue, find
from app.activities.sign_up import find_sign_up, sign_up
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations import merging, suspending
from app.organizations.models import Organization
from app.volunteers.models import Volunteer
from tests.factories import activity_facts, create_member
from tests.pages import read

HOUR = timedelta(hours=1)


@pytest.fixture
def hall(world, team):
    """An activity for one, with a list for three, and what people do there."""
    return Hall(world, world.activity(team, quota=1, waitlist_limit=3))


class Hall:
    def __init__(self, world, event):
        self.world, self.event = world, event

    def _do(self, act):
        return self.world.do(lambda: in_transaction(act))

    def press(self, person):
        return self._do(lambda: sign_up(self.event.shift_id, person.volunteer_id, now=here.clock.now())[0].state)

    def leave(self, person):
        self._do(lambda: withdraw(self.event.shift_id, person.volunteer_id, "有事", now=here.clock.now()))

    def say_yes(self, person):
        return self._do(lambda: waiting.accept(self.event.shift_id, person.volunteer_id, now=here.clock.now()).state)

    def state(self, person):
        return self.world.one(select(SignUp.state).where(SignUp.volunteer_id == person.volunteer_id))

    def before(self, person):
        return self.world.do(lambda: before_in_queue(find_sign_up(self.event.shift_id, person.volunteer_id)))

    def books(self):
        return self.world.rows(select(Shift.places_taken, Shift.waiting).where(Shift.id == self.event.shift_id))[0]

    def told(self, person):
        query = select(Notice.kind).where(Notice.account_id == person.account_id).order_by(Notice.id)
        return [kind for (kind,) in self.world.rows(query)]


@pytest.fixture
def people(world):
    return [world.volunteer() for _ in range(5)]


def test_who_comes_too_late_waits_and_knows_how_many_are_before(hall, people):
    assert [hall.press(person) for person in people[:4]] == ["confirmed", *["waitlisted"] * 3]
    assert [hall.before(person) for person in people[1:4]] == [0, 1, 2]
    assert hall.books() == (1, 3)
    assert hall.told(people[1]) == ["sign_up_waitlisted"]
    with pytest.raises(errors.WaitingListFull):
        hall.press(people[4])
    assert hall.books() == (1, 3)


def test_without_a_list_full_is_full(world, team, people):
    hall = Hall(world, world.activity(team, quota=1))
    hall.press(people[0])
    with pytest.raises(errors.ActivityFull):
        hall.press(people[1])


def test_a_place_that_comes_free_is_offered_to_the_first_and_taken_by_a_press(hall, people):
    for person in people[:3]:
        hall.press(person)
    hall.leave(people[0])
    assert [hall.state(person) for person in people[:3]] == ["withdrawn", "offered", "waitlisted"]
    assert hall.books() == (1, 1)
    assert hall.told(people[1])[-1] == "place_offered"
    assert hall.say_yes(people[1]) == "confirmed"
    assert hall.say_yes(people[1]) == "confirmed"
    assert hall.books() == (1, 1)
    assert hall.told(people[1])[-1] == "sign_up_confirmed"


def test_nobody_passes_those_who_wait(hall, people):
    for person in people[:2]:
        hall.press(person)
    hall.leave(people[0])
    assert hall.press(people[2]) == "waitlisted"


def test_who_declines_or_is_late_passes_the_place_on(hall, people, clock):
    for person in people[:4]:
        hall.press(person)
    hall.leave(people[0])
    hall.leave(people[1])
    assert hall.state(people[2]) == "offered"
    clock.advance(12 * HOUR)
    with pytest.raises(errors.OfferEnded):
        hall.say_yes(people[2])
    assert hall.world.do(end_offers) == 1
    assert hall.world.do(end_offers) == 0
    assert [hall.state(person) for person in people[:4]] == ["withdrawn", "withdrawn", "withdrawn", "offered"]
    assert hall.told(people[2])[-1] == "offer_ended"
    assert hall.books() == (1, 0)


def test_who_comes_back_waits_at_the_end(hall, people, clock):
    for person in people[:3]:
        hall.press(person)
        clock.advance(HOUR)
    hall.leave(people[1])
    clock.advance(HOUR)
    assert hall.press(people[1]) == "waitlisted"
    assert [hall.before(person) for person in (people[2], people[1])] == [0, 1]


def test_an_offer_never_reaches_beyond_the_start(hall, people, clock):
    for person in people[:2]:
        hall.press(person)
    clock.advance(timedelta(days=3) - HOUR)
    hall.leave(people[0])
    query = select(SignUp.offer_ends_at, SignUp.shift_starts_at).where(SignUp.state == "offered")
    ((ends, starts),) = hall.world.rows(query)
    assert ends == starts
    clock.advance(HOUR)
    with pytest.raises(errors.OfferEnded):
        hall.say_yes(people[1])


def test_more_places_are_offered_at_once(hall, people):
    for person in people[:4]:
        hall.press(person)

    def widen():
        facts = activity_facts(quota=3, waitlist_limit=3)
        activity = find(hall.event.id)
        services.edit(activity, facts, now=here.clock.now())

    hall.world.do(lambda: in_transaction(widen))
    assert [hall.state(person) for person in people[:4]] == ["confirmed", "offered", "offered", "waitlisted"]
    assert hall.books() == (3, 1)


def test_an_offer_at_the_time_of_another_activity_names_it(world, team, hall, people, clock):
    for person in people[:2]:
        hall.press(person)
    hall.leave(people[0])
    other = Hall(world, world.activity(team))
    assert other.press(people[1]) == "confirmed"
    with pytest.raises(errors.Overlapping, match=other.event.title):
        hall.say_yes(people[1])


def test_with_review_who_moves_up_is_judged_too(world, team, people):
    hall = Hall(world, world.activity(team, quota=1, waitlist_limit=1, approval_mode="review"))
    assert [hall.press(person) for person in people[:2]] == ["pending", "waitlisted"]
    hall.leave(people[0])
    assert hall.say_yes(people[1]) == "pending"


def test_all_at_once_cancel_accept_and_press_and_the_books_are_right(world, team):
    hall = Hall(world, world.activity(team, quota=5, waitlist_limit=10))
    first, queue, late = ([world.volunteer() for _ in range(count)] for count in (5, 10, 6))
    for person in first + queue:
        hall.press(person)

    def later(act, *args):
        return lambda: in_transaction(lambda: act(hall.event.shift_id, *args, now=here.clock.now()) and None)

    world.at_once(
        [later(withdraw, person.volunteer_id, "有事") for person in first + queue[:3]]
        + [later(waiting.accept, person.volunteer_id) for person in queue]
        + [later(sign_up, person.volunteer_id) for person in late]
    )
    taken, queued = hall.books()
    states = [state for (state,) in world.rows(select(SignUp.state))]
    assert taken == sum(state in ("offered", "confirmed") for state in states) == 5
    assert queued == states.count("waitlisted")
    assert not [person for person in first if hall.state(person) != "withdrawn"]


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        ({"id_number_sealed": None}, "证件号码"),
        ({"birth_date": date(2011, 5, 5)}, "监护人"),
    ],
)
def test_an_offered_place_is_not_for_who_has_no_papers_or_guardian_any_more(world, team, people, lost, words):
    hall = Hall(world, world.activity(team, quota=1, waitlist_limit=3))
    for person in people[:2]:
        hall.press(person)
    change = update(Volunteer).where(Volunteer.id == people[1].volunteer_id).values(lost)
    world.do(lambda: in_transaction(lambda: session.execute(change)))
    hall.leave(people[0])
    with pytest.raises(errors.NotQualified, match=words):
        hall.say_yes(people[1])
    assert hall.state(people[1]) == "offered"
    page = world.browser(people[1]).post(f"/activities/{hall.event.id}/shifts/{hall.event.shift_id}/accept")
    assert page.status_code == 409
    assert words in read(page).alerts[0]


@pytest.mark.parametrize("meant", ["members", "directed"])
def test_who_was_removed_while_they_waited_does_not_keep_the_place_from_a_member(world, team, meant):
    more = {"members_only": True}
    if meant == "directed":
        more = {"recruit_scope": RecruitScope.DIRECTED, "audience": (AudienceFacts(team.id),)}
    first, gone, member = (world.do(lambda: create_member(team)) for _ in range(3))
    hall = Hall(world, world.activity(team, quota=1, waitlist_limit=3, **more))
    for person in (first, gone, member):
        hall.press(person)
    uid = world.one(select(Volunteer.uid).where(Volunteer.id == gone.volunteer_id))
    answer = world.browser(team.admin).post(f"/organization/volunteers/{uid}/remove", {"reason": "多次缺席"})
    assert answer.status_code == 303
    hall.leave(first)
    assert [hall.state(person) for person in (gone, member)] == ["withdrawn", "offered"]
    assert hall.told(gone)[-1] == "sign_up_removed"
    assert hall.books() == (1, 0)
    assert hall.say_yes(member) == "confirmed"


def rest(world, root, team, how, now):
    """Suspend the organisation, let it go on, or merge it into the one above."""

    def act():
        above, actor = session.get_one(Organization, root.id), session.get_one(Account, root.admin.account_id)
        if how == "merge":
            more = {"keeps_admins": True, "deepest": here.config.limits.organization_depth}
            merging.merge(above, team.uid, root.uid, reason="并入总队", actor=actor, now=now, **more)
        else:
            getattr(suspending, how)(above, team.uid, reason="核查", actor=actor, now=now)

    world.do(lambda: in_transaction(act))


@pytest.mark.parametrize("how", ["resume", "merge"])
def test_a_place_that_came_free_during_a_suspension_is_offered_once_the_organisation_goes_on(
    world, root, team, hall, people, clock, how
):
    for person in people[:3]:
        hall.press(person)
    rest(world, root, team, "suspend", clock.now())
    hall.leave(people[0])
    assert hall.state(people[1]) == "waitlisted"
    assert hall.books() == (0, 2)
    assert world.do(offer_what_is_free) == 0
    clock.advance(HOUR)
    world.do(lambda: here.jobs.huey.flush())
    rest(world, root, team, how, clock.now())
    (woken,) = [task for task in world.do(lambda: here.jobs.huey.pending()) if task.name == suspending.GOES_ON]
    assert world.do(lambda: here.jobs.huey.execute(woken)) is None
    assert [hall.state(person) for person in people[1:3]] == ["offered", "waitlisted"]
    assert hall.told(people[1])[-1] == "place_offered"
    assert hall.say_yes(people[1]) == "confirmed"
    assert world.do(offer_what_is_free) == 0
    assert hall.books() == (1, 1)
