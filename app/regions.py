"""Regions: GB/T 2260 codes and their names, one table read from app/regions.json, which set-up builds."""

import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("regions.json")
#: City-level rows that are no places: the table hangs there what a province governs itself.
NO_CITIES = {"县", "省直辖县", "自治区直辖县级行政区划"}


@cache
def _table() -> dict[str, str]:
    names: dict[str, str] = json.loads(FILE.read_text())["names"]
    return names


def revision() -> str:
    """Which edition of the codes this is."""
    return str(json.loads(FILE.read_text())["revision"])


def exists(code: str) -> bool:
    return code in _table()


def is_place(code: str) -> bool:
    """Whether it is a code of the table that names a place, and no heading of it."""
    return exists(code) and name(code) not in NO_CITIES


def above(code: str) -> list[str]:
    """The city and the province that the place lies in, the nearest first; of a province nothing."""
    wider = (city_of(code), province_of(code))
    return [part for part in dict.fromkeys(wider) if part != code and is_place(part)]


def province_of(code: str) -> str:
    return code[:2] + "0000"


def city_of(code: str) -> str:
    return code[:4] + "00"


def name(code: str) -> str:
    """The place's own name. Codes are retired and stay on old records: such a one has the name of what it lay in."""
    table = _table()
    return table.get(code) or table.get(city_of(code)) or table.get(province_of(code)) or code


def full_name(code: str) -> str:
    """辽宁省大连市中山区"""
    parts = [name(part) for part in dict.fromkeys((province_of(code), city_of(code), code)) if exists(part)]
    return "".join(part for part in dict.fromkeys(parts) if part not in NO_CITIES) or code


def within_city(code: str) -> str:
    """大连市中山区: what people of the same province need. Of a municipality that is all of it: 北京市东城区."""
    if name(province_of(code)).endswith("市"):
        return full_name(code)
    return full_name(code).removeprefix(name(province_of(code))) or name(code)


@cache
def _inside() -> list[tuple[str, tuple[str, ...]]]:
    """Each province and city, the provinces first, with the names of the places that lie in it."""
    table = _table()
    cities = [code for code in sorted(table) if code.endswith("00") and not code.endswith("0000")]
    found = []
    for above in [code for code, _ in provinces()] + cities:
        own = above[:2] if above.endswith("0000") else above[:4]
        names = {label for code, label in table.items() if code.startswith(own) and code != above}
        found.append((table[above], tuple(sorted(names - NO_CITIES - {"市辖区", table[above]}))))
    return [(label, names) for label, names in found if label not in NO_CITIES and names]


def without_what_lies_above(text: str) -> str:
    """中山区… for 大连市中山区…: a name that begins with a place begins with the nearest one."""
    for label, names in _inside():
        rest = text.removeprefix(label)
        if rest != text and rest.startswith(names):
            text = rest
    return text


def without_places(text: str) -> str:
    """化学会 for 大连市中山区化学会: what follows the places that a name begins with. Never empty where it is not."""
    while rest := _after_a_place(text):
        text = rest
    return text


def _after_a_place(text: str) -> str:
    """The text behind the longest place that it begins with; empty if it begins with none, or is one."""
    found = [label for label in _labels() if text.startswith(label)]
    return text.removeprefix(max(found, key=len)) if found else ""


@cache
def _labels() -> frozenset[str]:
    """The names of all places."""
    return frozenset(_table().values()) - NO_CITIES - {"市辖区"}


def provinces() -> list[tuple[str, str]]:
    return [(code, label) for code, label in sorted(_table().items()) if code.endswith("0000")]


@cache
def districts_by_city(province: str, first: str = "") -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The county-level places of a province, in groups named by their city; `first` names the city to begin with."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, label in sorted(_table().items()):
        if code.startswith(province[:2]) and not code.endswith("00"):
            groups.setdefault(city_of(code), []).append((code, label))
    ordered = sorted(groups, key=lambda city: (city != first, city))
    return tuple((_group_name(city), tuple(groups[city])) for city in ordered)


def _group_name(city: str) -> str:
    return f"{name(province_of(city))}直辖县" if name(city) in NO_CITIES else name(city)


def column_for(code: str) -> str:
    """Which of an activity's columns (province, city, region) a filter by this code compares."""
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "region"
