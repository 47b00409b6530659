"""生成场次, pressed again: what the last press made is replaced, what somebody wrote or changed by hand stays."""

import pytest
from sqlalchemy import select

from app.activities.models import Activity, Shift
from tests.pages import read

PATH = "/organization/activities/new"
WEEKLY = {"repeat_days": ["4"], "repeat_until": "2026-12-17", "action": "repeat"}
BY_HAND = {
    "more_shifts-0-uid": "h" * 22,
    "more_shifts-0-title": "",
    "more_shifts-0-starts_at": "2026-12-05T09:00",
    "more_shifts-0-ends_at": "2026-12-05T11:00",
    "more_shifts-0-quota": "20",
}


@pytest.fixture
def good(good):
    times = {"starts_at": "2026-11-26T09:00", "ends_at": "2026-11-26T11:00"}
    return good | times | {"shift_uid": "f" * 22, "quota": "20"}


def prefixes(page):
    names = ["", *(f"more_shifts-{number}-" for number in range(60))]
    return [name for name in names if f"{name}starts_at" in page.sent()]


def days(page):
    return [page.of(f"{name}starts_at").value[5:10] for name in prefixes(page)]


def said(page, name):
    return {page.of(f"{prefix}{name}").value for prefix in prefixes(page)}


def names_of(page):
    return [page.sent()[f"{name}uid" if name else "shift_uid"] for name in prefixes(page)]


@pytest.mark.parametrize(
    "change",
    [
        {"quota": "30"},
        {"starts_at": "2026-11-26T10:00", "ends_at": "2026-11-26T12:00"},
        {"ends_at": "2026-11-26T12:30"},
        {"shift_title": "上午场"},
    ],
    ids=["quota", "hours", "end", "title"],
)
def test_after_a_correction_of_the_first_shift_all_are_made_anew_under_their_names(admin, good, change):
    page = read(admin.post(PATH, good | WEEKLY))
    before = names_of(page)
    page = read(admin.post(PATH, page.sent(**WEEKLY) | change))
    assert days(page) == ["11-26", "12-03", "12-10", "12-17"]
    assert names_of(page) == before
    for name, value in change.items():
        values = said(page, name.removeprefix("shift_")) if name != "shift_title" else {page.of("shift_title").value}
        assert {text[11:] for text in values} == {value[11:]} if name.endswith("_at") else values == {value}


def test_a_draft_that_is_opened_again_still_knows_what_was_made(world, admin, good):
    page = read(admin.post(PATH, good | WEEKLY))
    admin.post(PATH, page.sent(action="draft"))
    draft = world.one(select(Activity.id))
    page = admin.page(f"{PATH}?draft={draft}")
    page = read(admin.post(PATH, page.sent(**WEEKLY) | {"quota": "30"}))
    assert (days(page), said(page, "quota")) == (["11-26", "12-03", "12-10", "12-17"], {"30"})


def test_a_shift_of_the_same_hours_that_was_written_by_hand_stays(admin, good):
    page = read(admin.post(PATH, good | BY_HAND | WEEKLY))
    assert days(page) == ["11-26", "12-03", "12-10", "12-17", "12-05"]
    page = read(admin.post(PATH, page.sent(**WEEKLY) | {"quota": "30"}))
    assert days(page) == ["11-26", "12-03", "12-10", "12-17", "12-05"]
    assert page.of("more_shifts-3-quota").value == "20"
    assert names_of(page)[-1] == "h" * 22


def test_a_shift_that_was_made_and_then_changed_by_hand_stays(admin, good):
    page = read(admin.post(PATH, good | WEEKLY))
    changed = {"more_shifts-1-starts_at": "2026-12-11T14:00", "more_shifts-1-ends_at": "2026-12-11T16:00"}
    page = read(admin.post(PATH, page.sent(**WEEKLY) | changed | {"quota": "30"}))
    assert days(page) == ["11-26", "12-03", "12-10", "12-17", "12-11"]
    assert page.of("more_shifts-3-quota").value == "20"


def test_an_edit_moves_the_published_shifts_and_makes_no_second_ones(world, admin, good):
    page = read(admin.post(PATH, good | WEEKLY))
    admin.post(PATH, page.sent(declaration="y"))
    path = f"/organization/activities/{world.one(select(Activity.id))}/edit"
    before = world.rows(select(Shift.uid).order_by(Shift.starts_at))
    hours = {"starts_at": "2026-11-26T10:00", "ends_at": "2026-11-26T12:00"}
    page = read(admin.post(path, admin.page(path).sent(**WEEKLY) | hours))
    assert days(page) == ["11-26", "12-03", "12-10", "12-17"]
    assert admin.post(path, page.sent()).status_code == 303
    assert world.rows(select(Shift.uid).order_by(Shift.starts_at)) == before
