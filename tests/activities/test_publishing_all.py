"""活动发布, all of it: every field, risk and insurance, the web, drafts, copies, templates and weekly repeats."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from app.activities import repeats
from app.activities.models import Activity, Audience, Shift
from app.clock import from_local, local
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations.models import Team as SubTeam
from app.organizations.models import TeamState
from app.web.forms import Moment
from tests.pages import read

PATH = "/organization/activities/new"


@pytest.fixture
def good(good):
    return good | {"shift_uid": "first-shift"}


def number(world):
    return world.one(select(func.count()).select_from(Activity))


def test_a_first_activity_needs_few_touches(admin):
    """Title, category, whom for, how many, what, and a tick: the rest is there already."""
    page = admin.page(PATH)
    empty = [
        name
        for name in ("title", "scope_category", "starts_at", "ends_at", "region", "address", "quota", "leader_name")
        if not page.of(name).value
    ]
    empty += [name for name in ("leader_phone", "content") if not page.of(name).value]
    assert set(empty) <= {"title", "scope_category", "quota", "content"}
    assert page.of("starts_at").value == "2026-11-28T09:00"
    assert page.of("ends_at").value == "2026-11-28T11:00"


ALL = {
    "co_organizers": "社区居委会",
    "campaign": "science-day",
    "topics": ["01", "06"],
    "forms": ["02"],
    "purposes": ["3"],
    "places": ["1"],
    "is_major": "y",
    "venue_name": "星海科普站",
    "agreement": "按时到岗。",
    "risk_level": "general",
    "risk_text": "台阶湿滑。",
    "training_required": "急救员证",
    "rhythm": "regular",
    "recruits": "groups",
}


def test_every_field_is_kept_shown_and_comes_back_when_edited(world, admin, good):
    place = admin.post(PATH, good | ALL).location
    text = world.browser().page(place.replace("/organization", "")).text
    for words in (
        "社区居委会",
        "全国科普日",
        "防灾减灾、健康",
        "科普报告",
        "星海科普站",
        "按时到岗。",
        "台阶湿滑。",
        "经常性、集体",
    ):
        assert words in text
    page = admin.page(f"{place}/edit")
    for name, value in ALL.items():
        field = page.of(name)
        assert (sorted(field.chosen) if isinstance(value, list) else field.value or field.chosen[0]) == value, name
    assert admin.post(f"{place}/edit", good | ALL | {"campaign": "", "topics": []}).status_code == 303
    assert world.rows(select(Activity.campaign, Activity.topics, Activity.purposes)) == [("", [], ["3"])]


DANGER = {"risk_level": "danger", "risk_text": "海边作业。"}
INSURED = {
    "insurer": "某保险公司",
    "insurance_policy_no": "P-0001",
    "insured_from": "2026-11-26",
    "insured_to": "2026-11-26",
}


@pytest.mark.parametrize(("ends", "status"), [("2026-11-27T00:00", 303), ("2026-11-27T00:01", 422)])
def test_what_ends_at_midnight_needs_no_insurance_for_the_day_after(admin, good, ends, status):
    insured = {
        "insurer": "甲保险",
        "insurance_policy_no": "1",
        "insured_from": "2026-11-26",
        "insured_to": "2026-11-26",
    }
    night = {"starts_at": "2026-11-26T20:00", "ends_at": ends, "risk_level": "danger", "risk_text": "夜间涉水。"}
    assert admin.post(PATH, good | insured | night).status_code == status


@pytest.mark.parametrize("lacking", ["insurer", "insurance_policy_no", "insured_from", "insured_to"])
def test_danger_without_an_insurance_is_not_published(world, admin, good, lacking):
    answer = admin.post(PATH, good | DANGER | INSURED | {lacking: ""})
    assert answer.status_code == 422
    assert "意外险" in read(answer).of(lacking).errors[0]
    assert number(world) == 0


@pytest.mark.parametrize(
    ("field", "day", "words"),
    [("insured_from", "2026-11-27", "不晚于"), ("insured_to", "2026-11-25", "不早于"), ("insured_to", "x", "样子")],
)
def test_an_insurance_covers_all_days(world, admin, good, field, day, words):
    answer = admin.post(PATH, good | DANGER | INSURED | {field: day})
    assert answer.status_code == 422
    assert words in read(answer).of(field).errors[0]
    assert number(world) == 0


def test_danger_that_is_insured_is_published_and_everybody_told(world, admin, good, volunteer):
    place = admin.post(PATH, good | DANGER | INSURED).location
    text = world.browser(volunteer).page(place.replace("/organization", "")).text
    assert "可能有人身危险" in text
    assert "某保险公司，2026-11-26 至 2026-11-26" in text
    later = Moment.text(datetime(2026, 11, 28, 1, tzinfo=UTC))
    end = Moment.text(datetime(2026, 11, 28, 3, tzinfo=UTC))
    answer = admin.post(f"{place}/edit", good | DANGER | INSURED | {"starts_at": later, "ends_at": end})
    assert "不早于" in read(answer).of("insured_to").errors[0]


def test_a_risk_level_needs_words_and_words_are_a_risk(world, admin, good):
    assert "写清楚" in read(admin.post(PATH, good | {"risk_level": "general"})).of("risk_text").errors[0]
    admin.post(PATH, good | {"risk_text": "有台阶。"})
    assert world.one(select(Activity.risk_level)) == "general"


def test_a_risk_that_people_must_accept_is_not_for_a_closed_list(admin, good):
    answer = admin.post(PATH, good | {"recruit_scope": "closed", "risk_text": "有台阶。"})
    assert "定向招募" in read(answer).of("recruit_scope").errors[0]


def test_what_is_on_the_web_needs_a_link_and_no_place(world, admin, good):
    online = good | {"mode": "online", "region": "", "address": ""}
    assert "链接" in read(admin.post(PATH, online)).of("online_url").errors[0]
    place = admin.post(PATH, online | {"online_url": "https://meeting.example.org/1"}).location
    page = world.browser().page(place.replace("/organization", ""))
    assert "线上" in page.text
    assert "meeting.example.org" not in page.html
    assert world.rows(select(Activity.address, Activity.region)) == [("线上", "210202")]


@pytest.mark.parametrize("name", ["mode", "recruit_scope", "risk_level", "campaign", "topics", "audience", "places"])
def test_what_is_not_on_a_list_is_refused(world, admin, good, name):
    answer = admin.post(PATH, good | {name: "nonsense"})
    assert "从列表中选择" in read(answer).of(name).errors[0]
    assert number(world) == 0


def test_recruiting_is_chosen_in_the_form(world, root, team, admin, good):
    below, stranger = world.organization(team), world.organization(root)
    answer = admin.post(PATH, good | {"recruit_scope": "directed"})
    assert "面向哪些组织" in read(answer).of("audience").errors[0]
    assert "口令" in read(admin.post(PATH, good | {"recruit_scope": "password"})).of("password").errors[0]
    chosen = {"recruit_scope": "directed", "audience": ["own", below.uid]}
    place = admin.post(PATH, good | chosen).location
    kept = select(Audience.organization_id, Audience.with_below).order_by(Audience.organization_id)
    assert world.rows(kept) == [(team.id, False), (below.id, True)]
    assert sorted(admin.page(f"{place}/edit").of("audience").chosen) == sorted(["own", below.uid])
    assert admin.post(PATH, good | chosen | {"audience": [stranger.uid], "form_key": "z" * 22}).status_code == 422


def test_the_password_stays_when_an_edit_leaves_it_empty(world, admin, good):
    place = admin.post(PATH, good | {"recruit_scope": "password", "password": "大连湾"}).location
    before = world.one(select(Activity.password_hash))
    assert admin.page(f"{place}/edit").of("password").value == ""
    admin.post(f"{place}/edit", good | {"recruit_scope": "password"})
    assert world.one(select(Activity.password_hash)) == before
    admin.post(f"{place}/edit", good | {"recruit_scope": "open"})
    assert world.one(select(Activity.password_hash)) == ""


def test_every_item_of_the_check_list_is_there(admin):
    page = admin.page(PATH)
    for words in ("有偿工作", "值日", "实习", "聚餐", "报酬", "转发", "已经结束"):
        assert words in page.text


def test_a_draft_is_kept_as_it_was_typed_and_published_later(world, admin, good):
    half = good | {"title": "写到一半", "content": "", "quota": "很多", "more_shifts-0-title": "下午场"}
    for _ in range(2):
        answer = admin.post(PATH, half | {"action": "draft"})
        assert answer.status_code == 303
    assert number(world) == 1
    listed = admin.page(answer.location)
    assert "写到一半" in listed.text
    assert "写到一半" not in world.browser().page("/activities?phase=all").text
    ((activity_id, sealed),) = world.rows(select(Activity.id, Activity.draft_sealed))
    assert good["leader_phone"] not in sealed
    page = admin.page(f"{PATH}?draft={activity_id}")
    assert page.of("quota").value == "很多"
    assert page.of("more_shifts-0-title").value == "下午场"
    assert page.of("declaration").chosen == []
    assert page.hidden["form_key"] == good["form_key"]
    place = admin.post(PATH, good).location
    assert place == f"/organization/activities/{activity_id}"
    assert world.rows(select(Activity.state, Activity.title, Activity.draft_sealed)) == [
        ("published", good["title"], None)
    ]
    assert admin.post(PATH, good).location == place
    answer = admin.post(PATH, half | {"action": "draft"})
    assert "不再是草稿" in read(answer).alerts[0]


def test_a_draft_published_8_times_at_once_is_one_activity(world, team, admin, good):
    admin.post(PATH, good | {"action": "draft"})
    browsers = [world.browser(team.admin) for _ in range(8)]
    answers = world.at_once([lambda b=browser: b.post(PATH, good) for browser in browsers])
    assert len({answer.location for answer in answers}) == 1
    assert number(world) == 1
    assert world.one(select(func.count()).select_from(Shift)) == 1


def test_a_preview_shows_the_page_and_nothing_on_it_can_be_pressed(world, team, root, admin, good):
    answer = admin.post(PATH, good | ALL | {"action": "preview", "declaration": ""})
    assert answer.status_code == 303, read(answer).alerts
    page = admin.page(answer.location)
    assert good["title"] in page.text
    assert "台阶湿滑。" in page.text
    assert "还没有发布" in page.text
    assert "sign-up" not in page.html
    assert "立即报名" in page.text
    assert world.one(select(Activity.state)) == "draft"
    assert world.one(select(func.count()).select_from(Shift)) == 0
    assert world.browser(root.admin).get(answer.location).status_code == 404
    activity_id = world.one(select(Activity.id))
    assert world.browser().get(f"/activities/{activity_id}").status_code == 404
    assert admin.get(f"/organization/activities/{activity_id}").location == answer.location


def test_a_preview_leads_to_publishing_with_the_tick(world, admin, good):
    place = admin.post(PATH, good | {"action": "preview"}).location
    publish = place.replace("/preview", "/publish")
    assert admin.post(publish).location == place
    assert "请确认" in admin.page(place).text
    assert world.one(select(Activity.state)) == "draft"
    for _ in range(2):
        assert admin.post(publish, {"declaration": "y"}).status_code == 303
    assert world.rows(select(Activity.state, Activity.title)) == [("published", good["title"])]
    assert world.one(select(func.count()).select_from(Shift)) == 1


def test_a_preview_of_something_wrong_shows_what_is_wrong(world, admin, good):
    answer = admin.post(PATH, good | {"action": "preview", "title": ""})
    assert answer.status_code == 422
    assert number(world) == 0


def test_a_draft_that_waited_too_long_is_not_previewed_but_opened(world, team, admin, good, clock):
    place = admin.post(PATH, good | {"action": "preview"}).location
    clock.advance(timedelta(days=30))
    assert world.browser(team.admin).get(place).location.startswith(PATH)


def test_a_draft_is_thrown_away_and_a_published_one_is_not(world, admin, good):
    admin.post(PATH, good | {"action": "draft"})
    activity_id = world.one(select(Activity.id))
    assert admin.post(f"/organization/activities/{activity_id}/drop").status_code == 303
    assert number(world) == 0
    place = admin.post(PATH, good).location
    assert admin.post(f"{place}/drop").status_code == 409
    assert number(world) == 1


@pytest.mark.parametrize("asked", ["draft=0", "draft=x", "copy=999999", "draft=-1", "copy=", "copy=1&draft=1"])
def test_a_made_up_source_is_not_found_or_nothing(admin, asked):
    assert admin.get(f"{PATH}?{asked}").status_code in (200, 404)


def test_a_copy_is_at_the_same_hours_of_a_week_to_come(world, root, team, admin, good, clock):
    place = admin.post(PATH, good | ALL).location
    activity_id = int(place.rsplit("/", 1)[1])
    clock.advance(timedelta(days=10))
    page = world.browser(team.admin).page(f"{PATH}?copy={activity_id}")
    assert page.of("title").value == good["title"]
    assert page.of("venue_name").value == "星海科普站"
    starts = datetime.fromisoformat(page.of("starts_at").value)
    assert from_local(starts) > clock.now()
    assert (starts.weekday(), starts.hour) == (3, 10)
    assert page.hidden["form_key"] != good["form_key"]
    assert page.hidden["shift_uid"] != "first-shift"
    assert world.browser(root.admin).get(f"{PATH}?copy={activity_id}").status_code == 404


def test_a_template_comes_first_where_new_ones_are_begun(world, admin, good):
    first = admin.post(PATH, good | {"title": "每月例行活动"}).location
    admin.post(PATH, good | {"form_key": "z" * 22, "again": "y"})
    admin.post(f"{first}/template", {"is_template": "y"})
    text = admin.page("/organization/activities/copy").text
    assert "模板" in text
    assert text.index("每月例行活动") < text.index(good["title"])


def test_weekly_repeats_make_shifts_that_can_still_be_changed(world, admin, good):
    weekly = {"repeat_days": ["4", "6"], "repeat_until": "2026-12-10", "action": "repeat"}
    page = read(admin.post(PATH, good | weekly))
    starts = [page.of("starts_at").value, *(page.of(f"more_shifts-{n}-starts_at").value for n in range(4))]
    assert [start[:10] for start in starts] == ["2026-11-26", "2026-11-28", "2026-12-03", "2026-12-05", "2026-12-10"]
    assert {start[10:] for start in starts} == {"T10:00"}
    assert number(world) == 0


def test_a_61st_shift_is_told_to_be_too_many(admin, good):
    weekly = {"repeat_days": list("1234567"), "repeat_until": "2027-01-24", "action": "repeat"}
    page = read(admin.post(PATH, good | weekly))
    assert page.of("more_shifts-58-starts_at").value
    assert "一个活动最多 60 场" in read(admin.post(PATH, page.sent(action="add-shift"))).alerts


def test_shifts_written_by_hand_stay_when_others_are_made_beside_them(admin, good):
    weekly = {"repeat_days": ["4"], "repeat_until": "2026-12-10", "action": "repeat"}
    hand = {
        "title": "搬运岗",
        "starts_at": "2026-12-01T14:00",
        "ends_at": "2026-12-01T16:00",
        "quota": "3",
        "uid": "h" * 22,
    }
    page = read(admin.post(PATH, good | weekly | {f"more_shifts-0-{name}": value for name, value in hand.items()}))

    def rows(page):
        names = ["", *(f"more_shifts-{number}-" for number in range(5))]
        uids = {name: page.hidden.get(f"{name}uid" if name else "shift_uid") for name in names}
        return [
            (page.of(f"{name}starts_at").value[5:10], uids[name]) for name in names if page.of(f"{name}starts_at").value
        ]

    first = rows(page)
    assert [day for day, _ in first] == ["11-26", "12-03", "12-10", "12-01"]
    assert first[-1] == ("12-01", "h" * 22)
    # Pressed once more with another end: those that stay keep their names, and what people signed up to with them.
    page = read(admin.post(PATH, page.sent(**weekly) | {"repeat_until": "2026-12-03"}))
    assert rows(page) == [*first[:2], first[-1]]
    assert first[2][1] in page.html.partition('name="removed"')[2]
    # All that is there counts.
    many = weekly | {"repeat_days": list("1234567"), "repeat_until": "2027-01-24"}
    page = read(admin.post(PATH, page.sent(**many)))
    assert "会有 61 场，最多 60 场" in page.of("repeat_until").errors[0]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"repeat_until": ""}, "repeat_until", "哪一天"),
        ({"repeat_until": "2036-01-01"}, "repeat_until", "一年以内"),
        ({"repeat_days": ["1", "2", "3", "4", "5", "6", "7"], "repeat_until": "2027-09-01"}, "repeat_until", "最多 60"),
        ({"repeat_days": []}, "repeat_days", "星期几"),
        ({"starts_at": ""}, "starts_at", "先填好"),
    ],
)
def test_a_repeat_that_cannot_be_is_told(admin, good, changes, field, words):
    weekly = {"repeat_days": ["4"], "repeat_until": "2026-12-10", "action": "repeat"}
    page = read(admin.post(PATH, good | weekly | changes))
    assert any(words in error for error in page.of(field).errors)


def test_shifts_are_published_as_activities_of_their_own_once(world, team, good):
    rows = {}
    start = datetime.fromisoformat(good["starts_at"])
    for n in range(2):
        begins = start + timedelta(weeks=n + 1)
        rows |= {
            f"more_shifts-{n}-uid": f"shift-{n}",
            f"more_shifts-{n}-starts_at": f"{begins:%Y-%m-%dT%H:%M}",
            f"more_shifts-{n}-ends_at": f"{begins + timedelta(hours=2):%Y-%m-%dT%H:%M}",
            f"more_shifts-{n}-quota": "5",
        }
    browsers = [world.browser(team.admin) for _ in range(3)]
    form = good | rows | {"is_apart": "y"}
    answers = world.at_once([lambda b=browser: b.post(PATH, form) for browser in browsers])
    # Whoever lost against the others three times is asked to press again.
    assert {answer.status_code for answer in answers} <= {303, 503}
    assert len({answer.location for answer in answers if answer.location}) == 1
    made = world.rows(select(Activity.starts_at, Activity.signup_end_at).order_by(Activity.starts_at))
    assert len(made) == 3
    assert all(starts == closes for starts, closes in made)
    assert world.one(select(func.count()).select_from(Shift)) == 3


def test_every_other_week_is_counted_from_the_week_of_the_first():
    start = from_local(datetime(2026, 11, 25, 9))  # noqa: DTZ001 - a Wednesday, as a form has it
    spans = repeats.times(start, start + timedelta(hours=2), {1, 3}, 2, date(2026, 12, 23))
    days = [local(begins).date().isoformat()[5:] for begins, _ in spans]
    assert days == ["11-25", "12-07", "12-09", "12-21", "12-23"]


@pytest.mark.parametrize(
    "place", ["edit", "cancel", "deadline", "roster", "roster/message", "roster/add", "roster/export"]
)
def test_a_draft_has_no_list_and_no_end(world, team, good, place):
    boss = world.browser().log_in(team.admin, proved=True)
    boss.post(PATH, good | {"action": "draft"})
    address = f"/organization/activities/{world.one(select(Activity.id))}"
    assert boss.get(f"{address}/{place}").status_code == 404
    if place != "roster":
        sent = good | {"reason": "下雨了", "words": "请早点来", "group": "in"}
        assert boss.post(f"{address}/{place}", sent).status_code == 404
    assert boss.post(f"{address}/template", {"is_template": "y"}).status_code == 404


def test_a_password_that_is_missing_is_asked_for_when_published_from_the_preview(world, admin, good):
    admin.post(PATH, good | {"recruit_scope": "password", "action": "preview"})
    activity_id = world.one(select(Activity.id))
    again = admin.post(f"/organization/activities/{activity_id}/publish", {"declaration": "y"})
    assert again.location == f"{PATH}?draft={activity_id}"
    assert "报名口令：请设一个报名口令" in admin.page(again.location).text


def test_a_shift_that_is_over_is_not_published(world, admin, good, clock):
    over = {
        "more_shifts-0-uid": "old",
        "more_shifts-0-starts_at": Moment.text(clock.now() - timedelta(days=2)),
        "more_shifts-0-ends_at": Moment.text(clock.now() - timedelta(days=1)),
        "more_shifts-0-quota": "5",
    }
    answer = admin.post(PATH, good | over)
    assert answer.status_code == 422
    assert "已经结束" in read(answer).of("more_shifts-0-ends_at").errors[0]
    assert number(world) == 0


def test_the_times_of_a_shift_that_is_over_stay(world, team, admin, good, clock):
    start = clock.now() + timedelta(days=10)
    second = {
        "more_shifts-0-uid": "second",
        "more_shifts-0-starts_at": Moment.text(start),
        "more_shifts-0-ends_at": Moment.text(start + timedelta(hours=1)),
        "more_shifts-0-quota": "5",
    }
    place = admin.post(PATH, good | second).location
    clock.advance(timedelta(days=5))
    admin = world.browser(team.admin)
    moved = Moment.text(clock.now() + timedelta(days=1)), Moment.text(clock.now() + timedelta(days=2))
    answer = admin.post(f"{place}/edit", good | second | {"starts_at": moved[0], "ends_at": moved[1]})
    assert "已经结束" in read(answer).of("starts_at").errors[0]
    assert admin.post(f"{place}/edit", good | second | {"notice": "带水杯。"}).status_code == 303


def test_who_signed_up_hears_of_what_matters_and_accepts_a_new_risk(world, admin, good, volunteer):
    place = admin.post(PATH, good).location
    person = world.browser(volunteer)
    page = place.replace("/organization", "")
    shift = f"{page}/shifts/{world.one(select(Shift.id))}"
    person.post(f"{shift}/sign-up")
    told = select(func.count()).select_from(Notice).where(Notice.kind == "risk_changed")
    answer = admin.post(f"{place}/edit", good | {"notice": "带水杯。"})
    assert "没有要通知的人" in admin.page(answer.location).text
    assert world.one(told) == 0
    answer = admin.post(f"{place}/edit", good | {"risk_text": "台阶湿滑。"})
    assert "1 位报名的人会收到变动通知" in admin.page(answer.location).text
    assert world.one(told) == 1
    assert "活动风险有变动" in person.page(page).text
    assert person.post(f"{shift}/accept-risk").status_code == 303
    assert "活动风险有变动" not in person.page(page).text
    assert "已报名" in person.page(page).text


def test_a_dissolved_team_stays_chosen_when_something_else_is_edited(world, team, admin, good):
    def make():
        row = SubTeam(organization_id=team.id, name="医疗分队", state=TeamState.ACTIVE, created_at=here.clock.now())
        session.add(row)
        session.flush()
        return row.uid

    uid = world.do(lambda: in_transaction(make))
    place = admin.post(PATH, good | {"team": uid}).location
    world.do(lambda: in_transaction(lambda: session.execute(update(SubTeam).values(state=TeamState.DISSOLVED))))
    assert admin.page(f"{place}/edit").of("team").value == uid
    assert admin.post(f"{place}/edit", good | {"team": uid, "notice": "带水杯。"}).status_code == 303
    assert world.one(select(Activity.team_id)) is not None


def test_of_two_who_edit_at_once_the_second_is_told(world, team, admin, good):
    place = admin.post(PATH, good).location
    revision = admin.page(f"{place}/edit").hidden["revision"]
    assert admin.post(f"{place}/edit", good | {"revision": revision, "notice": "带水杯。"}).status_code == 303
    answer = admin.post(f"{place}/edit", good | {"revision": revision, "content": "换一个内容。"})
    assert answer.status_code in (409, 422)
    assert "被别人改过" in answer.text
    assert "现在与您填的不同的有：" in answer.text
    assert world.rows(select(Activity.notice, Activity.content)) == [("带水杯。", good["content"])]
    again = read(answer).hidden["revision"]
    assert admin.post(f"{place}/edit", good | {"revision": again, "content": "换一个内容。"}).status_code == 303
