"""团体注册: a sheet is sent, checked and imported, and somebody on it says yes on their own phone."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.every_page import ORGANISER, log_in
from tests.browser.looks import faults
from tests.browser.product import Product
from tests.browser.steps import numbers
from tests.group_registration.sheets import book, row

SCREEN = {"viewport": {"width": 375, "height": 740}, "locale": "zh-CN"}
#: The worker looks at what it is woken for, the page at the worker every few seconds.
PATIENCE = 60_000


def send(page: Page, product: Product, sheet: Path) -> None:
    page.goto(f"{product.site}/organization/volunteers")
    with page.expect_navigation():
        page.get_by_role("link", name="团体注册").click()
    assert faults(page) == []
    page.get_by_label("名单文件（xlsx）").set_input_files(sheet)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("button", name="确认导入")).to_be_visible(timeout=PATIENCE)


def give_up(page: Page) -> None:
    page.get_by_role("button", name="放弃，删除这份名单").click()
    expect(page.get_by_text("已放弃", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="下载核对结果")).to_have_count(0)


def test_a_sheet_becomes_people_who_say_yes_on_their_own_phone(
    page: Page, browser: Browser, product: Product, tmp_path: Path
) -> None:
    phone, number = next(numbers), "440524188001010014"
    sheet = tmp_path / "名单.xlsx"
    sheet.write_bytes(book([row(name="沈书恒", phone=phone, id_number=number), row(phone=next(numbers), consent="")]))
    log_in(page, product, ORGANISER)
    send(page, product, sheet)
    give_up(page)
    send(page, product, sheet)
    expect(page.get_by_text("什么都还没有改")).to_be_visible()
    assert faults(page) == []
    with page.expect_download() as got:
        page.get_by_role("button", name="下载核对结果").click()
    assert got.value.suggested_filename == "名单-核对结果.xlsx"
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("待本人确认", exact=True)).to_be_visible(timeout=PATIENCE)
    assert faults(page) == []

    person = browser.new_context(**SCREEN).new_page()  # type: ignore[arg-type]
    log_in(person, product, phone)
    person.goto(f"{product.site}/volunteer")
    expect(person.get_by_role("heading", name="确认注册")).to_be_visible()
    assert faults(person) == []
    expect(person.get_by_label("姓名")).to_have_value("沈书恒")
    person.get_by_label("证件号码", exact=True).fill(number)
    person.get_by_text("同意为确认身份收集我的证件号码").click()
    person.get_by_text("我已阅读并同意《科技志愿者注册协议》").click()
    person.get_by_text("我已阅读并同意《隐私政策》").click()
    person.get_by_role("button", name="确认并注册").click()
    expect(person.get_by_text("注册成功，您已加入组织")).to_be_visible()
    person.context.close()

    page.goto(f"{product.site}/organization/volunteers?q=沈书恒")
    expect(page.get_by_text("沈书恒")).to_be_visible()
    page.goto(f"{product.site}/organization/volunteers/import")
    page.get_by_text("已导入").first.click()
    with page.expect_navigation():
        page.get_by_role("link", name="撤销这次导入").click()
    assert faults(page) == []
    page.get_by_role("button", name="确定撤销").click()
    expect(page.get_by_text("已经自己确认或加入，没有动")).to_be_visible(timeout=PATIENCE)
