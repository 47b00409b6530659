"""Who is invited, says yes, or is meant in the moment of a merge is with the successor, or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.activities import services
from app.activities.facts import AudienceFacts
from app.activities.models import Activity, Audience
from app.context import here
from app.database import in_transaction, session
from app.group_registration import inviting
from app.group_registration.models import ImportBatch, ImportRow
from app.organizations import admins, invitations
from app.organizations.errors import InvitationGone, NoOwnerAnyMore
from app.organizations.models import Membership, OrganizationAdmin
from app.organizations.wishes import Invitation
from app.privacy import new_uid
from app.volunteers.models import Volunteer
from tests import factories
from tests.held import in_each_others_way
from tests.organizations.merges import actor, find, merge


def invite(world, team, person, role):
    """An invitation to act for the organisation; its uid."""

    def act():
        row = admins.find_of_account(team.id, team.admin.account_id)
        how = {"limits": here.config.limits, "now": here.clock.now()}
        return invitations.invite(team.id, row, role, person.phone, **how)[0].uid

    return world.do(lambda: in_transaction(act))


def accept(uid, person):
    def act():
        account, how = session.get_one(Account, person.account_id), {"limits": here.config.limits}
        return invitations.accept(uid, account, "", "助手", "", **how, now=here.clock.now()).organization_id

    return act


def acts_for(world, person):
    query = select(OrganizationAdmin.organization_id).where(OrganizationAdmin.account_id == person.account_id)
    return [number for (number,) in world.rows(query)]


@pytest.mark.parametrize("role", ["admin", "helper"])
def test_whoever_accepted_an_invitation_just_before_a_merge_goes_along(world, root, role):
    one, two, person = world.organization(root), world.organization(root), world.account()
    uid = invite(world, one, person, role)
    assert in_each_others_way(world, accept(uid, person), merge(root, one, two)) == (one.id, None)
    assert acts_for(world, person) == [two.id]


def test_nobody_accepts_an_invitation_of_an_organisation_that_is_being_merged(world, root):
    one, two, person = world.organization(root), world.organization(root), world.account()
    uid = invite(world, one, person, "helper")
    _, refusal = in_each_others_way(world, merge(root, one, two), accept(uid, person))
    assert isinstance(refusal, InvitationGone)
    assert acts_for(world, person) == []


def invite_owner(above, team, person):
    def act():
        how = {"actor": actor(above), "above": find(above), "limits": here.config.limits, "now": here.clock.now()}
        invitations.invite_owner(find(team), person.phone, "接任", **how)

    return act


def test_an_invitation_to_own_an_organisation_just_before_its_merge_ends_with_it(world, root):
    one, two, person = world.organization(root), world.organization(root), world.account()
    assert in_each_others_way(world, invite_owner(root, one, person), merge(root, one, two)) == (None, None)
    assert world.rows(select(Invitation.state)) == [("revoked",)]


def test_nobody_is_invited_to_own_an_organisation_that_is_being_merged(world, root):
    one, two, person = world.organization(root), world.organization(root), world.account()
    _, refusal = in_each_others_way(world, merge(root, one, two), invite_owner(root, one, person))
    assert isinstance(refusal, NoOwnerAnyMore)
    assert world.rows(select(Invitation.id)) == []


def entered(world, team, person):
    """Somebody whom the organisation put on its sheet, waiting for their yes; the row's uid."""

    def act():
        times = {"uploaded_at": here.clock.now(), "applied_at": here.clock.now()}
        whose = {"organization_id": team.id, "account_id": team.admin.account_id}
        batch = ImportBatch(state="applied", **whose, **times)
        session.add(batch)
        session.flush()
        volunteer = session.get_one(Volunteer, person.volunteer_id)
        papers = {"id_type": volunteer.id_type, "id_number_index": volunteer.id_number_index}
        row = ImportRow(batch_id=batch.id, organization_id=team.id, number=2, state="invited", **papers)
        row.phone_index = volunteer.account.phone_index
        row.expires_at = here.clock.now() + timedelta(days=1)
        session.add(row)
        session.flush()
        return row.uid

    return world.do(lambda: in_transaction(act))


@pytest.mark.parametrize("is_first", [True, False])
def test_whoever_says_yes_to_a_sheet_in_the_moment_of_a_merge_is_a_member_of_the_successor(
    world, root, volunteer, is_first
):
    one, two = world.organization(root), world.organization(root)
    uid = entered(world, one, volunteer)

    def say_yes():
        account, person = (
            session.get_one(Account, volunteer.account_id),
            session.get_one(Volunteer, volunteer.volunteer_id),
        )
        return inviting.accept(uid, account, person, most_homes=3, now=here.clock.now()).state

    both = [say_yes, merge(root, one, two)]
    outcomes = in_each_others_way(world, *(both if is_first else both[::-1]))
    assert sorted(outcomes, key=str) == [None, "active"]
    members = select(Membership.organization_id).where(Membership.volunteer_id == volunteer.volunteer_id)
    assert world.rows(members.where(Membership.state == "active")) == [(two.id,)]


def directed_at(world, team):
    whom = (AudienceFacts(team.id, with_below=True),)
    return world.do(lambda: factories.activity_facts(recruit_scope="directed", audience=whom))


def publish_for(world, above, team):
    facts, key = directed_at(world, team), new_uid()
    return lambda: services.publish(facts, find(above), form_key=key, now=here.clock.now()).id


def edit_for(world, above, team):
    event, facts = world.activity(above), directed_at(world, team)

    def act():
        activity = session.get_one(Activity, event.id)
        shift = replace(facts.shifts[0], uid=activity.shifts[0].uid)
        services.edit(activity, replace(facts, shifts=(shift,)), now=here.clock.now())
        return event.id

    return act


@pytest.mark.parametrize("direct", [publish_for, edit_for])
@pytest.mark.parametrize("is_first", [True, False])
def test_what_is_directed_at_an_organisation_in_the_moment_of_its_merge_is_directed_at_the_successor(
    world, root, team, direct, is_first
):
    one, two = world.organization(team), world.organization(team)
    both = [direct(world, team, one), merge(root, one, two)]
    outcomes = in_each_others_way(world, *(both if is_first else both[::-1]))
    assert set(outcomes) == {None, world.one(select(Activity.id))}
    assert world.rows(select(Audience.organization_id, Audience.with_below)) == [(two.id, True)]
