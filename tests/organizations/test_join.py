"""所属组织: joining one, and how many one may join."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.models import Account
from app.database import in_transaction, session
from app.organizations import services
from app.organizations.errors import TooManyOrganizations
from app.organizations.models import Membership, Organization
from app.volunteers.models import Volunteer
from app.volunteers.services import find_volunteer
from tests.factories import create_organization, new_id_number
from tests.pages import read
from tests.volunteers.steps import DONE, register, send_step


def join(world, person, team, most):
    def ask():
        account = session.get_one(Account, person.account_id)
        return services.join(find_volunteer(account.id), team.uid, most=most, now=account.created_at).state

    return world.do(lambda: in_transaction(ask))


def test_again_is_harmless_and_one_more_than_allowed_is_refused(world, root, team, volunteer):
    assert join(world, volunteer, team, 1) == join(world, volunteer, team, 1)
    with pytest.raises(TooManyOrganizations):
        join(world, volunteer, root, 1)
    assert join(world, volunteer, root, 2)


PASSWORD = "科普进万家2026"


@pytest.fixture
def good():
    """A form of 注册 as a grown-up sends it."""
    form = {"name": "欧阳测试", "id_type": "01", "id_number": new_id_number(), "region": "210202", "skills": ["01"]}
    return form | {"services": ["K1"], "agreement": "y", "privacy": "y", "id_consent": "y"}


@pytest.fixture
def guarded(world, root):
    """An organisation that one joins by a password, as its admin registers it."""
    browser = world.browser(world.account())
    form = {"name": "口令科普服务队", "st_line": "G", "parent": root.uid, "region": "210202", "address": "友好路 8 号"}
    form |= {"founded_on": "2020-03-01", "leader_name": "周明远", "leader_phone": "17011112222"}
    form |= {"service_categories": ["K1"], "join_mode": "4"}
    assert read(browser.post("/organization/register", form)).of("join_password").errors
    assert browser.post("/organization/register", form | {"join_password": PASSWORD}).status_code == 303
    admin = {"name": "周明远", "agreement": "y", "privacy": "y"}
    assert browser.post("/organization/register?step=admin", admin).status_code == 303
    return world.rows(select(Organization.uid, Organization.join_password_hash).where(Organization.join_mode == "4"))[0]


def test_the_password_is_kept_as_a_slow_hash(guarded):
    assert guarded[1].startswith("scrypt:")
    assert PASSWORD not in guarded[1]


def test_who_knows_the_password_joins_at_once(world, guarded, volunteer):
    browser = world.browser(volunteer)
    assert "加入口令" in browser.page("/volunteer/organizations").text
    path = f"/volunteer/organizations/{guarded[0]}/join"
    browser.post(path, {"join_password": "错的口令"})
    assert "加入口令不对" in browser.page("/volunteer").text
    browser.post(path)
    assert "口令科普服务队" not in browser.page("/volunteer").text
    browser.post(path, {"join_password": f" {PASSWORD} "})
    text = browser.page("/volunteer").text
    assert "口令科普服务队" in text
    assert "待审核" not in text


def test_who_guesses_is_stopped_after_five_and_the_right_one_comes_too_late(world, guarded, volunteer):
    browser = world.browser(volunteer)
    for number in range(6):
        browser.post(f"/volunteer/organizations/{guarded[0]}/join", {"join_password": f"猜的口令{number}"})
    browser.page("/volunteer")
    browser.post(f"/volunteer/organizations/{guarded[0]}/join", {"join_password": PASSWORD})
    text = browser.page("/volunteer").text
    assert "今天口令输错太多次" in text
    assert "口令科普服务队" not in text


def test_the_password_is_asked_for_in_the_registration_too(world, guarded, good):
    browser = world.browser(world.account())
    form = good | {"organization": guarded[0]}
    for password in ("", "错的口令"):
        page = read(register(browser, form | {"join_password": password}))
        assert page.of("join_password").errors
    assert register(browser, form | {"join_password": PASSWORD}).location == DONE
    assert "口令科普服务队" in browser.page("/volunteer").text


def test_of_hundreds_the_near_ones_are_offered_and_any_other_is_found_by_its_name(world, root, good):
    def create():
        for _ in range(40):
            create_organization(root)

    world.do(create)
    far = world.organization(root, name="沈阳远方科技志愿服务队")
    sql = update(Organization).where(Organization.id == far.id).values(region="210102")
    world.do(lambda: in_transaction(lambda: session.execute(sql)))
    browser = world.browser(world.account())
    send_step(browser, "who", good)
    send_step(browser, "ability", good)
    assert far.name not in browser.page("/volunteer/register?step=finish").html
    found = send_step(browser, "finish", good | {"organization_name": "远方"}, action="find")
    assert found.status_code == 200
    assert far.name in found.text
    assert send_step(browser, "finish", good | {"organization": far.uid}).location == DONE
    assert far.name in browser.page("/volunteer").text


def test_of_two_in_one_district_the_one_with_ones_own_skill_comes_first(world, root):
    world.organization(root, name="普通科技志愿服务队", service_categories=["K8"])
    world.organization(root, name="摄影科技志愿服务队", service_categories=["K8"], skills=["23"])
    page = world.browser(world.volunteer(skills=["23"])).page("/volunteer/organizations").text
    assert page.index("摄影科技志愿服务队") < page.index("普通科技志愿服务队")


def press_join(world, person, team):
    browser = world.browser(person)
    browser.post(f"/volunteer/organizations/{team.uid}/join")
    return browser.page("/volunteer").text


def rejected(world, person, team):
    """Somebody who asked and whom the organisation did not want."""
    world.do(lambda: in_transaction(lambda: setattr(session.get_one(Organization, team.id), "join_mode", "1")))
    assert "已申请加入，等组织审核" in press_join(world, person, team)
    number = world.one(select(Membership.id))
    words = {"reason": "资料不全，请补充后再申请"}
    admin = world.browser(team.admin)
    assert admin.post(f"/organization/volunteers/requests/{number}/reject", words).status_code == 303


def test_who_was_rejected_may_ask_again_the_next_day(world, team, volunteer, clock):
    rejected(world, volunteer, team)
    text = press_join(world, volunteer, team)
    assert "同一个组织一天只能申请一次" in text
    assert "已申请加入" not in text
    assert world.one(select(Membership.state)) == "rejected"
    clock.advance(timedelta(days=1))
    assert "已申请加入，等组织审核" in press_join(world, volunteer, team)
    assert volunteer.name in world.browser(team.admin).page("/organization/volunteers/requests").text


def test_who_was_removed_and_asks_again_reads_of_the_appeal(world, team, volunteer):
    join(world, volunteer, team, 1)
    uid = world.one(select(Volunteer.uid))
    sent = world.browser(team.admin).post(f"/organization/volunteers/{uid}/remove", {"reason": "多次缺席"})
    assert sent.status_code == 303
    text = press_join(world, volunteer, team)
    assert "您已被这个组织清退" in text
    assert "申诉" in text
