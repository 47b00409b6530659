"""Reads a sheet that somebody sent. Nothing in it is trusted.

`inspect` looks at the directory of the zip, before any parser. The parser itself runs in a process of its own, this
file run by itself, whose time and memory the system bounds: it takes the file on its input and prints JSON. So it
imports nothing of the product; and the product, which imports it for the rest, never loads the parser.
"""

import contextlib
import datetime
import io
import json
import resource
import sys
import unicodedata
import zipfile
from importlib import import_module
from typing import Any

SHEET = "名单"
HEADS = ("姓名", "证件类型", "证件号码", "手机号", "所在区域", "专业技能", "服务类别", "本人已同意(是)")
#: What the zip directory may promise.
MOST_UNPACKED, MOST_PARTS, MOST_RATIO = 100_000_000, 200, 100
#: Below this size a ratio says nothing.
SMALL = 1_000_000
#: A cell is cut to so many characters, and so many empty lines may stand between filled ones.
LONGEST_CELL, EMPTY_LINES = 200, 20_000
MEMORY_BYTES, CPU_SECONDS = 1_500_000_000, 60
#: From here on a number has lost its last digits.
LOSES_DIGITS = 10**15
OLD_EXCEL = b"\xd0\xcf\x11\xe0"

#: What is wrong with a cell, besides its text.
FORMULA, LOST_DIGITS = "formula", "digits"


class Unreadable(Exception):
    """The message is for the person who sent the sheet."""


def inspect(data: bytes) -> None:
    """Raises Unreadable for what is no sheet, holds macros, or unpacks to more than it should."""
    if data.startswith(OLD_EXCEL):
        raise Unreadable("这是旧格式或加了密码的表格，请另存为没有密码的 xlsx 再上传")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeError, EOFError):
        raise Unreadable("这不是 xlsx 表格，请下载模板，填好后再上传") from None
    names = {part.filename.lower() for part in parts}
    if len(parts) > MOST_PARTS or len(names) < len(parts):
        raise Unreadable("表格里的内容太多，请只保留“名单”一张表，用模板重新填写")
    if any("vbaproject" in name or (name.endswith(".bin") and "macro" in name) for name in names):
        raise Unreadable("表格里有宏，请另存为不带宏的 xlsx 再上传")
    if "[content_types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Unreadable("这不是 xlsx 表格，请下载模板，填好后再上传")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED or any(_is_bomb(part.file_size, part.compress_size) for part in parts):
        raise Unreadable("表格展开后太大，请用模板重新填写，只保留名单")
    if unpacked > SMALL and _is_bomb(unpacked, len(data)):
        raise Unreadable("表格展开后太大，请用模板重新填写，只保留名单")


def _is_bomb(unpacked: int, packed: int) -> bool:
    return unpacked > SMALL and unpacked > MOST_RATIO * max(packed, 1)


def lines(data: bytes, most_rows: int) -> list[tuple[int, list[tuple[str, str]]]]:
    """The filled lines below the heads, each with its number and its cells as (text, what is wrong with it).

    Rows are counted as the parser meets them, not as the sheet says how many it has. Raises Unreadable.
    """
    inspect(data)
    openpyxl = import_module("openpyxl")
    if openpyxl.LXML or not openpyxl.DEFUSEDXML:
        raise RuntimeError("openpyxl must read with defusedxml")
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
        sheet.reset_dimensions()
        return _filled(sheet, most_rows)
    except Unreadable:
        raise
    except MemoryError:
        raise Unreadable("表格太大，读不出来，请用模板重新填写") from None
    except Exception:
        # Whatever a broken or hostile file makes a parser raise.
        raise Unreadable("表格的内容损坏或不合格式，请用模板重新填写") from None


def _filled(sheet: Any, most_rows: int) -> list[tuple[int, list[tuple[str, str]]]]:
    found: list[tuple[int, list[tuple[str, str]]]] = []
    columns: list[int] = []
    empty = 0
    for number, row in enumerate(sheet.iter_rows(max_col=20), 1):
        cells = [_read(cell) for cell in row]
        if not any(text for text, _ in cells):
            empty += 1
            if empty > EMPTY_LINES:
                raise Unreadable("表格里空行太多，请删去空行再上传")
            continue
        if not columns:
            columns = _columns([text for text, _ in cells])
            continue
        line = [cells[at] if at < len(cells) else ("", "") for at in columns]
        if any(text for text, _ in line):
            found.append((number, line))
        if len(found) > most_rows:
            raise Unreadable(f"一次最多导入 {most_rows} 人，请分成几份上传")
    if not found:
        raise Unreadable("名单是空的，请在“名单”表里从第二行开始填写")
    return found


def _columns(texts: list[str]) -> list[int]:
    """Where each head stands."""
    places = {_plain(text): at for at, text in enumerate(texts) if text}
    missing = [head for head in HEADS if _plain(head) not in places]
    if missing:
        raise Unreadable(f"第一行要是表头，缺少：{'、'.join(missing)}。请用模板填写")
    return [places[_plain(head)] for head in HEADS]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "").replace("*", "")


def _read(cell: Any) -> tuple[str, str]:
    value = cell.value
    if value is None:
        return "", ""
    if cell.data_type == "f":
        return str(value)[:LONGEST_CELL], FORMULA
    if isinstance(value, bool):
        return ("是" if value else "否"), ""
    if isinstance(value, int | float):
        lost = LOST_DIGITS if abs(value) >= LOSES_DIGITS else ""
        return (str(int(value)) if float(value).is_integer() else str(value))[:LONGEST_CELL], lost
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()[:10], ""
    return str(value).strip()[:LONGEST_CELL], ""


def main() -> None:
    for limit, most in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_SECONDS)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    try:
        answer: dict[str, Any] = {"lines": lines(sys.stdin.buffer.read(), int(sys.argv[1]))}
    except Unreadable as error:
        answer = {"refusal": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
