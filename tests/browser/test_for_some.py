"""Activities that are not for everybody: for a sub-team, or for who knows the password; and who gives up waiting."""

from playwright.sync_api import Page, expect

from tests.browser.every_page import ORGANISER
from tests.browser.looks import faults
from tests.browser.product import Product
from tests.browser.steps import Enter
from tests.browser.test_publish import fill_plain, open_form

TEAM = "青少年科普分队"
#: Of the demonstration data, and in no other walk: one in the sub-team, one of the organisation who is not, two others.
IN_TEAM, MEMBER, FIRST, SECOND = "19900000037", "19900000009", "19900000020", "19900000021"


def begin(page: Page, product: Product, title: str, scope: str) -> None:
    open_form(page, product)
    fill_plain(page, title)
    page.get_by_text("更多：谁能报名").click()
    page.get_by_label("招募范围").select_option(label=scope)


def publish(page: Page, product: Product) -> str:
    """Returns the address that volunteers see."""
    page.get_by_label("我确认以上情形都不存在").check()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_text("活动已发布")).to_be_visible()
    assert faults(page) == []
    return f"{product.site}/activities/{page.url.rsplit('/', 1)[1]}"


def find(page: Page, product: Product, title: str) -> int:
    page.goto(f"{product.site}/activities?q={title}")
    return page.locator(".card__title", has_text=title).count()


def test_what_is_for_a_sub_team_is_listed_to_its_members_alone(product: Product, enter: Enter) -> None:
    page, title = enter(ORGANISER), "青少年编程课助教"
    begin(page, product, title, "定向招募")
    page.get_by_label("我确认以上情形都不存在").check()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_text("定向招募请选择面向哪些组织")).to_be_visible()
    page.get_by_text(f"分支队伍：{TEAM}", exact=True).click()
    assert faults(page) == []
    address = publish(page, product)
    others = enter(MEMBER)
    assert find(others, product, title) == 0
    others.goto(address)
    expect(others.locator(".shift__closed")).to_contain_text("您还不能报名")
    expect(others.locator(".shift__closed")).to_contain_text(TEAM)
    assert faults(others) == []
    mine = enter(IN_TEAM)
    assert find(mine, product, title) == 1
    with mine.expect_navigation():
        mine.get_by_role("link", name=title).click()
    mine.get_by_role("button", name="立即报名").click()
    expect(mine.get_by_text("报名成功")).to_be_visible()
    assert faults(mine) == []


def test_only_who_knows_the_password_signs_up_and_who_waits_may_give_up(product: Product, enter: Enter) -> None:
    page, title = enter(ORGANISER), "院士报告会现场引导"
    begin(page, product, title, "凭口令报名")
    page.get_by_label("招募人数", exact=True).fill("1")
    page.get_by_label("报名口令").fill("星星之火")
    page.get_by_text("更多：报名开始、审核、候补、取消截止").click()
    page.get_by_label("候补人数").fill("3")
    address = publish(page, product)

    first = enter(FIRST)
    first.goto(address)
    assert faults(first) == []
    first.get_by_label("报名口令").fill("芝麻开门")
    first.get_by_role("button", name="立即报名").click()
    expect(first.get_by_role("alert")).to_contain_text("口令不对，请向主办组织核对")
    assert faults(first) == []
    first.goto(address)
    first.get_by_label("报名口令").fill("星星之火")
    first.get_by_role("button", name="立即报名").click()
    expect(first.get_by_text("报名成功")).to_be_visible()

    second = enter(SECOND)
    second.goto(address)
    second.get_by_label("报名口令").fill("星星之火")
    second.get_by_role("button", name="报名候补").click()
    expect(second.get_by_text("您排在第一位")).to_be_visible()
    with second.expect_navigation():
        second.get_by_role("link", name="放弃候补").click()
    assert faults(second) == []
    second.get_by_text("时间安排不开", exact=True).click()
    second.get_by_role("button", name="确定放弃候补").click()
    expect(second.get_by_text("您排在第一位")).to_have_count(0)
    assert faults(second) == []
    page.goto(f"{address.replace('/activities', '/organization/activities')}/roster")
    expect(page.get_by_role("link", name="候补 0")).to_be_visible()
