"""政策文件 and the front page."""

import pytest


@pytest.fixture
def folder(world, tmp_path):
    with world.settings(content={"policies": str(tmp_path)}):
        yield tmp_path


def put(folder, name, title, date="2026-03-05", text="正文"):
    (folder / name).write_text(f'+++\ntitle = "{title}"\ndate = {date}\n+++\n{text}\n', encoding="utf-8")


def test_without_documents_the_page_says_so(world, folder):
    assert "还没有上传政策文件" in world.browser().page("/policies").text


def test_the_newest_document_comes_first(world, folder):
    put(folder, "old.md", "旧文件", "2020-01-01")
    put(folder, "new.md", "新文件", "2026-01-01")
    text = world.browser().page("/policies").text
    assert text.index("新文件") < text.index("旧文件")
    assert "正文" in world.browser().page("/policies/new").text


def test_a_document_that_cannot_be_read_does_not_hide_the_others(world, folder):
    put(folder, "good.md", "好文件")
    (folder / "bad.md").write_bytes(b"\xff\xfe no head")
    (folder / "worse.md").write_text("+++\nno toml here\n+++\n", encoding="utf-8")
    assert "好文件" in world.browser().page("/policies").text
    assert world.browser().get("/policies/bad").status_code == 404


@pytest.mark.parametrize("slug", ["none", "..", "%2e%2e", "..%2fREADME", "A", "x" * 300, "%00", "demo.md"])
def test_what_is_not_a_document_is_not_found(world, folder, slug):
    assert world.browser().get(f"/policies/{slug}").status_code in (308, 404)


def test_a_document_cannot_bring_scripts(world, folder):
    put(folder, "evil.md", "文件", text='<script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src=x onerror="y">')
    html = world.browser().page("/policies/evil").html
    assert "<script>alert" not in html
    assert 'href="javascript' not in html
    assert "<img" not in html


def test_the_front_page_leads_to_every_page_of_the_menu(world):
    links = world.browser().page("/").links
    for path in ("/volunteer/register", "/activities", "/volunteer/activities", "/volunteer", "/organization/register"):
        assert path in links
    for path in ("/organization/activities/new", "/organization/activities", "/organization", "/policies"):
        assert path in links
