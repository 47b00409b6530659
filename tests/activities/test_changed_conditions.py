"""What becomes of those on a list when its conditions or its risk change."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.activities import services
from app.activities.facts import AudienceFacts
from app.activities.models import Activity, RecruitScope, SignUp
from app.activities.queries import find
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.volunteers.models import Volunteer
from tests.factories import activity_facts, create_activity, create_member, new_id_number, signed_up
from tests.pages import read
from tests.web.test_queries import counted


@pytest.fixture
def event(world, team):
    return world.activity(team)


def change(world, event, **facts):
    """Edit it as an organiser does who leaves all else alone."""

    def act():
        activity = find(event.id)
        same = {"title": activity.title, "starts_at": activity.starts_at, "ends_at": activity.ends_at}
        return services.edit(activity, activity_facts(**same | facts), now=here.clock.now())

    return world.do(lambda: in_transaction(act))


def told(world, person, kind):
    mine = (Notice.account_id == person.account_id, Notice.kind == kind)
    return [values for (values,) in world.rows(select(Notice.values).where(*mine))]


def born(world, person, day):
    world.do(
        lambda: in_transaction(lambda: setattr(session.get_one(Volunteer, person.volunteer_id), "birth_date", day))
    )


def row_of(page, person):
    """What the list says of somebody, by the part of the page after the name."""
    return page.text.split(person.name, 1)[1][:200]


def test_who_is_too_young_by_now_is_told_and_keeps_the_place(world, event, admin):
    young, old = (world.volunteer(name=name) for name in ("甲小明", "乙大民"))
    for person in (young, old):
        world.do(lambda person=person: signed_up(event, person))
    born(world, young, date(2005, 5, 1))
    edited = change(world, event, min_age=30)
    assert (edited.told, edited.unfit) == (0, 1)
    (values,) = told(world, young, "conditions_changed")
    assert values["reason"] == "年满 30 周岁"
    assert told(world, old, "conditions_changed") == []
    assert [state for (state,) in world.rows(select(SignUp.state))] == ["confirmed"] * 2
    page = admin.page(f"/organization/activities/{event.id}/roster")
    assert "不符合报名条件：年满 30 周岁" in row_of(page, young)
    assert "不符合" not in row_of(page, old)
    only = admin.page(f"/organization/activities/{event.id}/roster?group=unfit")
    assert young.name in only.text
    assert old.name not in only.text
    assert "名额仍为您保留" in world.browser(young).page(f"/activities/{event.id}").text
    assert "名额仍为您保留" not in world.browser(old).page(f"/activities/{event.id}").text


def test_nobody_is_told_twice_of_the_same_condition(world, event, volunteer):
    world.do(lambda: signed_up(event, volunteer))
    assert change(world, event, min_age=60).unfit == 1
    assert change(world, event, min_age=61).unfit == 0
    assert change(world, event, min_age=None).unfit == 0
    assert change(world, event, min_age=60).unfit == 1


def test_skills_and_membership_are_asked_of_those_who_are_in(world, team, event):
    member = world.do(lambda: create_member(team))
    stranger = world.volunteer()
    for person in (member, stranger):
        world.do(lambda person=person: signed_up(event, person))
    assert change(world, event, members_only=True).unfit == 1
    assert len(told(world, stranger, "conditions_changed")) == 1
    assert change(world, event, skills_any=["15"]).unfit == 2
    assert "专业技能" in told(world, member, "conditions_changed")[0]["reason"]


def test_a_narrower_audience_is_asked_of_those_who_are_in(world, team, event):
    below = world.organization(team)
    own, under, stranger = (
        world.do(lambda: create_member(team)),
        world.do(lambda: create_member(below)),
        world.volunteer(),
    )
    for person in (own, under, stranger):
        world.do(lambda person=person: signed_up(event, person))
    whole = (AudienceFacts(team.id, with_below=True),)
    directed = {"recruit_scope": RecruitScope.DIRECTED}
    assert change(world, event, **directed, audience=whole).unfit == 1
    assert change(world, event, **directed, audience=(AudienceFacts(team.id),)).unfit == 1
    assert len(told(world, under, "conditions_changed")) == 1
    assert told(world, own, "conditions_changed") == []


def test_a_wider_condition_and_other_words_tell_nobody(world, event, volunteer):
    world.do(lambda: signed_up(event, volunteer))
    assert change(world, event, min_age=16, notice="带水杯。").unfit == 0
    assert told(world, volunteer, "conditions_changed") == []


def test_an_edit_on_the_page_says_how_many_do_not_meet_it(world, event, admin, volunteer):
    world.do(lambda: signed_up(event, volunteer))
    edit = f"/organization/activities/{event.id}/edit"
    page = admin.page(edit)
    names = ("title", "starts_at", "ends_at", "region", "address", "quota", "leader_name", "leader_phone", "content")
    sent = {name: page.of(name).value for name in (*names, "scope_category")} | {"target_groups": ["11"]}
    answer = admin.post(edit, sent | {"min_age": "60"})
    assert answer.status_code == 303, read(answer).alerts
    assert "有 1 位报名的人不再符合条件" in admin.page(answer.location).text


def test_lists_ask_as_often_for_many_unfit_as_for_two(world, app, event, team):
    def come():
        person = world.volunteer(id_number=new_id_number(date(2004, 5, 1)))
        world.do(lambda: signed_up(event, person))

    def asked():
        browser = world.browser(team.admin)
        with counted(app) as statements:
            assert "不符合报名条件" in browser.page(f"/organization/activities/{event.id}/roster").text
        return len(statements)

    come()
    change(world, event, min_age=20, members_only=True, skills_any=["15"])
    few = asked()
    change(world, event)
    for _ in range(5):
        come()
    assert change(world, event, min_age=30, members_only=True, skills_any=["15"]).unfit == 6
    assert asked() == few


def test_a_new_risk_asks_by_its_notice_and_the_list_shows_who_has_not_accepted(world, event, admin):
    one, two = (world.volunteer(name=name) for name in ("甲小明", "乙大民"))
    for person in (one, two):
        world.do(lambda person=person: signed_up(event, person))
    assert change(world, event, risk_text="海边作业，注意防滑。").told == 2
    (values,) = told(world, one, "risk_changed")
    assert values["path"] == f"/activities/{event.id}#shift-{event.shift_id}"
    assert told(world, one, "activity_changed") == []
    with world.app.app_context():
        words = here.notice_texts.message("risk_changed", values, "https://example.org")
    assert "我已了解活动风险" in words
    browser = world.browser(one)
    assert "请确认活动风险" in browser.page("/volunteer/activities").text
    page = browser.page(f"/activities/{event.id}")
    assert f"#shift-{event.shift_id}" in page.links
    assert f'id="shift-{event.shift_id}"' in page.html
    roster = f"/organization/activities/{event.id}/roster"
    assert "未确认风险 2" in admin.page(roster).text
    browser.post(f"/activities/{event.id}/shifts/{event.shift_id}/accept-risk")
    assert "请确认活动风险" not in browser.page("/volunteer/activities").text
    page = admin.page(f"{roster}?group=risk")
    assert "未确认风险 1" in page.text
    assert "还没有确认活动风险" in row_of(page, two)
    assert one.name not in page.text
    assert f"#shift-{event.shift_id}" not in browser.page(f"/activities/{event.id}").links


def test_a_new_risk_at_another_time_is_told_once(world, event, volunteer, clock):
    world.do(lambda: signed_up(event, volunteer))
    later = clock.now() + timedelta(days=5)
    change(world, event, risk_text="有台阶。", starts_at=later, ends_at=later + timedelta(hours=1))
    kinds = [kind for (kind,) in world.rows(select(Notice.kind).where(Notice.kind != "sign_up_confirmed"))]
    assert kinds == ["risk_changed"]


def test_who_overlaps_by_now_hears_of_both(world, team, event, volunteer, clock):
    world.do(lambda: signed_up(event, volunteer))
    later = clock.now() + timedelta(days=5)
    other = world.do(lambda: create_activity(team, starts_at=later))
    world.do(lambda: signed_up(other, volunteer))
    change(world, event, risk_text="有台阶。", starts_at=later, ends_at=later + timedelta(hours=1))
    kinds = sorted(kind for (kind,) in world.rows(select(Notice.kind).where(Notice.kind != "sign_up_confirmed")))
    assert kinds == ["activity_overlaps", "risk_changed"]


def test_groups_are_there_only_where_they_make_sense(world, event, admin):
    page = admin.page(f"/organization/activities/{event.id}/roster?group=unfit")
    assert "未确认风险" not in page.text
    assert "不符合条件" not in page.text
    assert "unfit" not in admin.page(f"/organization/activities/{event.id}/roster/message").html
    change(world, event, risk_text="有台阶。", min_age=18)
    page = admin.page(f"/organization/activities/{event.id}/roster/message")
    assert 'value="unfit"' in page.html
    assert 'value="risk"' in page.html
    assert world.one(select(Activity.revision)) == 1
