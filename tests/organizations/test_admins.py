"""管理员: invited by phone or link, changed, removed, leaving; and the hand-over to another owner."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import Account, AuditEntry
from app.context import here
from app.database import in_transaction, session
from app.errors import AppError, Forbidden
from app.notices.models import Notice
from app.organizations import admins, invitations
from app.organizations.models import Organization, OrganizationAdmin, Role
from app.organizations.wishes import Invitation
from app.privacy import mask_phone
from tests import factories
from tests.pages import read

HELPER, LEAD, ADMIN = Role.HELPER, Role.LEAD, Role.ADMIN


@pytest.fixture
def owner(world, team):
    return world.browser(team.admin, proved=True)


def invite(browser, role="lead", phone=""):
    """Returns the link."""
    answer = browser.post("/organization/admins/invite", {"role": role, "phone": phone})
    assert answer.status_code == 303, read(answer).alerts
    page = browser.page("/organization/admins")
    link = next(value for value in page.html.split('"') if "/organization/invitation?key=" in value)
    assert "/organization/invitation?key=" not in browser.page("/organization/admins").html
    return link.removeprefix("http://localhost")


def accept(browser, name="新来的", position="干事"):
    listed = browser.get("/organization/invitations")
    if listed.status_code != 303:
        return listed
    return browser.post(listed.location, {"name": name, "position": position})


def role_of(world, team, person):
    query = select(OrganizationAdmin.role).where(
        OrganizationAdmin.organization_id == team.id, OrganizationAdmin.account_id == person.account_id
    )
    return world.one(query)


def test_a_link_names_organisation_and_role_and_makes_one_person_an_admin_once(world, team, owner):
    link = invite(owner)
    first, second = world.account(), world.account()
    browser, other = world.browser(first), world.browser(second)
    assert browser.get(link).location == "/organization/invitations"
    other.get(link)
    page = browser.page(browser.get("/organization/invitations").location)
    assert team.name in page.text
    assert "活动负责人" in page.text
    assert accept(browser).location == "/organization"
    assert role_of(world, team, first) == "lead"
    assert "没有可以接受的邀请" in read(accept(other)).text
    assert role_of(world, team, second) is None
    told = world.rows(select(Notice.account_id).where(Notice.kind == "admin_joined"))
    assert told == [(team.admin.account_id,)]
    done = {row[0] for row in world.rows(select(AuditEntry.action))}
    assert {"admin.invite", "admin.join"} <= done


def test_an_invitation_by_phone_is_for_that_phone_alone(world, team, owner):
    person, stranger = world.account(), world.account()
    link = invite(owner, "admin", person.phone)
    thief = world.browser(stranger)
    thief.get(link)
    assert "没有可以接受的邀请" in read(accept(thief)).text
    browser = world.browser(person)
    assert browser.get("/organization").location == "/organization/invitations"
    assert accept(browser).status_code == 303
    assert role_of(world, team, person) == "admin"
    assert world.rows(select(Notice.account_id).where(Notice.kind == "admin_invited")) == [(person.account_id,)]


def test_an_organisation_writes_to_so_many_phones_a_day(world, team, owner, clock):
    with world.settings(limits={"invitations_per_day": 2}):
        for _ in range(2):
            invite(owner, "lead", factories.new_phone())
        again = {"role": "lead", "phone": factories.new_phone()}
        answer = owner.post("/organization/admins/invite", again)
        assert answer.status_code == 422
        assert "改用邀请链接" in read(answer).of("phone").errors[0]
        invite(owner, "lead")
        clock.advance(timedelta(days=1))
        invite(world.browser(team.admin, proved=True), "lead", factories.new_phone())


def test_neither_link_nor_phone_is_kept_in_clear(world, team, owner):
    person = world.account()
    link = invite(owner, "lead", person.phone)
    row = world.rows(select(Invitation.token_hash, Invitation.phone_index, Invitation.masked_phone))[0]
    assert link.rpartition("=")[2] not in "".join(row)
    assert person.phone not in "".join(row)
    assert row[2] == mask_phone(person.phone)
    assert len(link.rpartition("=")[2]) >= 32


def test_an_invitation_ends_after_three_days_or_when_it_is_taken_back(world, team, owner, clock):
    link = invite(owner)
    browser = world.browser(world.account())
    browser.get(link)
    assert browser.get("/organization/invitations").status_code == 303
    uid = world.one(select(Invitation.uid))
    assert owner.post(f"/organization/admins/invitations/{uid}/revoke").status_code == 303
    assert "没有可以接受的邀请" in read(accept(browser)).text
    assert browser.get(f"/organization/invitations/{uid}").status_code == 410
    link, person = invite(owner), world.account()
    for wait, status in ((timedelta(hours=71, minutes=59), 303), (timedelta(minutes=1), 200)):
        clock.advance(wait)
        late = world.browser(person)
        late.get(link)
        assert late.get("/organization/invitations").status_code == status


def test_whose_rights_went_has_invited_nobody(world, team, owner):
    admin = world.do(lambda: factories.add_admin(team, ADMIN))
    link = invite(world.browser(admin, proved=True))
    browser = world.browser(world.account())
    browser.get(link)
    row = world.one(select(OrganizationAdmin.id).where(OrganizationAdmin.account_id == admin.account_id))
    assert owner.post(f"/organization/admins/{row}/remove", {"reason": "换届"}).status_code == 303
    assert "没有可以接受的邀请" in read(accept(browser)).text


def test_one_link_pressed_by_two_at_once_makes_one_admin(world, team, owner):
    token = invite(owner).rpartition("=")[2]
    people = [world.account() for _ in range(4)]
    uid = world.one(select(Invitation.uid))

    def press(person):
        def work():
            facts = (uid, session.get_one(Account, person.account_id), token, "新来的", "")
            return invitations.accept(*facts, limits=here.config.limits, now=here.clock.now()).id

        return lambda: in_transaction(work)

    outcomes = world.at_once([press(person) for person in people])
    assert len([one for one in outcomes if isinstance(one, int)]) == 1, outcomes
    assert [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, AppError)] == []
    assert world.one(select(func.count()).select_from(OrganizationAdmin).where(OrganizationAdmin.role == "lead")) == 1


def test_nobody_grants_more_than_they_hold_or_changes_their_like(world, team, owner):
    first, second = (world.do(lambda: factories.add_admin(team, ADMIN)) for _ in range(2))
    lead = world.do(lambda: factories.add_admin(team, LEAD))
    ids = dict(world.rows(select(OrganizationAdmin.account_id, OrganizationAdmin.id)))
    admin = world.browser(first, proved=True)
    assert admin.post("/organization/admins/invite", {"role": "owner"}).status_code == 422
    for other in (second, first, team.admin):
        address = f"/organization/admins/{ids[other.account_id]}"
        assert admin.post(address, {"role": "helper"}).status_code == 403
        assert admin.post(f"{address}/remove", {"reason": "不喜欢"}).status_code == 403
    assert admin.post(f"/organization/admins/{ids[lead.account_id]}", {"role": "helper"}).status_code == 303
    assert role_of(world, team, lead) == "helper"
    for role in (LEAD, HELPER):
        browser = world.browser(world.do(lambda role=role: factories.add_admin(team, role)), proved=True)
        assert browser.get("/organization/admins").status_code == 200
        assert browser.post("/organization/admins/invite", {"role": "helper"}).status_code == 403


def test_more_admins_than_allowed_are_refused_in_words(world, team, owner):
    with world.settings(limits={"organization_admins": 1}):
        browser = world.browser(world.account())
        browser.get(invite(owner, "admin"))
        world.do(lambda: factories.add_admin(team, ADMIN))
        answer = owner.post("/organization/admins/invite", {"role": "admin"})
        assert answer.status_code == 422
        assert "最多 1 名管理员" in read(answer).of("role").errors[0]
        assert "最多 1 名管理员" in read(accept(browser)).text
    assert accept(browser).status_code == 303


def test_the_cap_may_follow_the_members(world, team):
    with world.settings(limits={"members_per_admin": 100}) as changed:
        for members, most in ((0, 1), (1, 1), (100, 1), (101, 2), (10_000, 5)):
            row = Organization(members_count=members)
            assert admins.most_admins(row, changed.limits) == most


def test_somebody_removed_is_out_on_the_next_page_and_told_why(world, team, owner):
    lead = world.do(lambda: factories.add_admin(team, LEAD))
    browser = world.browser(lead)
    assert browser.get("/organization").status_code == 200
    row = world.one(select(OrganizationAdmin.id).where(OrganizationAdmin.account_id == lead.account_id))
    assert owner.post(f"/organization/admins/{row}/remove", {"reason": ""}).status_code == 422
    assert owner.post(f"/organization/admins/{row}/remove", {"reason": "任期已满"}).status_code == 303
    assert browser.get("/organization").location == "/organization/register"
    told = world.rows(select(Notice.account_id, Notice.values).where(Notice.kind == "admin_removed"))
    assert [(account_id, "任期已满" in values["reason"]) for account_id, values in told] == [(lead.account_id, True)]
    assert told[0][1]["role"] == "活动负责人"


def test_the_last_owner_cannot_leave_and_others_can(world, team, owner):
    answer = owner.post("/organization/admins/leave")
    assert answer.status_code == 422
    assert "唯一的所有者" in read(answer).text
    lead = world.do(lambda: factories.add_admin(team, LEAD))
    assert world.browser(lead).post("/organization/admins/leave").status_code == 303
    assert role_of(world, team, lead) is None


def hand_over(browser, sms, phone, stays="admin", name="新所有者"):
    form = {"phone": phone, "name": name, "stays": stays}
    answer = browser.post("/organization/admins/hand-over", form | {"action": "send"})
    assert "验证码已发出" in read(answer).text, read(answer).alerts
    assert sms.received[-1][0] == phone
    assert "所有者" in sms.codes[-1][2]
    return browser.post("/organization/admins/hand-over", form | {"code": sms.code(phone)})


@pytest.mark.parametrize(("stays", "role"), [("admin", "admin"), ("leave", None)])
def test_an_organisation_is_handed_over_by_codes_to_both_phones(world, team, sms, stays, role):
    browser = world.browser(team.admin)
    assert browser.get("/organization/admins/hand-over").location.startswith("/login/prove")
    prove = "/login/prove?next=/organization/admins/hand-over"
    browser.post(prove, {"action": "send"})
    assert browser.post(prove, {"code": sms.code(team.admin.phone)}).location == "/organization/admins/hand-over"
    successor = world.account()
    assert hand_over(browser, sms, successor.phone, stays).status_code == 303
    assert role_of(world, team, successor) == "owner"
    assert role_of(world, team, team.admin) == role
    told = {row[0] for row in world.rows(select(Notice.account_id).where(Notice.kind == "owner_changed"))}
    assert told == {successor.account_id, team.admin.account_id}
    assert "organization.hand_over" in {row[0] for row in world.rows(select(AuditEntry.action))}


def test_a_wrong_code_or_ones_own_phone_hands_nothing_over(world, team, owner, sms):
    form = {"phone": world.account().phone, "name": "新所有者", "stays": "admin"}
    owner.post("/organization/admins/hand-over", form | {"action": "send"})
    answer = owner.post("/organization/admins/hand-over", form | {"code": "000000"})
    assert answer.status_code == 422
    assert read(answer).of("name").value == "新所有者"
    answer = owner.post("/organization/admins/hand-over", form | {"phone": team.admin.phone, "action": "send"})
    assert "您自己的" in read(answer).of("phone").errors[0]
    assert role_of(world, team, team.admin) == "owner"


def test_a_proof_is_fresh_for_ten_minutes(world, team, owner, clock):
    assert owner.get("/organization/admins/invite").status_code == 200
    clock.advance(timedelta(minutes=10))
    assert owner.get("/organization/admins/invite").location.startswith("/login/prove")


def test_two_hand_overs_at_once_make_one_owner(world, team):
    ids = dict(world.rows(select(OrganizationAdmin.account_id, OrganizationAdmin.id)))
    people = [world.account() for _ in range(3)]

    def to(person):
        def work():
            account = session.get_one(Account, person.account_id)
            mine = ids[team.admin.account_id]
            return admins.hand_over(team.id, mine, account, "新所有者", stays=True, now=here.clock.now()).id

        return lambda: in_transaction(work)

    outcomes = world.at_once([to(person) for person in people])
    assert len([one for one in outcomes if isinstance(one, int)]) == 1, outcomes
    assert len([one for one in outcomes if isinstance(one, Forbidden)]) == 2, outcomes
    owners = select(func.count()).select_from(OrganizationAdmin)
    mine = (OrganizationAdmin.organization_id == team.id, OrganizationAdmin.role == "owner")
    assert world.one(owners.where(*mine)) == 1


def test_the_parent_appoints_an_admin_or_invites_a_phone_with_a_reason(world, root, team):
    admin = world.do(lambda: factories.add_admin(team, ADMIN))
    above = world.browser(root.admin, proved=True)
    address = f"/organization/below/{team.uid}/owner"
    row = world.one(select(OrganizationAdmin.id).where(OrganizationAdmin.account_id == admin.account_id))
    assert above.post(address, {"admin": str(row)}).status_code == 422
    assert above.post(address, {"reason": "负责人离职"}).status_code == 422
    assert above.post(address, {"admin": str(row), "reason": "负责人离职"}).status_code == 303
    assert (role_of(world, team, admin), role_of(world, team, team.admin)) == ("owner", "admin")
    person = world.account()
    assert above.post(address, {"phone": root.admin.phone, "reason": "负责人离职"}).status_code == 422
    answer = above.post(address, {"phone": person.phone, "reason": "负责人离职"})
    assert "/organization/invitation?key=" in above.page(answer.location).html
    assert accept(world.browser(person)).status_code == 303
    assert (role_of(world, team, person), role_of(world, team, admin)) == ("owner", "admin")


def test_on_every_page_of_an_organisation_it_says_for_which_and_changes_by_one_press(world, root, team):
    other = world.do(lambda: factories.create_organization(root, admin=team.admin))
    browser = world.browser(team.admin)
    for path in ("/organization", "/organization/activities", "/organization/activities/new", "/organization/admins"):
        text = browser.page(path).text
        assert f"代表 {team.name}所有者" in text
        assert f"切换到 {other.name}" in text
    referrer = {"Referer": f"{browser.base}/organization/activities"}
    answer = browser.post(f"/organization/act-for/{other.uid}", headers=referrer)
    assert answer.location == "/organization/activities"
    assert f"代表 {other.name}" in browser.page("/organization/activities").text
    event = world.activity(team)
    referrer = {"Referer": f"{browser.base}/organization/activities/{event.id}"}
    assert browser.post(f"/organization/act-for/{team.uid}", headers=referrer).location == "/organization"


def test_who_acts_for_an_organisation_no_longer_falls_back_to_another(world, root, team):
    other = world.do(lambda: factories.create_organization(root, admin=team.admin))
    browser = world.browser(team.admin)
    browser.post(f"/organization/act-for/{other.uid}")
    person = world.account()

    def gone():
        mine = admins.find_of_account(other.id, team.admin.account_id)
        account = session.get_one(Account, person.account_id)
        admins.hand_over(other.id, mine.id, account, "接手", stays=False, now=here.clock.now())

    world.do(lambda: in_transaction(gone))
    assert f"代表 {team.name}" in browser.page("/organization").text
    assert browser.post(f"/organization/act-for/{other.uid}").status_code == 303
    assert f"代表 {team.name}" in browser.page("/organization").text


def test_telephone_numbers_of_an_organisation_below_are_shown_for_a_reason_that_they_can_read(world, root, team):
    above = world.browser(root.admin, proved=True)
    address = f"/organization/below/{team.uid}"
    page = above.page(address)
    assert mask_phone(team.admin.phone) in page.text
    assert team.admin.phone not in page.html
    assert above.post(f"{address}/contacts", {"reason": ""}).status_code == 422
    answer = above.post(f"{address}/contacts", {"reason": "应急联络"})
    assert team.admin.phone in read(answer).html
    rows = world.rows(
        select(AuditEntry.account_id, AuditEntry.actor_id).where(AuditEntry.action == "contacts.revealed")
    )
    assert rows == [(team.admin.account_id, root.admin.account_id)]


def test_the_activities_of_an_organisation_below_are_listed_for_those_above(world, root, team):
    event = world.activity(team)
    text = world.browser(root.admin).page(f"/organization/below/{team.uid}/activities").text
    assert event.title in text
    assert "发布过1 个" in text


def test_who_acts_for_several_reads_for_which_on_every_page_and_changes_by_one_press(world, root, team):
    browser = world.browser(team.admin)
    browser.page("/organization")
    assert "代表" not in browser.page("/activities").text
    other = world.organization(root, admin=team.admin)
    browser.page("/organization")
    for path in ("/activities", "/account", "/policies"):
        page = browser.page(path)
        assert f"代表 {team.name}所有者" in page.text, path
        assert f"切换到 {other.name}" in page.text, path
    assert browser.post(f"/organization/act-for/{other.uid}").status_code == 303
    assert f"代表 {other.name}" in browser.page("/activities").text
    browser.post("/logout")
    assert "代表" not in browser.page("/activities").text


def test_one_person_writes_to_so_many_phones_a_day_for_whatever_organisations(world, root, team):
    other = world.do(lambda: factories.create_organization(root, team.admin))
    owner = world.browser(team.admin, proved=True)
    with world.settings(limits={"invitations_per_person_day": 2}):
        owner.act_for(team)
        invite(owner, "lead", factories.new_phone())
        owner.act_for(other)
        invite(owner, "lead", factories.new_phone())
        answer = owner.post("/organization/admins/invite", {"role": "lead", "phone": factories.new_phone()})
        assert answer.status_code == 422
        assert "一个人一天最多按手机号邀请 2 次" in read(answer).of("phone").errors[0]


def test_a_leader_and_a_contact_read_too_who_from_above_looked_at_their_phones(world, root):
    leader, contact = world.volunteer(), world.volunteer()
    named = {"leader_phone": leader.phone, "contact_name": "联系者", "contact_phone": contact.phone}
    team = world.organization(root, **named)
    above = world.browser(root.admin, proved=True)
    page = read(above.post(f"/organization/below/{team.uid}/contacts", {"reason": "核对联系方式"}))
    assert contact.phone in page.text
    told = select(AuditEntry.account_id).where(AuditEntry.action == "contacts.revealed").order_by(AuditEntry.id)
    people = (team.admin, leader, contact)
    assert [row[0] for row in world.rows(told)] == [person.account_id for person in people]
