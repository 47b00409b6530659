"""A sheet that somebody sends: what is read in it, and what is refused before and while it is read."""

import io
import time
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.group_registration import reading, sheet
from app.group_registration.errors import SheetRefused
from app.group_registration.models import ImportBatch
from tests.group_registration.conftest import PAGE
from tests.group_registration.sheets import book, changed, lying_about_size, part, read, row

BODY = "xl/worksheets/sheet1.xml"
FEW = 50


def bomb(rows):
    return b"<x>" + b"0" * rows + b"</x>"


def test_a_good_sheet_is_read_line_by_line_with_empty_lines_skipped():
    lines = sheet.read(book([row(name="张甲"), [], row(name="李乙")]), FEW)
    assert [(line.number, line.cells[0]) for line in lines] == [(2, "张甲"), (4, "李乙")]


def test_numbers_as_excel_types_them_are_read_as_text():
    (line,) = sheet.read(book([row(phone=13800001234, consent=True)]), FEW)
    assert (line.cells[3], line.cells[7]) == ("13800001234", "是")


def test_an_id_number_typed_as_a_number_is_known_to_have_lost_its_end():
    (line,) = sheet.read(book([row(id_number=110105194912310021)]), FEW)
    assert line.faults[2] == reading.LOST_DIGITS


def test_a_formula_is_seen_and_never_computed():
    (line,) = sheet.read(book([row(name='=HYPERLINK("http://x.invalid","a")')]), FEW)
    assert line.faults[0] == reading.FORMULA


def test_columns_may_stand_in_another_order_and_more_of_them():
    one = row(name="张甲")
    lines = sheet.read(book([[*one[::-1], "备注"]], heads=[*reading.HEADS[::-1], "其他"]), FEW)
    assert lines[0].cells[0] == "张甲"


def test_what_the_zip_directory_tells_is_refused_before_anything_is_parsed():
    for data in (b"x", changed(book([row()]), {BODY: bomb(2_000_000)})):
        with pytest.raises(SheetRefused):
            sheet.inspect(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not a zip", "不是 xlsx"),
        (b"", "不是 xlsx"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "旧格式"),
        (changed(book([row()]), {"xl/vbaProject.bin": b"macro"}), "宏"),
        (changed(book([row()]), {BODY: bomb(2_000_000)}), "太大"),
        (changed(book([row()]), {f"xl/more{n}.xml": b"<x/>" for n in range(300)}), "太多"),
        (changed(book([row()]), {"[Content_Types].xml": b"<broken"}), "损坏"),
        (changed(book([row()]), {BODY: b"<worksheet><sheetData><row><c>"}), "损坏"),
        (book([row()], heads=["姓名", "电话"]), "缺少"),
        (book([]), "空的"),
        (book([row() for _ in range(FEW + 1)]), f"最多导入 {FEW} 人"),
    ],
    ids=["text", "empty", "old", "macro", "bomb", "parts", "types", "cut", "heads", "nobody", "many"],
)
def test_what_is_no_sheet_is_refused_with_a_sentence(data, words):
    with pytest.raises(SheetRefused, match=words):
        sheet.read(data, FEW)


def test_a_directory_that_lies_about_the_size_does_not_get_a_bomb_through():
    huge = changed(book([row()]), {BODY: bomb(300_000_000)})
    lie, began = lying_about_size(huge, BODY, 2000), time.monotonic()
    with pytest.raises(SheetRefused):
        sheet.read(lie, FEW)
    assert time.monotonic() - began < 60


def test_entities_in_the_xml_are_not_unfolded():
    data = book([row()])
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    body = part(data, BODY).replace(b"</worksheet>", b"<x>&b;</x></worksheet>")
    with pytest.raises(SheetRefused, match="损坏"):
        sheet.read(changed(data, {BODY: evil + body.partition(b"?>")[2]}), FEW)


def test_rows_are_counted_as_they_come_whatever_the_sheet_claims():
    data = book([row() for _ in range(FEW + 1)])
    body = part(data, BODY)
    small = body.replace(b"<sheetData>", b'<dimension ref="A1:H2"/><sheetData>')
    with pytest.raises(SheetRefused, match="最多"):
        sheet.read(changed(data, {BODY: small}), FEW)
    one = book([row()])
    large = part(one, BODY).replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    assert len(sheet.read(changed(one, {BODY: large}), FEW)) == 1


def test_a_row_that_claims_to_be_the_last_of_all_costs_no_time():
    data = book([row()])
    far = part(data, BODY).replace(b'<row r="2"', b'<row r="999999999"')
    began = time.monotonic()
    with pytest.raises(SheetRefused, match="空行"):
        sheet.read(changed(data, {BODY: far}), FEW)
    assert time.monotonic() - began < 30


def test_the_template_is_a_sheet_that_is_read_again():
    template = sheet.write_template("滨城队", "210202")
    names = [line[0] for line in read(template, "说明")]
    assert {"专业技能", "服务类别", "大连市"} <= set(names)
    assert read(template)[0] == list(reading.HEADS)
    with pytest.raises(SheetRefused, match="空的"):
        sheet.read(template, FEW)


def test_what_goes_back_holds_text_only():
    evil = ["=1+1", "+1", "-1", "@x", "\t=1", "http://x.invalid", "１", "a"]
    origin = sheet.Origin("甲", "滨城队", datetime(2026, 1, 1, tzinfo=UTC))
    made = sheet.write_checked([(evil, "=问题")], [("人数", "1")], origin)
    assert read(made)[1] == [*evil, "=问题"]
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet2.xml")


@pytest.mark.parametrize("rest", [timedelta(minutes=25), timedelta(hours=13)], ids=["the proof", "the session"])
def test_who_fills_in_the_sheet_longer_than_the_log_in_is_good_for_is_told_to_choose_it_again(
    world, team, boss, clock, rest
):
    clock.advance(rest)
    data = {"sheet": (io.BytesIO(book([row()])), "名单.xlsx")}
    answer = boss.post(PAGE, data, headers={"Referer": f"{boss.base}{PAGE}"})
    assert answer.location.partition("?")[0] in ("/login", "/login/prove")
    assert "已保留" not in boss.page(answer.location).text, "a file is not kept"
    boss.log_in(team.admin, proved=True)
    assert "您刚才选的文件没有收到" in boss.page(PAGE).text
    assert "您刚才选的文件没有收到" not in boss.page(PAGE).text, "it is said once"
    assert world.rows(select(ImportBatch.id)) == []
