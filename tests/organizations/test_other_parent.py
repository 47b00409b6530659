"""A registration that was sent back chooses another organisation above."""

import pytest
from sqlalchemy import select

from app.notices.models import Notice
from app.organizations.models import Organization
from app.organizations.wishes import ExpectedUnit
from tests.organizations.test_edit import EDIT, column, save, told
from tests.pages import read

EXPECTED = "/organization/expected"


def returned(world, parent, **facts):
    """A registration that `parent` has sent back."""
    waiting = world.organization(parent, review="parent", org_class="2", uscc="52210200MJ00000004", **facts)
    path = f"/organization/below/{waiting.uid}/review"
    answer = world.browser(parent.admin).post(path, {"action": "return", "reason": "请选区科协作上级"})
    assert answer.status_code == 303
    return waiting


def test_one_sent_back_asks_another_organisation_above(world, root, team):
    right = world.organization(root, name="中山区科学技术协会")
    waiting = returned(world, team)
    owner = world.browser(waiting.admin)
    assert "找上级组织" in owner.page(EDIT).text
    found = owner.post(EDIT, {"action": "parent", "parent_text": right.name, "parent": team.uid})
    assert right.name in found.text
    with world.settings(organizations={"review": "parent"}):
        save(owner, parent=right.uid)
    assert world.one(select(Organization.path).where(Organization.id == waiting.id)) == f"{right.path}{waiting.id}/"
    assert column(world, waiting, "state") == "pending"
    assert told(world, right.admin) == ["organization_waiting"]
    address = f"/organization/below/{waiting.uid}/review"
    assert world.browser(team.admin).get(address).status_code == 404
    assert world.browser(right.admin).post(address, {"action": "accept"}).status_code == 303
    assert "找上级组织" not in world.browser(waiting.admin).page(EDIT).text
    save(world.browser(waiting.admin), parent=team.uid, address="科普路2号")
    assert world.one(select(Organization.path).where(Organization.id == waiting.id)) == f"{right.path}{waiting.id}/"


def test_one_sent_back_cannot_ask_what_is_not_there_or_itself(world, team):
    waiting = returned(world, team)
    owner = world.browser(waiting.admin)
    for uid in ("A" * 22, waiting.uid):
        answer = save(owner, parent=uid)
        assert answer.status_code == 422
        assert read(answer).of("parent").errors
    assert column(world, waiting, "state") == "returned"


def test_who_sent_it_back_has_nothing_open_about_it_and_hears_no_more(world, root, team):
    waiting = returned(world, team)
    above = world.browser(team.admin)
    assert column(world, waiting, "name") not in above.page("/organization/reviews").text
    before = told(world, team.admin)
    right = world.organization(root)
    assert save(world.browser(waiting.admin), parent=right.uid).status_code == 303
    assert told(world, team.admin) == before
    assert column(world, waiting, "name") not in above.page("/organization/reviews").text


@pytest.fixture
def unit(world, team):
    """A unit that the team expects below it, and that began there and was sent back."""
    form = {"due_on": "2026-12-31", "names": "星海中学科技志愿服务队"}
    assert world.browser(team.admin).post(EXPECTED, form).status_code == 303
    waiting = returned(world, team, name="星海中学科技志愿服务队")
    assert "进行中 1 个" in world.browser(team.admin).page(EXPECTED).text
    return waiting


def test_who_still_expects_it_is_told_that_it_asks_another_and_expects_it_anew(world, root, team, unit):
    right = world.organization(root)
    assert save(world.browser(unit.admin), parent=right.uid).status_code == 303
    query = select(Notice.kind, Notice.values).where(Notice.account_id == team.admin.account_id)
    kind, values = world.rows(query.order_by(Notice.id.desc()).limit(1))[0]
    assert kind == "organization_moved"
    assert (values["title"], values["other"]) == ("星海中学科技志愿服务队", column(world, right, "name"))
    assert "的名单里又是“未开始”" in values["reason"]
    page = world.browser(team.admin).page(values["path"])
    assert "未开始 1 个 · 进行中 0 个" in page.text
    assert f"/organization/below/{unit.uid}/review" not in page.html


def test_who_changes_anything_else_of_it_tells_nobody_that_it_asks_another(world, team, unit):
    assert save(world.browser(unit.admin), address="科普路2号").status_code == 303
    assert "organization_moved" not in told(world, team.admin)
    assert "进行中 1 个" in world.browser(team.admin).page(EXPECTED).text


def test_whoever_expects_it_where_it_asks_now_sees_that_it_came(world, root, team, unit):
    right = world.organization(root)
    form = {"due_on": "2026-12-31", "names": "星海中学科技志愿服务队"}
    assert world.browser(right.admin).post(EXPECTED, form).status_code == 303
    assert save(world.browser(unit.admin), parent=right.uid).status_code == 303
    assert "进行中 1 个" in world.browser(right.admin).page(EXPECTED).text
    came = select(ExpectedUnit.organization_id).order_by(ExpectedUnit.id)
    assert world.rows(came) == [(None,), (unit.id,)]
    assert told(world, right.admin).count("organization_moved") == 0
