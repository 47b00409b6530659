"""Any order of signing up, withdrawing, changing the quota and waiting keeps the books right."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from app.activities import services
from app.activities.models import SEATED, Shift, SignUp
from app.activities.queries import find, mine
from app.activities.sign_up import sign_up, withdraw
from app.context import here
from app.database import in_transaction, session
from app.errors import AppError
from tests.factories import activity_facts

PEOPLE = 4


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
                event = world.activity(team, quota=2, starts_at=at, signup_end_at=at + timedelta(hours=1))
                self.starts[event.id] = at
                self.events.append(event)

        def attempt(self, work):
            try:
                world.do(lambda: in_transaction(work))
            except AppError:
                return False
            return True

        @rule(who=st.integers(0, PEOPLE - 1), what=st.integers(0, 1))
        def press(self, who, what):
            shift, person = self.events[what].shift_id, people[who].volunteer_id
            self.attempt(lambda: sign_up(shift, person, now=here.clock.now()))

        @rule(who=st.integers(0, PEOPLE - 1), what=st.integers(0, 1))
        def take_back(self, who, what):
            shift, person = self.events[what].shift_id, people[who].volunteer_id
            self.attempt(lambda: withdraw(shift, person, now=here.clock.now()))

        @rule(what=st.integers(0, 1), quota=st.integers(0, 4))
        def change_quota(self, what, quota):
            event = self.events[what]
            at = self.starts[event.id]
            facts = {"quota": quota, "starts_at": at, "signup_end_at": at + timedelta(hours=1)}
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
                ((taken, quota, seated),) = world.rows(
                    select(Shift.places_taken, Shift.quota, seats.scalar_subquery()).where(Shift.id == event.shift_id)
                )
                assert taken == seated
                assert quota == 0 or taken <= quota
            self.nobody_is_at_two_places()
            self.every_row_is_in_one_tab()

        def nobody_is_at_two_places(self):
            ids = [event.shift_id for event in self.events]
            seats = select(SignUp.volunteer_id).where(SignUp.shift_id.in_(ids), SignUp.state.in_(SEATED))
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
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(SignUps, settings=quick)
