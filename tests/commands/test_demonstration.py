"""The demonstration data hold together: what a newcomer sees could have happened, up to this minute."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from stdnum import luhn

from app import codes, regions
from app.accounts.models import Account, Consent
from app.activities.models import LIVE, SEATED, Activity, ActivityState, ApprovalMode, Phase, Shift, SignUp, SignUpState
from app.database import session
from app.notices.models import Notice
from app.organizations.models import Membership, MembershipState, Organization, OrganizationAdmin, OrganizationState
from app.volunteers.identity import read_resident_id
from app.volunteers.models import Volunteer

#: The middle of each district of 大连, as far as telling them apart needs it: longitude and latitude.
MIDDLES = {
    "210202": (121.65, 38.91),
    "210203": (121.61, 38.91),
    "210204": (121.59, 38.90),
    "210211": (121.52, 38.96),
    "210212": (121.26, 38.85),
    "210213": (121.75, 39.08),
    "210214": (121.97, 39.39),
    "210224": (122.59, 39.27),
    "210281": (121.98, 39.65),
    "210283": (122.97, 39.68),
}


@pytest.fixture
def shown(world, flask, tmp_path):
    """Ask the database that `flask demo` filled: shown(Activity) are all of them."""
    with world.settings(content={"policies": str(tmp_path / "policies")}):
        assert flask("demo").exit_code == 0

    def rows(look):
        return world.do(look)

    return rows


def every(model):
    return list(session.scalars(select(model)))


def districts_named(text: str) -> set[str]:
    """The districts of 大连 that a text names, in full or as people call them."""
    names = {code: regions.name(code) for code in MIDDLES}
    return {code for code, name in names.items() if name in text or name[:-1] in text}


def test_nobody_signed_up_before_the_opening_after_the_close_or_in_the_future(shown, clock):
    def look():
        for row in every(SignUp):
            activity = row.activity
            assert activity.signup_start_at <= row.signed_up_at <= clock.now(), activity.title
            assert row.signed_up_at < activity.signup_end_at
            assert row.volunteer.registered_at <= row.signed_up_at
            assert row.ended_at is None or row.signed_up_at <= row.ended_at <= clock.now()
            assert (row.ended_at is None) == (row.state in LIVE)

    shown(look)


def test_nobody_waits_for_what_is_over_or_under_way(shown, clock):
    def look():
        over = [row for row in every(SignUp) if row.activity.starts_at <= clock.now() and row.state in LIVE]
        assert over
        assert {row.state for row in over} == {SignUpState.CONFIRMED}
        assert not any(row.leave_asked_at for row in over)

    shown(look)


def test_there_is_one_in_every_phase_kind_and_way(shown, clock):
    def look():
        rows = every(Activity)
        published = [row for row in rows if row.state == ActivityState.PUBLISHED]
        assert {row.phase(clock.now()) for row in published} == set(Phase)
        assert any(row.state == ActivityState.CANCELLED for row in rows)
        assert {row.scope_category for row in rows} == set(codes.SERVICE_SCOPES)
        assert {row.approval_mode for row in rows} == set(ApprovalMode)
        for has in (
            "is_phone_public",
            "members_only",
            "skills_any",
            "online_url",
            "risk_text",
            "min_age",
            "training_required",
        ):
            assert any(getattr(row, has) for row in published), has
        assert {row.state for row in every(SignUp)} >= {
            *("confirmed", "pending", "entered", "waitlisted", "withdrawn", "rejected"),
        }

    shown(look)


def test_the_times_of_each_activity_are_in_their_order(shown, clock):
    def look():
        for row in every(Activity):
            assert row.created_at <= row.published_at <= row.signup_start_at < row.signup_end_at <= row.ends_at, (
                row.title
            )
            assert row.published_at <= clock.now()
            assert row.starts_at < row.ends_at <= row.starts_at + timedelta(days=1)
            assert row.published_at < row.cancel_deadline_at <= row.starts_at
            assert row.organization.created_at <= row.created_at
            (shift,) = row.shifts
            assert (shift.starts_at, shift.ends_at) == (row.starts_at, row.ends_at)
            for mine in every(SignUp):
                if mine.activity_id == row.id:
                    assert (mine.shift_starts_at, mine.shift_ends_at) == (shift.starts_at, shift.ends_at)

    shown(look)


def test_the_counters_are_what_is_counted_and_one_activity_is_full(shown):
    def look():
        full = 0
        for shift in every(Shift):
            states = [row.state for row in every(SignUp) if row.shift_id == shift.id]
            assert shift.places_taken == sum(state in SEATED for state in states)
            assert shift.waiting == states.count(SignUpState.WAITLISTED)
            assert not shift.quota or shift.places_taken <= shift.quota
            assert not shift.waiting or shift.places_taken == shift.quota
            full += shift.quota > 0 and shift.places_taken == shift.quota
        assert full

    shown(look)


def test_nobody_is_at_two_places_at_once(shown):
    def look():
        rows = [row for row in every(SignUp) if row.state in ("pending", "confirmed")]
        for one in rows:
            for other in rows:
                if one.volunteer_id == other.volunteer_id and one.id < other.id:
                    assert one.shift_ends_at <= other.shift_starts_at or other.shift_ends_at <= one.shift_starts_at

    shown(look)


def test_no_notice_is_of_the_future_and_each_belongs_to_somebody_who_signed_up(shown, clock):
    def look():
        signed_up = {row.volunteer.account_id for row in every(SignUp)}
        rows = every(Notice)
        assert rows
        for row in rows:
            assert row.created_at <= clock.now()
            assert row.due_at <= clock.now()
            assert row.account_id in signed_up

    shown(look)


def test_every_place_is_in_the_district_that_it_names(shown):
    def look():
        for row in every(Organization):
            assert row.region in MIDDLES
            assert districts_named(row.name + row.address) == {row.region}, row.name
        for row in every(Activity):
            assert row.region in MIDDLES
            assert (row.city, row.province) == ("210200", "210000")
            if row.online_url:
                assert row.lng is None
                continue
            assert districts_named(row.address) == {row.region}, row.title
            lng, lat = row.lng, row.lat
            near = min(MIDDLES, key=lambda code: (MIDDLES[code][0] - lng) ** 2 + (MIDDLES[code][1] - lat) ** 2)
            assert near == row.region, row.title
        assert {row.residence_region for row in every(Volunteer)} <= set(MIDDLES)
        assert len({row.region for row in every(Activity)}) >= 6

    shown(look)


def test_the_people_are_made_up_and_their_numbers_valid(shown, clock):
    def look():
        people = every(Volunteer)
        assert 24 <= len(people) <= 60
        for row in people:
            identity = read_resident_id(row.id_number, clock.now())
            assert (identity.birth_date, identity.gender) == (row.birth_date, row.gender)
            assert luhn.is_valid(row.volunteer_no)
        assert len({row.id_number for row in people}) == len({row.name for row in people}) == len(people)
        phones = [row.phone for row in every(Account)] + [row.leader_phone for row in every(Organization)]
        phones += [row.leader_phone for row in every(Activity)]
        assert all(re.fullmatch(r"1990000[0-9]{4}", phone) for phone in phones)
        consented = select(func.count(func.distinct(Consent.account_id)))
        assert session.scalar(consented) >= len(people)

    shown(look)


def test_the_tree_has_one_root_owners_and_one_that_waits_for_review(shown):
    def look():
        rows = {row.id: row for row in every(Organization)}
        assert len([row for row in rows.values() if row.parent_id is None]) == 1
        owners = {row.organization_id for row in every(OrganizationAdmin) if row.role == "owner"}
        assert owners == set(rows)
        for row in rows.values():
            above = rows.get(row.parent_id)
            assert row.path == f"{above.path if above else '/'}{row.id}/"
            assert row.depth == (above.depth + 1 if above else 1)
        assert {row.join_mode for row in rows.values()} == set(codes.JOIN_MODES) - {codes.JOIN_BY_WORD}
        states = [row.state for row in rows.values()]
        assert states.count(OrganizationState.PENDING) == 1
        assert set(states) == {OrganizationState.PENDING, OrganizationState.APPROVED}
        assert all(row.organization.state == OrganizationState.APPROVED for row in every(Activity))

    shown(look)


def test_members_belong_where_members_are_taken(shown, clock):
    def look():
        rows = every(Membership)
        assert {row.state for row in rows} == {MembershipState.ACTIVE, MembershipState.PENDING}
        for row in rows:
            assert row.organization_path == row.organization.path
            assert row.organization.join_mode != codes.CLOSED_TO_JOINING
            assert row.volunteer.registered_at <= row.asked_at <= clock.now()
            assert (row.joined_at is not None) == (row.state == MembershipState.ACTIVE)
        members = {(row.organization_id, row.volunteer_id) for row in rows if row.state == MembershipState.ACTIVE}
        for row in every(SignUp):
            if row.activity.members_only:
                assert (row.activity.organization_id, row.volunteer_id) in members

    shown(look)
