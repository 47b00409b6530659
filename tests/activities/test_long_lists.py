"""A list of very many people goes out when a second person said yes: once, for a while, to who asked."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import func, select

from app.accounts.models import Account, AuditEntry
from app.activities import approving, rosters
from app.activities.models import Activity
from app.context import here
from app.database import in_transaction, session
from app.errors import AppError
from app.notices.models import Notice
from app.organizations.models import OrganizationAdmin, Role
from app.own_data.reading import rows_to_read
from app.own_data.services import export
from tests.activities.long_lists import SENT, ask, audit, download, judge, states
from tests.factories import add_admin, signed_up
from tests.pages import read

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


pytestmark = pytest.mark.usefixtures("two_are_many")


@pytest.fixture
def event(world, team):
    event = world.activity(team, quota=9)
    for _ in range(2):
        person = world.volunteer()
        world.do(lambda person=person: signed_up(event, person))
    return event


def told(world):
    query = select(Notice.kind, Notice.account_id).where(Notice.kind.startswith("export_", autoescape=True))
    return world.rows(query.order_by(Notice.id))


def test_asked_approved_and_downloaded_once(world, team, event, boss, colleague):
    address = ask(boss, event)
    page = boss.page(address)
    assert "另一位管理员同意后" in page.text
    assert "全部在册 2 人" in page.text
    assert "购买保险" in page.text
    assert audit(world) == [("roster.export_asked", team.admin.account_id, team.admin.account_id)]
    assert told(world) == [("export_waiting", colleague.account_id)]
    assert world.rows(select(Notice.values).order_by(Notice.id))[-1][0]["path"] == f"{address}?for={team.uid}"
    assert judge(world, colleague, address).status_code == 303
    assert told(world)[-1] == ("export_approved", team.admin.account_id)
    sheet = download(boss, address)
    book = openpyxl.load_workbook(BytesIO(sheet.data))
    assert book["名单"].max_row == 3
    assert "购买保险" in [cell.value for row in book["说明"].iter_rows() for cell in row]
    assert states(world) == ["used"]
    assert audit(world)[1:] == [
        ("roster.export_approved", team.admin.account_id, colleague.account_id),
        ("roster.exported", team.admin.account_id, team.admin.account_id),
    ]
    again = download(boss, address)
    assert again.status_code == 409
    assert "已经下载过" in again.text


def test_a_list_that_is_not_so_long_goes_out_at_once(world, event, boss):
    with world.settings(limits={"export_rows": 2}):
        answer = boss.post(f"/organization/activities/{event.id}/roster/export", SENT)
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert states(world) == []


def test_nobody_approves_their_own_wish(world, root, team, event, boss, colleague):
    address = ask(boss, event)
    answer = boss.post(address, {"action": "accept", "reason": ""})
    assert answer.status_code == 403
    assert "另一位管理员" in answer.text
    assert states(world) == ["pending"]


def test_one_from_above_approves_and_takes_nothing_out(world, root, team, event, boss):
    address = ask(boss, event)
    assert told(world) == [("export_waiting", root.admin.account_id)]
    above = world.browser(root.admin, proved=True)
    assert event.title in above.page("/organization/exports").text
    assert "同意" in above.page(address).text
    assert above.post(address, {"action": "accept", "reason": ""}).status_code == 303
    assert download(above, address).status_code == 404
    assert download(boss, address).status_code == 200


@pytest.mark.parametrize("role", [Role.LEAD, Role.HELPER])
def test_who_may_not_take_lists_out_judges_none(world, team, event, boss, role):
    address = ask(boss, event)
    other = world.browser(world.do(lambda: add_admin(team, role)), proved=True)
    assert other.get(address).status_code == other.post(address, {"action": "accept"}).status_code == 403


def test_strangers_learn_nothing_of_it(world, root, event, boss):
    address = ask(boss, event)
    stranger = world.browser(world.organization(root).admin, proved=True)
    assert stranger.get(address).status_code == stranger.post(address, {"action": "accept"}).status_code == 404
    assert event.title not in stranger.page("/organization/exports").text


def test_a_no_needs_a_reason_that_the_asker_reads(world, team, event, boss, colleague):
    address = ask(boss, event)
    answer = judge(world, colleague, address, "refuse")
    assert answer.status_code == 422
    assert any("请写明原因" in error for error in read(answer).of("reason").errors)
    assert states(world) == ["pending"]
    assert judge(world, colleague, address, "refuse", "按学校分开导出就够").status_code == 303
    assert "按学校分开导出就够" in boss.page(address).text
    assert told(world)[-1] == ("export_refused", team.admin.account_id)
    assert audit(world)[-1] == ("roster.export_refused", team.admin.account_id, colleague.account_id)
    assert download(boss, address).status_code == 409


@pytest.mark.parametrize(("after", "status"), [(24 * HOUR - SECOND, 200), (24 * HOUR, 409)])
def test_a_yes_holds_for_a_day(world, clock, team, event, boss, colleague, after, status):
    address = ask(boss, event)
    judge(world, colleague, address)
    clock.advance(after)
    later = world.browser(team.admin, proved=True)
    assert ("下载名单" in later.page(address).text) == (status == 200)
    assert download(later, address).status_code == status


def test_it_is_downloaded_by_who_asked_alone(world, event, boss, colleague):
    address = ask(boss, event)
    judge(world, colleague, address)
    answer = download(world.browser(colleague, proved=True), address)
    assert answer.status_code == 409
    assert "由申请的人下载" in answer.text
    assert states(world) == ["approved"]


def test_a_download_counts_among_those_of_the_day_and_a_refused_one_uses_nothing_up(world, event, boss, colleague):
    address = ask(boss, event)
    judge(world, colleague, address)
    with world.settings(limits={"export_rows": 9, "exports_per_day": 1}):
        assert boss.post(f"/organization/activities/{event.id}/roster/export", SENT).status_code == 200
        assert download(boss, address).status_code == 429
    assert states(world) == ["approved"]
    assert download(boss, address).status_code == 200


def test_so_many_wishes_a_day(world, event, boss):
    with world.settings(limits={"export_rows": 1, "exports_per_day": 2}):
        ask(boss, event)
        ask(boss, event, form_key="l" * 22)
        answer = boss.post(f"/organization/activities/{event.id}/roster/export", SENT | {"form_key": "m" * 22})
    assert "请明天再导出" in answer.text
    assert states(world) == ["withdrawn", "pending"]


def test_download_and_verdict_want_the_phone_proved_just_now(world, team, event, boss, colleague):
    address = ask(boss, event)
    for person, action in ((team.admin, "download"), (colleague, "accept")):
        browser = world.browser(person)
        assert browser.get(address).status_code == 200
        assert browser.post(address, {"action": action}).location.startswith("/login/prove")
    assert states(world) == ["pending"]


def test_who_acts_for_nobody_any_more_downloads_nothing(world, team, event, colleague):
    asker = world.do(lambda: add_admin(team, Role.ADMIN))
    browser = world.browser(asker, proved=True)
    address = ask(browser, event)
    judge(world, colleague, address)
    world.do(lambda: in_transaction(lambda: _leave(asker)))
    assert download(browser, address).status_code in (303, 403)
    assert states(world) == ["approved"]


def _leave(person):
    row = select(OrganizationAdmin).where(OrganizationAdmin.account_id == person.account_id)
    session.delete(session.scalars(row).one())


def test_where_nobody_else_could_approve_the_page_says_so(world, root):
    event = world.activity(root, quota=9)
    for _ in range(2):
        person = world.volunteer()
        world.do(lambda person=person: signed_up(event, person))
    boss = world.browser(root.admin, proved=True)
    assert "没有别的管理员能审批" in boss.page(ask(boss, event)).text


def test_the_same_form_8_times_at_once_asks_once(world, team, event, colleague):
    def act():
        row, now = session.get_one(Activity, event.id), here.clock.now()
        return approving.ask(row, "in", "购买保险", "k" * 22, actor_id=team.admin.account_id, now=now).uid

    outcomes = world.at_once([lambda: in_transaction(act)] * 8)
    assert len(set(outcomes)) == 1
    assert states(world) == ["pending"]
    assert told(world) == [("export_waiting", colleague.account_id)]


def test_of_many_verdicts_at_once_one_counts(world, team, event, boss, colleague):
    uid = ask(boss, event).rpartition("/")[2]

    def act(accept):
        now = here.clock.now()
        in_transaction(lambda: approving.judge(uid, accept=accept, words="看过", by=colleague.account_id, now=now))

    outcomes = world.at_once([lambda: act(True), lambda: act(False)] * 4)
    assert outcomes.count(None) == 1
    assert all(outcome is None or isinstance(outcome, AppError) for outcome in outcomes)
    assert len([kind for kind, _ in told(world) if kind != "export_waiting"]) == 1
    assert len(audit(world)) == 2


def test_of_many_downloads_at_once_one_is_made(world, team, event, boss, colleague):
    address = ask(boss, event)
    judge(world, colleague, address)
    uid = address.rpartition("/")[2]

    def act():
        return in_transaction(lambda: approving.use(uid, by=team.admin.account_id, now=here.clock.now()))[0].state

    outcomes = world.at_once([act] * 8)
    assert sum(outcome == "used" for outcome in outcomes) == 1
    assert world.one(select(func.count()).where(AuditEntry.action == "roster.exported")) == 1


def test_what_was_asked_stands_among_the_askers_own_data(world, team, event, boss):
    ask(boss, event)
    data = world.do(lambda: export(session.get_one(Account, team.admin.account_id)))
    (row,) = rows_to_read(data)["export_requests"]
    assert ("活动", event.title) in row
    assert ("状态", "待审批") in row
    assert ("事项", "申请导出活动名单") in [pair for entry in rows_to_read(data)["audit_entries"] for pair in entry]


def test_a_sheet_holds_all_in_their_order_though_it_is_read_in_parts(world, team, monkeypatch):
    monkeypatch.setattr("app.database.IN_ONE_QUESTION", 3)
    event = world.activity(team, quota=20)
    people = [world.volunteer() for _ in range(8)]
    for person in people:
        world.do(lambda person=person: signed_up(event, person))

    def listed():
        ids = rosters.ids(session.get_one(Activity, event.id), "in")
        return [row.volunteer_id for row in rosters.everybody(ids)]

    assert world.do(listed) == [person.volunteer_id for person in people]
