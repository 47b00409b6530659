"""The main job, page by page, as a person does it on the phone."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from app.clock import SHANGHAI
from app.demo.people import resident_id
from tests.browser.looks import faults
from tests.browser.phone import Phone
from tests.browser.product import Product
from tests.browser.steps import (
    fill_ability,
    fill_registration,
    fill_who,
    numbers,
    publish,
    register_as_volunteer,
    register_organization,
)


@pytest.fixture
def phone(page: Page, product: Product) -> Phone:
    return Phone(page, product, "林晓雨", next(numbers))


def test_a_volunteer_signs_up_for_what_an_organisation_published(
    browser: Browser, page: Page, product: Product
) -> None:
    title = "台风天自我保护讲座"
    organizer = Phone(browser.new_page(), product, "周明远", next(numbers))
    organizer.follow()
    register_organization(organizer, "滨海科普志愿服务队")
    done = organizer.page.frame(name="webview")
    assert done is not None
    assert faults(done) == []
    organizer.close_web()
    publish(organizer, title)

    volunteer = Phone(page, product, "林晓雨", next(numbers))
    volunteer.follow()
    register_as_volunteer(volunteer)
    volunteer.close_web()
    volunteer.tap_menu("志愿者", "活动报名")
    volunteer.web.get_by_role("link", name=title).click()
    volunteer.expect_title(title)
    volunteer.press("立即报名")
    expect(volunteer.web.get_by_text("报名成功")).to_be_visible()
    expect(volunteer.web.get_by_text("已报名", exact=False).last).to_be_visible()
    expect(volunteer.web.get_by_text("剩 1 个名额")).to_be_visible()
    volunteer.close_web()
    expect(volunteer.page.get_by_text(f"报名成功：{title}")).to_be_visible()
    volunteer.tap_menu("志愿者", "我参加的活动")
    expect(volunteer.web.get_by_role("link", name=title)).to_be_visible()
    volunteer.web.get_by_role("link", name="待参加").click()
    expect(volunteer.web.get_by_role("link", name=title)).to_be_visible()
    volunteer.web.get_by_role("link", name="已结束").click()
    expect(volunteer.web.get_by_role("link", name=title)).to_have_count(0)

    organizer.close_web()
    organizer.tap_menu("组织", "我发布的活动")
    organizer.web.get_by_role("link", name=title).click()
    expect(organizer.web.get_by_text("林晓雨")).to_be_visible()
    expect(organizer.web.get_by_text(f"{volunteer.number[:3]}****{volunteer.number[-4:]}")).to_be_visible()
    organizer.page.close()


def test_registering_shows_the_number_and_the_information_masked(phone: Phone) -> None:
    phone.follow()
    register_as_volunteer(phone)
    number = phone.web.locator(".number strong").inner_text()
    assert len(number) == 17
    phone.close_web()
    phone.tap_menu("志愿者", "志愿者信息")
    expect(phone.web.get_by_text(number)).to_be_visible()
    expect(phone.web.get_by_text(f"{phone.number[:3]}****{phone.number[-4:]}")).to_be_visible()
    assert phone.number not in phone.web.locator("body").inner_text()


def test_mistakes_are_told_beside_the_field_and_what_was_typed_stays(phone: Phone) -> None:
    phone.follow()
    phone.tap_menu("志愿者", "注册")
    phone.fill("手机号", "12345")
    phone.press("发送验证码")
    expect(phone.web.get_by_text("请填写 11 位手机号")).to_be_visible()
    expect(phone.web.get_by_label("手机号", exact=True)).to_have_value("12345")
    phone.prove_phone()
    fill_who(phone, "林晓雨", "110105194912310021")
    phone.press("下一步")
    expect(phone.web.get_by_text("身份证号码有误")).to_be_visible()
    expect(phone.web.get_by_label("姓名", exact=True)).to_have_value("林晓雨")
    fill_registration(phone)
    phone.web.get_by_label("我已阅读并同意《隐私政策》").uncheck()
    phone.press("提交注册")
    expect(phone.web.get_by_text("请阅读并同意隐私政策")).to_be_visible()
    phone.press("上一步")
    expect(phone.web.get_by_label("教育培训")).to_be_checked()


def test_somebody_of_16_registers_with_a_guardian_who_consents_by_a_code(phone: Phone) -> None:
    born, parent = datetime.now(SHANGHAI).date() - timedelta(days=16 * 366), next(numbers)
    phone.follow()
    phone.tap_menu("志愿者", "注册")
    phone.prove_phone()
    fill_who(phone, "林小满", resident_id("210202", born, 8))
    phone.press("下一步")
    phone.fill("监护人姓名", "林晓雨")
    phone.fill("监护人手机号", phone.number)
    phone.press("发送验证码")
    expect(phone.web.get_by_text("这是您自己的手机号")).to_be_visible()
    phone.fill("监护人手机号", parent)
    phone.fill_code(parent)
    phone.web.get_by_label("监护人已看过注册协议和隐私政策，同意注册").check()
    look = phone.page.frame(name="webview")
    assert look is not None
    assert faults(look) == []
    phone.press("下一步")
    fill_ability(phone)
    phone.press("下一步")
    for box in ("我已阅读并同意《科技志愿者注册协议》", "我已阅读并同意《隐私政策》"):
        phone.web.get_by_label(box).check()
    phone.press("提交注册")
    phone.expect_title("注册成功")


def test_each_step_of_the_registration_is_at_most_a_screen_and_a_half(phone: Phone) -> None:
    phone.follow()
    phone.tap_menu("志愿者", "注册")
    phone.prove_phone()
    heights = {}
    for title, fill in (
        ("您是谁", lambda: fill_who(phone, "林晓雨")),
        ("会什么", lambda: fill_ability(phone)),
        ("协议", None),
    ):
        expect(phone.web.get_by_text(title).first).to_be_visible()
        look = phone.page.frame(name="webview")
        assert look is not None
        assert faults(look) == [], title
        heights[title] = phone.web.locator("main").evaluate("one => one.getBoundingClientRect().bottom")
        if fill:
            fill()
            phone.press("下一步")
    assert max(heights.values()) <= 1.5 * 844, heights


def test_a_wrong_code_is_refused_and_the_right_one_still_works(phone: Phone) -> None:
    phone.follow()
    phone.tap_menu("志愿者", "注册")
    phone.fill("手机号", phone.number)
    phone.press("发送验证码")
    expect(phone.web.get_by_text("验证码已发出")).to_be_visible()
    right = phone.newest_code()
    phone.fill("验证码", f"{(int(right) + 1) % 1_000_000:06d}")
    phone.press("下一步")
    expect(phone.web.get_by_text("验证码不正确")).to_be_visible()
    phone.fill("验证码", right)
    phone.press("下一步")
    expect(phone.web.get_by_label("证件号码", exact=True)).to_be_visible()


def test_whoever_logged_out_proves_the_phone_again(phone: Phone) -> None:
    phone.follow()
    register_as_volunteer(phone)
    phone.web.get_by_role("link", name="我的信息").click()
    phone.press("退出登录")
    phone.close_web()
    phone.tap_menu("志愿者", "志愿者信息")
    phone.expect_title("登录")


def test_the_worker_was_killed_and_the_confirmation_arrives_once_it_is_back(phone: Phone, product: Product) -> None:
    phone.follow()
    register_as_volunteer(phone)
    phone.close_web()
    product.kill_worker()
    phone.tap_menu("志愿者", "活动报名")
    phone.web.get_by_role("link", name="科普大篷车进校园").click()
    phone.press("立即报名")
    expect(phone.web.get_by_text("报名成功")).to_be_visible()
    phone.close_web()
    expect(phone.page.get_by_text("报名成功：科普大篷车进校园")).to_have_count(0)
    product.restart_worker()
    expect(phone.page.get_by_text("报名成功：科普大篷车进校园")).to_have_count(1)


def test_the_site_outside_wechat_works_by_phone_and_code(browser: Browser, product: Product) -> None:
    page = browser.new_page()
    page.goto(f"{product.site}/volunteer/register")
    expect(page.get_by_label("手机号", exact=True)).to_be_visible()
    page.close()


def test_a_browser_with_wechats_marker_is_asked_who_it_is_and_let_in(browser: Browser, product: Product) -> None:
    context = browser.new_context(
        user_agent="Mozilla/5.0 (iPhone) MicroMessenger/8.0.50", viewport={"width": 375, "height": 667}
    )
    page = context.new_page()
    page.goto(f"{product.site}/volunteer")
    page.get_by_role("button", name="陈晓").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    assert "code=" not in page.url
    context.close()


def test_an_activity_inside_wechat_asks_for_the_signature_of_its_share_card(browser: Browser, product: Product) -> None:
    context = browser.new_context(
        user_agent="Mozilla/5.0 (iPhone) MicroMessenger/8.0.50", viewport={"width": 375, "height": 667}
    )
    page = context.new_page()
    page.goto(f"{product.site}/activities")
    page.get_by_role("button", name="陈晓").click()
    with page.expect_response("**/wechat/js-sdk?url=*") as asked:
        page.get_by_role("link", name="老年人智能手机课堂").click()
    assert asked.value.ok
    expect(page.get_by_role("heading", level=1)).to_have_text("老年人智能手机课堂")
    context.close()


def test_following_again_and_words_in_the_chat_are_answered_with_links(phone: Phone) -> None:
    phone.follow()
    links = phone.page.get_by_role("link", name="活动报名")
    expect(links).not_to_have_count(0)
    before = links.count()
    phone.page.get_by_label("输入消息").fill("我想报名活动")
    phone.button("发送")
    expect(links).to_have_count(before + 1)
    links.last.click()
    phone.expect_title("活动报名")


def test_the_page_works_without_javascript(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 667})
    page = context.new_page()
    page.goto(f"{product.site}/activities")
    page.get_by_text("筛选：地区、类别、日期").click()
    page.get_by_label("地区").select_option(label="沙河口区")
    page.get_by_role("button", name="按这些条件找").click()
    expect(page.get_by_role("link", name="老年人智能手机课堂")).to_be_visible()
    expect(page.get_by_role("link", name="社区防灾减灾知识讲座")).to_have_count(0)
    context.close()
