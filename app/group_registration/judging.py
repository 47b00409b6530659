"""What a row of the sheet says, and what is wrong with it, by itself and beside the other rows."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from app import codes, regions
from app.clock import today
from app.group_registration import reading
from app.group_registration.models import RowState
from app.group_registration.sheet import HEADS, Line
from app.volunteers.fields import IdNumber, is_resident_id
from app.volunteers.identity import ADULT, InvalidId, age, read_resident_id
from app.web import readers
from app.web.forms import PersonName

T = TypeVar("T")
CONSENTS = {"是", "已同意", "同意", "√"}
SEPARATORS = re.compile(r"[、,，;；/\n|]+")
MOST_SERVICES = 4
#: A number as Excel shows it once it has lost its last digits, pasted as text.
SHORTENED = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+")
MINOR = "未成年人请由监护人陪同自己注册"


class BadRow(ValueError):
    """The message says what to mend."""


@dataclass(frozen=True)
class Facts:
    """A good row, read."""

    name: str
    id_type: str
    id_number: str
    phone: str
    region: str
    skills: list[str]
    services: list[str]


@dataclass
class Judged:
    number: int
    cells: list[str]
    facts: Facts | None = None
    state: RowState = RowState.BAD
    problem: str = ""

    def as_content(self) -> dict[str, Any]:
        """What is kept of the row, sealed."""
        return {"cells": self.cells, "facts": asdict(self.facts) if self.facts else None}


def judge(lines: Iterable[Line], home: str, now: datetime) -> Iterator[Judged]:
    """Each line by itself, and beside those before it; `home` is a region whose city's districts need no more name."""
    phones: dict[str, Judged] = {}
    papers: dict[tuple[str, str], Judged] = {}
    for line in lines:
        row = Judged(line.number, line.cells)
        try:
            row.facts = _read(line, home, now)
        except BadRow as error:
            row.problem = str(error)
            yield row
            continue
        row.state = RowState.FRESH
        same_phone = phones.setdefault(row.facts.phone, row)
        same_papers = papers.setdefault((row.facts.id_type, row.facts.id_number), row)
        if same_phone is not row or same_papers is not row:
            _compare(row, same_phone, same_papers)
        yield row


def _compare(row: Judged, same_phone: Judged, same_papers: Judged) -> None:
    if same_phone is same_papers:
        row.state, row.problem = RowState.DOUBLE, f"与第 {same_phone.number} 行重复，只导入一次"
    elif same_phone is not row:
        row.state, row.problem = RowState.BAD, f"手机号与第 {same_phone.number} 行相同，证件号码不同，请核对"
    else:
        row.state, row.problem = RowState.BAD, f"证件号码与第 {same_papers.number} 行相同，手机号不同，请核对"


def _read(line: Line, home: str, now: datetime) -> Facts:
    """Raises BadRow with all that is wrong, so that a sheet is mended once."""
    wrong: list[str] = [
        f"{head}是公式，请改为文字" for head, fault in zip(HEADS, line.faults, strict=True) if fault == reading.FORMULA
    ]
    if wrong:
        raise BadRow("；".join(wrong)[:200])
    name, id_type, number, phone, region, skills, services, consent = line.cells
    lost = line.faults[2] == reading.LOST_DIGITS

    def tried(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except ValueError as error:
            wrong.append(str(error))
            return None

    named = tried(lambda: _name(name))
    paper = tried(lambda: _paper(id_type, number, now, lost=lost))
    called = tried(lambda: _phone(phone))
    lives = tried(lambda: _region(region, home))
    able = tried(lambda: _codes("专业技能", skills, codes.SKILLS, len(codes.SKILLS)))
    willing = tried(lambda: _codes("服务类别", services, codes.SERVICE_SCOPES, MOST_SERVICES))
    tried(lambda: _consent(consent))
    if wrong or not (named and paper and called and lives and able and willing):
        raise BadRow("；".join(wrong)[:200])
    return Facts(named, paper[0], paper[1], called, lives, able, willing)


def _name(text: str) -> str:
    name = readers.clean(text)
    if not name.isascii():
        name = re.sub("[•・‧∙．]", "·", name)
    if not name:
        raise BadRow("请填写姓名")
    if not 2 <= len(name) <= 50 or not PersonName.PATTERN.fullmatch(name) or not readers.says_something(name):
        raise BadRow("姓名只能用 2 到 50 个汉字或字母")
    return name


def _paper(kind: str, text: str, now: datetime, *, lost: bool) -> tuple[str, str]:
    code = _code(kind, codes.ID_TYPES) if kind else codes.RESIDENT_ID
    if code is None:
        raise BadRow("证件类型请从列表中选择")
    if lost or SHORTENED.fullmatch(unicodedata.normalize("NFKC", text).strip()):
        raise BadRow("证件号码是数字格式，末几位已丢失，请把这一列设为文本后重填")
    number = readers.id_number(text)
    if not number:
        raise BadRow("请填写证件号码")
    if code == codes.RESIDENT_ID:
        try:
            found = read_resident_id(number, now)
        except InvalidId as error:
            raise BadRow(str(error)) from None
        if age(found.birth_date, today(now)) < ADULT:
            raise BadRow(MINOR)
        return code, found.number
    if is_resident_id(number, now):
        raise BadRow("这是身份证号码，证件类型请选内地居民身份证")
    if not IdNumber.PATTERN.fullmatch(number):
        raise BadRow("证件号码请照证件填写 5 到 30 个字母、数字或汉字")
    return code, number


def _phone(text: str) -> str:
    number = readers.phone(text)
    if number is None:
        raise BadRow("手机号应为 11 位，例如 13800001234")
    return number


def _region(text: str, home: str) -> str:
    plain = re.sub(r"[\s·\-/]", "", unicodedata.normalize("NFKC", text))
    if not plain:
        raise BadRow("请填写所在区域")
    if re.fullmatch(r"[0-9]{6}", plain) and regions.exists(plain) and not plain.endswith("00"):
        return plain
    code = _places().get(plain) or _districts(home).get(plain)
    if not code:
        raise BadRow("所在区域请写到区（县），例如“辽宁省大连市中山区”，或写 6 位代码")
    return code


@cache
def _places() -> dict[str, str]:
    """County-level places by their full name, and by what they are called within their province."""
    found: dict[str, str] = {}
    doubtful: set[str] = set()
    for province, _ in regions.provinces():
        for _, rows in regions.districts_by_city(province):
            for code, _ in rows:
                for name in {regions.full_name(code), regions.within_city(code)}:
                    if found.setdefault(name, code) != code:
                        doubtful.add(name)
    return {name: code for name, code in found.items() if name not in doubtful}


@cache
def _districts(home: str) -> dict[str, str]:
    groups = regions.districts_by_city(regions.province_of(home), regions.city_of(home))
    return {name: code for code, name in groups[0][1]} if groups else {}


def _codes(head: str, text: str, table: dict[str, str], most: int) -> list[str]:
    given = [part.strip() for part in SEPARATORS.split(text) if part.strip()]
    if not given:
        raise BadRow(f"请填写{head}")
    found = [_code(part, table) for part in given]
    unknown = [part for part, code in zip(given, found, strict=True) if code is None]
    if unknown:
        raise BadRow(f"{head}里没有“{unknown[0][:10]}”，请照说明填名称或代码")
    chosen = list(dict.fromkeys(code for code in found if code))
    if len(chosen) > most:
        raise BadRow(f"{head}最多 {most} 项")
    return chosen


def _code(text: str, table: dict[str, str]) -> str | None:
    plain = unicodedata.normalize("NFKC", text).strip()
    names = {unicodedata.normalize("NFKC", name): code for code, name in table.items()}
    upper = plain.upper()
    return names.get(plain) or next((code for code in (upper, upper.zfill(2)) if code in table), None)


def _consent(text: str) -> None:
    if unicodedata.normalize("NFKC", text).strip() not in CONSENTS:
        raise BadRow("没有“本人已同意”，请征得本人同意后填“是”")
