"""Names of organisations, folded so that two ways of writing one name are found to be one."""

import re
import unicodedata

from app import regions

#: As long as the column that keeps it.
LONGEST = 100
#: What such names end with and what tells none from another: 滨城农学会 and 滨城农学会科技志愿服务队 are one.
ENDING = re.compile(
    "((科技|科普)?志愿(者|服务)*)?(总队|支队|大队|中队|分队|小队|服务队|服务团|队伍|团队|协会|联合会|队|团)$|(科技|科普)?志愿(者|服务)+$"
)


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
    """The folded ways of writing the name with and without the place that it may begin with.

    大连市滨城农学会 and 滨城农学会 of Dalian may be one; 大连市科协 and 中山区科协 are not.
    """
    key = folded(name)
    bare = regions.without_places(key)
    if bare != key:
        return {key, bare}
    return {key, *(regions.name(place) + key for place in (region, *regions.above(region)) if regions.is_place(place))}
