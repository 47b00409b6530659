"""Who acts for several organisations: each page is for one of them, and says so."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import sessions
from app.activities.models import Activity
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations.models import Organization, OrganizationAdmin, Role, Team
from app.organizations.wishes import ExpectedUnit, Invitation
from tests.factories import publishing_form
from tests.pages import read
from tests.web.test_queries import counted

EDIT = "/organization/edit"


@pytest.fixture
def other(world, root, team):
    return world.organization(root, admin=team.admin)


@pytest.fixture
def window(world, team, other):
    return world.browser(team.admin, proved=True)


def facts_of(world, *teams):
    columns = (Organization.name, Organization.address, Organization.state)
    return world.rows(select(*columns).where(Organization.id.in_([one.id for one in teams])).order_by(Organization.id))


def filled(page):
    form = {name: field.chosen or field.value for name, field in page.fields.items() if field.chosen or field.value}
    return form | {name: value for name, value in page.hidden.items() if name not in ("csrf_token", "back", "next")}


def add_admin(world, person, team, role):
    row = {"organization_id": team.id, "account_id": person.account_id, "role": role, "name": "助手"}
    world.do(lambda: in_transaction(lambda: session.add(OrganizationAdmin(**row, created_at=here.clock.now()))))


def test_two_windows_a_form_of_the_one_never_renames_the_other(world, team, other, window):
    form = filled(window.page(EDIT)) | {"address": "第一组织的新地址9号"}
    before = facts_of(world, team, other)
    window.post(f"/organization/act-for/{other.uid}")
    answer = window.post(EDIT, form)
    assert answer.status_code == 409
    page = read(answer)
    assert f"这是“{team.name}”的页面，您现在代表“{other.name}”" in page.text
    assert "您填写的文字已经留着" in page.text
    assert facts_of(world, team, other) == before
    # In the other window the other organisation's page is its own; what waits is told of.
    page = window.page(EDIT)
    assert page.of("address").value != "第一组织的新地址9号"
    assert f"您代表“{team.name}”填写的内容还在" in page.text
    switch = window.post(f"/organization/act-for/{team.uid}", {"next": EDIT})
    assert switch.location == EDIT
    page = window.page(EDIT)
    assert page.of("address").value == "第一组织的新地址9号"
    answer = window.post(EDIT, filled(page))
    assert answer.status_code == 303, read(answer).alerts
    assert facts_of(world, team)[0][1] == "第一组织的新地址9号"
    assert facts_of(world, other)[0][1] != "第一组织的新地址9号"


def test_a_form_without_its_organisation_works_for_who_acts_for_one_and_asks_who_acts_for_several(world, root, team):
    window = world.browser(team.admin)
    assert window.post("/organization/teams/new", {"name": "青年队"}).status_code == 303
    second = world.organization(root, admin=team.admin)
    answer = window.post("/organization/teams/new", {"name": "老年队"})
    assert answer.status_code == 409
    text = read(answer).text
    for one in (team, second):
        assert f"代表 {one.name}" in text
    window.post(f"/organization/act-for/{second.uid}", {"next": "/organization/teams/new"})
    page = window.page("/organization/teams/new")
    assert page.of("name").value == "老年队"
    assert window.post("/organization/teams/new", filled(page)).status_code == 303
    assert world.rows(select(Team.organization_id).order_by(Team.id)) == [(team.id,), (second.id,)]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/organization/pause", {"reason": "暑假休整"}),
        ("/organization/admins/invite", {"role": "admin", "phone": "17012345678"}),
        ("/organization/expected", {"names": "甲街道服务队", "due_on": "2027-01-10"}),
    ],
)
def test_what_is_sent_from_the_page_of_one_does_not_reach_the_other(world, team, other, window, sms, path, form):
    page = window.page(path)
    assert page.hidden["opened_for"] == team.uid
    window.post(f"/organization/act-for/{other.uid}")
    assert window.post(path, form | {"opened_for": team.uid}).status_code == 409
    assert [state for _, _, state in facts_of(world, team, other)] == ["approved", "approved"]
    assert world.rows(select(Invitation.id)) == world.rows(select(ExpectedUnit.id)) == []


def test_the_page_keeps_itself_for_nobody_else(world, team, other, window):
    window.post(f"/organization/act-for/{other.uid}")
    answer = window.post("/organization/activities/new", {"title": "讲座", "action": "keep", "opened_for": team.uid})
    assert (answer.status_code, answer.text) == (409, "")
    assert world.rows(select(Activity.id)) == []


def test_a_form_of_an_organisation_that_one_left_is_refused_in_words(world, team, window):
    answer = window.post(EDIT, {"opened_for": "A" * 22})
    assert answer.status_code == 409
    assert "您已不再代表打开这一页时的组织" in answer.text


def test_what_was_typed_for_one_does_not_come_back_into_the_other_after_a_new_log_in(world, team, other, window):
    form = filled(window.page(EDIT)) | {"address": "第一组织的新地址9号"}
    window.post(f"/organization/act-for/{other.uid}")

    def end():
        token = window.cookie()["sid"]
        sessions.end_token(token, here.clock.now())

    world.do(lambda: in_transaction(end))
    assert "/login" in window.post(EDIT, form).location
    window.log_in(team.admin)
    window.post(f"/organization/act-for/{other.uid}")
    page = window.page(EDIT)
    assert page.of("address").value != "第一组织的新地址9号"
    assert f"您代表“{team.name}”填写的内容还在" in page.text
    window.post(f"/organization/act-for/{team.uid}")
    assert window.page(EDIT).of("address").value == "第一组织的新地址9号"


def test_a_stale_key_shows_no_page_of_the_other(world, team, other, window):
    form = filled(window.page(EDIT)) | {"address": "第一组织的新地址9号", "csrf_token": "stale"}
    window.post(f"/organization/act-for/{other.uid}")
    answer = window.post(EDIT, form)
    assert answer.status_code == 409
    assert f"切换到 {team.name}" in answer.text
    window.post(f"/organization/act-for/{team.uid}", {"next": EDIT})
    assert window.page(EDIT).of("address").value == "第一组织的新地址9号"


def paths_told(world, person):
    return [
        (kind, values["path"])
        for kind, values in world.rows(
            select(Notice.kind, Notice.values).where(Notice.account_id == person.account_id).order_by(Notice.id)
        )
    ]


def test_the_links_of_notices_open_whichever_organisation_one_acts_for(world, root, team, clock):
    """A helper of one who owns another: a new session begins with the first."""
    good = publishing_form(clock.now() + timedelta(days=3))
    person = world.account()
    add_admin(world, person, team, Role.HELPER)
    own = world.organization(root, admin=person)
    child = world.organization(own)
    with world.settings(organizations={"review": "parent"}, activities={"review": "parent"}):
        assert world.browser(child.admin).post("/organization/activities/new", good).status_code == 303
        mine = world.browser(person)
        mine.act_for(own)
        answer = mine.post("/organization/activities/new", good | {"form_key": "z" * 22})
        assert answer.status_code == 303
        number = world.one(select(Activity.id).where(Activity.organization_id == own.id))
        verdict = {"action": "send-back", "reason": "请补充"}
        world.browser(root.admin).post(f"/organization/below/activities/{number}/review", verdict)
        told = paths_told(world, person)
        assert {"activity_to_review", "activity_sent_back"} <= {kind for kind, _ in told}
        fresh = world.browser(person)
        for kind, path in told:
            fresh.post(f"/organization/act-for/{team.uid}")
            answer = fresh.get(path)
            assert answer.status_code == 409, (kind, path)
            assert f"这是“{own.name}”的页面，您现在代表“{team.name}”" in answer.text, kind
            page = read(answer)
            assert page.hidden["next"] == path
            fresh.post(f"/organization/act-for/{own.uid}", {"next": page.hidden["next"]})
            assert fresh.get(path).status_code == 200, (kind, path)


def test_an_activity_of_ones_other_organisation_is_found_without_a_word_in_its_address(
    world, root, team, other, window
):
    event = world.activity(other)
    window.post(f"/organization/act-for/{team.uid}")
    answer = window.get(f"/organization/activities/{event.id}/roster")
    assert answer.status_code == 409
    assert f"切换到 {other.name}" in answer.text
    strange = world.activity(world.organization(root))
    answer = window.get(f"/organization/activities/{strange.id}")
    assert answer.status_code == 404
    assert f"切换到 {other.name}" in answer.text


def test_the_bar_is_there_from_the_first_page_after_the_log_in(world, team, other, volunteer):
    for path in ("/", "/activities", "/account", "/policies"):
        assert f"切换到 {other.name}" in world.browser(team.admin).page(path).text, path
    assert "代表" not in world.browser(volunteer).page("/activities").text


def test_an_error_page_keeps_the_bar(world, team, other, window):
    window.page("/organization")
    for path in ("/none", "/organization/teams/" + "A" * 22):
        answer = window.get(path)
        assert answer.status_code == 404
        assert f"切换到 {other.name}" in answer.text, path


#: Pages that ask who is here, that do not, and that are not there.
ANYWHERE = ("/", "/policies", "/activities", "/organizations", "/account", "/volunteer/register", "/none")


@pytest.mark.parametrize("path", ANYWHERE)
@pytest.mark.parametrize("looked_at", ["/organization", "/policies"])
def test_whoever_gets_a_second_organisation_elsewhere_reads_so_on_the_next_page(world, root, team, looked_at, path):
    here_i_am = world.browser(team.admin)
    assert "切换到" not in here_i_am.page(looked_at).text
    other = world.organization(root, admin=team.admin)
    assert f"切换到 {other.name}" in here_i_am.get(path).text


def test_whoever_gets_two_at_once_reads_so_from_the_next_page_that_asks_who_is_here(world, root, team, volunteer):
    browser = world.browser(volunteer)
    assert "切换到" not in browser.page("/policies").text
    for one in (team, other := world.organization(root)):
        add_admin(world, volunteer, one, Role.HELPER)
    for path in ("/account", "/policies", "/none"):
        assert f"切换到 {other.name}" in browser.get(path).text


def test_whoever_has_one_left_is_asked_no_more(world, team, other, window):
    assert "切换到" in window.page("/policies").text
    query = select(OrganizationAdmin).where(OrganizationAdmin.organization_id == other.id)
    world.do(lambda: in_transaction(lambda: session.delete(session.scalars(query).one())))
    for path in ANYWHERE:
        assert "切换到" not in window.get(path).text


def test_whoever_acts_for_nobody_costs_no_page_for_everybody_a_question(app, world, team, volunteer):
    helping = world.volunteer()
    add_admin(world, helping, team, Role.HELPER)
    nobody, helper, anybody = world.browser(volunteer), world.browser(helping), world.browser()

    def asked(browser, path):
        browser.get(path)  # once a log-in it is asked
        with counted(app) as statements:
            browser.get(path)
        return sum(statement.startswith("SELECT") for statement in statements)

    for path in ("/policies", "/none", "/organizations"):
        assert asked(nobody, path) == asked(anybody, path)
        assert asked(helper, path) <= asked(anybody, path) + 1
    # What asks who is here asks it along.
    assert asked(nobody, "/activities") == asked(helper, "/activities")


def test_a_switch_leads_to_no_other_site(window, other):
    for bad in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        answer = window.post(f"/organization/act-for/{other.uid}", {"next": bad})
        assert answer.location == "/organization"
