"""What volunteers do with what is theirs: information, organisations, phone, data, and the way out."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from app.demo.people import resident_id
from tests.browser.phone import Phone
from tests.browser.product import Product
from tests.browser.steps import fill_who, newcomer, numbers, open_link, send_registration


@pytest.fixture
def volunteer(browser: Browser, product: Product) -> Iterator[Phone]:
    phone = newcomer(browser, product, "林晓雨")
    yield phone
    phone.page.close()


def open_account(phone: Phone) -> None:
    phone.tap_menu("志愿者", "志愿者信息")
    open_link(phone, "我的账号", "我的账号")


def masked(number: str) -> str:
    return f"{number[:3]}****{number[-4:]}"


def test_a_form_begun_is_there_again_another_day(page: Page, product: Product) -> None:
    phone = Phone(page, product, "林晓雨", next(numbers))
    phone.follow()
    phone.tap_menu("志愿者", "注册")
    phone.prove_phone()
    fill_who(phone, "林晓雨")
    phone.press("下一步")
    phone.web.get_by_text("教育培训", exact=True).click()
    phone.press("先保存，以后再填")
    expect(phone.web.get_by_text("已保存", exact=False).first).to_be_visible()
    phone.close_web()
    phone.tap_menu("志愿者", "注册")
    expect(phone.web.get_by_label("姓名", exact=True)).to_have_value("林晓雨")
    phone.press("下一步")
    expect(phone.web.get_by_label("教育培训")).to_be_checked()


def test_information_is_edited_on_the_form_of_the_registration(volunteer: Phone) -> None:
    volunteer.tap_menu("志愿者", "志愿者信息")
    before = volunteer.web.get_by_role("progressbar").get_attribute("value")
    open_link(volunteer, "编辑信息", "编辑信息")
    volunteer.web.locator("details", has_text="专业背景").first.locator("summary").click()
    volunteer.fill("工作单位（选填）", "滨海中学")
    volunteer.web.locator("details", has_text="想怎样参加").first.locator("summary").click()
    volunteer.web.get_by_text("周六上午", exact=True).click()
    volunteer.press("保存")
    volunteer.expect_title("志愿者信息")
    expect(volunteer.web.get_by_text("滨海中学")).to_be_visible()
    assert int(volunteer.web.get_by_role("progressbar").get_attribute("value") or 0) > int(before or 0)


def test_an_organisation_is_joined_and_left(volunteer: Phone) -> None:
    volunteer.tap_menu("志愿者", "志愿者信息")
    open_link(volunteer, "找一个组织加入", "找组织")
    button = volunteer.web.get_by_role("button", name="加入：").first
    name = (button.get_attribute("aria-label") or "").rpartition("：")[2]
    button.click()
    volunteer.close_web()
    volunteer.tap_menu("志愿者", "志愿者信息")
    open_link(volunteer, f"退出：{name}", "退出组织")
    volunteer.press("确定退出")
    volunteer.expect_title("志愿者信息")
    expect(volunteer.web.get_by_text("还没有加入组织")).to_be_visible()


def test_a_new_phone_is_proved_after_the_old_one(volunteer: Phone) -> None:
    new = next(numbers)
    open_account(volunteer)
    open_link(volunteer, "更换手机号", "更换手机号")
    volunteer.fill_code()
    volunteer.press("下一步")
    volunteer.fill("新手机号", new)
    volunteer.fill_code(new)
    volunteer.press("确定更换")
    volunteer.expect_title("我的账号")
    expect(volunteer.web.get_by_text(masked(new))).to_be_visible()


def test_own_data_are_read_after_a_code(volunteer: Phone) -> None:
    open_account(volunteer)
    open_link(volunteer, "查看和下载我的数据", "我的数据")
    volunteer.fill_code()
    volunteer.press("查看")
    expect(volunteer.web.get_by_role("link", name="下载文件")).to_be_visible()
    expect(volunteer.web.get_by_text(volunteer.number).first).to_be_visible()


def test_whoever_closed_the_account_is_a_stranger_again(volunteer: Phone) -> None:
    open_account(volunteer)
    open_link(volunteer, "注销账号", "注销账号")
    volunteer.web.get_by_label("我已看明白，确定注销").check()
    volunteer.fill_code()
    volunteer.press("确定注销")
    expect(volunteer.web.get_by_text("已注销", exact=False).first).to_be_visible()
    volunteer.close_web()
    volunteer.tap_menu("志愿者", "志愿者信息")
    volunteer.expect_title("登录")


def test_consent_to_the_id_number_is_taken_back(volunteer: Phone) -> None:
    open_account(volunteer)
    open_link(volunteer, "撤回同意：证件号码收集说明", "撤回同意")
    volunteer.press("确定撤回")
    volunteer.expect_title("我的账号")
    expect(volunteer.web.get_by_text("撤回", exact=False).first).to_be_visible()


def test_the_same_id_on_a_new_phone_leads_to_the_old_number(browser: Browser, product: Product) -> None:
    number = resident_id("210202", date(1958, 3, 9), 77)
    old = Phone(browser.new_page(), product, "赵玉兰", next(numbers))
    old.follow()
    send_registration(old, "赵玉兰", number)
    old.expect_title("注册成功")
    first = old.web.locator(".number strong").inner_text()
    new = Phone(browser.new_page(), product, "赵玉兰", next(numbers))
    new.follow()
    send_registration(new, "赵玉兰", number)
    open_link(new, "找回我的资料", "资料需要核对")
    assert first not in new.web.locator("body").inner_text()
    new.fill("原手机号", old.number)
    new.fill_code(old.number)
    new.press("找回我的资料")
    expect(new.web.get_by_text(first)).to_be_visible()
    for phone in (old, new):
        phone.page.close()


def test_larger_type_stays_on_from_page_to_page(page: Page, product: Product) -> None:
    page.goto(f"{product.site}/activities")
    usual = text_size(page)
    page.get_by_role("button", name="大字").click()
    expect(page.get_by_role("button", name="标准字")).to_be_visible()
    assert text_size(page) > 1.25 * usual
    page.goto(f"{product.site}/policies")
    assert text_size(page) > 1.25 * usual
    page.get_by_role("button", name="标准字").click()
    expect(page.get_by_role("button", name="大字")).to_be_visible()
    assert text_size(page) == usual


def text_size(page: Page) -> float:
    return float(page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)"))


def test_a_policy_is_found_read_and_printed_alone(page: Page, product: Product) -> None:
    page.goto(f"{product.site}/policies")
    title = page.locator(".card__title").first.inner_text()
    page.get_by_label("查找").fill(title[:6])
    page.get_by_role("button", name="查找").click()
    page.wait_for_url("**?*")
    page.get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.emulate_media(media="print")
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_way_back_from_an_activity_is_the_list_as_it_was_left(page: Page, product: Product) -> None:
    page.goto(f"{product.site}/activities?phase=all&q=科普")
    page.locator("a.card__body").first.click()
    page.get_by_role("link", name="返回").first.click()
    expect(page.get_by_label("名称")).to_have_value("科普")
