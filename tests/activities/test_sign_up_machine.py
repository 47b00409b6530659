"""Any order of signing up, withdrawing, changing the quota and waiting keeps the books right."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from app.activities import judging, services, waiting
from app.activities.jobs import draw_due, end_offers
from app.activities.leaving import ask_for_leave, withdraw
from app.activities.models import SEATED, TAKEN, Shift, SignUp
from app.activities.queries import find, mine
from app.activities.sign_up import find_sign_up, sign_up
from app.context import here
from app.database import in_transaction, session
from app.errors import AppError
from tests.factories import activity_facts

PEOPLE = 5
ANSWERS = [judging.approve, judging.reject, judging.remove, judging.grant_leave, judging.refuse_leave]


def test_seats_are_counted_right_whatever_happens(world, team, clock, backend):
    people = [world.volunteer() for _ in range(PEOPLE)]

    class SignUps(RuleBasedStateMachine):
        @initialize()
        def begin(self):
            self.began = clock.now()
            # Each run takes place later than the one before, so that they do not overlap.
            clock.advance(timedelta(days=30))
            start = clock.now() + timedelta(hours=5)
            self.starts = {}
            self.events = []
            for offset in (0, 1):  # these two overlap
                at = start + timedelta(hours=offset)
                more = {"waitlist_limit": 2, "cancel_deadline_at": at - timedelta(hours=2), "quota": 2}
                mode = "review" if offset else "at_once"
                event = world.activity(
                    team, starts_at=at, signup_end_at=at + timedelta(hours=1), approval_mode=mode, **more
                )
                self.starts[event.id] = at
                self.events.append(event)
            self.begin_lottery(start + timedelta(days=2))

        def begin_lottery(self, at):
            """The third one draws lots; sign-up ends five hours from now."""
            more = {"waitlist_limit": 1, "quota": 2, "signup_end_at": self.lots_end(at)}
            event = world.activity(team, starts_at=at, approval_mode="lottery", **more)
            self.starts[event.id] = at
            self.events.append(event)

        def lots_end(self, at):
            return at - timedelta(days=2)

        def attempt(self, work):
            try:
                world.do(lambda: in_transaction(work))
            except AppError:
                return False
            return True

        @rule(who=st.integers(0, PEOPLE - 1), what=st.integers(0, 2))
        def press(self, who, what):
            shift, person = self.events[what].shift_id, people[who].volunteer_id
            self.attempt(lambda: sign_up(shift, person, now=here.clock.now()))

        @rule(who=st.integers(0, PEOPLE - 1), what=st.integers(0, 2))
        def take_back(self, who, what):
            shift, person = self.events[what].shift_id, people[who].volunteer_id
            self.attempt(lambda: withdraw(shift, person, "有事", now=here.clock.now()))

        @rule(who=st.integers(0, PEOPLE - 1), what=st.integers(0, 2))
        def say_yes(self, who, what):
            shift, person = self.events[what].shift_id, people[who].volunteer_id
            self.attempt(lambda: waiting.accept(shift, person, now=here.clock.now()))

        @rule(who=st.integers(0, PEOPLE - 1), what=st.integers(0, 2))
        def ask(self, who, what):
            shift, person = self.events[what].shift_id, people[who].volunteer_id
            self.attempt(lambda: ask_for_leave(shift, person, "有事", now=here.clock.now()))

        @rule(who=st.integers(0, PEOPLE - 1), what=st.integers(0, 2), answer=st.sampled_from(ANSWERS))
        def judge(self, who, what, answer):
            event, person = self.events[what], people[who].volunteer_id

            def act():
                mine = find_sign_up(event.shift_id, person)
                reason = ("理由",) if answer in (judging.reject, judging.remove) else ()
                if mine:
                    answer(find(event.id), mine.id, *reason, actor_id=team.admin.account_id, now=here.clock.now())

            self.attempt(act)

        @rule()
        def the_timer_runs(self):
            world.do(end_offers)
            world.do(draw_due)

        @rule(what=st.integers(0, 2), quota=st.integers(0, 4))
        def change_quota(self, what, quota):
            event = self.events[what]
            at = self.starts[event.id]
            facts = {"quota": quota, "starts_at": at, "signup_end_at": at + timedelta(hours=1), "waitlist_limit": 2}
            facts |= {"approval_mode": ("at_once", "review", "lottery")[what]}
            facts |= {"signup_end_at": self.lots_end(at)} if what == 2 else {}
            self.attempt(lambda: services.edit(find(event.id), activity_facts(**facts), now=here.clock.now()))

        @rule(hours=st.sampled_from([1, 2, 4]))
        def wait(self, hours):
            clock.advance(timedelta(hours=hours))

        @invariant()
        def the_books_are_right(self):
            if not hasattr(self, "events"):
                return
            for event in self.events:
                seats = select(func.count()).where(SignUp.shift_id == event.shift_id, SignUp.state.in_(SEATED))
                queue = select(func.count()).where(SignUp.shift_id == event.shift_id, SignUp.state == "waitlisted")
                lots = select(func.count()).where(SignUp.shift_id == event.shift_id, SignUp.state == "entered")
                counts = [count.scalar_subquery() for count in (seats, queue, lots)]
                ((shift, *counted),) = world.rows(select(Shift, *counts).where(Shift.id == event.shift_id))
                assert [shift.places_taken, shift.waiting, shift.entered] == counted
                assert not (shift.drawn_at and shift.entered)
                assert shift.quota == 0 or shift.places_taken <= shift.quota
                # Nobody waits while a place is free, as long as places are passed on.
                assert not shift.waiting or shift.places_left == 0 or clock.now() >= self.starts[event.id]
            self.nobody_is_at_two_places()
            self.every_row_is_in_one_tab()

        def nobody_is_at_two_places(self):
            ids = [event.shift_id for event in self.events[:2]]  # the third one is on another day
            seats = select(SignUp.volunteer_id).where(SignUp.shift_id.in_(ids), SignUp.state.in_(TAKEN))
            seated = [row[0] for row in world.rows(seats)]
            assert len(seated) == len(set(seated))

        def every_row_is_in_one_tab(self):
            def tabs():
                person, now = people[0].volunteer_id, clock.now()
                session.rollback()
                return [{row.id for row in mine(person, tab, now).rows[:6]} for tab in ("waiting", "done")]

            waiting, done = world.do(tabs)
            assert not waiting & done

    examples = 12 if backend == "sqlite" else 6
    quick = settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(SignUps, settings=quick)
