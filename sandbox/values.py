"""What a template's values may be, by the prefix of their keys (error 47003)."""

import re
from typing import Any

from sandbox.errors import ApiError

MONEY = r"[￥¥$€£]?\d{1,10}(\.\d+)?元?"
TIME = r"(上午|下午)?\d{1,2}[:：]\d{2}([:：]\d{2})?"
DATE = r"\d{4}(年\d{1,2}月(\d{1,2}日)?|[-/.]\d{1,2}([-/.]\d{1,2})?)"
MOMENT = rf"({DATE}[ T]?({TIME})?|{TIME})"
RANGE = rf"{MOMENT}( ?[~～] ?{MOMENT})?"

PATTERNS = {
    "thing": r"[\s\S]{1,20}",
    "short_thing": r"[\s\S]{1,5}",
    "const": r"[\s\S]{1,20}",
    "character_string": r"[\x20-\x7e]{1,32}",
    "number": r"-?\d{1,32}(\.\d+)?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r"[^\w\s]{1,5}",
    "time": RANGE,
    "date": RANGE,
    "amount": MONEY,
    "phone_number": r"[\d\-+() ]{1,17}",
    "car_number": r"[\s\S]{1,8}",
    "name": r"([\u4e00-\u9fff·]{1,10}|[A-Za-z .·]{1,20})",
    "phrase": r"[\u4e00-\u9fff]{1,5}",
    "enum": r"[\s\S]{1,20}",
}


def checked_values(content: str, data: object) -> dict[str, str]:
    """Values by key, each fit for its place in the template; ApiError 47003 names the first that is not."""
    if not isinstance(data, dict):
        raise ApiError(47001)
    wanted = re.findall(r"\{\{(\w+)\.DATA\}\}", content)
    for key in wanted:
        if key not in data:
            raise ApiError(47003, f"data.{key}.value is empty")
    return {key: _checked(key, data[key]) for key in wanted}


def _checked(key: str, item: Any) -> str:
    value = item.get("value") if isinstance(item, dict) else item
    if not isinstance(value, str | int | float) or not str(value).strip():
        raise ApiError(47003, f"data.{key}.value is empty")
    text = str(value)
    match = re.fullmatch(r"([a-z_]+?)(\d+)", key)
    pattern = PATTERNS.get(match[1]) if match else None
    if pattern and not re.fullmatch(pattern, text):
        raise ApiError(47003, f"data.{key}.value invalid")
    return text


def filled(content: str, values: dict[str, str]) -> str:
    """The text a person reads."""
    return re.sub(r"\{\{(\w+)\.DATA\}\}", lambda match: values.get(match[1], ""), content)
