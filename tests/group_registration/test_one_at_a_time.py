"""Two admins of one organisation, each with a sheet: one is looked at, the other waits, and none is lost unsaid."""

import io

import pytest
from sqlalchemy import func, select

from app.accounts.models import Account
from app.config import from_root
from app.context import here
from app.database import session
from app.group_registration import services
from app.group_registration.models import ImportBatch, ImportRow
from app.organizations.models import Membership, Organization, Role
from tests import factories
from tests.group_registration.conftest import PAGE
from tests.group_registration.sheets import book, row
from tests.held import in_each_others_way
from tests.pages import read as page_of

IN_WORK = "上一份名单还没有处理完"


@pytest.fixture
def colleague(world, team):
    return world.browser(world.do(lambda: factories.add_admin(team, Role.ADMIN)), proved=True)


def states(world):
    return [state for (state,) in world.rows(select(ImportBatch.state).order_by(ImportBatch.id))]


def sending(browser):
    """Somebody's press of 上传并核对."""
    return lambda: page_of(browser.post(PAGE, {"sheet": (io.BytesIO(book([row()])), "名单.xlsx")}))


def uploading(team):
    """The same by the first admin, in a transaction that the test keeps open."""

    def act():
        organization, actor = session.get_one(Organization, team.id), session.get_one(Account, team.admin.account_id)
        folder, now = from_root(here.config.content.uploads), here.clock.now()
        services.send(organization, actor, book([row()]), folder=folder, limits=here.config.limits, now=now)

    return act


def test_a_sheet_confirmed_at_that_moment_is_imported_and_the_other_upload_is_told_to_wait(
    world, team, boss, colleague, checked, work
):
    people = [world.volunteer() for _ in range(3)]
    address = checked([row(phone=one.phone, id_number=one.id_number) for one in people])

    def confirm():
        batch = services.find(session.get_one(Organization, team.id), address.rsplit("/", 1)[1], lock=True)
        services.confirm(batch, session.get_one(Account, team.admin.account_id), now=here.clock.now())

    error, page = in_each_others_way(world, confirm, sending(colleague), by_page=True)
    assert error is None
    assert IN_WORK in page.of("sheet").errors[0]
    assert states(world) == ["applying"]
    work()
    assert states(world) == ["applied"]
    assert world.rows(select(Membership.state)) == [("active",)] * 3
    assert "撤销这次导入" in boss.page(address).text


def test_a_sheet_given_up_for_another_at_that_moment_is_not_imported(world, team, boss, colleague, checked, work):
    address = checked([row()])
    _, answer = in_each_others_way(
        world, uploading(team), lambda: colleague.post(f"{address}/confirm", follow_redirects=True), by_page=True
    )
    assert "这份名单已过期或已处理" in answer.text
    assert "或上传了新的名单" in answer.text
    work()
    assert states(world) == ["discarded", "checked"]
    assert world.one(select(func.count()).select_from(ImportRow).where(ImportRow.state == "invited")) == 0


def test_of_two_sheets_sent_at_one_moment_the_second_waits(world, team, colleague):
    _, page = in_each_others_way(world, uploading(team), sending(colleague), by_page=True)
    assert IN_WORK in page.of("sheet").errors[0]
    assert states(world) == ["checking"]
