"""Inviting somebody, accepting, changing roles, acting for another organisation, and handing one over."""

import requests
from playwright.sync_api import Page, expect

from tests.browser.every_page import ORGANISER
from tests.browser.looks import faults
from tests.browser.phone import Phone
from tests.browser.product import Product
from tests.browser.steps import Enter, numbers, register_organization

ABOVE = "19900000004"
NAME = "星海湾科普志愿服务队"


def code_of(product: Product, phone: str) -> str:
    sent = requests.get(f"{product.phone}/sandbox/sms", params={"phone": phone}, timeout=10).json()
    return str(sent[0]["code"])


def invite(page: Page, product: Product, role: str, phone: str = "") -> str:
    """Returns the link."""
    page.goto(f"{product.site}/organization/admins")
    with page.expect_navigation():
        page.get_by_role("link", name="邀请管理员").click()
    assert faults(page) == []
    page.get_by_text(role, exact=True).last.click()
    page.get_by_label("对方手机号").fill(phone)
    page.get_by_role("button", name="建立邀请").click()
    return page.get_by_label("邀请链接").input_value()


def accept(page: Page, name: str) -> None:
    page.get_by_label("您的姓名").fill(name)
    page.get_by_role("button", name="接受邀请").click()
    expect(page.get_by_text("已接受")).to_be_visible()


def acts_for(page: Page, name: str, role: str) -> None:
    bar = page.get_by_role("region", name="当前代表的组织")
    expect(bar).to_contain_text(f"代表 {name}{role}")


def test_an_owner_invites_somebody_who_then_acts_for_two_organisations_and_becomes_the_owner(
    page: Page, product: Product, enter: Enter
) -> None:
    owner_phone, newcomer_phone = next(numbers), next(numbers)
    in_wechat = Phone(page, product, "周明远", owner_phone)
    in_wechat.follow()
    register_organization(in_wechat, NAME)

    owner, newcomer = enter(owner_phone), enter(newcomer_phone)
    link = invite(owner, product, "管理员")
    newcomer.goto(link)
    expect(newcomer.get_by_role("heading", name="邀请您担任管理员")).to_be_visible()
    expect(newcomer.get_by_text(NAME)).to_be_visible()
    assert "key=" not in newcomer.url
    assert faults(newcomer) == []
    accept(newcomer, "林晓雨")
    acts_for(newcomer, NAME, "管理员")

    organiser = enter(ORGANISER)
    invite(organiser, product, "签到助手", newcomer_phone)
    newcomer.goto(f"{product.site}/organization/invitations")
    accept(newcomer, "林晓雨")
    acts_for(newcomer, "中山区科技志愿服务队", "签到助手")
    newcomer.goto(f"{product.site}/organization/activities")
    newcomer.get_by_role("button", name=f"切换到 {NAME}").click()
    expect(newcomer).to_have_url(f"{product.site}/organization/activities")
    acts_for(newcomer, NAME, "管理员")

    newcomer.goto(f"{product.site}/organization/edit")
    second = newcomer.context.new_page()
    second.goto(f"{product.site}/organization")
    second.get_by_role("button", name="切换到 中山区科技志愿服务队").click()
    newcomer.get_by_label("详细地址").fill("第一服务队的新地址9号")
    newcomer.get_by_role("button", name="保存").click()
    expect(
        newcomer.get_by_role("heading", name=f"这是“{NAME}”的页面，您现在代表“中山区科技志愿服务队”")
    ).to_be_visible()
    assert faults(newcomer) == []
    newcomer.get_by_role("main").get_by_role("button", name=f"切换到 {NAME}").click()
    expect(newcomer.get_by_label("详细地址")).to_have_value("第一服务队的新地址9号")
    newcomer.get_by_role("button", name="保存").click()
    acts_for(newcomer, NAME, "管理员")
    expect(newcomer.get_by_text("第一服务队的新地址9号")).to_be_visible()

    owner.goto(f"{product.site}/organization/admins")
    with owner.expect_navigation():
        owner.get_by_role("link", name="移交组织").click()
    assert faults(owner) == []
    owner.get_by_label("新所有者的手机号").fill(newcomer_phone)
    owner.get_by_label("新所有者的姓名").fill("林晓雨")
    owner.get_by_role("button", name="发送验证码").click()
    expect(owner.get_by_text("验证码已发出")).to_be_visible()
    owner.get_by_label("验证码").fill(code_of(product, newcomer_phone))
    owner.get_by_role("button", name="确定移交").click()
    expect(owner.get_by_text("组织已移交")).to_be_visible()
    acts_for(owner, NAME, "管理员")
    newcomer.reload()
    acts_for(newcomer, NAME, "所有者")


def test_those_above_appoint_pause_and_merge_as_the_pages_say(product: Product, enter: Enter) -> None:
    above = enter(ABOVE)
    above.goto(f"{product.site}/organization/below")
    above.get_by_role("link", name="旅顺口区科技志愿服务队").click()
    expect(above.get_by_role("heading", name="旅顺口区科技志愿服务队")).to_be_visible()
    below = above.url
    with above.expect_navigation():
        above.get_by_role("link", name="指定所有者").click()
    assert faults(above) == []
    above.get_by_label("或者邀请这个手机号").fill(next(numbers))
    above.get_by_label("原因").fill("负责人离职")
    above.get_by_role("button", name="确定").click()
    expect(above.get_by_label("邀请链接")).to_be_visible()
    assert faults(above) == []

    above.goto(below)
    with above.expect_navigation():
        above.get_by_role("link", name="并入其他组织").click()
    assert faults(above) == []
    above.goto(f"{product.site}/organization/pause")
    assert faults(above) == []
    expect(above.get_by_text("总队")).not_to_have_count(0)

    above.goto(f"{product.site}/organization/admins")
    link = invite(above, product, "活动负责人")
    lead = enter(next(numbers))
    lead.goto(link)
    accept(lead, "活动员")
    above.goto(f"{product.site}/organization/admins")
    with above.expect_navigation():
        above.get_by_role("link", name="调整：活动员").click()
    assert faults(above) == []
    above.get_by_text("签到助手", exact=True).last.click()
    above.get_by_role("button", name="保存角色").click()
    expect(above.get_by_text("角色已更换")).to_be_visible()
    above.get_by_role("link", name="调整：活动员").click()
    above.get_by_text("移除活动员").click()
    above.get_by_label("原因").fill("任期已满")
    above.get_by_role("button", name="确定移除").click()
    expect(above.get_by_text("已移除")).to_be_visible()
    lead.goto(f"{product.site}/organization")
    expect(lead).to_have_url(f"{product.site}/organization/register")
