"""Activities found by a part of their title: what is kept for it follows every change of a title."""

import pytest
from sqlalchemy import delete, select
from structlog.testing import capture_logs

from app.activities import drafts, jobs, queries, titles
from app.activities.models import Activity, ActivityState
from app.activities.queries import Wanted
from app.activities.titles import TitleTail
from app.context import here
from app.database import in_transaction, session


def found(world, text, **more):
    def look():
        page = queries.published(Wanted(text=text, **more), here.clock.now())
        return sorted(row.title for row in page.rows)

    return world.do(look)


@pytest.fixture
def talks(world, team):
    return [world.activity(team, title=title) for title in ("气象科普讲座", "AI 与防灾讲座", "植树100%活动")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("讲座", ["AI 与防灾讲座", "气象科普讲座"]),
        ("气象", ["气象科普讲座"]),
        ("ai 与", ["AI 与防灾讲座"]),
        ("0%", ["植树100%活动"]),
        ("%", ["植树100%活动"]),
        ("_", []),
        ("座讲", []),
    ],
)
@pytest.mark.parametrize("few", [titles.FEW, 0], ids=["as a rare word", "as a common word"])
def test_a_title_is_found_by_whatever_stands_in_it(world, talks, monkeypatch, text, expected, few):
    monkeypatch.setattr(titles, "FEW", few)
    assert found(world, text) == expected
    assert found(world, text, phase="ended") == []


def test_a_new_title_is_found_and_the_old_one_is_not(world, talks):
    def rename():
        session.get_one(Activity, talks[0].id).title = "地震科普讲座"

    world.do(lambda: in_transaction(rename))
    assert found(world, "气象") == []
    assert found(world, "地震") == ["地震科普讲座"]


def test_a_draft_that_is_thrown_away_takes_along_what_it_was_found_by(world, talks):
    def throw_away():
        draft = session.get_one(Activity, talks[0].id)
        draft.state = ActivityState.DRAFT
        drafts.drop(draft)

    world.do(lambda: in_transaction(throw_away))
    left = {activity_id for (activity_id,) in world.rows(select(TitleTail.activity_id))}
    assert left == {talk.id for talk in talks[1:]}


def test_recount_finds_what_was_spoilt_and_mends_it(world, app, talks):
    run = app.test_cli_runner().invoke
    assert run(args=["activities", "recount"]).output.strip() == "nothing differs"
    spoil = delete(TitleTail).where(TitleTail.activity_id == talks[0].id, TitleTail.position == 2)
    world.do(lambda: in_transaction(lambda: session.execute(spoil)))
    with capture_logs() as lines:
        assert world.do(jobs.look_over) == 1
    assert [line["event"] for line in lines] == ["titles_kept_wrong"]
    assert f"activity {talks[0].id}" in run(args=["activities", "recount"]).output
    assert "put right: 1" in run(args=["activities", "recount", "--mend"]).output
    assert found(world, "科普") == ["气象科普讲座"]
