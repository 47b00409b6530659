"""开放下级注册, as tests use it: the list, what its page shows, and who registers by it."""

from sqlalchemy import select

from app.organizations.wishes import ExpectedUnit

PATH = "/organization/expected"
REGISTER = "/organization/register"
NAMES = "中山区科技志愿服务队\n西岗区科技志愿服务队\n\n 星海中学 \n"


def sections(page):
    """The names under each heading."""
    found = {}
    for title in ("未开始", "进行中", "已完成"):
        part = page.html.partition(f'<h2 class="section">{title}')[2].partition("<h2")[0]
        found[title] = {name for name in ("中山区", "西岗区", "星海中学") if name in part}
    return found


def unit_link(world, name):
    return world.one(select(ExpectedUnit.uid).where(ExpectedUnit.name == name))


def register(world, good, admin_form, address=REGISTER, review="none", **changed):
    browser = world.browser(world.account())
    page = browser.page(address)
    form = good | {"parent": page.of("parent").value, "link": page.hidden["link"]} | changed
    with world.settings(organizations={"review": review}):
        assert browser.post(REGISTER, form).status_code == 303
        assert browser.post(f"{REGISTER}?step=admin", admin_form).status_code == 303
    return page
