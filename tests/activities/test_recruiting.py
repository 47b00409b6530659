"""招募范围: who finds an activity, who may sign up, and the password."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import Account
from app.activities import recruiting, services
from app.activities.facts import AudienceFacts
from app.activities.models import Activity, Audience, SignUp
from app.activities.passwords import MOST_TRIES
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations import merging, teams
from app.organizations import services as organizations
from app.organizations.models import Organization
from app.volunteers.models import Volunteer
from tests.factories import activity_facts, publishing_form
from tests.pages import read


@pytest.fixture
def below(world, team):
    return world.organization(team)


def member_of(world, team):
    person = world.volunteer()

    def join():
        volunteer = session.get_one(Volunteer, person.volunteer_id)
        return organizations.join(volunteer, team.uid, most=5, now=volunteer.registered_at).id

    world.do(lambda: in_transaction(join))
    return person


def directed(world, team, *audience):
    return world.activity(team, recruit_scope="directed", audience=audience)


def signs_up(browser, event, **form):
    return browser.post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up", form)


def test_a_directed_activity_is_listed_for_those_whom_it_is_meant_for(world, root, team, below):
    own = directed(world, team, AudienceFacts(team.id))
    all_below = directed(world, team, AudienceFacts(team.id, with_below=True))
    people = {place: world.browser(member_of(world, place)) for place in (root, team, below)}
    seen = {place: browser.page("/activities").text for place, browser in people.items()}
    assert own.title in seen[team]
    assert all_below.title in seen[team]
    assert own.title not in seen[below]
    assert all_below.title in seen[below]
    assert own.title not in seen[root]
    assert all_below.title not in seen[root]
    assert own.title not in world.browser().page("/activities").text
    assert signs_up(people[team], own).status_code == 303
    assert signs_up(people[below], all_below).status_code == 303


def test_a_sub_team_alone_can_be_meant(world, team):
    inside, outside = member_of(world, team), member_of(world, team)

    def found():
        owner, actor = session.get_one(Organization, team.id), session.get_one(Account, team.admin.account_id)
        made = teams.create(owner, "讲解分队", "", actor=actor, now=here.clock.now())
        session.flush()
        teams.add(made, session.get_one(Volunteer, inside.volunteer_id).uid, now=here.clock.now())
        return made.id

    team_id = world.do(lambda: in_transaction(found))
    event = directed(world, team, AudienceFacts(team.id, team_id=team_id))
    assert event.title in world.browser(inside).page("/activities").text
    assert event.title not in world.browser(outside).page("/activities").text
    assert f"只面向{team.name}讲解分队的成员" in world.browser(outside).page(f"/activities/{event.id}").text
    assert signs_up(world.browser(outside), event).status_code == 409
    assert signs_up(world.browser(inside), event).status_code == 303
    page = world.browser(team.admin).page(f"/organization/activities/{event.id}/edit")
    assert [key for key in page.of("audience").chosen if key.startswith("team-")]


def test_others_see_the_page_and_why_they_may_not(world, team, volunteer):
    event, browser = directed(world, team, AudienceFacts(team.id)), world.browser(volunteer)
    page = browser.page(f"/activities/{event.id}")
    assert f"您还不能报名：这个活动只面向{team.name}的成员" in page.text
    assert "立即报名" not in page.text
    answer = signs_up(browser, event)
    assert answer.status_code == 409
    assert "只面向" in read(answer).alerts[0]
    assert world.one(select(func.count()).select_from(SignUp)) == 0


def test_an_activity_that_is_not_public_is_found_by_its_organisation_alone(world, team, volunteer):
    event = world.activity(team, recruit_scope="closed")
    assert event.title not in world.browser(volunteer).page("/activities").text
    for path in (f"/activities/{event.id}", f"/activities/{event.id}/poster", f"/activities/{event.id}/calendar.ics"):
        assert world.browser(volunteer).get(path).status_code == 404
        assert world.browser(team.admin).get(path).status_code == 200
    assert signs_up(world.browser(volunteer), event).status_code == 404


def test_who_is_put_on_the_list_of_one_that_is_not_public_sees_it(world, team):
    volunteer = member_of(world, team)
    event = world.activity(team, recruit_scope="closed")
    number = world.one(select(Volunteer.volunteer_no).where(Volunteer.id == volunteer.volunteer_id))
    form = {"person": number, "reason": "现场确定", "shift": str(event.shift_id)}
    answer = world.browser(team.admin).post(f"/organization/activities/{event.id}/roster/add", form)
    assert answer.status_code == 303, read(answer).alerts
    assert "已报名" in world.browser(volunteer).page(f"/activities/{event.id}").text
    assert world.browser().get(f"/activities/{event.id}").status_code == 404


def test_the_directory_tells_strangers_of_open_ones_only(world, team):
    world.activity(team, recruit_scope="closed", title="闭门活动")
    directed(world, team, AudienceFacts(team.id))
    shown = world.activity(team)
    page = world.browser().page(f"/organizations/{team.uid}")
    assert shown.title in page.text
    assert "闭门活动" not in page.text


def test_a_password_is_asked_and_kept_as_a_hash(world, team, volunteer):
    event, browser = world.activity(team, recruit_scope="password", password="大连湾2026"), world.browser(volunteer)
    assert "大连湾" not in world.one(select(Activity.password_hash))
    page = browser.page(f"/activities/{event.id}")
    assert "password" in page.fields
    for wrong in ("", "大连湾2027"):
        answer = signs_up(browser, event, password=wrong)
        assert answer.status_code == 409
        assert "口令不对" in read(answer).alerts[0]
    assert signs_up(browser, event, password=" 大连湾2026 ").status_code == 303
    assert world.one(select(SignUp.state)) == "confirmed"


def test_guessing_a_password_ends_after_some_tries(world, team, volunteer):
    event, browser = world.activity(team, recruit_scope="password", password="大连湾2026"), world.browser(volunteer)
    for _ in range(MOST_TRIES):
        assert signs_up(browser, event, password="x").status_code == 409
    assert signs_up(browser, event, password="大连湾2026").status_code == 429
    other = world.browser(world.volunteer())
    assert signs_up(other, event, password="大连湾2026").status_code == 303


def test_no_list_makes_more_queries_for_being_directed(world, team):
    person = world.browser(member_of(world, team))
    for _ in range(3):
        directed(world, team, AudienceFacts(team.id))
    assert person.page("/activities").text.count("科普讲座") == 3


def test_a_password_that_is_set_later_is_asked_of_who_comes_and_not_of_who_is_in(world, team):
    event = world.activity(team, quota=1, waitlist_limit=5)
    inside, waits, late = (world.volunteer() for _ in range(3))
    for person in (inside, waits):
        assert signs_up(world.browser(person), event).status_code == 303

    def set_one():
        activity = session.get_one(Activity, event.id)
        same = {"title": activity.title, "starts_at": activity.starts_at, "ends_at": activity.ends_at, "quota": 1}
        facts = activity_facts(**same, waitlist_limit=5, recruit_scope="password", password="大连湾2026")
        services.edit(activity, facts, now=here.clock.now())

    before = world.one(select(func.count()).select_from(Notice))
    world.do(lambda: in_transaction(set_one))
    assert world.one(select(func.count()).select_from(Notice)) == before
    page = world.browser(inside).page(f"/activities/{event.id}")
    assert "password" not in page.fields
    assert "不符合" not in page.text
    leave = f"/activities/{event.id}/shifts/{event.shift_id}/withdraw"
    assert world.browser(inside).post(leave, {"why": "time"}).status_code == 303
    confirm = world.browser(waits).post(f"/activities/{event.id}/shifts/{event.shift_id}/accept")
    assert confirm.status_code == 303, "a place that was offered is confirmed without it"
    for person in (inside, late):
        assert signs_up(world.browser(person), event).status_code == 409
        assert signs_up(world.browser(person), event, password="大连湾2026").status_code == 303
    assert sorted(world.rows(select(SignUp.state))) == [("confirmed",), ("waitlisted",), ("waitlisted",)]


@pytest.fixture
def many_below(world, team, monkeypatch):
    """Two organisations below of which only the first is offered without a search."""
    monkeypatch.setattr(recruiting, "MOST_CHOICES", 1)
    return world.organization(team, name="中山区第一科普站"), world.organization(team, name="西岗区第二科普站")


def test_one_that_is_not_among_the_first_below_is_found_chosen_and_kept(world, team, many_below, clock):
    first, hidden = many_below
    browser, path = world.browser(team.admin), "/organization/activities/new"
    assert hidden.name not in browser.page(path).html
    form = publishing_form(clock.now() + timedelta(days=3), recruit_scope="directed", audience=[first.uid])
    answer = browser.post(path, form | {"action": "audience", "audience_text": "第二"})
    page = read(answer)
    assert answer.status_code == 200
    assert "找到 1 个" in page.text
    assert hidden.name in page.text
    assert page.of("title").value == form["title"]
    assert page.of("audience").chosen == [first.uid]
    assert "没有找到" in read(browser.post(path, form | {"action": "audience", "audience_text": "第三"})).text
    chosen = [first.uid, hidden.uid]
    assert browser.post(path, form | {"audience": chosen}).status_code == 303
    meant = {row[0] for row in world.rows(select(Audience.organization_id))}
    assert meant == {first.id, hidden.id}
    edited = browser.page(f"/organization/activities/{world.one(select(Activity.id))}/edit")
    assert set(edited.of("audience").chosen) == set(chosen)


def test_who_was_found_stays_chosen_in_a_draft(world, team, many_below, clock):
    _, hidden = many_below
    browser, path = world.browser(team.admin), "/organization/activities/new"
    form = publishing_form(clock.now() + timedelta(days=3), recruit_scope="directed", audience=[hidden.uid])
    made = browser.post(path, form | {"action": "preview", "audience_text": "第二"}).location
    assert hidden.name in browser.page(made).text
    draft = browser.page(f"{path}?draft={world.one(select(Activity.id))}")
    assert draft.of("audience").chosen == [hidden.uid]


def test_what_lies_beside_is_not_found(world, root, team, many_below, clock):
    beside = world.organization(root, name="金州区第二科普站")
    browser, path = world.browser(team.admin), "/organization/activities/new"
    form = publishing_form(clock.now() + timedelta(days=3), recruit_scope="directed", audience=[beside.uid])
    answer = browser.post(path, form | {"action": "audience", "audience_text": "第二"})
    assert beside.name not in read(answer).text
    assert read(browser.post(path, form)).of("audience").errors


def test_two_it_was_meant_for_that_became_one_are_named_once_and_leave_it_together(world, root, team, below):
    other = world.organization(root)
    event = directed(world, root, AudienceFacts(team.id, with_below=True), AudienceFacts(other.id, with_below=True))

    def merge():
        how = {"keeps_admins": True, "reason": "合并办公", "deepest": 6, "now": here.clock.now()}
        actor = session.get_one(Account, root.admin.account_id)
        merging.merge(session.get_one(Organization, root.id), other.uid, team.uid, actor=actor, **how)

    world.do(lambda: in_transaction(merge))
    words = world.browser(root.admin).page(f"/activities/{event.id}").text
    assert words.count(team.name) == 1

    def narrow():
        activity = session.get_one(Activity, event.id)
        recruiting.direct(activity, activity_facts(recruit_scope="directed", audience=(AudienceFacts(below.id),)))

    world.do(lambda: in_transaction(narrow))
    assert world.rows(select(Audience.organization_id)) == [(below.id,)]
