"""名单, 加入, 清退 and 申诉, on the phones of those concerned."""

from playwright.sync_api import Browser, expect

from tests.browser.every_page import PARENT
from tests.browser.looks import faults
from tests.browser.product import Product
from tests.browser.steps import Enter, at_home, look, newcomer, organization, publish
from tests.browser.test_waiting_list import open_activity

#: Of the demonstration data: whose organisation somebody has asked to join, and who that is.
OWNER, ASKER = "19900000006", ("徐桂芳", "19900000032")


def test_the_organiser_gives_a_place_out_of_turn_and_says_why(browser: Browser, product: Product) -> None:
    title = "天文馆周末讲解"
    organizer = organization(browser, product, "天文科普志愿服务队")
    publish(organizer, title, quota="1", waitlist="5", by_hand=True)
    people = [newcomer(browser, product, name) for name in ("甘明月", "温如玉", "江晚秋")]
    for phone, button in zip(people, ("立即报名", "报名候补", "报名候补"), strict=True):
        open_activity(phone, title)
        phone.press(button)
    organizer.close_web()
    organizer.tap_menu("组织", "我发布的活动")
    organizer.web.get_by_role("link", name=title).click()
    organizer.web.get_by_role("link", name="名单：在册 1 人，候补 2 人").click()
    organizer.expect_title("名单")
    organizer.web.get_by_role("link", name="移出名单：甘明月").click()
    organizer.fill("原因", "本人来电说来不了")
    organizer.press("确定移出名单")
    organizer.web.get_by_role("link", name="候补 2").click()
    organizer.web.get_by_role("link", name="给名额：江晚秋").click()
    organizer.expect_title("给名额：江晚秋")
    look(organizer)
    organizer.fill("原因", "会手语，正好需要")
    organizer.press("确定给名额")
    expect(organizer.web.get_by_text("名额已给这位，等对方确认")).to_be_visible()
    people[2].close_web()
    expect(people[2].page.get_by_text(f"有名额了，请确认：{title}")).to_be_visible()
    for phone in (organizer, *people):
        phone.page.close()


def test_whoever_is_removed_appeals_and_the_organisation_above_brings_them_back(
    browser: Browser, product: Product, enter: Enter
) -> None:
    name = "无线电科普志愿服务队"
    organizer = organization(browser, product, name)
    member = newcomer(browser, product, "苗青青")
    ask_to_join(member, name)
    organizer.tap_menu("组织", "组织信息")
    organizer.web.get_by_role("link", name="查看全部志愿者").click()
    organizer.web.get_by_role("link", name="加入申请（1 人待审核）").click()
    organizer.press("同意：苗青青")
    expect(organizer.web.get_by_text("已同意，对方会收到通知")).to_be_visible()
    organizer.web.get_by_role("link", name="返回全部志愿者").click()
    organizer.expect_title("全部志愿者")
    organizer.web.get_by_role("link", name="苗青青").click()
    organizer.web.get_by_role("link", name="清退").click()
    organizer.fill("原因", "多次报名不来")
    organizer.press("确定清退")
    expect(organizer.web.get_by_text("已清退，对方会收到原因")).to_be_visible()
    expect(member.page.get_by_text(f"“{name}”把您移出了组织")).to_be_visible()
    member.tap_menu("志愿者", "志愿者信息")
    member.web.get_by_role("link", name="清退与申诉").click()
    member.web.get_by_role("link", name=f"申诉：{name}").click()
    member.expect_title("申诉")
    look(member)
    member.fill("申诉理由", "那几次都提前请过假")
    member.press("提交申诉")
    expect(member.web.get_by_text("申诉已提交")).to_be_visible()
    member.close_web()
    above = enter(PARENT)
    above.goto(f"{product.site}/organization")
    expect(above.get_by_role("heading", name="等待您处理的申诉（1）")).to_be_visible()
    assert faults(above) == []
    with above.expect_navigation():
        above.get_by_role("link", name=f"对“{name}”清退的申诉").click()
    expect(above.get_by_text("那几次都提前请过假")).to_be_visible()
    assert faults(above) == []
    above.get_by_text("恢复成员资格", exact=True).click()
    above.get_by_label("说明").fill("查了记录，每次都请过假")
    above.get_by_role("button", name="确定").click()
    expect(above.get_by_text("已处理，对方会收到通知")).to_be_visible()
    expect(above.get_by_text("现在没有要处理的申诉")).to_be_visible()
    expect(member.page.get_by_text(f"您对“{name}”清退决定的申诉成立")).to_be_visible()
    member.tap_menu("志愿者", "志愿者信息")
    expect(member.web.get_by_text(name)).to_be_visible()
    for phone in (organizer, member):
        phone.page.close()


def test_who_is_not_let_into_an_organisation_reads_why(browser: Browser, product: Product, enter: Enter) -> None:
    page, asker = enter(OWNER), at_home(browser, product, *ASKER)
    page.goto(f"{product.site}/organization/volunteers/requests")
    with page.expect_navigation():
        page.get_by_role("link", name=f"不同意：{ASKER[0]}").click()
    assert faults(page) == []
    page.get_by_role("button", name="确定不同意加入").click()
    expect(page.get_by_text("请写明", exact=False)).to_be_visible()
    page.get_by_label("原因").fill("这里只收住在本区的人")
    page.get_by_role("button", name="确定不同意加入").click()
    expect(page.get_by_text("没有同意，对方会收到原因")).to_be_visible()
    expect(page.get_by_role("link", name=f"不同意：{ASKER[0]}")).to_have_count(0)
    assert faults(page) == []
    expect(asker.page.get_by_text("这里只收住在本区的人")).to_be_visible()
    asker.tap_menu("志愿者", "志愿者信息")
    expect(asker.web.get_by_role("link", name="找一个组织加入")).to_be_visible()
    asker.page.close()


def ask_to_join(phone, name: str) -> None:
    phone.tap_menu("志愿者", "志愿者信息")
    phone.web.get_by_role("link", name="找一个组织加入").click()
    phone.fill("名称", name)
    phone.press("查找")
    expect(phone.web.locator("li.card")).to_have_count(1)
    phone.press(f"申请加入：{name}")
    expect(phone.web.get_by_text("已申请加入，等组织审核")).to_be_visible()
    phone.close_web()
