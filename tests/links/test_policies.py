"""政策文件: what an admin puts in, and what people find."""

import pytest


@pytest.fixture
def folder(world, tmp_path):
    with world.settings(content={"policies": str(tmp_path / "policies")}):
        (tmp_path / "policies").mkdir()
        yield tmp_path / "policies"


@pytest.fixture
def flask(app):
    return lambda *words, **more: app.test_cli_runner().invoke(args=["policies", *words], **more)


def document(path, title="科技志愿服务管理办法", text="第一条 正文", **head):
    lines = [f'title = "{title}"', *(f'{name} = "{value}"' for name, value in head.items())]
    path.write_text("+++\n" + "\n".join(lines) + f"\n+++\n{text}\n", encoding="utf-8")
    return str(path)


def test_documents_are_found_by_words_and_by_category(world, folder):
    document(folder / "a.md", "管理办法", "保险和培训", category="办法", number="演示〔2026〕1号")
    document(folder / "b.md", "工作通知", "科普日安排", category="通知")
    browser = world.browser()
    for query, found, other in (
        ("q=保险", "管理办法", "工作通知"),
        ("q=〔2026〕1", "管理办法", "工作通知"),
        ("category=通知", "工作通知", "管理办法"),
        ("q=安排 科普", "工作通知", "管理办法"),
    ):
        text = browser.page(f"/policies?{query}").text
        assert (found in text, other in text) == (True, False), query
    assert "没有找到这样的文件" in browser.page("/policies?q=nothing").text


def test_a_replaced_document_says_by_which_and_comes_last(world, folder):
    document(folder / "old.md", "旧办法", replaced_by="new")
    document(folder / "new.md", "新办法")
    browser = world.browser()
    text = browser.page("/policies").text
    assert text.index("新办法") < text.index("旧办法")
    assert "已被替代" in text
    assert "/policies/new" in browser.page("/policies/old").links
    assert "/policies/old" in browser.page("/policies/new").links


def test_a_long_document_has_contents_that_lead_to_its_parts(world, folder):
    document(folder / "long.md", text="# 总则\n\n甲\n\n## 目的\n\n乙\n\n# 附则\n\n丙")
    page = world.browser().page("/policies/long")
    assert {"#s1", "#s2", "#s3"} <= set(page.links)
    assert page.html.count("<h1") == 1
    assert '<h2 id="s1">' in page.html


def test_attachments_are_offered_to_be_saved_and_nothing_else_is(world, folder):
    document(folder / "a.md")
    beside = folder / "a"
    beside.mkdir()
    (beside / "登记表.xlsx").write_bytes(b"PK\x03\x04")
    (beside / "page.html").write_text("<script>alert(1)</script>")
    (beside / ".hidden.pdf").write_bytes(b"%PDF")
    (beside / "elsewhere.pdf").symlink_to("/etc/passwd")
    browser = world.browser()
    (link,) = [link for link in browser.page("/policies/a").links if link.startswith("/policies/a/")]
    answer = browser.get(link)
    assert answer.data == b"PK\x03\x04"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    for name in ("page.html", ".hidden.pdf", "elsewhere.pdf", "..", "%2e%2e%2fa.md", "nothing.pdf"):
        assert browser.get(f"/policies/a/{name}").status_code in (308, 404), name


def test_import_takes_all_or_none_and_names_file_and_line(world, folder, flask, tmp_path):
    good, bad = document(tmp_path / "good.md", "好文件"), tmp_path / "bad.md"
    bad.write_text('+++\ntitle = "坏文件"\ncolour = "red"\n+++\n', encoding="utf-8")
    result = flask("import", good, str(bad))
    assert result.exit_code == 1
    assert f"{bad}:3: there is no colour" in result.output
    assert list(folder.iterdir()) == []
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "form.pdf").write_bytes(b"%PDF")
    (tmp_path / "good" / "passwd.txt").symlink_to("/etc/passwd")
    assert flask("import", good).exit_code == 0
    assert "/policies/good/form.pdf" in world.browser().page("/policies/good").links
    assert world.browser().get("/policies/good/passwd.txt").status_code == 404
    assert flask("import", good).exit_code == 1
    assert flask("import", "--force", good).exit_code == 0
    other = flask("import", document(tmp_path / "good.txt", "别的文件"))
    assert other.exit_code == 1
    assert "end in .md" in other.output
    assert "good" in flask("list").output
    assert flask("remove", "good", "--yes").exit_code == 0
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("Bad Name.md", "+++\ntitle='x'\n+++\n", "small letters"),
        ("a.md", "no head", ":1: must begin"),
        ("a.md", "+++\n\n\ntitle = \n+++\n", ":4:"),
        ("a.md", "+++\nnumber='x'\n+++\n", "title is missing"),
        ("a.md", "+++\ntitle='x'\ndate='2026-01-01'\n+++\n", ":3: date must be a day"),
        ("a.md", "+++\ntitle='x'\nreplaced_by='none'\n+++\n", "which is no document"),
    ],
)
def test_a_fault_is_told_with_its_place(flask, folder, tmp_path, name, text, said):
    (tmp_path / name).write_text(text, encoding="utf-8")
    result = flask("check", str(tmp_path / name))
    assert result.exit_code == 1
    assert said in result.output


def test_the_links_are_those_of_the_menu_file(world):
    links = world.browser().page("/links").links
    for address in ("https://www.cast.org.cn/", "https://www.cvf.org.cn/", "/policies"):
        assert address in links


def test_a_wide_table_is_scrolled_with_the_keyboard_and_is_named(world, folder):
    document(folder / "a.md", text="`<table>`\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n")
    html = world.browser().page("/policies/a").html
    assert '<div class="wide-table" role="group" aria-label="表格" tabindex="0"><table>' in html
    assert html.count("</table></div>") == html.count("<table>") == 1
    assert "<code>&lt;table&gt;</code>" in html
