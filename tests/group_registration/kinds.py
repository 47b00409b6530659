"""Rows of every kind that the check tells from another, each with what it must say of them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from app import codes
from app.group_registration.reading import HEADS
from tests.factories import new_id_number, new_phone
from tests.group_registration.sheets import row

FIELDS = ("name", "id_type", "id_number", "phone", "region", "skills", "services", "consent")
LOST = "末几位已丢失"
PASSPORT = {"id_type": "护照", "id_number": "E12345678"}

#: What is wrong with a row by itself: the words that its sentence has, and how it is written.
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("请填写姓名", {"name": ""}),
    ("请填写姓名", {"name": "　"}),
    ("姓名只能用 2 到 50 个汉字或字母", {"name": "周"}),
    ("姓名只能用 2 到 50 个汉字或字母", {"name": "周2明"}),
    ("姓名只能用 2 到 50 个汉字或字母", {"name": "··"}),
    ("姓名只能用 2 到 50 个汉字或字母", {"name": "明" * 51}),
    ("证件类型请从列表中选择", {"id_type": "学生证"}),
    ("证件类型请从列表中选择", {"id_type": "98"}),
    ("请填写证件号码", {"id_number": ""}),
    ("15 位的旧号码已停用", {"id_number": "110105491231002"}),
    ("身份证号码应为 18 位", {"id_number": "1101051949123100"}),
    ("身份证号码应为 18 位", {"id_number": date(1990, 1, 1)}),
    ("身份证号码应为 18 位", {"id_number": True}),
    ("身份证号码有误", {"id_number": "110105194912310021"}),
    ("出生日期不存在", {"id_number": "21020219900230001X"}),
    ("出生日期不对", {"id_number": "210202209901010012"}),
    ("未成年人请由监护人陪同自己注册", {"id_number": new_id_number(date(2011, 5, 1))}),
    (LOST, {"id_number": 110105194912310021}),
    (LOST, {"id_number": 1.1010519491231e17}),
    (LOST, {"id_number": "1.10105E+17"}),
    (LOST, {"id_type": "护照", "id_number": "1.10105e+17"}),
    ("证件类型请选内地居民身份证", {"id_type": "护照", "id_number": new_id_number()}),
    ("证件号码请照证件填写 5 到 30 个", PASSPORT | {"id_number": "E1"}),
    ("证件号码请照证件填写 5 到 30 个", PASSPORT | {"id_number": "E123/4567"}),
    ("手机号应为 11 位", {"phone": " "}),
    ("手机号应为 11 位", {"phone": "1380000"}),
    ("手机号应为 11 位", {"phone": "0411-8888888"}),
    ("手机号应为 11 位", {"phone": "1.38E+10"}),
    ("请填写所在区域", {"region": ""}),
    *(
        ("所在区域请写到区（县）", {"region": wrong})
        for wrong in ("火星", "辽宁省", "大连市", "210200", "999999", 210200)
    ),
    ("所在区域请写到区（县）", {"region": "北京市中山区"}),
    ("请填写专业技能", {"skills": ""}),
    ("请填写专业技能", {"skills": "、，"}),
    ("专业技能里没有“飞”", {"skills": "信息技术、飞"}),
    ("请填写服务类别", {"services": ""}),
    ("服务类别里没有“K9”", {"services": "K9"}),
    ("服务类别最多 4 项", {"services": "K1、K2、K3、K4、K5"}),
    *(("没有“本人已同意”", {"consent": wrong}) for wrong in ("", "否", "不同意", False)),
    *((f"{head}是公式", {name: "=1+1"}) for head, name in zip(HEADS, FIELDS, strict=True)),
]

#: Ways to write what is right.
WAYS: list[dict[str, Any]] = [
    {},
    {"id_type": ""},
    {"id_type": "1", "region": "210202", "skills": "05", "services": "K1"},
    {"region": 210202, "skills": 5, "consent": True},
    {"region": "大连市西岗区", "skills": "5，8", "services": "k1;K2", "consent": "√"},
    {"region": "辽宁省 大连市 甘井子区", "name": "买买提•艾力", "consent": "同意"},
    {"region": "中山区", "services": "Ｋ１，K2；K3/K4", "name": "John Smith"},
    *({"id_type": name} for code, name in codes.ID_TYPES.items() if code != codes.RESIDENT_ID),
]


def faulty() -> list[tuple[str, list[object]]]:
    """One row of each fault, with the words that must stand beside it."""
    return [(words, row(**changes)) for words, changes in FAULTS]


def good() -> Iterator[list[object]]:
    """Rows of new people without end, written in every way in turn."""
    number = 0
    while True:
        for way in WAYS:
            number += 1
            is_resident = way.get("id_type", "") in ("", "1")
            paper = new_id_number() if is_resident else f"H{number:08d}"
            # A phone is often a number to Excel, whole or not, and loses nothing by that.
            phone = [new_phone(), int(new_phone()), float(new_phone()), f"+86 {new_phone()}"][number % 4]
            yield row(**({"id_number": paper, "phone": phone} | way))
