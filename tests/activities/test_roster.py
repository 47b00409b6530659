"""名单: what an organiser sees and does about those who signed up, and what is written down about it."""

from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.activities import ending, enlisting, errors
from app.activities.jobs import end_offers
from app.activities.models import Activity, Shift, SignUp
from app.activities.queries import find
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations import services as organizations
from app.organizations.models import Role
from app.volunteers.models import Volunteer
from app.volunteers.services import Profile
from tests.factories import add_admin, add_shift, signed_up
from tests.factories import join as join_now
from tests.pages import read

HOUR = timedelta(hours=1)


@pytest.fixture
def event(world, team):
    return world.activity(team, quota=2, waitlist_limit=5)


def join(world, person, team):
    def act():
        row = session.get_one(Volunteer, person.volunteer_id)
        organizations.join(row, team.uid, most=5, now=here.clock.now())

    world.do(lambda: in_transaction(act))


def place(event, path="/roster"):
    return f"/organization/activities/{event.id}{path}"


def enter(world, event, *people):
    for person in people:
        world.do(lambda person=person: signed_up(event, person))


def sign_up_id(world, person):
    return world.one(select(SignUp.id).where(SignUp.volunteer_id == person.volunteer_id))


def state(world, person):
    return world.one(select(SignUp.state).where(SignUp.volunteer_id == person.volunteer_id))


def told(world, person):
    query = select(Notice.kind).where(Notice.account_id == person.account_id).order_by(Notice.id)
    return [kind for (kind,) in world.rows(query)]


def audit(world, action):
    return world.rows(select(AuditEntry.account_id, AuditEntry.actor_id).where(AuditEntry.action == action))


def volunteer_no(world, person):
    return world.one(select(Volunteer.volunteer_no).where(Volunteer.id == person.volunteer_id))


def make_minor(world, person):
    def change():
        session.get_one(Volunteer, person.volunteer_id).birth_date = date(2010, 5, 1)

    world.do(lambda: in_transaction(change))


def test_the_list_is_grouped_searched_and_masked(world, event, boss):
    people = [world.volunteer(name=name) for name in ("张甲", "李乙", "王丙")]
    enter(world, event, *people)
    page = boss.get(place(event))
    assert "全部在册 2" in page.text
    assert "候补 1" in page.text
    assert people[0].phone not in page.text
    assert people[2].name not in read(boss.get(place(event, "/roster?group=left"))).text
    found = boss.get(place(event, f"/roster?q={people[1].name}")).text
    assert people[1].name in found


def test_of_many_the_rest_is_loaded_below(world, team, boss):
    event = world.activity(team, quota=0)
    people = [world.volunteer(name=f"第{chr(0x4E00 + number)}人") for number in range(52)]
    enter(world, event, *people)
    first = boss.get(place(event))
    (more,) = [link for link in read(first).links if "after=" in link]
    assert people[0].name in first.text
    assert people[51].name not in first.text
    assert people[51].name in boss.get(more).text


def test_a_strangers_list_is_not_there(world, event, root):
    sibling = world.organization(root)
    other = world.browser().log_in(sibling.admin, proved=True)
    person = world.volunteer()
    enter(world, event, person)
    number = sign_up_id(world, person)
    for path in ("/roster", "/roster/add", "/roster/message", "/roster/export", "/cancel", "/deadline"):
        assert other.get(place(event, path)).status_code == 404
    for path in ("phone", "message", "give-place", "refuse/remove"):
        assert other.get(place(event, f"/sign-ups/{number}/{path}")).status_code == 404
        assert other.post(place(event, f"/sign-ups/{number}/{path}"), {"reason": "看看"}).status_code == 404


def test_a_helper_sees_names_and_changes_nothing(world, team, event):
    helper = world.browser(world.do(lambda: add_admin(team, Role.HELPER)))
    person = world.volunteer()
    enter(world, event, person)
    number = sign_up_id(world, person)
    assert helper.get(place(event)).status_code == 200
    for path in ("/roster/add", "/roster/message", "/roster/export", "/cancel", "/deadline"):
        assert helper.get(place(event, path)).status_code == 403
    assert helper.get(place(event, f"/sign-ups/{number}/phone")).status_code == 403


def test_a_phone_is_shown_for_a_reason_and_the_person_can_read_who_looked(world, event, boss, team):
    person = world.volunteer()
    enter(world, event, person)
    path = place(event, f"/sign-ups/{sign_up_id(world, person)}/phone")
    assert person.phone not in boss.get(path).text
    refused = boss.post(path, {})
    assert refused.status_code == 422
    assert person.phone not in refused.text
    shown = boss.post(path, {"why": "confirm", "note": "明早几点到"})
    assert f"tel:{person.phone}" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert audit(world, "phone.revealed") == [(person.account_id, team.admin.account_id)]


def test_looking_at_phones_has_an_end_for_today(world, event, boss):
    people = [world.volunteer() for _ in range(2)]
    enter(world, event, *people)
    with world.settings(limits={"reveals_per_day": 1}):
        answers = [
            boss.post(place(event, f"/sign-ups/{sign_up_id(world, person)}/phone"), {"why": "safety"})
            for person in people
        ]
    assert people[0].phone in answers[0].text
    assert people[1].phone not in answers[1].text
    assert "已达上限" in answers[1].text


@pytest.mark.parametrize("what", ["phones", "sheets", "wishes"])
def test_the_end_for_today_holds_at_one_moment_too(world, team, event, what):
    people = [world.volunteer() for _ in range(4)]
    enter(world, event, *people)
    browsers = [world.browser().log_in(team.admin, proved=True) for _ in people]
    limits = {"reveals_per_day": 1, "exports_per_day": 1} | ({"export_rows": 1} if what == "wishes" else {})
    paths = {
        "phones": [place(event, f"/sign-ups/{sign_up_id(world, person)}/phone") for person in people],
    }.get(what, [place(event, "/roster/export")] * len(people))
    forms = [{"why": "safety", "group": "in", "reason": "签到用", "form_key": f"{number:022d}"} for number in range(4)]
    with world.settings(limits=limits):
        presses = [
            lambda browser=browser, path=path, form=form: browser.post(path, form).status_code
            for browser, path, form in zip(browsers, paths, forms, strict=True)
        ]
        done = world.at_once(presses)
    assert sorted(done) == [303 if what == "wishes" else 200, 422, 422, 422]


def test_nobody_sees_the_phone_of_somebody_under_18(world, event, boss):
    person = world.volunteer()
    enter(world, event, person)
    make_minor(world, person)
    answer = boss.post(place(event, f"/sign-ups/{sign_up_id(world, person)}/phone"), {"why": "confirm"})
    assert person.phone not in answer.text
    assert "未成年人" in answer.text
    sheet = boss.post(place(event, "/roster/export"), {"group": "in", "reason": "核对人数"})
    assert person.phone not in cells(sheet)


def cells(answer):
    book = openpyxl.load_workbook(BytesIO(answer.data))
    return [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_a_sheet_names_who_made_it_and_holds_no_formula(world, team, event, boss):
    person = world.volunteer()
    enter(world, event, person)
    evil = '=HYPERLINK("http://example.com","点我")'
    world.do(lambda: in_transaction(lambda: setattr(session.get_one(Volunteer, person.volunteer_id), "name", evil)))
    assert boss.post(place(event, "/roster/export"), {"group": "in"}).status_code == 422
    answer = boss.post(place(event, "/roster/export"), {"group": "in", "reason": "联系到场"})
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    book = openpyxl.load_workbook(BytesIO(answer.data))
    listed = {cell.value: cell.data_type for row in book["名单"].iter_rows() for cell in row}
    assert listed[evil] == "s"
    assert listed[person.phone] == "s"
    about = cells(answer)
    assert "联系到场" in about
    assert team.name in about
    assert team.name in book["名单"].oddFooter.left.text
    assert audit(world, "roster.exported") == [(team.admin.account_id, team.admin.account_id)]


@pytest.mark.parametrize("name", ["R&G科技志愿服务队", "A&[Picture]志愿服务队", "𠮷" * 100, "&" * 100])
def test_a_sheet_names_who_made_it_under_each_page_whatever_the_organisation_is_called(world, root, name):
    team = world.organization(root, name=name)
    boss, event = world.browser().log_in(team.admin, proved=True), world.activity(team)
    enter(world, event, world.volunteer())
    answer = boss.post(place(event, "/roster/export"), {"group": "in", "reason": "签到用"})
    for sheet in openpyxl.load_workbook(BytesIO(answer.data)):
        mark = sheet.oddFooter.left.text
        assert mark.startswith(name.replace("&", "＆")[:9])
        assert mark.endswith(" 2026-11-23 10:00 导出，请勿外传")
        assert "带队者" in mark
        assert len(str(sheet.oddFooter).encode("utf-16-le")) <= 2 * 255


def test_a_sheet_holds_nothing_delicate_and_no_papers(world, event, boss):
    delicate = {"ethnicity": "56", "political_status": "01", "employer": "某某研究所", "address": "某街某号"}
    person = world.volunteer(profile=Profile(**delicate, emergency_name="联系者", emergency_phone="17099998888"))
    enter(world, event, person)
    text = " ".join(cells(boss.post(place(event, "/roster/export"), {"group": "in", "reason": "核对人数"})))
    assert person.phone in text
    for held in (person.id_number, "基诺", "中共党员", "某某研究所", "某街某号", "联系者", "17099998888", "1990"):
        assert held not in text


def test_a_sheet_wants_the_phone_proved_just_now(world, team, event):
    answer = world.browser(team.admin).get(place(event, "/roster/export"))
    assert answer.location.startswith("/login/prove")


def test_sheets_have_an_end_for_today(world, event, boss):
    enter(world, event, world.volunteer(), world.volunteer())
    sent = {"group": "in", "reason": "核对人数"}
    with world.settings(limits={"exports_per_day": 1}):
        assert boss.post(place(event, "/roster/export"), sent).status_code == 200
        assert "请明天再导出" in boss.post(place(event, "/roster/export"), sent).text


def test_a_name_put_on_the_list_by_hand_takes_a_place_and_is_told(world, team, event, boss):
    person = world.volunteer()
    join(world, person, team)
    sent = {"person": volunteer_no(world, person), "reason": "电话报名"}
    assert boss.post(place(event, "/roster/add"), sent).status_code == 303
    assert state(world, person) == "confirmed"
    assert told(world, person) == ["put_on_list"]
    assert world.one(select(Shift.places_taken)) == 1
    again = boss.post(place(event, "/roster/add"), sent)
    assert "已经在名单里" in again.text
    assert world.one(select(Shift.places_taken)) == 1


def test_members_alone_are_found(world, team, event, boss):
    person = world.volunteer()
    for text in (person.phone, volunteer_no(world, person)):
        answer = boss.post(place(event, "/roster/add"), {"person": text, "reason": "电话报名"})
        assert "成员里没有这个人" in answer.text
    join(world, person, team)
    assert boss.post(place(event, "/roster/add"), {"person": person.phone, "reason": "电话报名"}).status_code == 303


def test_by_hand_the_quota_holds_too(world, team, event, boss):
    enter(world, event, world.volunteer(), world.volunteer())
    person = world.volunteer()
    join(world, person, team)
    answer = boss.post(place(event, "/roster/add"), {"person": volunteer_no(world, person), "reason": "电话报名"})
    assert "没有空名额" in answer.text
    assert world.one(select(Shift.places_taken)) == 2


def test_who_must_accept_risks_signs_up_alone(world, team, boss):
    event = world.activity(team, risk_text="登高作业")
    person = world.volunteer()
    join(world, person, team)
    answer = boss.post(place(event, "/roster/add"), {"person": volunteer_no(world, person), "reason": "电话报名"})
    assert "要本人看过" in answer.text


def test_the_removed_come_back_by_hand_alone(world, team, event, boss):
    person = world.volunteer()
    join(world, person, team)
    enter(world, event, person)
    number = sign_up_id(world, person)
    assert boss.post(place(event, f"/sign-ups/{number}/refuse/remove"), {"reason": "重复报名"}).status_code == 303
    with pytest.raises(errors.CannotSignUpAgain):
        enter(world, event, person)
    answer = boss.post(place(event, "/roster/add"), {"person": volunteer_no(world, person), "reason": "误移出"})
    assert answer.status_code == 303
    assert state(world, person) == "confirmed"
    assert world.one(select(Shift.places_taken)) == 1


def by_hand(world, event):
    world.do(lambda: in_transaction(lambda: setattr(session.get_one(Activity, event.id), "waitlist_mode", "by_hand")))


def test_where_the_organiser_passes_places_on_nobody_else_does(world, event, boss):
    people = [world.volunteer() for _ in range(4)]
    enter(world, event, *people)
    by_hand(world, event)
    number = sign_up_id(world, people[0])
    boss.post(place(event, f"/sign-ups/{number}/refuse/remove"), {"reason": "来不了"})
    assert [state(world, person) for person in people[2:]] == ["waitlisted", "waitlisted"]
    last = sign_up_id(world, people[3])
    assert boss.post(place(event, f"/sign-ups/{last}/give-place"), {"reason": ""}).status_code == 422
    assert boss.post(place(event, f"/sign-ups/{last}/give-place"), {"reason": "会手语"}).status_code == 303
    assert [state(world, person) for person in people[2:]] == ["waitlisted", "offered"]
    assert audit(world, "sign_up.place_given")[0][0] == people[3].account_id
    assert "没有空名额" in boss.post(place(event, f"/shifts/{event.shift_id}/next")).text
    assert world.rows(select(Shift.places_taken, Shift.waiting))[0] == (2, 1)


def test_the_next_in_turn_is_who_waits_longest(world, event, boss):
    people = [world.volunteer() for _ in range(4)]
    enter(world, event, *people)
    by_hand(world, event)
    boss.post(place(event, f"/sign-ups/{sign_up_id(world, people[0])}/refuse/remove"), {"reason": "来不了"})
    assert boss.post(place(event, f"/shifts/{event.shift_id}/next")).status_code == 303
    assert [state(world, person) for person in people[2:]] == ["offered", "waitlisted"]


def test_one_place_given_by_two_organisers_at_once_goes_to_one(world, event, team):
    people = [world.volunteer() for _ in range(4)]
    enter(world, event, *people)
    by_hand(world, event)
    browser = world.browser(team.admin)
    browser.post(place(event, f"/sign-ups/{sign_up_id(world, people[0])}/refuse/remove"), {"reason": "来不了"})
    numbers = [sign_up_id(world, person) for person in people[2:]]

    def give(number):
        def act():
            actor = team.admin.account_id
            enlisting.give_place(find(event.id), number, "先到", actor_id=actor, now=here.clock.now())

        return lambda: in_transaction(act)

    outcomes = world.at_once([give(number) for number in numbers])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoPlaceLeft", "NoneType"]
    assert world.rows(select(Shift.places_taken, Shift.waiting))[0] == (2, 1)


def test_a_message_reaches_all_once(world, event, boss):
    people = [world.volunteer() for _ in range(3)]
    enter(world, event, *people)
    form = boss.get(place(event, "/roster/message"))
    key = read(form).hidden["form_key"]
    sent = {"group": "in", "words": "请带雨具", "form_key": key}
    assert boss.post(place(event, "/roster/message"), sent).status_code == 303
    assert boss.post(place(event, "/roster/message"), sent).status_code == 303
    counts = [told(world, person).count("organizer_message") for person in people]
    assert counts == [1, 1, 0]


@pytest.mark.parametrize("to", ["all", "one"])
def test_the_same_words_again_by_back_are_sent_when_they_are_meant(world, event, boss, to, clock):
    people = [world.volunteer() for _ in range(2)]
    enter(world, event, *people)
    path = place(event, "/roster/message" if to == "all" else f"/sign-ups/{sign_up_id(world, people[0])}/message")

    def send(again="", words="明早七点集合"):
        """As the page sends it that is opened anew."""
        form = {"group": "in", "form_key": boss.page(path).hidden["form_key"], "words": words}
        return boss.post(path, form | ({"again": again} if again else {}))

    def number():
        return [told(world, person).count("organizer_message") for person in people]

    once = [1, 1] if to == "all" else [1, 0]
    assert send().status_code == 303
    answer = send()
    assert answer.status_code == 422
    assert "刚刚发过同样的消息" in read(answer).of("again").errors[0]
    assert number() == once
    assert send(words="改到八点集合").status_code == 303
    assert send("y").status_code == 303
    assert number() == [3 * one for one in once]
    clock.advance(timedelta(hours=1))
    assert send().status_code == 303


def test_another_group_is_written_the_same_words(world, team, boss):
    full = world.activity(team, quota=1, waitlist_limit=3)
    enter(world, full, world.volunteer(), world.volunteer())
    for group in ("in", "waiting"):
        answer = boss.post(place(full, "/roster/message"), {"group": group, "words": "请留意天气"})
        assert answer.status_code == 303, read(answer).alerts


def test_messages_to_one_have_an_end_for_today(world, event, boss, clock):
    people = [world.volunteer() for _ in range(2)]
    enter(world, event, *people)
    paths = [place(event, f"/sign-ups/{sign_up_id(world, person)}/message") for person in people]
    with world.settings(limits={"messages_per_activity_day": 2}):
        assert [boss.post(paths[0], {"words": f"请早到 {n} 分钟"}).status_code for n in (10, 20, 30)] == [303, 303, 422]
        assert "今天给这位发的消息已经够多了" in boss.post(paths[0], {"words": "请再早一点"}).text
        assert boss.post(paths[1], {"words": "请早到"}).status_code == 303
        assert boss.post(place(event, "/roster/message"), {"group": "in", "words": "请带雨具"}).status_code == 303
        clock.advance(timedelta(days=1))
        assert boss.post(paths[0], {"words": "今天请早到"}).status_code == 303


def test_messages_to_all_have_an_end_for_today(world, event, boss):
    enter(world, event, world.volunteer())
    with world.settings(limits={"messages_per_activity_day": 1}):
        assert boss.post(place(event, "/roster/message"), {"group": "in", "words": "请带雨具"}).status_code == 303
        answer = boss.post(place(event, "/roster/message"), {"group": "in", "words": "请再看一遍"})
    assert answer.status_code == 422
    assert "请再看一遍" in answer.text


def test_a_message_to_one_reaches_one(world, event, boss):
    people = [world.volunteer() for _ in range(2)]
    enter(world, event, *people)
    path = place(event, f"/sign-ups/{sign_up_id(world, people[1])}/message")
    assert boss.post(path, {"words": "请早到十分钟"}).status_code == 303
    assert [told(world, person).count("organizer_message") for person in people] == [0, 1]


def test_a_cancelled_activity_tells_everybody_why_and_takes_nobody(world, event, boss, clock):
    people = [world.volunteer() for _ in range(3)]
    enter(world, event, *people)
    assert boss.post(place(event, "/cancel"), {"reason": ""}).status_code == 422
    assert boss.post(place(event, "/cancel"), {"reason": "台风"}).status_code == 303
    assert boss.post(place(event, "/cancel"), {"reason": "台风"}).status_code == 303
    assert [told(world, person).count("activity_cancelled") for person in people] == [1, 1, 1]
    with pytest.raises(errors.NotPublished):
        enter(world, event, world.volunteer())
    assert "台风" in world.browser(people[0]).get(f"/activities/{event.id}").text
    clock.advance(13 * HOUR)
    world.do(end_offers)
    assert "offer_ended" not in told(world, people[2])


def test_who_calls_it_off_a_second_time_reads_which_reason_was_sent(world, team, event, boss):
    person = world.volunteer()
    enter(world, event, person)
    second, path = world.browser(world.do(lambda: add_admin(team, Role.ADMIN))), place(event, "/cancel")
    assert second.page(path).of("reason").value == ""
    assert boss.post(path, {"reason": "下雨了"}).status_code == 303
    answer = second.post(path, {"reason": "讲师生病"})
    assert answer.status_code == 422
    assert "“下雨了”；您写的没有发出" in read(answer).of("reason").errors[0]
    assert boss.post(path, {"reason": "下雨了"}).status_code == 303
    assert told(world, person).count("activity_cancelled") == 1


@pytest.mark.parametrize("what", ["edit", "cancel", "deadline"])
@pytest.mark.parametrize("how", ["called off", "over"])
def test_what_is_over_or_called_off_is_not_offered_for_a_change(world, team, event, boss, clock, what, how):
    browser = boss
    if how == "over":
        clock.advance(timedelta(days=9))
        browser = world.browser().log_in(team.admin, proved=True)
    else:
        boss.post(place(event, "/cancel"), {"reason": "下雨了"})
    answer = browser.get(place(event, f"/{what}"), follow_redirects=True)
    assert answer.request.path == place(event, "")
    assert "活动已经结束或取消，不能再修改" in answer.text


def test_after_sign_up_was_ended_in_the_minute_it_began_the_rest_can_be_edited(world, admin, good, clock):
    clock.advance(timedelta(seconds=5))
    path = admin.post("/organization/activities/new", good).location
    clock.advance(timedelta(seconds=30))
    assert admin.post(f"{path}/deadline", {"action": "now"}).status_code == 303
    closed = world.one(select(Activity.signup_end_at))
    answer = admin.post(f"{path}/edit", admin.page(f"{path}/edit").sent(content="改一个字的内容。"))
    assert answer.status_code == 303, read(answer).alerts
    assert world.rows(select(Activity.content, Activity.signup_end_at)) == [("改一个字的内容。", closed)]


def test_sign_up_ends_at_a_press_and_can_be_opened_again(world, event, boss, clock):
    clock.advance(HOUR)
    assert boss.post(place(event, "/deadline"), {"action": "now"}).status_code == 303
    with pytest.raises(errors.SignUpClosed):
        enter(world, event, world.volunteer())
    late = boss.post(place(event, "/deadline"), {"signup_end_at": "2030-01-01T10:00"})
    assert late.status_code == 422
    assert "不能晚于活动结束时间" in read(late).fields["signup_end_at"].errors[0]
    assert boss.post(place(event, "/deadline"), {"signup_end_at": "2026-11-25T10:00"}).status_code == 303
    enter(world, event, world.volunteer())


def test_what_has_ended_is_not_cancelled(world, team, event, clock):
    clock.advance(timedelta(days=30))
    answer = world.browser(team.admin).post(place(event, "/cancel"), {"reason": "台风"})
    assert "不能再取消" in answer.text
    with pytest.raises(errors.CannotCancel):
        world.do(
            lambda: in_transaction(lambda: ending.cancel(find(event.id), "台风", actor_id=1, now=here.clock.now()))
        )


def test_whoever_left_is_not_called_or_written_to(world, event, boss):
    person = world.volunteer()
    enter(world, event, person)
    number = sign_up_id(world, person)
    boss.post(place(event, f"/sign-ups/{number}/refuse/remove"), {"reason": "重复报名"})
    before = told(world, person)
    for path, sent in (("phone", {"why": "confirm"}), ("message", {"words": "请回来"})):
        assert boss.get(place(event, f"/sign-ups/{number}/{path}")).status_code == 404
        answer = boss.post(place(event, f"/sign-ups/{number}/{path}"), sent)
        assert answer.status_code == 404
        assert person.phone not in answer.text
    assert told(world, person) == before


def test_an_organiser_does_not_read_what_else_somebody_does(world, root, team, boss, event):
    other, person = world.organization(root), world.volunteer()
    secret = world.activity(other, title="别处的活动")
    enter(world, secret, person)
    world.do(lambda: join_now(person, team))
    answer = boss.post(place(event, "/roster/add"), {"person": volunteer_no(world, person), "reason": "本人要求"})
    assert "这位志愿者在这个时间已有别的活动" in answer.text
    assert "别处的活动" not in answer.text
    assert "您在这个时间" not in answer.text


def test_nobody_is_put_into_a_shift_that_is_over(world, team, event, clock):
    world.do(lambda: add_shift(event, starts_at=clock.now() + timedelta(days=9)))
    person = world.volunteer()
    world.do(lambda: join_now(person, team))
    clock.advance(timedelta(days=5))
    boss = world.browser(team.admin)
    sent = {"person": volunteer_no(world, person), "reason": "本人要求", "shift": str(event.shift_id)}
    answer = boss.post(place(event, "/roster/add"), sent)
    assert "这一场已经结束" in read(answer).of("shift").errors[0]
    assert told(world, person) == []


def test_sign_up_that_one_has_ended_is_not_opened_again_by_an_older_edit_of_another(world, team, event, boss, clock):
    edit, second = place(event, "/edit"), world.browser(world.do(lambda: add_admin(team, Role.ADMIN)))
    page = boss.page(edit)
    form = {name: field.chosen or field.value for name, field in page.fields.items() if field.chosen or field.value}
    form |= {
        "revision": page.hidden["revision"],
        "shift_uid": page.hidden["shift_uid"],
        "notice": "请带水。",
        "signup_end_at": "",
    }
    clock.advance(timedelta(minutes=5))
    assert second.post(place(event, "/deadline"), {"action": "now"}).status_code == 303
    closed = world.one(select(Activity.signup_end_at))
    assert closed == clock.now()
    clock.advance(timedelta(minutes=1))
    answer = boss.post(edit, form)
    assert answer.status_code == 422
    assert "活动被别人改过" in read(answer).alerts[0]
    assert "报名截止时间" in answer.text.partition("现在与您填的不同的有")[2].partition("</p>")[0]
    assert world.rows(select(Activity.signup_end_at, Activity.notice)) == [(closed, "")]


def test_of_two_who_move_the_end_of_sign_up_the_second_is_told(world, team, event, boss):
    path, second = place(event, "/deadline"), world.browser(world.do(lambda: add_admin(team, Role.ADMIN)))
    seen = {"revision": boss.page(path).hidden["revision"]}
    other = {"revision": second.page(path).hidden["revision"], "signup_end_at": "2026-11-25T08:30"}
    assert second.post(path, other).status_code == 303
    answer = boss.post(path, seen | {"signup_end_at": "2026-11-25T10:00"})
    assert answer.status_code == 422
    assert "活动被别人改过" in read(answer).alerts[0]
    assert "现在的报名截止时间：11月25日 周三 08:30" in answer.text
    seen = {"revision": read(answer).hidden["revision"]}
    assert boss.post(path, seen | {"signup_end_at": "2026-11-25T10:00"}).status_code == 303
