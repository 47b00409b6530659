"""A draft that keeps itself while somebody writes."""

import pytest
from sqlalchemy import func, select

from app.activities import recruiting
from app.activities.drafts import MOST_DRAFTS
from app.activities.models import Activity
from app.database import session
from app.organizations.models import Role
from tests.factories import add_admin
from tests.pages import read

PATH = "/organization/activities/new"


def number(world, model):
    return world.one(select(func.count()).select_from(model))


def test_what_is_typed_is_there_again_after_the_page_was_closed(world, team, admin, good):
    half = good | {"title": "写到一半", "content": "", "quota": "很多"}
    for title in ("写", "写到一半"):
        assert admin.post(PATH, half | {"title": title, "action": "keep"}).status_code == 204
    assert number(world, Activity) == 1
    page = world.browser(team.admin).page(PATH)
    assert "上次没写完的“写到一半”还在" in page.text
    (link,) = [link for link in page.links if "draft=" in link and "phase" not in link]
    page = admin.page(link)
    assert page.of("title").value == "写到一半"
    assert page.of("quota").value == "很多"
    assert "上次没写完" not in page.text
    assert admin.post(PATH, good).status_code == 303
    assert world.rows(select(Activity.state, Activity.title)) == [("published", good["title"])]


def test_what_was_published_is_no_draft_again_by_a_late_keeping(world, admin, good):
    assert admin.post(PATH, good).status_code == 303
    late = admin.post(PATH, good | {"title": "更早的", "action": "keep"})
    # The page says of it what it says of a draft that somebody else has written.
    assert (late.status_code, late.text) == (409, "")
    assert world.rows(select(Activity.state, Activity.title)) == [("published", good["title"])]


def test_strangers_drafts_are_not_offered(world, root, admin, good):
    admin.post(PATH, good | {"action": "keep"})
    assert good["title"] not in world.browser(root.admin).page(PATH).text


def opened(page, form):
    """The form as the page of this draft sends it: with its own name, and that of what stood there."""
    return form | {name: page.hidden[name] for name in ("form_key", "edition", "seen")}


def draft_of(world):
    return world.one(select(Activity.id))


@pytest.fixture
def second(world, team):
    return world.browser(world.do(lambda: add_admin(team, Role.LEAD)))


def test_of_two_who_write_one_draft_the_second_is_told_what_is_otherwise(world, admin, second, good):
    mine = opened(admin.page(PATH), good)
    assert admin.post(PATH, mine | {"action": "keep"}).status_code == 204
    address = f"{PATH}?draft={draft_of(world)}"
    theirs = opened(second.page(address), good | {"form_key": mine["form_key"], "content": "讲解用电安全。"})
    assert second.post(PATH, theirs | {"action": "keep"}).status_code == 204
    assert second.post(PATH, theirs | {"action": "keep", "notice": "带水杯。"}).status_code == 204
    third = opened(second.page(address), good)
    assert second.post(PATH, theirs | {"action": "keep", "notice": "带水杯。", "address": "二楼"}).status_code == 204
    assert second.post(PATH, third | {"action": "draft"}).status_code == 409
    assert admin.post(PATH, mine | {"action": "keep", "title": "更早的"}).status_code == 409
    for action in ("draft", "preview", ""):
        answer = admin.post(PATH, mine | {"action": action})
        assert answer.status_code == 409, action
        page = read(answer)
        assert "这份草稿被别人改过" in page.alerts[0]
        assert "活动地点、活动内容、报名须知" in page.alerts[1]
        assert page.of("content").value.strip() == good["content"]
        assert "data-draft" not in page.html
    assert admin.page(address).of("content").value.strip() == "讲解用电安全。"
    again = opened(page, good)
    assert admin.post(PATH, again | {"action": "draft"}).status_code == 303
    assert admin.page(address).of("content").value.strip() == good["content"]
    assert second.post(PATH, theirs).status_code == 409
    assert world.rows(select(Activity.state)) == [("draft",)]


def test_one_who_goes_on_writing_is_never_told_of_oneself(world, admin, good):
    mine = opened(admin.page(PATH), good)
    for title in ("写", "写到一半", "写完了"):
        assert admin.post(PATH, mine | {"title": title, "action": "keep"}).status_code == 204
    assert admin.post(PATH, mine | {"action": "draft"}).status_code == 303
    again = opened(admin.page(f"{PATH}?draft={draft_of(world)}"), good)
    assert admin.post(PATH, again | {"action": "keep"}).status_code == 204
    assert admin.post(PATH, again).status_code == 303
    assert world.rows(select(Activity.state)) == [("published",)]


def test_what_was_previewed_is_what_is_published(world, admin, second, good):
    preview = admin.post(PATH, opened(admin.page(PATH), good) | {"action": "preview"}).location
    page = admin.page(preview)
    number = draft_of(world)
    theirs = opened(second.page(f"{PATH}?draft={number}"), good)
    assert second.post(PATH, theirs | {"action": "keep", "title": "写了一半的题"}).status_code == 204
    publish, yes = f"/organization/activities/{number}/publish", {"declaration": "y", "seen": page.hidden["seen"]}
    answer = admin.post(publish, yes)
    assert answer.location == preview
    page = admin.page(preview)
    assert "这份草稿又改过，还没有发布" in page.text
    assert "写了一半的题" in page.text
    assert world.rows(select(Activity.state)) == [("draft",)]
    assert admin.post(publish, yes | {"seen": page.hidden["seen"]}).location == f"/organization/activities/{number}"
    assert world.rows(select(Activity.title, Activity.state)) == [("写了一半的题", "published")]


@pytest.mark.parametrize("review", ["none", "parent"])
def test_an_activity_by_password_is_published_from_its_preview(world, root, admin, good, review):
    """The draft is sealed, and the password with it, until it is published."""
    with world.settings(activities={"review": review}):
        form = good | {"recruit_scope": "password", "password": "春风十里"}
        preview = admin.post(PATH, form | {"action": "preview"}).location
        number = draft_of(world)
        assert "春风十里" not in world.one(select(Activity.draft_sealed))
        seen = admin.page(preview).hidden["seen"]
        answer = admin.post(f"/organization/activities/{number}/publish", {"declaration": "y", "seen": seen})
        assert answer.location == f"/organization/activities/{number}"
        if review == "parent":
            world.browser(root.admin).post(f"/organization/below/activities/{number}/review", {"action": "accept"})
    assert world.rows(select(Activity.state, Activity.draft_sealed)) == [("published", None)]
    assert world.do(lambda: recruiting.knows_password(session.get_one(Activity, number), "春风十里"))


def test_a_preview_of_several_that_are_published_apart_names_them_all(world, admin, good):
    more = {"uid": "second-shift", "starts_at": "2026-12-05T09:00", "ends_at": "2026-12-05T11:00", "quota": "5"}
    rows = {"is_apart": "y", "shift_uid": "first-shift"} | {f"more_shifts-0-{name}": of for name, of in more.items()}
    preview = admin.post(PATH, good | rows | {"action": "preview"})
    assert preview.status_code == 303, read(preview).alerts
    page = admin.page(preview.location)
    assert "将发布成 2 个活动" in page.text
    for words in ("11月26日 周四 10:00 - 12:00", "12月5日 周六 09:00 - 11:00", "报名截止 12月5日 周六 09:00"):
        assert words in page.text
    assert "共 2 场" not in page.text
    yes = {"declaration": "y", "seen": page.hidden["seen"]}
    assert admin.post(f"/organization/activities/{draft_of(world)}/publish", yes).status_code == 303
    assert world.rows(select(Activity.state)) == [("published",)] * 2
    # One of a single shift says nothing of the kind.
    plain = admin.post(PATH, good | {"form_key": "z" * 22, "action": "preview", "is_apart": "y"}).location
    assert "个活动" not in admin.page(plain).text


def test_with_very_many_drafts_one_reads_why_nothing_more_is_kept_and_hands_in_all_the_same(world, root, admin, good):
    with world.settings(activities={"review": "parent"}):
        for number in range(MOST_DRAFTS):
            form = good | {"form_key": f"{number:022d}", "action": "keep", "title": f"草稿{number}"}
            assert admin.post(PATH, form).status_code == 204
        answer = admin.post(PATH, good | {"action": "keep"})
        assert (answer.status_code, answer.mimetype) == (409, "text/plain")
        assert answer.text == "自动保存停了：草稿太多了，请先删掉用不着的"
        assert "草稿太多了" in read(admin.post(PATH, good | {"action": "draft"})).alerts[0]
        assert admin.post(PATH, good).status_code == 303
    assert world.one(select(Activity.title).where(Activity.state == "pending_review")) == good["title"]


def test_the_longest_texts_and_all_shifts_are_kept_and_handed_in(world, admin, good):
    """In letters of four bytes."""
    long = {"content": 5000, "agreement": 5000, "notice": 2000, "risk_text": 500, "training_required": 200}
    texts = {name: "𠮷" * length for name, length in (long | {"co_organizers": 200, "venue_name": 100}).items()}
    weekly = {"repeat_days": list("1234567"), "repeat_until": "2027-01-24", "action": "repeat"}
    names = {"shift_title": "𠮷" * 50, "shift_place": "𠮷" * 100}
    page = read(admin.post(PATH, good | weekly | names))
    assert page.of("more_shifts-58-place").value == "𠮷" * 100
    full = page.sent(declaration="y", risk_level="general", **texts)
    assert admin.post(PATH, full | {"action": "draft"}).status_code == 303
    kept = admin.page(f"{PATH}?draft={draft_of(world)}")
    assert kept.of("content").value.strip() == texts["content"]
    with world.settings(activities={"review": "parent"}):
        answer = admin.post(PATH, kept.sent(declaration="y"))
        assert answer.status_code == 303, read(answer).alerts
    assert world.rows(select(Activity.state, Activity.agreement)) == [("pending_review", texts["agreement"])]
