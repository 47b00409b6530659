"""名单 as a sheet for Excel or WPS: every cell is typed as text, so that nothing in it is ever a formula."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING

from app import codes, late
from app.activities import listed, summary
from app.activities.models import Activity, SignUp
from app.activities.states import sign_up_word
from app.clock import local
from app.privacy import mask_name, mask_phone
from app.volunteers.revealing import is_minor

if TYPE_CHECKING:
    import xlsxwriter

HEADS = ("序号", "姓名", "性别", "手机号", "志愿者编号", "专业技能", "场次", "状态", "报名时间", "签到")
WIDTHS = (6, 14, 6, 16, 22, 30, 26, 12, 18, 12)
#: A page's footer holds 255, with its fields and the page numbers.
MOST_UNITS = 235


@dataclass(frozen=True)
class Origin:
    """What stands on the first sheet and under each page: whoever passes the sheet on is named on it."""

    made_by: str
    organization: str
    reason: str
    made_at: datetime

    @property
    def mark(self) -> str:
        """Who and when, and as much of the organisation's name as a footer has room for."""
        rest = f" {self.made_by} {local(self.made_at):%Y-%m-%d %H:%M} 导出，请勿外传"
        return _plain(_cut(self.organization, MOST_UNITS - _units(rest)) + rest)


def _units(text: str) -> int:
    """The length as spreadsheets count it."""
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, most: int) -> str:
    return text.encode("utf-16-le")[: 2 * max(most, 0)].decode("utf-16-le", "ignore")


def _plain(text: str) -> str:
    """& begins a field in a page's footer, a picture in front of G, also doubled: the wide one is only a sign."""
    return text.replace("&", "＆")


def write(activity: Activity, sign_ups: Iterable[SignUp], origin: Origin) -> bytes:
    """The sheet as a file. People are written and forgotten one by one; what stays is the text of the sheet, some 3 kB
    a row, in memory, because phones are not to lie about on the disk in clear: 5,000 rows take a second and 19 MB."""
    buffer = BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with late.xlsxwriter.Workbook(buffer, {"in_memory": True, "constant_memory": True, **plain}) as book:
        about, people = book.add_worksheet("说明"), book.add_worksheet("名单")
        strangers = listed.strangers(activity)
        lines = (
            [str(number), *_cells(activity, row, row.id in strangers, origin.made_at)]
            for number, row in enumerate(sign_ups, 1)
        )
        count = _write_rows(people, chain([HEADS], lines), WIDTHS, origin) - 1
        _write_rows(about, _about(activity, count, origin), (16, 60), origin)
    return buffer.getvalue()


def _write_rows(
    sheet: "xlsxwriter.worksheet.Worksheet", rows: Iterable[Sequence[str]], widths: Sequence[int], origin: Origin
) -> int:
    """Returns how many there were."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_footer(f"&L{origin.mark}&R&P / &N")
    sheet.set_landscape()
    count = 0
    for number, cells in enumerate(rows):
        for column, text in enumerate(cells):
            sheet.write_string(number, column, text)
        count = number + 1
    return count


def _about(activity: Activity, count: int, origin: Origin) -> list[tuple[str, str]]:
    return [
        ("活动", activity.title),
        ("活动编号", activity.activity_no or ""),
        ("导出组织", origin.organization),
        ("导出人", origin.made_by),
        ("导出时间", f"{local(origin.made_at):%Y-%m-%d %H:%M:%S}"),
        ("用途", origin.reason),
        ("人数", str(count)),
        (
            "提醒",
            "名单含个人信息，只能用于上面写明的用途，用完请删除；未成年人的手机号不导出，组织者加入名单的下级成员隐去姓名和手机号",
        ),
    ]


def _cells(activity: Activity, sign_up: SignUp, is_masked: bool, now: datetime) -> list[str]:
    person = sign_up.volunteer
    phone = person.account.phone
    start = local(sign_up.shift_starts_at)
    off = summary.called_off(activity, sign_up.shift_ends_at)
    return [
        mask_name(person.name) if is_masked else person.name,
        codes.GENDERS.get(person.gender, ""),
        mask_phone(phone) if is_masked or is_minor(person.birth_date, now) else phone,
        person.volunteer_no or "",
        codes.labels(codes.SKILLS, [skill.code for skill in person.skills]),
        f"{sign_up.shift.title} {start:%m-%d %H:%M} {off}".strip(),
        sign_up_word(sign_up.state, sign_up.ended_by),
        f"{local(sign_up.signed_up_at):%Y-%m-%d %H:%M}",
        "",
    ]
