"""开放下级注册 before and after its due date: who is told that somebody is missing, and what can be sent to those."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.notices.models import Notice
from app.organizations.jobs import remind
from app.organizations.models import Organization, Role
from app.organizations.wishes import ExpectedUnit, RegistrationCall
from tests.factories import add_admin, suspend

PATH, REGISTER = "/organization/expected", "/organization/register"
NAMES = "中山区科技志愿服务队\n西岗区科技志愿服务队\n星海中学"
DUE, NINE = "2026-12-31", 1  # 09:00 in China is 01:00 UTC
SECOND = timedelta(seconds=1)


def at(day, hour=NINE):
    return datetime(2026, 12, day, hour, tzinfo=UTC)


def save(world, team, due=DUE, names=NAMES):
    """The list is saved, by somebody who has just logged in: days pass between one and the next."""
    assert world.browser(team.admin).post(PATH, {"due_on": due, "names": names}).status_code == 303


@pytest.fixture
def called(world, root):
    save(world, root)


def told(world, kind=None):
    """(kind, account) of the reminders, in order."""
    query = select(Notice.kind, Notice.account_id).where(Notice.kind.startswith("expected_", autoescape=True))
    return world.rows((query.where(Notice.kind == kind) if kind else query).order_by(Notice.id))


def said(world, kind):
    return world.rows(select(Notice.values).where(Notice.kind == kind).order_by(Notice.id))[0][0]


def register(world, good, admin_form, key="k", review="parent", **changed):
    """Somebody registers; returns who."""
    person = world.account()
    browser = world.browser(person)
    with world.settings(organizations={"review": review}):
        assert browser.post(REGISTER, good | changed).status_code == 303
        assert browser.post(f"{REGISTER}?step=admin", admin_form | {"form_key": key * 22}).status_code == 303
    return person


def send_back(world, root, name):
    uid = world.one(select(Organization.uid).where(Organization.name == name))
    form = {"action": "return", "reason": "材料不全"}
    assert world.browser(root.admin).post(f"/organization/below/{uid}/review", form).status_code == 303


def test_three_days_before_and_the_day_after_the_owner_hears_once_each(world, clock, root, called):
    admin = world.do(lambda: add_admin(root, Role.ADMIN))
    world.do(lambda: add_admin(root, Role.LEAD))
    both = [root.admin.account_id, admin.account_id]
    days = {27: [], 28: ["expected_soon"], 30: ["expected_soon"], 31: ["expected_soon"]}
    for day, kinds in days.items():
        clock.set(at(day))
        world.do(remind)
        world.do(remind)
        assert told(world) == [(kind, person) for kind in kinds for person in both]
    for days_after in (1, 2, 3, 30):
        clock.set(at(31) + timedelta(days=days_after))
        world.do(remind)
        assert told(world, "expected_late") == [("expected_late", person) for person in both]
    values = said(world, "expected_late")
    assert values["title"] == root.name
    assert values["path"] == f"{PATH}?for={root.uid}"
    assert values["until"] == "12月31日"
    assert values["reason"] == "3 个未开始"


@pytest.mark.parametrize(
    ("moment", "kinds"),
    [
        (at(28) - SECOND, []),
        (at(28), ["expected_soon"]),
        # From midnight in China on it is the next day; nobody is told before nine.
        (at(31) + timedelta(days=1) - SECOND, []),
        (at(31) + timedelta(days=1), ["expected_late"]),
        (at(31) + timedelta(days=3), ["expected_late"]),
        (at(31) + timedelta(days=4), []),
    ],
)
def test_at_the_borders(world, clock, called, moment, kinds):
    clock.set(moment)
    world.do(remind)
    assert [kind for kind, _ in told(world)] == kinds


def test_how_many_days_before_is_a_setting(world, clock, called):
    clock.set(at(24))
    with world.settings(limits={"expected_reminder_days": 7}):
        world.do(remind)
    assert [kind for kind, _ in told(world)] == ["expected_soon"]


def test_another_due_date_is_told_anew_and_the_same_one_is_not(world, clock, root, called):
    clock.set(at(29))
    world.do(remind)
    save(world, root, "2026-12-30")
    world.do(remind)
    assert len(told(world, "expected_soon")) == 2
    for due in (DUE, "2026-12-30"):
        save(world, root, due)
        world.do(remind)
    assert len(told(world, "expected_soon")) == 2


def test_who_made_the_list_today_is_not_reminded_of_it_today(world, clock, root):
    clock.set(at(29))
    save(world, root)
    world.do(remind)
    assert told(world) == []
    clock.set(at(30))
    world.do(remind)
    assert [kind for kind, _ in told(world)] == ["expected_soon"]


def test_of_a_list_that_is_done_nobody_is_told_until_somebody_is_missing_again(world, root, clock):
    world.organization(root, name="中山区科技志愿服务队")
    save(world, root, names="中山区科技志愿服务队")
    clock.set(at(28))
    world.do(remind)
    assert told(world) == []
    save(world, root)
    world.do(remind)
    assert said(world, "expected_soon")["reason"] == "2 个未开始"


def test_who_is_on_the_way_is_told_once_to_finish(world, clock, called, legal, admin_form, root):
    register(world, legal, admin_form, name="中山区科技志愿服务队")
    returned = register(world, legal, admin_form, "m", name="西岗区科技志愿服务队")
    send_back(world, root, "西岗区科技志愿服务队")
    link = world.one(select(ExpectedUnit.uid).where(ExpectedUnit.name == "星海中学"))
    begun = world.account()
    form = legal | {"name": "星海中学志愿者", "link": link}
    assert world.browser(begun).post(REGISTER, form).status_code == 303
    clock.set(at(28))
    world.do(remind)
    clock.set(at(31) + timedelta(days=1))
    world.do(remind)
    assert said(world, "expected_soon")["reason"] == "1 个未开始，1 个退回修改中，1 个等您审核"
    assert told(world, "expected_unfinished") == [
        ("expected_unfinished", returned.account_id),
        ("expected_unfinished", begun.account_id),
    ]
    values = said(world, "expected_unfinished")
    assert values["title"] == "西岗区科技志愿服务队"
    assert values["path"].partition("?")[0] == "/organization/edit"
    assert values["other"] == root.name


@pytest.mark.parametrize(("changed", "is_told"), [({}, True), ({"name": "别的服务队"}, False)])
def test_a_form_that_was_begun_without_the_link_is_known_by_its_name(world, clock, called, good, changed, is_told):
    person = world.account()
    world.browser(person).post(REGISTER, good | {"name": "星海 中学"} | changed)
    clock.set(at(28))
    world.do(remind)
    assert told(world, "expected_unfinished") == ([("expected_unfinished", person.account_id)] if is_told else [])


def test_one_that_rests_is_not_told(world, clock, root, team):
    save(world, team)
    world.do(lambda: suspend(team, "suspended"))
    clock.set(at(28))
    world.do(remind)
    assert told(world) == []


def test_8_workers_at_once_tell_once(world, clock, root, team, called):
    save(world, team)
    clock.set(at(28))
    outcomes = world.at_once([remind] * 8)
    assert sum(outcomes) == 2
    assert sorted(told(world)) == sorted(("expected_soon", one.admin.account_id) for one in (root, team))


def test_a_list_that_was_ended_and_made_anew_is_told_of_anew(world, clock, root, called):
    clock.set(at(28))
    world.do(remind)
    save(world, root, names="")
    save(world, root)
    clock.set(at(29))
    world.do(remind)
    assert len(told(world, "expected_soon")) == 2


def appeal(world, team):
    html = world.browser(team.admin).page(PATH).html
    return html.partition('id="appeal"')[2].partition(">")[2].partition("</textarea>")[0]


def test_words_for_those_who_have_not_begun_are_ready_to_be_copied(world, root, called, legal, admin_form):
    register(world, legal, admin_form, name="中山区科技志愿服务队")
    words = appeal(world, root)
    assert "2026年12月31日前" in words
    assert "中山区" not in words
    for name in ("西岗区科技志愿服务队", "星海中学"):
        link = world.one(select(ExpectedUnit.uid).where(ExpectedUnit.name == name))
        assert f"{name} http://localhost{REGISTER}?link={link}" in words


def test_of_many_units_the_words_have_one_link_and_all_names(world, root):
    names = [f"第{number}实验中学" for number in range(1, 41)]
    save(world, root, names="\n".join(names))
    words = appeal(world, root)
    assert words.count("http") == 1
    assert world.one(select(RegistrationCall.uid)) in words
    assert all(name in words for name in names)


def test_once_all_have_begun_there_is_nobody_to_be_urged(world, root):
    world.organization(root, name="星海中学")
    save(world, root, names="星海中学")
    assert "催办消息" not in world.browser(root.admin).page(PATH).text
