"""A draft that keeps itself while somebody writes."""

from sqlalchemy import func, select

from app.activities.models import Activity

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
    assert admin.post(PATH, good | {"title": "更早的", "action": "keep"}).status_code == 409
    assert world.rows(select(Activity.state, Activity.title)) == [("published", good["title"])]


def test_strangers_drafts_are_not_offered(world, root, admin, good):
    admin.post(PATH, good | {"action": "keep"})
    assert good["title"] not in world.browser(root.admin).page(PATH).text
