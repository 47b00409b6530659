"""The check of a sheet with every kind of row, bad or good, a few of each and five thousand at once."""

import itertools
import time
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import Account
from app.database import in_transaction, session
from app.group_registration import jobs
from app.group_registration.models import ImportBatch, ImportRow, RowState
from app.notices.models import Notice
from app.organizations.models import Membership
from app.volunteers.models import Volunteer
from tests import factories
from tests.group_registration.kinds import WAYS, faulty, good
from tests.group_registration.sheets import book, read, row

FRESH, MERGED, DOUBLE, BAD = RowState.FRESH, RowState.MERGED, RowState.DOUBLE, RowState.BAD
#: So many people of each standing are on the list of five thousand.
EACH = 6


@dataclass
class Expected:
    """A sheet in the making, and what is to be said of each row."""

    rows: list[list[object]] = field(default_factory=list)
    said: list[tuple[RowState, str]] = field(default_factory=list)

    def add(self, one, state, words=""):
        self.rows.append(one)
        self.said.append((state, words))

    def count(self, state):
        return sum(found == state for found, _ in self.said)


def judged(world):
    """What the last sheet's check says, line by line."""
    last = select(func.max(ImportBatch.id)).scalar_subquery()
    query = select(ImportRow.state, ImportRow.problem).where(ImportRow.batch_id == last)
    return world.rows(query.order_by(ImportRow.number))


def counts(world):
    columns = (ImportBatch.fresh_count, ImportBatch.merged_count, ImportBatch.double_count, ImportBatch.bad_count)
    return world.rows(select(*columns).order_by(ImportBatch.id.desc()))[0]


def agrees(found, expected):
    """What was said of each row, and what should have been: only where they differ."""
    lines = zip(found, expected.said, expected.rows, strict=True)
    return [
        (one, said, wanted)
        for said, wanted, one in lines
        if said[0] != wanted[0] or (wanted[1] not in said[1]) or (not wanted[1] and said[1])
    ]


def of(person, **changes):
    return row(**({"phone": person.phone, "id_number": person.id_number} | changes))


def known_people(world, team, expected):
    """People with whom the register, or the organisation, has to do already."""
    for _ in range(EACH):
        expected.add(of(world.volunteer()), MERGED, "已是志愿者，导入时只加入本组织")
    standings = {
        "active": (DOUBLE, "已是本组织成员"),
        "pending": (DOUBLE, "已申请加入本组织"),
        "rejected": (BAD, "没有同意过此人加入"),
        "left": (BAD, "此人已退出本组织"),
        "removed": (BAD, "被本组织清退过"),
    }
    for state, said in standings.items():
        for _ in range(EACH):
            person = world.do(lambda: factories.create_member(team))
            now = update(Membership).where(Membership.volunteer_id == person.volunteer_id).values(state=state)
            world.do(lambda now=now: in_transaction(lambda: session.execute(now)))
            expected.add(of(person), *said)
    for _ in range(EACH):
        member = world.do(lambda: factories.create_member(team))
        expected.add(row(phone=member.phone), BAD, "这个手机号是本组织成员的，证件号码不同")


def people_of_whom_nothing_is_told(world, expected):
    """Registered, but not as the sheet has it: whoever has the phone is asked, and the sheet says nothing."""
    one, other, third, frozen = (world.volunteer() for _ in range(4))
    freeze = update(Account).where(Account.id == frozen.account_id).values(state="frozen")
    world.do(lambda: in_transaction(lambda: session.execute(freeze)))
    strangers = [row(phone=one.phone), row(id_number=other.id_number), of(third, phone=factories.new_phone())]
    for stranger in (*strangers, of(frozen)):
        expected.add(stranger, FRESH)


def earlier_sheet(imported, expected):
    """Rows that wait for their people since another sheet."""
    asked = [row() for _ in range(3 * EACH)]
    imported(asked)
    for same, same_phone, same_paper in zip(*[iter(asked)] * 3, strict=True):
        expected.add(same, DOUBLE, "已经导入过，等本人确认")
        expected.add(row(phone=same_phone[3]), BAD, "这个手机号已导入过，证件号码不同")
        expected.add(row(id_number=same_paper[2]), BAD, "这个证件号码已导入过，手机号不同")


def rows_beside_each_other(expected):
    """New people, each once more, and with another number or phone."""
    for _ in range(EACH):
        one, line = row(), len(expected.rows) + 2
        expected.add(one, FRESH)
        expected.add(one, DOUBLE, f"与第 {line} 行重复，只导入一次")
        expected.add(row(phone=one[3]), BAD, f"手机号与第 {line} 行相同，证件号码不同")
        expected.add(row(id_number=one[2]), BAD, f"证件号码与第 {line} 行相同，手机号不同")


def test_each_fault_has_its_sentence_in_the_sheet_that_comes_back(world, boss, checked):
    bad = faulty()
    address = checked(one for _, one in bad)
    assert counts(world) == (0, 0, 0, len(bad))
    assert [(words, said) for (words, _), (_, said) in zip(bad, judged(world), strict=True) if words not in said] == []
    sheet = read(boss.post(f"{address}/checked").data)
    assert sheet[0][-1] == "问题"
    assert [words for (words, _), line in zip(bad, sheet[1:], strict=True) if words not in line[-1]] == []
    assert "没有可以导入的人" in boss.page(address).text


def test_a_row_that_is_wrong_in_every_column_is_told_all_of_it(world, boss, checked):
    unknown = "很长很长的哪一张表里都没有的一个名称"
    wrong = {"name": "周", "id_number": 110105194912310021, "phone": "1", "region": "火星", "consent": "否"}
    address = checked([row(**wrong, skills=unknown, services=unknown), row()])
    said = read(boss.post(f"{address}/checked").data)[1][-1]
    assert [len(part) > 1 for part in said.split("；")] == [True] * 7
    assert said.endswith("填“是”")


def test_what_is_written_in_other_ways_is_understood(world, checked):
    checked(itertools.islice(good(), 4 * len(WAYS)))
    assert {said for _, said in judged(world)} == {""}
    assert counts(world) == (4 * len(WAYS), 0, 0, 0)


def test_five_thousand_rows_of_every_kind_go_through_in_chunks(
    world, team, boss, send, work, imported, record_property
):
    expected = Expected()
    known_people(world, team, expected)
    people_of_whom_nothing_is_told(world, expected)
    earlier_sheet(imported, expected)
    rows_beside_each_other(expected)
    for _ in range(EACH * 3):
        for words, one in faulty():
            expected.add(one, BAD, words)
    for one in itertools.islice(good(), 5000 - len(expected.rows)):
        expected.add(one, FRESH)
    tables = (Account, Volunteer, Membership, Notice)
    before = [world.one(select(func.count()).select_from(table)) for table in tables]
    standing = world.rows(select(Membership.id, Membership.state).order_by(Membership.id))
    merged, fresh = expected.count(MERGED), expected.count(FRESH)

    answer = send(book(expected.rows))
    seconds = []
    real = jobs.in_transaction

    def timed(act):
        began = time.monotonic()
        try:
            return real(act)
        finally:
            seconds.append(time.monotonic() - began)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "in_transaction", timed)
        began = time.monotonic()
        work()
        checked_in = time.monotonic() - began
        assert agrees(judged(world), expected) == []
        assert counts(world) == (fresh, merged, expected.count(DOUBLE), expected.count(BAD))
        boss.post(f"{answer.location}/confirm")
        began = time.monotonic()
        work()
        imported_in = time.monotonic() - began
        columns = (ImportBatch.invited_count, ImportBatch.joined_count, ImportBatch.left_out_count)
        assert world.rows(select(*columns).order_by(ImportBatch.id.desc()))[0] == (fresh, merged, 0)
        after = [world.one(select(func.count()).select_from(table)) for table in tables]
        assert after == [before[0], before[1], before[2] + merged, before[3] + merged]
        boss.post(f"{answer.location}/undo")
        work()
    assert world.rows(select(ImportBatch.undone_count).order_by(ImportBatch.id.desc()))[0] == (fresh + merged,)
    left = world.rows(select(Membership.id, Membership.state).order_by(Membership.id))
    assert left[: len(standing)] == standing, "who belonged to it, or had to do with it, stands as before"
    assert left[len(standing) :] == [(one, "left") for one, _ in left[len(standing) :]]
    record_property("seconds", f"check {checked_in:.1f}, import {imported_in:.1f}, transaction {max(seconds):.2f}")
    assert checked_in < 60
    assert imported_in < 60
    assert max(seconds) < 2, "others write in between"
