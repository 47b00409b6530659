"""活动发布 as an organiser does it: the plain case without JavaScript, and all that there is beyond it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.clock import SHANGHAI
from tests.browser.every_page import ORGANISER, log_in
from tests.browser.looks import faults
from tests.browser.product import Product

PHONE = {"viewport": {"width": 375, "height": 667}, "locale": "zh-CN"}


def context_of(browser: Browser, product: Product, person: str, *, scripts: bool = True) -> BrowserContext:
    context = browser.new_context(**PHONE, java_script_enabled=scripts)  # type: ignore[arg-type]
    if person:
        log_in(context.new_page(), product, person)
    else:
        context.new_page()
    return context


@pytest.fixture
def organiser(browser: Browser, product: Product) -> Iterator[Page]:
    context = context_of(browser, product, ORGANISER)
    yield context.pages[0]
    context.close()


def open_form(page: Page, product: Product) -> None:
    page.goto(f"{product.site}/organization/activities/new")
    expect(page.get_by_role("heading", level=1)).to_have_text("活动发布")


def fill_plain(page: Page, title: str) -> None:
    page.get_by_label("活动名称", exact=True).fill(title)
    page.get_by_label("服务类别").select_option(label="基层阵地科普服务")
    # Of a place of its own: whoever publishes twice for one time and place is asked whether that is meant.
    page.get_by_label("活动地点").fill(f"{title}集合点")
    page.get_by_label("招募人数", exact=True).fill("12")
    page.get_by_text("老年人", exact=True).click()
    page.get_by_label("活动内容", exact=True).fill(f"{title}：给居民讲解台风天怎样保护自己。")


def expect_good(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert faults(page) == []


def test_a_plain_activity_needs_seven_touches_and_no_javascript(browser: Browser, product: Product) -> None:
    context = context_of(browser, product, ORGANISER, scripts=False)
    page = context.pages[0]
    open_form(page, product)
    fill_plain(page, "防汛自救知识讲座")
    page.get_by_label("我确认以上情形都不存在").check()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_text("活动已发布")).to_be_visible()
    open_form(page, product)
    page.get_by_label("活动名称", exact=True).fill("两场讲座")
    page.get_by_role("button", name="再加一个场次").click()
    expect(page.get_by_text("场次 2", exact=True)).to_be_visible()
    expect(page.get_by_label("活动名称", exact=True)).to_have_value("两场讲座")
    page.get_by_role("button", name="删除场次 2").click()
    expect(page.get_by_text("场次 2", exact=True)).to_have_count(0)
    context.close()


def test_two_shifts_with_a_picture_for_ones_own_members(
    browser: Browser, product: Product, organiser: Page, tmp_path: Path
) -> None:
    photo = tmp_path / "照片.jpg"
    Image.effect_mandelbrot((1600, 1200), (-2, -1.5, 1, 1.5), 100).convert("RGB").save(photo)
    page, title = organiser, "科技馆周末讲解两场"
    open_form(page, product)
    fill_plain(page, title)
    page.get_by_role("button", name="再加一个场次").click()
    expect(page.get_by_text("场次 2", exact=True)).to_be_visible()
    expect(page.get_by_label("活动名称", exact=True)).to_have_value(title)
    page.get_by_label("场次名称").first.fill("上午场")
    page.get_by_label("场次名称").last.fill("下午场")
    page.get_by_text("更多：图片").click()
    page.get_by_label("活动图片").set_input_files(photo)
    page.get_by_text("更多：谁能报名").click()
    page.get_by_label("招募范围").select_option(label="定向招募")
    page.get_by_text("本组织的成员", exact=True).click()
    expect_good(page)
    page.get_by_label("我确认以上情形都不存在").check()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_text("活动已发布")).to_be_visible()
    expect_good(page)
    page.get_by_role("link", name=re.compile("^下午场 ")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("名单")
    expect(page.get_by_label("场次").locator("option:checked")).to_have_text(re.compile("^下午场 "))
    expect_good(page)
    page.go_back()
    page.get_by_role("link", name="看看志愿者看到的页面").click()
    expect(page.get_by_role("heading", name="下午场")).to_be_visible()
    picture = page.get_by_role("img", name="活动图片 1")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 1280)
    expect_good(page)
    stranger = context_of(browser, product, "")
    other = stranger.pages[0]
    other.goto(f"{product.site}/activities?phase=all&q={title}")
    expect(other.locator(".card__title", has_text=title)).to_have_count(0)
    other.goto(page.url)
    expect(other.get_by_text("的成员", exact=False).first).to_be_visible()
    stranger.close()


def test_a_draft_is_looked_at_and_published(product: Product, organiser: Page) -> None:
    page, title = organiser, "写到一半的义诊"
    open_form(page, product)
    page.get_by_label("活动名称", exact=True).fill(title)
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()
    page.get_by_role("link", name=title).click()
    expect(page.get_by_text("草稿还没有填完")).to_be_visible()
    fill_plain(page, title)
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_text("预览：还没有发布")).to_be_visible()
    expect(page.get_by_role("button", name="立即报名")).to_be_disabled()
    expect_good(page)
    page.get_by_label("我确认以上情形都不存在").check()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_text("活动已发布")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_role("link", name="复制成新活动").click()
    expect(page.get_by_label("活动名称", exact=True)).to_have_value(title)


def test_weekly_repeats_become_activities_of_their_own(product: Product, organiser: Page) -> None:
    page, title = organiser, "每周六智能手机课"
    open_form(page, product)
    fill_plain(page, title)
    start = datetime.fromisoformat(page.get_by_label("开始时间", exact=True).input_value()).replace(tzinfo=SHANGHAI)
    page.get_by_text("更多：每周重复").click()
    page.get_by_text("周六", exact=True).click()
    page.get_by_label("重复到哪一天").fill((start + timedelta(weeks=2)).strftime("%Y-%m-%d"))
    page.get_by_role("button", name="生成场次").click()
    expect(page.get_by_text("场次 3", exact=True)).to_be_visible()
    page.get_by_text("更多：每周重复").click()
    page.get_by_label("每个场次单独发布成一个活动").check()
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_text("将发布成 3 个活动")).to_be_visible()
    expect(page.get_by_role("region", name="将发布的活动").get_by_role("listitem")).to_have_count(3)
    expect_good(page)
    page.get_by_label("我确认以上情形都不存在").check()
    page.get_by_role("button", name="确认发布（3 个活动）").click()
    expect(page.get_by_text("活动已发布")).to_be_visible()
    page.goto(f"{product.site}/organization/activities?phase=all&q={title}")
    expect(page.get_by_role("link", name=re.compile(title))).to_have_count(3)


def test_what_is_typed_is_there_again_after_the_page_was_closed(browser: Browser, product: Product) -> None:
    title = "没写完的科普大篷车"
    context = context_of(browser, product, ORGANISER)
    page = context.pages[0]
    open_form(page, product)
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 204):
        page.get_by_label("活动名称", exact=True).fill(title)
    page.close()
    page = context.new_page()
    open_form(page, product)
    expect_good(page)
    expect(page.get_by_text(f"上次没写完的“{title}”还在")).to_be_visible()
    page.get_by_role("link", name="接着写").click()
    expect(page.get_by_label("活动名称", exact=True)).to_have_value(title)
    context.close()


def test_two_windows_that_write_one_draft_hear_of_each_other(product: Product, organiser: Page) -> None:
    page, title = organiser, "两个人一起写的展览"
    open_form(page, product)
    fill_plain(page, title)
    page.get_by_role("button", name="存草稿").click()
    page.get_by_role("link", name=title).click()
    page.get_by_role("link", name="继续编辑").click()
    second = page.context.new_page()
    second.goto(page.url)
    second.get_by_label("活动地点").fill("二楼展厅")
    with second.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 204):
        second.get_by_label("活动内容", exact=True).fill("讲解展品。")
    page.get_by_label("活动内容", exact=True).fill("带孩子们看展品。")
    expect(page.get_by_text("自动保存停了")).to_be_visible()
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_text("这份草稿被别人改过")).to_be_visible()
    expect(page.get_by_text("现在的草稿与您写的不同的有：活动地点、活动内容")).to_be_visible()
    expect(page.get_by_label("活动内容", exact=True)).to_have_value("带孩子们看展品。")
    expect_good(page)
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_text("预览：还没有发布")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_who_goes_back_and_presses_again_has_published_once(browser: Browser, product: Product, scripts: bool) -> None:
    context = context_of(browser, product, ORGANISER, scripts=scripts)
    page, title = context.pages[0], f"回头再按一次{'有脚本' if scripts else '没有脚本'}"
    open_form(page, product)
    fill_plain(page, title)
    page.get_by_label("我确认以上情形都不存在").check()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_text("活动已发布")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("活动名称", exact=True)).to_have_value(title)
    page.get_by_label("我确认以上情形都不存在").check()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_role("alert").filter(has_text="您刚刚发布过同样的活动")).to_be_visible()
    expect(page.get_by_label("确实再发布一个活动")).not_to_be_checked()
    if scripts:
        expect_good(page)
    page.get_by_role("link", name="看看那个活动").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.goto(f"{product.site}/organization/activities?q={title}")
    expect(page.locator(".card__title", has_text=title)).to_have_count(1)
    context.close()
