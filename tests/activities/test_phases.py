"""Where an activity stands, said by the object and by the lists alike."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String, create_engine, insert, select
from sqlalchemy.pool import StaticPool

from app.activities.models import Activity, ActivityState, Phase
from app.activities.queries import in_phase
from app.clock import from_local
from app.models import metadata
from app.organizations.models import Organization, OrganizationState

SECOND = timedelta(seconds=1)


def at(text):
    return from_local(datetime.fromisoformat(f"2026-11-28T{text}"))


def activity(opens, closes, starts, ends, state=ActivityState.PUBLISHED):
    owner = Organization(state=OrganizationState.APPROVED)
    times = {"signup_start_at": opens, "signup_end_at": closes, "starts_at": starts, "ends_at": ends}
    return Activity(state=state, organization=owner, **times)


@pytest.mark.parametrize(
    ("moment", "phase"),
    [
        ("07:59:59", Phase.NOT_OPEN),
        ("08:00:00", Phase.SIGNUP_OPEN),
        ("09:59:59", Phase.SIGNUP_OPEN),
        ("10:00:00", Phase.SIGNUP_CLOSED),
        ("11:59:59", Phase.SIGNUP_CLOSED),
        ("12:00:00", Phase.ONGOING),
        ("13:59:59", Phase.ONGOING),
        ("14:00:00", Phase.ENDED),
    ],
)
def test_the_boundary_table(moment, phase):
    plain = activity(at("08:00:00"), at("10:00:00"), at("12:00:00"), at("14:00:00"))
    assert plain.phase(at(moment)) == phase
    assert plain.takes_sign_ups(at(moment)) == (phase == Phase.SIGNUP_OPEN)


def test_sign_up_may_go_on_while_the_activity_does():
    late = activity(at("08:00:00"), at("14:00:00"), at("12:00:00"), at("14:00:00"))
    assert late.phase(at("13:00:00")) == Phase.ONGOING
    assert late.takes_sign_ups(at("13:00:00"))
    assert not late.takes_sign_ups(at("14:00:00"))


def test_what_is_not_published_takes_nobody():
    for state in set(ActivityState) - {ActivityState.PUBLISHED}:
        hidden = activity(at("08:00:00"), at("10:00:00"), at("12:00:00"), at("14:00:00"), state)
        assert not hidden.takes_sign_ups(at("09:00:00"))


@pytest.fixture(scope="module")
def table():
    """The table of activities alone, in memory: the conditions mean the same on each database."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine, tables=[Activity.__table__])
    with engine.connect() as connection:
        yield connection


BASE = datetime(2026, 11, 28, tzinfo=UTC)
MOMENTS = st.integers(0, 6).map(lambda hour: BASE + timedelta(hours=hour))


@given(
    times=st.tuples(MOMENTS, MOMENTS, MOMENTS, MOMENTS),
    near=st.sampled_from([-SECOND, timedelta(0), SECOND]),
    which=st.integers(0, 3),
    state=st.sampled_from([ActivityState.PUBLISHED, ActivityState.PUBLISHED, ActivityState.CANCELLED]),
)
def test_the_lists_and_the_badge_agree_at_every_border(table, times, near, which, state):
    opens, closes, starts, ends = times = (*times[:2], *sorted(times[2:]))
    now = times[which] + near
    texts = [column.name for column in Activity.__table__.columns if isinstance(column.type, String)]
    values = {name: name for name in texts}
    values |= {"id": 1, "organization_id": 1, "target_groups": [], "state": state, "created_at": BASE}
    values |= {"signup_start_at": opens, "signup_end_at": closes, "starts_at": starts, "ends_at": ends}
    values |= {"cancel_deadline_at": starts}
    table.execute(insert(Activity).values(values))
    found = [phase for phase in Phase if table.execute(select(Activity.id).where(in_phase(phase, now))).all()]
    table.rollback()
    expected = [activity(*times).phase(now)] if state == ActivityState.PUBLISHED else []
    assert found == expected
