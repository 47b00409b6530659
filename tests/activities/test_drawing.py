"""抽签: who signed up before the end has the same chance, and everybody can compute afterwards who was drawn."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.activities import drawing, enlisting
from app.activities.errors import CannotDraw, OrganizerPaused, SignUpClosed
from app.activities.jobs import draw_due
from app.activities.leaving import withdraw
from app.activities.models import Activity, ApprovalMode, Shift, SignUp
from app.activities.queries import find
from app.activities.recount import recount
from app.activities.sign_up import sign_up
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations.models import Role
from app.volunteers.models import Volunteer
from app.web.forms import Moment
from tests.factories import add_admin, create_member, signed_up, suspend
from tests.pages import read

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def event(world, team, clock):
    """Three places, by lot, a day after sign-up has ended; two may wait."""
    times = {"starts_at": clock.now() + 3 * DAY, "signup_end_at": clock.now() + 2 * DAY}
    return world.activity(team, approval_mode=ApprovalMode.LOTTERY, quota=3, waitlist_limit=2, **times)


def enter(world, event, number):
    people = [world.volunteer() for _ in range(number)]
    for person in people:
        world.do(lambda person=person: signed_up(event, person))
    return people


def states(world, event):
    """By volunteer."""
    query = select(SignUp.volunteer_id, SignUp.state).where(SignUp.activity_id == event.id)
    return dict(world.rows(query))


def shift_of(world, event):
    query = select(Shift.places_taken, Shift.waiting, Shift.entered).where(Shift.id == event.shift_id)
    return world.rows(query)[0]


def close(world, event):
    """Let sign-up be over, though the clock stands: browsers stay logged in."""
    ends = update(Activity).where(Activity.id == event.id).values(signup_end_at=here.clock.now())
    in_transaction(lambda: session.execute(ends))


def told(world, kind):
    return sorted(one for (one,) in world.rows(select(Notice.account_id).where(Notice.kind == kind)))


def test_nobody_has_a_seat_before_the_draw(world, team, event):
    people = enter(world, event, 5)
    assert set(states(world, event).values()) == {"entered"}
    assert shift_of(world, event) == (0, 0, 5)
    assert told(world, "sign_up_entered") == sorted(person.account_id for person in people)
    page = world.browser(people[0]).page(f"/activities/{event.id}")
    assert "待抽签" in page.text
    assert "招募 3 人，5 人等待抽签" in page.text
    assert "个名额" not in page.text
    assert "您的抽签号是" in page.text
    assert "待抽签" in world.browser(people[0]).page("/volunteer/activities?tab=waiting").text
    assert "招募 3 人，截止后抽签" in world.browser().page("/activities").text
    assert "待抽签 5 人" in world.browser(team.admin).page("/organization/activities").text


def test_the_worker_draws_when_sign_up_is_over(world, event, clock):
    people = enter(world, event, 8)
    assert world.do(draw_due) == 0
    clock.set(clock.now() + 2 * DAY)
    assert world.do(draw_due) == 1
    outcome = states(world, event)
    assert sorted(outcome.values()) == ["confirmed"] * 3 + ["not_drawn"] * 3 + ["waitlisted"] * 2
    assert shift_of(world, event) == (3, 2, 0)
    assert world.do(draw_due) == 0
    assert states(world, event) == outcome
    for kind, state in (("confirmed", "confirmed"), ("waitlisted", "waitlisted"), ("not_drawn", "not_drawn")):
        who = [person.account_id for person in people if outcome[person.volunteer_id] == state]
        assert told(world, f"sign_up_{kind}") == sorted(who)
    assert world.do(lambda: recount(mends=False)) == []


def test_the_order_follows_from_the_seed_and_is_shown_with_it(world, event, clock):
    enter(world, event, 8)
    browser = world.browser()
    seed = world.one(select(Shift.draw_seed))
    fingerprint = hashlib.sha256(seed.encode()).hexdigest()
    before = browser.page(f"/activities/{event.id}").html + browser.get(f"/activities/{event.id}/draw.txt").text
    assert fingerprint in before
    assert seed not in before
    tickets = [f"{number}-1" for (number,) in world.rows(select(SignUp.id))]
    clock.set(clock.now() + 2 * DAY)
    world.do(draw_due)
    expected = sorted(tickets, key=lambda ticket: hashlib.sha256(f"{seed}:{ticket}".encode()).hexdigest())
    drawn = world.rows(select(SignUp.draw_ticket).order_by(SignUp.draw_order))
    assert [ticket for (ticket,) in drawn] == expected
    proof = browser.get(f"/activities/{event.id}/draw.txt").text
    assert seed in proof
    assert [line.split(",")[1] for line in proof.splitlines() if line[:1].isdigit()] == expected
    first = world.rows(select(SignUp.state).order_by(SignUp.draw_order))
    assert [state for (state,) in first] == ["confirmed"] * 3 + ["waitlisted"] * 2 + ["not_drawn"] * 3


def test_an_operator_computes_it_again(world, app, event, clock):
    enter(world, event, 4)
    run = app.test_cli_runner().invoke
    assert run(args=["activities", "check-draw", str(event.id)]).exit_code == 1
    clock.set(clock.now() + 2 * DAY)
    world.do(draw_due)
    assert "4 drawn" in run(args=["activities", "check-draw", str(event.id)]).output
    swap = update(SignUp).where(SignUp.draw_order == 1).values(draw_order=9)
    world.do(lambda: in_transaction(lambda: session.execute(swap)))
    assert run(args=["activities", "check-draw", str(event.id)]).exit_code == 1


def test_who_waits_goes_on_in_the_order_of_the_draw(world, event, clock):
    people = enter(world, event, 8)
    clock.set(clock.now() + 2 * DAY)
    world.do(draw_due)
    outcome = states(world, event)
    winner = next(person for person in people if outcome[person.volunteer_id] == "confirmed")
    world.do(
        lambda: in_transaction(lambda: withdraw(event.shift_id, winner.volunteer_id, "有事", now=here.clock.now()))
    )
    offered = world.rows(select(SignUp.draw_order).where(SignUp.state == "offered"))
    assert offered == [(4,)]


def test_the_organiser_draws_by_one_press_once_sign_up_is_over(world, team, event, admin):
    enter(world, event, 5)
    roster, draw = (f"/organization/activities/{event.id}/{page}" for page in ("roster", "draw"))
    assert "待抽签 5" in admin.page(roster).text
    assert draw not in admin.page(roster).html
    assert admin.post(draw).status_code == CannotDraw.status
    assert set(states(world, event).values()) == {"entered"}
    world.do(lambda: close(world, event))
    assert draw in admin.page(roster).html
    helper = world.browser(world.do(lambda: add_admin(team, Role.HELPER)))
    assert helper.post(draw).status_code == 403
    assert "已抽签，5 人会收到结果" in admin.page(admin.post(draw).location).text
    assert shift_of(world, event) == (3, 2, 0)
    assert draw not in admin.page(roster).html
    assert admin.post(draw).status_code == CannotDraw.status


def test_pressed_by_8_at_once_while_others_enter_and_leave_it_is_one_draw(world, event, clock):
    people = enter(world, event, 12)
    late = [world.volunteer() for _ in range(4)]
    world.do(lambda: close(world, event))

    def draw():
        return in_transaction(lambda: drawing.draw(event.shift_id, now=here.clock.now()))

    def leave(person):
        return lambda: in_transaction(
            lambda: withdraw(event.shift_id, person.volunteer_id, "有事", now=here.clock.now())
        )

    def come(person):
        return lambda: in_transaction(lambda: sign_up(event.shift_id, person.volunteer_id, now=here.clock.now()))

    works = [draw] * 8 + [leave(person) for person in people[:4]] + [come(person) for person in late]
    outcomes = world.at_once(works)
    assert sum(1 for number in outcomes[:8] if number) == 1
    assert {type(one) for one in outcomes[12:]} == {SignUpClosed}
    found = list(states(world, event).values())
    assert "entered" not in found
    taken, waiting, entered = shift_of(world, event)
    assert entered == 0
    assert taken <= 3
    assert (found.count("confirmed") + found.count("offered"), found.count("waitlisted")) == (taken, waiting)
    assert world.do(lambda: recount(mends=False)) == []
    assert world.do(lambda: drawing.is_fair(session.get_one(Shift, event.shift_id)))


def test_64_enter_at_once_and_each_has_a_lot(world, event):
    people = [world.volunteer() for _ in range(64)]

    def press(person):
        return lambda: in_transaction(lambda: sign_up(event.shift_id, person.volunteer_id, now=here.clock.now())[1])

    assert world.at_once([press(person) for person in people]) == [True] * 64
    assert shift_of(world, event) == (0, 0, 64)


def test_who_leaves_before_the_draw_is_not_drawn_and_comes_back_with_another_ticket(world, event, clock):
    (person,) = enter(world, event, 1)
    browser = world.browser(person)
    leave = f"/activities/{event.id}/shifts/{event.shift_id}/withdraw"
    assert browser.post(leave, {"why": "time"}).status_code == 303
    assert shift_of(world, event) == (0, 0, 0)
    browser.post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up")
    assert shift_of(world, event) == (0, 0, 1)
    clock.set(clock.now() + 2 * DAY)
    world.do(draw_due)
    assert world.one(select(SignUp.draw_ticket)).endswith("-2")


def test_names_put_on_the_list_take_their_seats_before(world, team, event, clock):
    enter(world, event, 4)
    member = world.do(lambda: create_member(team))

    def put():
        person = session.get_one(Volunteer, member.volunteer_id)
        whose = {"actor_id": team.admin.account_id, "now": here.clock.now()}
        enlisting.put_on_list(find(event.id), event.shift_id, person, "带队", **whose)

    world.do(lambda: in_transaction(put))
    clock.set(clock.now() + 2 * DAY)
    world.do(draw_due)
    assert shift_of(world, event) == (3, 2, 0)
    assert world.one(select(Shift.drawn_places)) == 2


def edit_of(admin, path, **more):
    page = admin.page(path)
    names = ("title", "starts_at", "ends_at", "region", "address", "quota", "leader_name", "leader_phone", "content")
    names = (*names, "scope_category", "approval_mode", "waitlist_limit", "signup_end_at")
    form = {name: page.of(name).value for name in names} | {"target_groups": ["11"], "waitlist_mode": "in_turn"}
    return form | more


def test_lots_are_for_all_or_for_nobody(world, event, admin):
    path = f"/organization/activities/{event.id}/edit"
    assert admin.post(path, edit_of(admin, path, approval_mode="at_once")).status_code == 303
    assert admin.post(path, edit_of(admin, path, approval_mode="lottery")).status_code == 303
    enter(world, event, 1)
    answer = admin.post(path, edit_of(admin, path, approval_mode="at_once"))
    assert "已经有人报名" in read(answer).of("approval_mode").errors[0]
    assert admin.post(path, edit_of(admin, path, quota="5")).status_code == 303


def test_what_was_drawn_is_not_opened_again(world, event, admin, clock):
    enter(world, event, 2)
    world.do(lambda: close(world, event))
    admin.post(f"/organization/activities/{event.id}/draw")
    path = f"/organization/activities/{event.id}"
    later = Moment.text(clock.now() + DAY)
    answer = admin.post(f"{path}/deadline", {"signup_end_at": later})
    assert "已经抽签" in read(answer).of("signup_end_at").errors[0]
    assert admin.post(f"{path}/edit", edit_of(admin, f"{path}/edit", signup_end_at=later)).status_code == 303
    assert world.one(select(Activity.signup_end_at)) == clock.now()


@pytest.mark.parametrize(
    ("field", "value", "words"), [("quota", "0", "要有招募人数"), ("signup_end_at", "later", "不能晚于第一场开始")]
)
def test_a_draw_needs_a_number_and_an_end_before_the_beginning(world, event, admin, clock, field, value, words):
    path = f"/organization/activities/{event.id}/edit"
    value = Moment.text(clock.now() + 3 * DAY + HOUR) if value == "later" else value
    answer = admin.post(path, edit_of(admin, path, **{field: value}))
    assert words in read(answer).of(field).errors[0]


def test_a_shift_that_somebody_has_entered_is_not_taken_away(world, event, admin, clock):
    second = world.shift(event, starts_at=clock.now() + 5 * DAY)
    (person,) = enter(world, event, 1)
    del person
    path = f"/organization/activities/{event.id}/edit"
    uids = dict(world.rows(select(Shift.id, Shift.uid)))
    page = admin.page(path)
    form = edit_of(admin, path) | {"shift_uid": uids[second], "removed": [uids[event.shift_id]]}
    form |= {name: page.of(f"more_shifts-0-{name}").value for name in ("starts_at", "ends_at", "quota")}
    form["signup_end_at"] = Moment.text(clock.now() + DAY)
    answer = admin.post(path, form)
    assert "已有人报名" in " ".join(read(answer).alerts)
    assert world.one(select(func.count()).where(Shift.removed_at.is_not(None))) == 0


def test_no_lots_are_drawn_while_the_organisation_rests(world, team, event, clock):
    enter(world, event, 4)
    world.do(lambda: close(world, event))
    world.do(lambda: suspend(team, "suspended"))
    assert world.do(draw_due) == 0
    with pytest.raises(OrganizerPaused):
        world.do(lambda: in_transaction(lambda: drawing.draw(event.shift_id, now=here.clock.now())))
    assert set(states(world, event).values()) == {"entered"}
    world.do(lambda: suspend(team, "approved"))
    assert world.do(draw_due) == 1
    assert sorted(states(world, event).values()) == ["confirmed"] * 3 + ["waitlisted"]


@pytest.mark.parametrize("comes_back", [True, False])
def test_whoever_entered_a_draw_that_nobody_could_make_in_time_is_told_so(world, team, event, clock, comes_back):
    enter(world, event, 2)
    world.do(lambda: suspend(team, "suspended"))
    clock.advance(30 * DAY)
    if comes_back:
        world.do(lambda: suspend(team, "approved"))
    assert world.do(draw_due) == 1
    assert set(states(world, event).values()) == {"not_drawn"}
    assert len(world.rows(select(Notice.id).where(Notice.kind == "sign_up_not_drawn"))) == 2


def test_of_shifts_published_apart_none_is_drawn_after_it_began(world, admin, good, clock):
    start = clock.now() + 3 * DAY
    times = {"starts_at": start + 7 * DAY, "ends_at": start + 7 * DAY + 2 * HOUR, "signup": start + HOUR}
    typed = {name: Moment.text(moment) for name, moment in times.items()}
    rows = {f"more_shifts-0-{name}": typed[name] for name in ("starts_at", "ends_at")} | {"more_shifts-0-quota": "3"}
    apart = good | rows | {"is_apart": "y", "approval_mode": "lottery", "more_shifts-0-uid": "s" * 22}
    answer = admin.post("/organization/activities/new", apart | {"signup_end_at": typed["signup"]})
    assert "不能晚于第一场开始" in read(answer).of("signup_end_at").errors[0]
    assert admin.post("/organization/activities/new", apart | {"signup_end_at": ""}).status_code == 303
    assert all(one == begins for one, begins in world.rows(select(Activity.signup_end_at, Activity.starts_at)))


def test_one_shift_that_is_published_apart_is_a_plain_one(admin, good, clock):
    late = Moment.text(clock.now() + 3 * DAY + HOUR)
    answer = admin.post(
        "/organization/activities/new",
        good | {"is_apart": "y", "approval_mode": "lottery", "signup_end_at": late},
    )
    assert "不能晚于第一场开始" in read(answer).of("signup_end_at").errors[0]
