"""团体注册 as the organisation's admin meets it: dry run, 确认导入, undo."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import Account, AuditEntry
from app.database import in_transaction, session
from app.group_registration import jobs, working
from app.group_registration.models import ImportBatch, ImportRow
from app.notices.models import Notice
from app.organizations.models import Membership, Organization, Role
from app.own_data.jobs import expire
from app.volunteers.models import Volunteer
from tests import factories
from tests.group_registration.answers import agree, refuse
from tests.group_registration.conftest import PAGE
from tests.group_registration.sheets import book, row
from tests.pages import read as page_of


def counts(world):
    columns = (ImportBatch.fresh_count, ImportBatch.merged_count, ImportBatch.double_count, ImportBatch.bad_count)
    return world.rows(select(*columns).order_by(ImportBatch.id.desc()))[0]


def outcome(world):
    columns = (ImportBatch.invited_count, ImportBatch.joined_count, ImportBatch.left_out_count)
    return world.rows(select(*columns).order_by(ImportBatch.id.desc()))[0]


def problems(world):
    return [problem for (problem,) in world.rows(select(ImportRow.problem).order_by(ImportRow.id))]


def states(world):
    return [state for (state,) in world.rows(select(ImportRow.state).order_by(ImportRow.id))]


def membership(world, person):
    return world.one(select(Membership.state).where(Membership.volunteer_id == person.volunteer_id))


def everybody(world):
    """All that an import could have changed."""
    tables = (Account, Volunteer, Membership, Notice)
    return [world.one(select(func.count()).select_from(table)) for table in tables]


def test_a_sheet_is_checked_and_nothing_changes_until_it_is_confirmed(world, team, boss, checked, work):
    person = world.volunteer()
    before = everybody(world)
    known = row(phone=person.phone, id_number=person.id_number)
    one = row()
    address = checked([one, row(), one, known, row(phone="123")])
    assert counts(world) == (2, 1, 1, 1)
    page = boss.page(address)
    for words in ("可以新增", "2 人", "只加入本组织", "1 人", "什么都还没有改", "确认导入"):
        assert words in page.text, words
    assert everybody(world) == before
    assert boss.post(f"{address}/confirm").status_code == 303
    assert boss.get(address).headers["Refresh"] == "3", "without JavaScript, too"
    work()
    assert outcome(world) == (2, 1, 0)
    assert everybody(world) == [before[0], before[1], 1, 1], "nobody has an account before they prove the phone"
    assert membership(world, person) == "active"
    assert world.one(select(Organization.members_count).where(Organization.id == team.id)) == 1
    assert world.one(select(Notice.kind).where(Notice.account_id == person.account_id)) == "membership_imported"
    assert "Refresh" not in boss.get(address).headers


def test_a_sheet_does_not_tell_who_is_registered(world, boss, checked, work):
    one, other, third, fourth, frozen = (world.volunteer() for _ in range(5))
    freeze = update(Account).where(Account.id == frozen.account_id).values(state="frozen")
    world.do(lambda: in_transaction(lambda: session.execute(freeze)))
    address = checked(
        [
            row(),
            row(phone=one.phone),
            row(id_number=other.id_number),
            row(phone=third.phone, id_number=fourth.id_number),
            row(phone=frozen.phone, id_number=frozen.id_number),
        ]
    )
    assert problems(world) == [""] * 5
    assert counts(world) == (5, 0, 0, 0)
    before = everybody(world)[:2]
    boss.post(f"{address}/confirm")
    work()
    assert outcome(world) == (5, 0, 0)
    assert everybody(world)[:2] == before
    assert world.rows(select(Membership.id)) == world.rows(select(Notice.id)) == []
    asked = world.browser(one)
    assert "愿意的话可以加入这个组织" in asked.page("/volunteer/invited").text
    assert refuse(asked).status_code == 303
    assert one.name in asked.page("/volunteer").text


def test_who_is_taken_for_somebody_else_and_says_yes_is_looked_at_by_the_organisation(world, team, imported):
    person = world.volunteer()
    imported([row(phone=person.phone)])
    browser = world.browser(person)
    answer = agree(browser)
    assert "已申请加入，等组织核对" in browser.page(answer.location).text
    assert membership(world, person) == "pending"
    assert person.id_number == world.do(lambda: session.get_one(Volunteer, person.volunteer_id).id_number)


def test_the_phone_of_an_own_member_with_another_number_is_told(world, team, checked):
    member = world.do(lambda: factories.create_member(team))
    checked([row(phone=member.phone)])
    assert problems(world) == ["这个手机号是本组织成员的，证件号码不同，请核对"]


def test_rows_of_one_sheet_are_compared(world, checked):
    one = row()
    checked([one, one, row(phone=one[3]), row(id_number=one[2])])
    found = problems(world)
    assert found[0] == ""
    assert "与第 2 行重复" in found[1]
    assert "手机号与第 2 行相同" in found[2]
    assert "证件号码与第 2 行相同" in found[3]


def test_members_and_those_who_left_or_had_to_go_are_no_new_members(world, team, checked):
    there, left, gone = (world.do(lambda: factories.create_member(team)) for _ in range(3))
    world.do(lambda: factories.leave(left, team))
    remove = update(Membership).where(Membership.volunteer_id == gone.volunteer_id).values(state="removed")
    world.do(lambda: in_transaction(lambda: session.execute(remove)))
    checked([row(phone=one.phone, id_number=one.id_number) for one in (there, left, gone)])
    assert states(world) == ["double", "bad", "bad"]
    assert ["已是本组织成员" in problems(world)[0], "已退出" in problems(world)[1], "清退" in problems(world)[2]] == [
        True
    ] * 3


def test_the_same_sheet_again_changes_nothing_and_says_so(world, boss, imported, checked):
    person = world.volunteer()
    rows = [row(), row(), row(phone=person.phone, id_number=person.id_number)]
    imported(rows)
    before = everybody(world)
    address = checked(rows)
    assert counts(world) == (0, 0, 3, 0)
    assert "都已经加入、申请过加入或导入过，没有可以新增的" in boss.page(address).text
    boss.post(f"{address}/confirm")
    assert world.one(select(ImportBatch.state).order_by(ImportBatch.id.desc())) == "checked"
    assert everybody(world) == before


def test_confirming_twice_and_working_twice_is_the_same_as_once(world, boss, imported, work):
    address = imported([row(), row()])
    assert boss.post(f"{address}/confirm").status_code == 303
    assert work() == 0
    assert outcome(world) == (2, 0, 0)


def test_an_undo_takes_back_what_was_added_and_tells_how_many(world, team, boss, imported, work, checked):
    person = world.volunteer()
    rows = [row(), row(), row(phone=person.phone, id_number=person.id_number), row(phone="1")]
    address = imported(rows)
    assert "撤销这次导入" in boss.page(address).text
    assert "确定撤销" in boss.page(f"{address}/undo").text
    assert boss.post(f"{address}/undo").status_code == 303
    work()
    assert "已撤销" in boss.page(address).text
    assert world.one(select(ImportBatch.undone_count)) == 3
    assert world.one(select(func.count()).select_from(ImportRow)) == 0
    assert membership(world, person) == "left"
    assert world.one(select(Organization.members_count).where(Organization.id == team.id)) == 0
    assert boss.post(f"{address}/undo").status_code == 303
    assert work() == 0
    checked(rows[:3])
    assert counts(world)[:2] == (2, 1), "what was taken back may come again"


def test_after_a_day_there_is_no_undo(world, boss, imported, clock):
    address = imported([row()])
    clock.advance(timedelta(hours=25))
    boss = world.browser(factories.Person(world.one(select(ImportBatch.account_id)), ""), proved=True)
    assert "撤销这次导入" not in boss.page(address).text
    boss.post(f"{address}/undo")
    assert world.one(select(ImportBatch.state)) == "applied"


def test_what_is_not_confirmed_is_forgotten_in_a_day_and_what_nobody_answers_in_thirty(world, boss, checked, clock):
    address = checked([row()])
    clock.advance(timedelta(hours=25))
    boss = world.browser(factories.Person(world.one(select(ImportBatch.account_id)), ""), proved=True)
    assert "超过 24 小时" in boss.page(address).text
    boss.post(f"{address}/confirm")
    assert world.one(select(ImportBatch.state)) == "checked"
    world.do(expire)
    assert world.one(select(func.count()).select_from(ImportRow)) == 0


def test_invited_people_wait_for_thirty_days(world, imported, clock):
    imported([row(), row(phone="1")])
    clock.advance(timedelta(days=8))
    world.do(expire)
    assert states(world) == ["invited"]
    clock.advance(timedelta(days=23))
    world.do(expire)
    assert states(world) == []


def test_a_sheet_that_was_given_up_leaves_nothing(world, boss, checked):
    address = checked([row()])
    boss.post(f"{address}/discard")
    assert states(world) == []
    assert "已放弃" in boss.page(address).text
    assert boss.post(f"{address}/checked").status_code == 404


def test_rows_and_file_are_sealed_and_the_file_goes_once_it_was_read(world, send, work, uploads):
    one = row()
    send(book([one]))
    (kept,) = [path for path in uploads.rglob("*") if path.is_file()]
    assert b"PK" not in kept.read_bytes()[:50]
    work()
    assert not kept.exists()
    (content,) = world.rows(select(ImportRow.content_sealed))[0]
    assert one[2] not in content
    assert one[3] not in content


def test_what_is_no_sheet_has_a_sentence_beside_the_field_and_leaves_nothing(world, send, boss, work):
    answer = send(b"hello", name="a.xlsx")
    assert answer.status_code == 422
    assert "不是 xlsx" in page_of(answer).of("sheet").errors[0]
    assert "请选择" in page_of(boss.post(PAGE)).of("sheet").errors[0]
    answer = send(book([row()], heads=["姓名"]))
    work()
    assert "缺少" in boss.page(answer.location).text
    assert world.one(select(ImportBatch.state)) == "unreadable"
    with world.settings(limits={"sheet_bytes": 1000}):
        assert "最大" in page_of(send(book([row()]))).of("sheet").errors[0]


def test_each_step_is_written_down_with_its_counts(world, team, boss, imported, work):
    address = imported([row(), row(phone="1")])
    boss.post(f"{address}/checked")
    boss.post(f"{address}/undo")
    work()
    query = select(AuditEntry.action).where(AuditEntry.topic == f"organization:{team.id}").order_by(AuditEntry.id)
    names = [name for (name,) in world.rows(query) if name.startswith("import.")]
    assert names == [f"import.{step}" for step in ("sent", "checked", "applied", "downloaded", "undone")]
    entry = world.do(
        lambda: session.scalars(select(AuditEntry).where(AuditEntry.action == "import.checked")).one().detail
    )
    assert entry == "新增 1，已是志愿者 0，重复 0，有误 1"


def test_a_person_sends_so_many_sheets_a_day_and_one_at_a_time(world, boss, send, work):
    assert send(book([row()])).status_code == 303
    assert "还没有处理完" in page_of(send(book([row()]))).of("sheet").errors[0]
    work()
    with world.settings(limits={"sheets_per_day": 2}):
        send(book([row()]))
        work()
        assert "已达上限" in page_of(send(book([row()]))).of("sheet").errors[0]


def test_strangers_and_colleagues_without_the_right_stay_out(world, team, root, boss, checked):
    address = checked([row()])
    elsewhere = world.browser(root.admin, proved=True)
    lead = world.browser(world.do(lambda: factories.add_admin(team, Role.LEAD)), proved=True)
    for path in ("", "/confirm", "/discard", "/undo", "/checked"):
        for browser, status in ((elsewhere, 404), (lead, 403)):
            answer = browser.get(address + path) if path == "" else browser.post(address + path)
            assert answer.status_code == status, (path, status)
    for path in (PAGE, f"{PAGE}/template.xlsx"):
        assert lead.get(path).status_code == 403
    unproved = world.browser(team.admin)
    assert "/login/prove" in unproved.get(PAGE).location
    assert "/login/prove" in unproved.post(f"{address}/confirm").location
    assert states(world) == ["fresh"]


def test_whoever_joins_between_check_and_import_is_not_asked_again(world, team, boss, checked, work):
    person = row()
    address = checked([person, row()])
    registered = world.volunteer(phone=person[3])
    assert world.do(lambda: factories.join(registered, team)) == "active"
    boss.post(f"{address}/confirm")
    work()
    assert outcome(world) == (1, 0, 1)
    assert "这个手机号是本组织成员的，证件号码不同，请核对" in problems(world)


@pytest.mark.parametrize("step", ["check", "apply", "undo"])
def test_a_worker_killed_in_the_middle_is_followed_by_one_that_ends_the_work(
    world, boss, send, work, clock, monkeypatch, step
):
    """The first two chunks stand; then the process is gone, and its claim with it after a while."""
    people = [world.volunteer() for _ in range(3)]
    rows = [row(phone=one.phone, id_number=one.id_number) for one in people] + [row() for _ in range(22)]
    monkeypatch.setattr(working, "CHUNK", 5)

    class Killed(BaseException):
        pass

    def until_killed():
        left = 3
        real = jobs.in_transaction

        def counting(act):
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return real(act)

        monkeypatch.setattr(jobs, "in_transaction", counting)
        with pytest.raises(Killed):
            work()
        monkeypatch.setattr(jobs, "in_transaction", real)
        assert work() == 0, "another worker's for a while"
        clock.advance(working.CLAIM + timedelta(seconds=1))
        assert work() == 1

    address = send(book(rows)).location
    until_killed() if step == "check" else work()
    assert counts(world) == (22, 3, 0, 0)
    boss.post(f"{address}/confirm")
    until_killed() if step == "apply" else work()
    assert outcome(world) == (22, 3, 0)
    boss.post(f"{address}/undo")
    until_killed() if step == "undo" else work()
    assert world.one(select(ImportBatch.undone_count)) == 25
    assert [membership(world, one) for one in people] == ["left"] * 3
    assert world.one(select(func.count()).select_from(Notice)) == 6


def test_two_workers_at_once_do_each_row_once(world, boss, checked):
    people = [world.volunteer() for _ in range(4)]
    address = checked([row(phone=one.phone, id_number=one.id_number) for one in people] + [row() for _ in range(10)])
    boss.post(f"{address}/confirm")
    batch_id = world.one(select(ImportBatch.id))
    assert world.at_once([lambda: jobs.apply(batch_id)] * 2) == [None, None]
    assert outcome(world) == (10, 4, 0)
    assert world.one(select(func.count()).select_from(Membership)) == 4


def test_who_waits_for_approval_gets_the_template_and_sends_no_sheet(world, root, send):
    waiting = world.organization(root, review="parent")
    browser = world.browser(waiting.admin, proved=True)
    assert browser.get(f"{PAGE}/template.xlsx").status_code == 200
    answer = send(book([row()]), browser=browser)
    assert "可以先下载模板填好" in answer.text
    assert world.rows(select(ImportBatch.id)) == []
