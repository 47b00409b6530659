"""Steps that several walks begin with, as a hand would do them on the phone."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from app.clock import SHANGHAI
from app.demo.people import resident_id
from tests.browser.looks import faults
from tests.browser.phone import Phone
from tests.browser.product import Product

numbers = (f"1880000{number:04d}" for number in itertools.count(1))
orders = itertools.count(1)
#: A browser of somebody's own; conftest.py makes it.
Enter = Callable[[str], Page]


def fill_who(phone: Phone, name: str, id_number: str = "") -> None:
    born = datetime(1960, 5, 17, tzinfo=SHANGHAI).date()
    phone.fill("姓名", name)
    phone.fill("证件号码", id_number or resident_id("210202", born, next(orders)))
    phone.web.get_by_label("同意为确认身份收集我的证件号码").check()


def fill_ability(phone: Phone) -> None:
    phone.web.get_by_label("所在区域").select_option(label="中山区")
    for chip in ("教育培训", "基层阵地科普服务"):
        phone.web.get_by_text(chip, exact=True).click()


def fill_registration(phone: Phone, name: str = "林晓雨", id_number: str = "") -> None:
    """Step by step to the last one, all of it filled in."""
    fill_who(phone, name, id_number)
    phone.press("下一步")
    fill_ability(phone)
    phone.press("下一步")
    for box in ("我已阅读并同意《科技志愿者注册协议》", "我已阅读并同意《隐私政策》"):
        phone.web.get_by_label(box).check()


def send_registration(phone: Phone, name: str = "林晓雨", id_number: str = "") -> None:
    phone.tap_menu("志愿者", "注册")
    phone.prove_phone()
    fill_registration(phone, name, id_number)
    phone.press("提交注册")


def register_as_volunteer(phone: Phone, name: str = "林晓雨") -> None:
    send_registration(phone, name)
    phone.expect_title("注册成功")


def register_organization(
    phone: Phone, name: str, *, parent: str = "", done: str = "注册成功", application: Path | None = None
) -> None:
    phone.tap_menu("组织", "注册")
    phone.prove_phone()
    phone.fill("组织名称", name)
    phone.web.get_by_label("组织类型").select_option(label="专业志愿服务队")
    if parent:
        phone.web.get_by_label("上级组织", exact=True).select_option(label=parent)
    phone.web.get_by_label("所属区域").select_option(label="中山区")
    phone.fill("详细地址", "友好路 8 号")
    phone.fill("成立日期", "2020-03-01")
    phone.fill("负责人", "周明远")
    phone.fill("负责人手机号", phone.number)
    phone.web.get_by_text("基层阵地科普服务", exact=True).click()
    if application:
        phone.fill("组织简介", "常年在社区讲科普。")
        phone.web.get_by_label("注册申请表扫描件").set_input_files(application)
    phone.press("下一步")
    phone.fill("管理员姓名", "周明远")
    for box in ("我已阅读并同意《科技志愿服务组织注册协议》", "我已阅读并同意《隐私政策》"):
        phone.web.get_by_label(box).check()
    phone.press("提交注册")
    phone.expect_title(done)


def publish(
    phone: Phone, title: str, *, quota: str = "2", waitlist: str = "", review: bool = False, by_hand: bool = False
) -> None:
    start = datetime.now(SHANGHAI) + timedelta(hours=26)
    phone.tap_menu("组织", "活动发布")
    phone.fill("活动名称", title)
    phone.web.get_by_label("服务类别").select_option(label="基层阵地科普服务")
    phone.fill("开始时间", start.strftime("%Y-%m-%dT%H:%M"))
    phone.fill("结束时间", (start + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"))
    phone.fill("活动地点", "友好广场科普驿站")
    phone.fill("招募人数", quota)
    phone.web.get_by_text("老年人", exact=True).click()
    phone.fill("活动内容", f"{title}：给居民讲解台风天怎样保护自己。")
    if waitlist or review:
        phone.web.get_by_text("更多：报名开始、审核、候补、取消截止").click()
        phone.fill("候补人数（选填）", waitlist)
    if by_hand:
        phone.web.get_by_label("候补方式").select_option(label="由组织者递补")
    if review:
        phone.web.get_by_label("报名方式").select_option(label="审核后成功")
    phone.web.get_by_label("我确认以上情形都不存在").check()
    phone.press("确认发布")
    expect(phone.web.get_by_text("活动已发布")).to_be_visible()


def open_link(phone: Phone, link: str, title: str) -> None:
    phone.web.get_by_role("link", name=link).first.click()
    phone.expect_title(title)


def look(phone: Phone) -> None:
    """At the page that is open inside WeChat."""
    shown = phone.page.frame(name="webview")
    assert shown is not None
    assert faults(shown) == []


def at_home(browser: Browser, product: Product, name: str, number: str) -> Phone:
    """Somebody of the demonstration data who follows the account and has proved their phone."""
    phone = Phone(browser.new_page(), product, name, number)
    phone.follow()
    phone.tap_menu("志愿者", "志愿者信息")
    phone.prove_phone()
    phone.expect_title("志愿者信息")
    phone.close_web()
    return phone


def newcomer(browser: Browser, product: Product, name: str) -> Phone:
    """Somebody who follows the account and has registered as a volunteer."""
    phone = Phone(browser.new_page(), product, name, next(numbers))
    phone.follow()
    register_as_volunteer(phone, name)
    phone.close_web()
    return phone


def organization(browser: Browser, product: Product, name: str) -> Phone:
    """The owner of an organisation that has just registered."""
    phone = Phone(browser.new_page(), product, "周明远", next(numbers))
    phone.follow()
    register_organization(phone, name)
    phone.close_web()
    return phone
