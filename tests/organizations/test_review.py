"""Review of registrations: passed, sent back and sent again, or refused; by whom, told to whom, and by two at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.database import in_transaction
from app.notices.models import Notice
from app.organizations import reviewing
from app.organizations.models import Organization, Role
from app.organizations.reviewing import Verdict
from tests.factories import add_admin, suspend
from tests.organizations.test_edit import save, wish_path
from tests.pages import read

REVIEWS = "/organization/reviews"


def path(team):
    return f"/organization/below/{team.uid}/review"


def told(world, person):
    query = select(Notice.kind).where(Notice.account_id == person.account_id).order_by(Notice.id)
    return [kind for (kind,) in world.rows(query)]


def state_of(world, team):
    return world.one(select(Organization.state).where(Organization.id == team.id))


@pytest.fixture
def waiting(world, team):
    """A registration that waits under `team`."""
    return world.organization(team, review="parent", name="等待中的科普服务队")


@pytest.fixture
def judge(world, team):
    return world.browser(team.admin)


def test_who_waits_and_for_how_long_is_listed_for_all_above(world, root, team, waiting, clock):
    clock.advance(timedelta(days=4))
    for person in (team.admin, root.admin):
        browser = world.browser(person)
        assert waiting.name in browser.page("/organization").text
        page = browser.page(REVIEWS)
        assert waiting.name in page.text
        assert "已等 4 天" in page.text
        assert "带队者" in browser.page(path(waiting)).text
    assert waiting.name not in world.browser(world.organization(root).admin).page(REVIEWS).text


def test_a_page_of_those_who_wait_leads_to_the_next(world, team, judge):
    teams = [world.organization(team, review="parent") for _ in range(22)]
    first = judge.page(REVIEWS)
    assert teams[19].name in first.text
    assert teams[20].name not in first.text
    (more,) = [link for link in first.links if "after=" in link]
    assert teams[21].name in judge.page(more).text


def test_who_sent_it_again_later_stands_behind_who_waits_longer(world, team, judge, clock):
    first = world.organization(team, review="parent", org_class="2", uscc="52210200MJ00000004", name="甲科技志愿服务队")
    judge.post(path(first), {"action": "return", "reason": "地址写全"})
    clock.advance(timedelta(hours=1))
    others = [world.organization(team, review="parent") for _ in range(21)]
    clock.advance(timedelta(hours=1))
    assert save(world.browser(first.admin), address="友好路 18 号").status_code == 303
    judge = world.browser(team.admin)
    page = judge.page(REVIEWS)
    assert others[0].name in page.text
    assert first.name not in page.text + judge.page("/organization").text
    (more,) = [link for link in page.links if "after=" in link]
    rest = judge.page(more).text
    assert rest.index(others[20].name) < rest.index(first.name)


@pytest.mark.parametrize("after", ["", "x", "99999999999999999-1", "1", "0-0"])
def test_a_made_up_place_in_the_list_is_harmless(world, waiting, judge, after):
    assert judge.get(f"{REVIEWS}?after={after}").status_code == 200


@pytest.mark.parametrize(
    ("verdict", "words"), [("accept", "注册已通过"), ("return", "注册已退回：写全"), ("refuse", "注册没有通过：写全")]
)
def test_who_was_to_judge_hears_that_one_further_up_did(world, root, team, waiting, verdict, words):
    second = world.do(lambda: add_admin(team, Role.ADMIN))
    before = told(world, team.admin)
    assert world.browser(root.admin).post(path(waiting), {"action": verdict, "reason": "写全"}).status_code == 303
    assert told(world, team.admin) == [*before, "judged_further_up"]
    assert told(world, second) == ["judged_further_up"]
    query = select(Notice.values).where(Notice.kind == "judged_further_up", Notice.account_id == second.account_id)
    values = world.one(query)
    assert values["reason"].startswith(words)
    assert waiting.name in world.browser(second).page(values["path"]).text


def test_who_judges_it_themselves_and_those_beside_them_hear_nothing_of_it(world, team, waiting, judge):
    second = world.do(lambda: add_admin(team, Role.ADMIN))
    judge.post(path(waiting), {"action": "accept"})
    assert "judged_further_up" not in told(world, team.admin) + told(world, second)


def test_of_a_change_that_one_further_up_judged_they_hear_too(world, root, team):
    leaf = world.organization(team)
    with world.settings(organizations={"review": "parent"}):
        assert save(world.browser(leaf.admin), name="新名字科普服务队").status_code == 303
    assert world.browser(root.admin).post(wish_path(world), {"action": "accept"}).status_code == 303
    query = select(Notice.values).where(Notice.kind == "judged_further_up")
    assert world.one(query.where(Notice.account_id == team.admin.account_id))["reason"] == "更改已同意"


def test_accepting_lets_it_publish_and_tells_it(world, team, waiting, judge):
    assert judge.post(path(waiting), {"action": "accept"}).status_code == 303
    assert state_of(world, waiting) == "approved"
    assert told(world, waiting.admin) == ["organization_approved"]
    assert world.browser(waiting.admin).get("/organization/activities/new").status_code == 200
    entries = select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.topic)
    assert world.rows(entries.where(AuditEntry.action != "organization.registered")) == [
        ("organization.approved", team.admin.account_id, f"organization:{waiting.id}")
    ]


@pytest.mark.parametrize("action", ["return", "refuse"])
def test_without_a_reason_nothing_is_refused(world, waiting, judge, action):
    answer = judge.post(path(waiting), {"action": action, "reason": "  "})
    assert answer.status_code == 422
    assert read(answer).of("reason").errors
    assert state_of(world, waiting) == "pending"


@pytest.mark.parametrize("action", ["", "pass", "approved"])
def test_an_unknown_button_judges_nothing(world, waiting, judge, action):
    assert judge.post(path(waiting), {"action": action, "reason": "x"}).status_code == 422
    assert state_of(world, waiting) == "pending"


def test_refused_for_good_it_gives_its_name_back_and_registers_anew(world, team, waiting, judge, good, admin_form):
    judge.post(path(waiting), {"action": "refuse", "reason": "不属于本区"})
    owner = world.browser(waiting.admin)
    page = owner.page("/organization")
    assert "未通过审核" in page.text
    assert "不属于本区" in page.text
    assert "/organization/register" in page.links
    assert owner.post("/organization/register", good | {"name": waiting.name}).status_code == 303
    again = owner.post("/organization/register?step=admin", admin_form)
    assert "注册成功" in owner.page(again.location).text
    assert "正常" in owner.page("/organization").text
    assert judge.post(path(waiting), {"action": "accept"}).status_code == 409


def test_whoever_registers_acts_for_the_new_one(world, root, good, admin_form):
    first = world.organization(root)
    owner = world.browser(first.admin)
    owner.post("/organization/register", good)
    owner.post("/organization/register?step=admin", admin_form)
    assert good["name"] in owner.page("/organization").text.partition("切换")[0]


@pytest.mark.parametrize("review", ["parent", "none"])
def test_those_above_and_the_applicant_hear_of_a_registration(world, team, legal, admin_form, review):
    person = world.account()
    helper = world.do(lambda: add_admin(team, Role.HELPER))
    second = world.do(lambda: add_admin(team, Role.ADMIN))
    browser = world.browser(person)
    with world.settings(organizations={"review": review}):
        browser.post("/organization/register", legal | {"parent": team.uid})
        browser.post("/organization/register?step=admin", admin_form)
    above = "organization_waiting" if review == "parent" else "organization_below"
    own = [] if review == "parent" else ["organization_registered"]
    assert told(world, person) == own
    assert told(world, team.admin) == told(world, second) == [above]
    assert told(world, helper) == []


def test_any_above_may_judge_but_nobody_beside_below_or_without_the_right(world, root, team, waiting):
    stranger = world.browser(world.organization(root).admin)
    lead = world.browser(world.do(lambda: add_admin(team, Role.LEAD)))
    for method in ("get", "post"):
        assert getattr(stranger, method)(path(waiting)).status_code == 404
        assert getattr(world.browser(waiting.admin), method)(path(waiting)).status_code == 404
        assert getattr(lead, method)(path(waiting)).status_code == 403
    assert world.browser(root.admin).post(path(waiting), {"action": "accept"}).status_code == 303


def test_nobody_judges_what_they_registered_themselves(world, team):
    mine = world.organization(team, admin=team.admin, review="parent")
    browser = world.browser(team.admin)
    browser.act_for(team)
    answer = browser.post(path(mine), {"action": "accept"})
    assert answer.status_code == 403
    assert "其他管理员" in read(answer).text
    assert state_of(world, mine) == "pending"


def test_the_right_to_judge_follows_the_person_not_what_they_act_for(world, root, team, waiting):
    """The link of a notice works also while the person acts for another organisation."""
    world.organization(root, admin=team.admin)
    other = world.organization(root, admin=team.admin)
    browser = world.browser(team.admin)
    browser.act_for(other)
    browser.page(path(waiting))
    assert browser.post(path(waiting), {"action": "accept"}).status_code == 303


def test_one_that_is_suspended_judges_nobody(world, root, team, waiting, judge):
    world.do(lambda: suspend(team, "suspended"))
    assert judge.post(path(waiting), {"action": "accept"}).status_code == 404
    assert world.browser(root.admin).post(path(waiting), {"action": "accept"}).status_code == 303


def test_of_judges_at_once_one_decides_and_one_notice_goes_out(world, root, team, waiting):
    judges = [team.admin, root.admin, *(world.do(lambda: add_admin(team, Role.ADMIN)) for _ in range(4))]
    verdicts = [Verdict.ACCEPT, Verdict.RETURN, Verdict.REFUSE] * 2

    def decide(person, verdict):
        now = world.app.extensions["stvs"].clock.now()
        judged = in_transaction(
            lambda: reviewing.judge(waiting.uid, verdict, "理由", by=person.account_id, seen=1, now=now).state
        )
        return str(judged)

    outcomes = world.at_once([lambda p=p, v=v: decide(p, v) for p, v in zip(judges, verdicts, strict=True)])
    (winner,) = [one for one in outcomes if isinstance(one, str)]
    assert {type(one).__name__ for one in outcomes if not isinstance(one, str)} == {"NotReviewable"}
    assert state_of(world, waiting) == winner
    assert told(world, waiting.admin) == [f"organization_{winner}"]
    assert len(world.rows(select(AuditEntry.id).where(AuditEntry.action != "organization.registered"))) == 1
