"""Every page of organisations, for every role, about things of one's own, of those below, beside and above."""

import itertools
import re
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from app.activities.export_requests import ExportRequest
from app.activities.models import SignUp
from app.context import here
from app.database import in_transaction, session
from app.governance.models import Appeal
from app.group_registration.models import ImportBatch, ImportRow
from app.organizations import expected as calls
from app.organizations import invitations, membership, permissions, teams, tree
from app.organizations.models import MembershipState, Organization, OrganizationAdmin, Role, Team
from app.organizations.wishes import ExpectedUnit, Invitation, OrganizationChange, RegistrationCall
from app.privacy import new_uid
from app.volunteers.models import Volunteer
from app.web.guards import audience_of
from tests import factories
from tests.pages import read
from tests.web.test_every_route import snapshot

#: What is asked about: one's own organisation as a whole, something in the address that belongs to it, or to one
#: that lies below, or one that does either.
MINE, OWN, BELOW, REACH = "mine", "own", "below", "reach"
#: Where what is asked about belongs, seen from the person's organisation.
RELATIONS = ("self", "child", "grandchild", "sibling", "parent", "stranger")
UNDER = {"child", "grandchild"}
#: Answers to somebody who may: the page, a way on, or what is wrong with an empty form.
ALLOWED = {200, 303, 400, 409, 410, 422, 429}


@dataclass(frozen=True)
class Entry:
    scope: str
    #: Values of the address besides those that name the thing.
    values: dict[str, str] = field(default_factory=dict)
    #: Which of the organisation's things a name in the address means, where it is not the thing of that name.
    names: dict[str, str] = field(default_factory=dict)


ACTIVITY = Entry(OWN)
MEMBER = {"uid": "volunteer_uid"}
SHEET = {"uid": "sheet"}
#: Each page of organisations has its place here: what its address names, and whose that must be.
RIGHTS: dict[str, Entry] = {
    "organizations.show": Entry(MINE),
    "organizations.registered": Entry(MINE),
    "organizations.withdraw": Entry(MINE),
    "organization_edits.edit": Entry(MINE),
    "organization_edits.withdraw": Entry(MINE),
    "organization_edits.review_change": Entry(BELOW, names={"uid": "wish"}),
    "organization_expected.index": Entry(MINE),
    "organization_expected.qr_code": Entry(MINE),
    "organization_expected.part": Entry(OWN, names={"uid": "unit"}),
    "organization_reviews.index": Entry(MINE),
    "organization_reviews.review": Entry(BELOW),
    "teams.index": Entry(MINE),
    "teams.new": Entry(MINE),
    "teams.show": Entry(OWN, names={"uid": "team"}),
    "teams.edit": Entry(OWN, names={"uid": "team"}),
    "teams.change_state": Entry(OWN, {"change": "dissolve"}, names={"uid": "team"}),
    "teams.change_member": Entry(OWN, {"change": "remove"}, names={"uid": "team"}),
    "tree.index": Entry(MINE),
    "tree.show": Entry(BELOW),
    "tree.reveal_contacts": Entry(BELOW),
    "tree.move": Entry(BELOW),
    "tree.merge": Entry(BELOW),
    "tree.change_standing": Entry(BELOW, {"change": "suspend"}),
    "tree.pause": Entry(MINE),
    "tree.resume": Entry(MINE),
    "activities_below.index": Entry(BELOW),
    "admins.index": Entry(MINE),
    "admins.invite": Entry(MINE),
    "admins.revoke": Entry(OWN, names={"uid": "invitation"}),
    "admins.change": Entry(OWN),
    "admins.remove": Entry(OWN),
    "admins.leave": Entry(MINE),
    "admins.me": Entry(MINE),
    "admins.hand_over": Entry(MINE),
    "admins.appoint": Entry(BELOW),
    "admins.appointed": Entry(BELOW),
    "admins.revoke_owner": Entry(BELOW),
    "members.index": Entry(MINE),
    "members.show": Entry(REACH, names=MEMBER),
    "members.remove": Entry(OWN, names=MEMBER),
    "members.reveal_facts": Entry(OWN, names=MEMBER),
    "members.requests": Entry(MINE),
    "members.accept": Entry(OWN, names={"membership_id": "request"}),
    "members.reject": Entry(OWN, names={"membership_id": "other_request"}),
    "group_registration.index": Entry(MINE),
    "group_registration.template": Entry(MINE),
    "group_registration.show": Entry(OWN, names=SHEET),
    "group_registration.checked": Entry(OWN, names=SHEET),
    "group_registration.confirm": Entry(OWN, names=SHEET),
    "group_registration.discard": Entry(OWN, names=SHEET),
    "group_registration.undo": Entry(OWN, names=SHEET),
    "governance.index": Entry(MINE),
    "governance.decide": Entry(BELOW, names={"uid": "appeal"}),
    "publishing.new": Entry(MINE),
    "publishing.index": Entry(MINE),
    "publishing.show": ACTIVITY,
    "publishing.edit": ACTIVITY,
    "publishing.cancel": ACTIVITY,
    "publishing.deadline": ACTIVITY,
    "publishing.roster": ACTIVITY,
    "publishing.put_on_list": ACTIVITY,
    "publishing.export": ACTIVITY,
    "publishing.export_requests": Entry(MINE),
    "publishing.export_request": Entry(REACH, names={"uid": "export"}),
    "publishing.message_all": ACTIVITY,
    "publishing.next_in_turn": ACTIVITY,
    "publishing.draw": ACTIVITY,
    "publishing.give_place": ACTIVITY,
    "publishing.message_one": ACTIVITY,
    "publishing.reveal_phone": ACTIVITY,
    "publishing.drop": ACTIVITY,
    "publishing.preview": ACTIVITY,
    "publishing.publish_draft": ACTIVITY,
    "publishing.take_back": ACTIVITY,
    "publishing.template": ACTIVITY,
    "publishing.copy": Entry(MINE),
    "publishing.to_review": Entry(MINE),
    "publishing.review": Entry(BELOW),
    "publishing.answer_sign_up": Entry(OWN, {"answer": "approve"}),
    "publishing.refuse_sign_up": Entry(OWN, {"refusal": "remove"}),
}


@pytest.fixture
def family(world, root):
    """An organisation with one of each kind around it, and a thing of each kind in each."""
    uncle = world.organization(root)
    parent = world.organization(root)
    own = world.organization(parent)
    child = world.organization(own)
    relations = {
        "self": own,
        "child": child,
        "grandchild": world.organization(child),
        "sibling": world.organization(parent),
        "parent": parent,
        "stranger": world.organization(uncle),
    }
    return {name: _things(world, team) for name, team in relations.items()} | {"team": own}


def _things(world, team):
    member, event = world.do(lambda: factories.create_member(team)), world.activity(team)
    world.do(lambda: factories.signed_up(event, member))
    world.do(lambda: factories.add_admin(team, Role.HELPER))
    asking, removed = [world.volunteer() for _ in range(2)], world.volunteer()

    def more():
        row, now = session.get_one(Organization, team.id), here.clock.now()
        mine = (OrganizationAdmin.organization_id == team.id, OrganizationAdmin.role == Role.OWNER)
        owner = session.scalars(select(OrganizationAdmin).where(*mine)).one()
        teams.create(row, "青年队", "", actor=owner.account, now=now)
        wish = {"organization_id": team.id, "account_id": owner.account_id, "values": '{"name": ["旧名", "新名"]}'}
        session.add(OrganizationChange(**wish, asked_at=now))
        tree.lock_tree()
        waiting = [membership.enter(row, one.volunteer_id, MembershipState.PENDING, now=now).id for one in asking]
        gone = membership.enter(row, removed.volunteer_id, MembershipState.ACTIVE, now=now)
        membership.move(gone, MembershipState.REMOVED, now=now)
        facts = {"membership_id": gone.id, "account_id": removed.account_id, "organization_path": row.path}
        appeal = Appeal(**facts, against_at=now, asked_at=now, words="请再看看")
        session.add(appeal)
        calls.call_for(row, ["星海中学"], now.date(), now=now)
        limits = here.config.limits
        invitations.invite(team.id, owner, "lead", "", limits=limits, now=now)
        sheet = ImportBatch(organization_id=team.id, account_id=owner.account_id, state="checked", uploaded_at=now)
        session.add(sheet)
        session.flush()
        line = {"batch_id": sheet.id, "organization_id": team.id, "number": 2, "state": "bad", "expires_at": now}
        session.add(ImportRow(**line, content='{"cells": ["张三"], "facts": null}'))
        wish = {"form_key": new_uid(), "activity_id": event.id, "account_id": asking[0].account_id, "people": 3000}
        wish = ExportRequest(**wish, list_group="in", reason="联系到场", asked_at=now)
        session.add(wish)
        session.flush()
        return {
            "export": wish.uid,
            "sheet": sheet.uid,
            "request": waiting[0],
            "other_request": waiting[1],
            "appeal": appeal.uid,
        }

    made = world.do(lambda: in_transaction(more))
    helper = select(OrganizationAdmin.id).where(
        OrganizationAdmin.organization_id == team.id, OrganizationAdmin.role == Role.HELPER
    )
    return made | {
        "organization": team.uid,
        "team": world.one(select(Team.uid).where(Team.organization_id == team.id)),
        "unit": world.one(
            select(ExpectedUnit.uid).join(ExpectedUnit.call).where(RegistrationCall.organization_id == team.id)
        ),
        "wish": world.one(select(OrganizationChange.uid).where(OrganizationChange.organization_id == team.id)),
        "invitation": world.one(select(Invitation.uid).where(Invitation.organization_id == team.id)),
        "activity_id": event.id,
        "shift_id": event.shift_id,
        "sign_up_id": world.one(select(SignUp.id).where(SignUp.shift_id == event.shift_id)),
        "admin_id": world.one(helper),
        "volunteer_uid": world.one(select(Volunteer.uid).where(Volunteer.id == member.volunteer_id)),
    }


def rules_of(app):
    """Every page that is for people who act for an organisation, with what it asks them to hold."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint == "admins.leave", str(rule))):
        audience = audience_of(app, rule.endpoint)
        if audience.startswith("organization:"):
            yield rule, audience.removeprefix("organization:")


def expected(role, permission, scope, relation):
    if not permissions.may(role, permission):
        return {403}
    if scope == MINE:
        return ALLOWED
    if scope == REACH and relation == "self":
        return ALLOWED
    if scope == OWN:
        return ALLOWED if relation == "self" else {404}
    if relation not in UNDER:
        return {404}
    return ALLOWED if permissions.may(role, permission, below=True) else {403}


def cells(app, family, role):
    """(page, method, address, allowed statuses) for each page, method and relation."""
    adapter = app.url_map.bind("localhost")
    for rule, permission in rules_of(app):
        entry = RIGHTS[rule.endpoint]
        for relation in RELATIONS if rule.arguments else ("self",):
            things = family[relation] | entry.values
            things |= {name: things[meant] for name, meant in ({"uid": "organization"} | entry.names).items()}
            address = adapter.build(rule.endpoint, {name: things[name] for name in rule.arguments})
            for method in sorted({"GET", "POST"} & rule.methods):
                yield rule, method, address, expected(role, permission, entry.scope, relation)


def test_every_page_of_organisations_has_its_place_in_the_table(app):
    missing = {rule.endpoint for rule, _ in rules_of(app)} - set(RIGHTS)
    assert missing == set(), "say in RIGHTS whose things these pages are about"
    assert set(RIGHTS) <= {rule.endpoint for rule, _ in rules_of(app)}


def test_every_permission_is_somebodys_and_the_owner_holds_them_all():
    for permission, holders in permissions.PERMISSIONS.items():
        assert Role.OWNER in holders.own, permission
        assert holders.below <= holders.own, permission
        ranks = [Role.OWNER, Role.ADMIN, Role.LEAD, Role.HELPER]
        for higher, lower in itertools.pairwise(ranks):
            assert lower not in holders.own or higher in holders.own, permission


@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_what_the_table_says_and_nothing_else(world, app, family, role, sms):
    team = family["team"]
    person = team.admin if role == Role.OWNER else world.do(lambda: factories.add_admin(team, role))
    browser = world.browser(person, proved=True)
    every = list(cells(app, family, role))
    before = snapshot(world)
    for _, method, address, statuses in every:
        if statuses & ALLOWED:
            continue
        answer = browser.get(address) if method == "GET" else browser.post(address)
        assert answer.status_code in statuses, (role, method, address)
    assert snapshot(world) == before
    for _, method, address, statuses in every:
        if not statuses & ALLOWED:
            continue
        answer = browser.get(address) if method == "GET" else browser.post(address)
        assert answer.status_code in statuses, (role, method, address, answer.get_data(as_text=True)[-1500:])
        assert not (answer.location or "").startswith(("/login", "/organization/register")), (role, method, address)


def sent_forms(page):
    """The forms of a page that are sent to a page of organisations."""
    for form in re.findall(r"<form\b.*?</form>", page.html, re.DOTALL):
        is_ours = not re.search(r'action="/(display|logout|organization/act-for)', form)
        if re.search(r'<form[^>]*method="post"', form) and is_ours:
            yield form


def test_no_form_of_one_organisation_acts_for_another(world, app, root, family):
    """Opened for one, sent while the person acts for another: nothing is done, and the way back is offered."""
    team = family["team"]
    other = world.organization(root, admin=team.admin)
    browser = world.browser(team.admin, proved=True)
    browser.act_for(other)
    every = [(rule, address) for rule, method, address, _ in cells(app, family, Role.OWNER) if method == "POST"]
    assert len({rule.endpoint for rule, _ in every}) >= 40
    for rule, address in every:
        before = snapshot(world)
        answer = browser.post(address, {"opened_for": team.uid})
        assert answer.status_code == 409, (rule.endpoint, address)
        assert f"这是“{team.name}”的页面，您现在代表“{other.name}”" in answer.text, address
        assert f"切换到 {team.name}" in answer.text, address
        unnamed = browser.post(address, {"opened_for": ""})
        assert (unnamed.status_code, "请选择这次代表哪一个" in unnamed.text) == (409, True), address
        assert snapshot(world) == before, address


def test_every_form_of_an_organisation_says_for_which_it_was_opened(world, app, family):
    team = family["team"]
    browser = world.browser(team.admin, proved=True)
    looked_at = set()
    for rule, method, address, statuses in cells(app, family, Role.OWNER):
        if method != "GET" or not statuses & ALLOWED:
            continue
        answer = browser.get(address)
        if answer.mimetype != "text/html":
            continue
        for form in sent_forms(read(answer)):
            assert f'name="opened_for" value="{team.uid}"' in form, (address, form)
            looked_at.add(rule.endpoint)
    assert len(looked_at) >= 20


def test_an_id_number_is_shown_to_nobody_above_the_organisation_where_the_person_is_a_member():
    for role in Role:
        assert permissions.sight(role, "id_number", below=True) == permissions.Sight.NEVER
        for name in permissions.FIELDS:
            assert permissions.sight(role, name) in permissions.Sight


def test_the_pages_of_members_show_a_field_as_the_table_says(world, root, team):
    person = world.do(lambda: factories.create_member(team))
    uid = world.one(select(Volunteer.uid).where(Volunteer.id == person.volunteer_id))
    lead = world.do(lambda: factories.add_admin(team, Role.LEAD))
    owner, lead, above = (world.browser(one) for one in (team.admin, lead, root.admin))
    address = f"/organization/volunteers/{uid}"
    assert person.name in owner.page(address).text
    assert person.id_number[-4:] in owner.page(address).text
    assert person.id_number not in owner.page(address).html
    assert person.id_number[-4:] not in lead.page(address).text
    assert person.name not in above.page(address).text
    assert person.id_number[-4:] not in above.page(address).text
