"""Sheets as people make them, and as nobody should."""

import io
import struct
import zipfile
from collections.abc import Iterable, Sequence

import openpyxl

from app.group_registration.reading import HEADS
from tests import factories


def row(**changes: object) -> list[object]:
    """A good row, in the order of the heads."""
    values: dict[str, object] = {
        "name": "周小明",
        "id_type": "内地居民身份证",
        "id_number": changes.get("id_number") or factories.new_id_number(),
        "phone": changes.get("phone") or factories.new_phone(),
        "region": "辽宁省大连市中山区",
        "skills": "信息技术、教育培训",
        "services": "基层阵地科普服务",
        "consent": "是",
    }
    return list((values | changes).values())


def book(rows: Iterable[Sequence[object]], *, heads: Sequence[object] = HEADS, title: str = "名单") -> bytes:
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet(title)
    sheet.append(list(heads))
    for one in rows:
        sheet.append(list(one))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def changed(data: bytes, parts: dict[str, bytes]) -> bytes:
    """The sheet with other contents of some parts, and with new ones."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename not in parts:
                new.writestr(info.filename, old.read(info.filename))
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def lying_about_size(data: bytes, name: str, claimed: int) -> bytes:
    """The directory says that the part unpacks to so few bytes."""
    raw = bytearray(data)
    at = raw.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", raw, at + 28)[0]
        if raw[at + 46 : at + 46 + length].decode() == name:
            struct.pack_into("<I", raw, at + 24, claimed)
        at = raw.find(b"PK\x01\x02", at + 4)
    return bytes(raw)


def read(data: bytes, title: str = "名单") -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data))[title]
    return [[cell.value for cell in line] for line in sheet.iter_rows()]
