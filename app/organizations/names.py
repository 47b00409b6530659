"""Names of organisations, folded so that two ways of writing one name are found to be one."""

import re
import unicodedata
from collections.abc import Iterable

from app import regions

#: As long as the column that keeps it.
LONGEST = 100
#: What such names end with and what tells none from another: 滨城农学会 and 滨城农学会科技志愿服务队 are one.
ENDING = re.compile(
    "((科技|科普)?志愿(者|服务)*)?(总队|支队|大队|中队|分队|小队|服务队|服务团|队伍|团队|协会|联合会|队|团)$|(科技|科普)?志愿(者|服务)+$"
)
#: 第一 to 第十 are also written with digits.
NUMERALS = "一二三四五六七八九十"
NUMBERED, ORDINAL = re.compile(f"第([{NUMERALS}])(?![{NUMERALS}百])"), re.compile("第([1-9]|10)(?![0-9])")


def folded(name: str) -> str:
    """The name without spaces, signs, widths of letters, what its place lies in, and its usual ending.

    Never empty where the name is not.
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    text = "".join(character for character in text if character.isalnum())
    short = regions.without_what_lies_above(text).replace("志愿者", "志愿")
    while found := ENDING.search(short):
        short = short[: found.start()]
    return (short if len(short) >= 2 else text)[:LONGEST]


def nearly(name: str, region: str) -> set[str]:
    """The folded ways of writing the name: with and without the place that it may begin with, 大连 for 大连市,
    第1 for 第一, 科协 for 科学技术协会.

    大连市滨城农学会 and 滨城农学会 of Dalian may be one; 大连市科协 and 中山区科协 are not.
    """
    places = [regions.name(place) for place in (region, *regions.above(region)) if regions.is_place(place)]
    keys = {folded(name)}
    for written in (_numbered, _associations, lambda key: _with_short_places(key, places)):
        keys |= {way for key in keys for way in written(key)}
    return keys | {way for key in keys for way in _with_and_without(key, places)}


def _numbered(key: str) -> Iterable[str]:
    """第1中学 for 第一中学, and the other way round."""
    yield NUMBERED.sub(lambda found: f"第{NUMERALS.index(found[1]) + 1}", key)
    yield ORDINAL.sub(lambda found: f"第{NUMERALS[int(found[1]) - 1]}", key)


def _associations(key: str) -> Iterable[str]:
    """What is left of 科学技术协会, and its short name."""
    if key.endswith("科协"):
        yield key.removesuffix("科协") + "科学技术"
    if key.endswith("科学技术"):
        yield key.removesuffix("科学技术") + "科协"


def _with_short_places(key: str, places: Iterable[str]) -> Iterable[str]:
    """大连第一中学 for 大连市第一中学 where that is at home, and the other way round."""
    for place in places:
        short = _short(place)
        if key.startswith(place):
            yield short + key.removeprefix(place)
        elif key.startswith(short):
            yield place + key.removeprefix(short)


def _short(place: str) -> str:
    """大连 for 大连市; one that would be a single character stays whole."""
    short = place.rstrip("省市区县")
    return short if len(short) >= 2 else place


def _with_and_without(key: str, places: Iterable[str]) -> Iterable[str]:
    bare = regions.without_places(key)
    return [bare] if bare != key else [way + key for place in places for way in (place, _short(place))]
