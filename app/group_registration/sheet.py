"""名单 as files: the template, the sheet that goes back, and the reader's own process."""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from app import codes, late, regions
from app.clock import local
from app.group_registration import reading
from app.group_registration.errors import SheetRefused

HEADS = reading.HEADS
WIDTHS = (14, 20, 24, 16, 26, 30, 40, 16)
PROBLEM = "问题"
#: How long the reader may take, by the clock on the wall.
SECONDS = 90
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
#: So many empty rows of the template are typed as text, and offer lists.
READY = 1000


@dataclass(frozen=True)
class Line:
    number: int
    cells: list[str]
    #: What is wrong with each cell as the sheet types it; see reading.py.
    faults: list[str]


@dataclass(frozen=True)
class Origin:
    """What stands on the first sheet of a file that goes back."""

    made_by: str
    organization: str
    made_at: datetime


def inspect(data: bytes) -> None:
    """Look at the file before anything parses it. Raises SheetRefused."""
    try:
        reading.inspect(data)
    except reading.Unreadable as error:
        raise SheetRefused(str(error)) from None


def read(data: bytes, most_rows: int) -> list[Line]:
    """The lines of the sheet, read in a process of its own. Raises SheetRefused."""
    # -I: nothing of the environment or the folder reaches it.
    command = [sys.executable, "-I", reading.__file__, str(most_rows)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=True)  # noqa: S603
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise SheetRefused("表格太复杂，读不出来，请用模板重新填写") from None
    answer = json.loads(done.stdout)
    if "refusal" in answer:
        raise SheetRefused(answer["refusal"])
    return [Line(number, [text for text, _ in line], [fault for _, fault in line]) for number, line in answer["lines"]]


def write_template(organization: str, home: str) -> bytes:
    """What an organisation fills in; `home` is a region whose province is listed."""
    buffer = BytesIO()
    with late.xlsxwriter.Workbook(buffer, PLAIN) as book:
        text = book.add_format({"num_format": "@"})
        heads = book.add_format({"bold": True, "num_format": "@", "bg_color": "#E7F5EC"})
        people = book.add_worksheet(reading.SHEET)
        _columns(people, WIDTHS, text)
        people.write_row(0, 0, HEADS, heads)
        people.freeze_panes(1, 0)
        people.data_validation(1, 1, READY, 1, {"validate": "list", "source": list(codes.ID_TYPES.values())})
        people.data_validation(1, 7, READY, 7, {"validate": "list", "source": ["是"]})
        _rows(book.add_worksheet("说明"), _explained(organization, home), (18, 90))
    return buffer.getvalue()


def _explained(organization: str, home: str) -> Iterable[tuple[str, str]]:
    yield "团体注册模板", organization
    yield "怎么填", "在“名单”表里从第二行开始，一人一行。一个格子有几项时用顿号（、）隔开，写名称或代码都可以"
    yield "证件号码", "身份证填 18 位；请保持单元格为文本格式，否则末几位会丢失"
    yield "本人已同意(是)", "本人同意由组织代填并注册，才可以填“是”；没有填的不导入"
    yield "未成年人", "不满 18 周岁的不能团体注册，请由监护人陪同自己注册"
    yield "之后", "导入后每个人用自己的手机号和验证码登录，核对并同意后才成为志愿者；过期没有确认的，填写的内容会删除"
    yield "", ""
    for title, table in (("证件类型", codes.ID_TYPES), ("专业技能", codes.SKILLS), ("服务类别", codes.SERVICE_SCOPES)):
        for code, name in table.items():
            yield title, f"{code} {name}"
    yield "所在区域", "写到区（县），例如“辽宁省大连市中山区”，或写 6 位代码；本省的如下"
    for city, places in regions.districts_by_city(regions.province_of(home), regions.city_of(home)):
        for code, name in places:
            yield city, f"{code} {name}"


def write_checked(
    rows: Iterable[tuple[Sequence[str], str]], counts: Sequence[tuple[str, str]], origin: Origin
) -> bytes:
    """The sheet as it was sent, with what is wrong with each row."""
    buffer = BytesIO()
    about = [
        ("组织", origin.organization),
        ("下载人", origin.made_by),
        ("下载时间", f"{local(origin.made_at):%Y-%m-%d %H:%M:%S}"),
        ("用途", "团体注册：核对名单里的问题"),
        *counts,
        ("提醒", "名单含个人信息，请勿外传，用完请删除"),
    ]
    with late.xlsxwriter.Workbook(buffer, PLAIN) as book:
        _rows(book.add_worksheet("说明"), about, (16, 60))
        body = ([*cells, problem] for cells, problem in rows)
        _rows(book.add_worksheet(reading.SHEET), [[*HEADS, PROBLEM], *body], (*WIDTHS, 50))
    return buffer.getvalue()


def _columns(sheet: Any, widths: Sequence[int], style: Any = None) -> None:
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width, style)


def _rows(sheet: Any, rows: Iterable[Sequence[str]], widths: Sequence[int]) -> None:
    """Every cell typed as text, so that nothing in it is ever a formula."""
    _columns(sheet, widths)
    for number, cells in enumerate(rows):
        for column, text in enumerate(cells):
            sheet.write_string(number, column, text)
