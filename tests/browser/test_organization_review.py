"""An organisation registers under one that reviews: sent back, mended, accepted, and then it publishes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.phone import Phone
from tests.browser.product import Product
from tests.browser.steps import look, numbers, open_link, organization, publish, register_organization

SETTING = "STVS_ORGANIZATIONS__REVIEW"
NAME, OTHER = "渤海路社区科普服务队", "渤海湾社区科普服务队"


@pytest.fixture
def above(request: pytest.FixtureRequest) -> str:
    """The name of the organisation above, another one for each test."""
    return "渤海区科技志愿服务队" if "sent_back" in request.node.name else "黄海区科技志愿服务队"


@pytest.fixture
def parent(browser: Browser, product: Product, above: str) -> Iterator[Phone]:
    """Who runs the organisation above, at a site that reviews."""
    phone = organization(browser, product, above)
    product.env[SETTING] = "parent"
    product.restart_web()
    yield phone
    del product.env[SETTING]
    product.restart_web()
    phone.page.close()


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """A photo of the paper form."""
    photo = tmp_path / "申请表.jpg"
    Image.new("RGB", (1500, 2100), "ivory").save(photo)
    return photo


def test_sent_back_mended_accepted_and_published(
    parent: Phone, above: str, page: Page, product: Product, application: Path
) -> None:
    applicant = Phone(page, product, "林晓雨", next(numbers))
    applicant.follow()
    register_organization(applicant, NAME, parent=above, done="已提交，等待上级审核", application=application)
    look(applicant)
    applicant.close_web()

    expect(parent.page.get_by_text(f"有组织等您审核：{NAME}")).to_be_visible()
    parent.tap_menu("组织", "组织信息")
    open_link(parent, NAME, "审核组织")
    look(parent)
    seen = parent.web.get_by_role("link", name="第 1 页")
    expect(seen).to_have_attribute("href", re.compile(r"^/organization/applications/.*-large\.jpg$"))
    parent.fill("理由（选填）", "请把地址写到门牌")
    parent.press("退回")
    expect(parent.web.get_by_text("已退回，对方修改后会再提交")).to_be_visible()
    parent.close_web()

    expect(applicant.page.get_by_text("理由：请把地址写到门牌")).to_be_visible()
    applicant.tap_menu("组织", "组织信息")
    open_link(applicant, "撤回注册", "撤回注册")
    look(applicant)
    open_link(applicant, "不了，返回", "组织信息")
    open_link(applicant, "修改并重新提交", "编辑信息")
    look(applicant)
    applicant.fill("详细地址", "渤海路 8 号 2 楼")
    applicant.press("重新提交")
    expect(applicant.web.get_by_text("已重新提交，等上级审核")).to_be_visible()
    look(applicant)
    applicant.close_web()

    parent.page.get_by_role("link", name="去审核").last.click()
    expect(parent.web.get_by_text("渤海路 8 号 2 楼")).to_be_visible()
    parent.press("通过")
    expect(parent.web.get_by_text("已通过，对方会收到通知")).to_be_visible()

    expect(applicant.page.get_by_text(f"审核通过：{NAME}")).to_be_visible()
    publish(applicant, "社区防灾知识讲座")


def test_a_change_of_name_waits_for_the_organisation_above(
    parent: Phone, above: str, page: Page, product: Product, application: Path
) -> None:
    applicant = Phone(page, product, "林晓雨", next(numbers))
    applicant.follow()
    register_organization(applicant, OTHER, parent=above, done="已提交，等待上级审核", application=application)
    applicant.close_web()
    parent.tap_menu("组织", "组织信息")
    open_link(parent, OTHER, "审核组织")
    parent.press("通过")
    parent.close_web()

    applicant.tap_menu("组织", "组织信息")
    open_link(applicant, "编辑信息", "编辑信息")
    applicant.fill("组织名称", "渤海湾社区科技服务队")
    applicant.press("保存")
    expect(applicant.web.get_by_text(f"{OTHER} → 渤海湾社区科技服务队")).to_be_visible()
    look(applicant)
    expect(parent.page.get_by_text(f"有组织申请更改重要信息，等您审核：{OTHER}")).to_be_visible()
    parent.page.get_by_role("link", name="去审核").last.click()
    parent.expect_title("审核更改")
    look(parent)
    parent.press("同意")
    expect(parent.web.get_by_text("已同意，更改已生效")).to_be_visible()
    applicant.close_web()
    applicant.tap_menu("组织", "组织信息")
    expect(applicant.web.locator(".card__title", has_text="渤海湾社区科技服务队")).to_be_visible()
