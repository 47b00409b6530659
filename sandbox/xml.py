"""The XML of pushes, and a careful reading of the account's replies."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

Fields = Mapping[str, Any]
#: What no XML may hold, not even in CDATA; WeChat leaves it out, too.
UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(fields: Fields) -> str:
    """A push body: text in CDATA, numbers bare, dicts nested, lists as repeated elements."""
    return f"<xml>{_children(fields)}</xml>"


def _children(fields: Fields) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, Mapping):
        return f"<{name}>{_children(value)}</{name}>"
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    text = UNSAYABLE.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{text}]]></{name}>"


def parse(body: str) -> dict[str, Any]:
    """A reply as nested dicts (repeated names become lists); ValueError when it is not one."""
    # Entities could blow up the parser, and WeChat knows none.
    if re.search(r"<!(DOCTYPE|ENTITY)", body):
        raise ValueError("DOCTYPE is not allowed")
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML: {error}") from error
    if root.tag != "xml":
        raise ValueError("root element is not <xml>")
    parsed = _parsed(root)
    return parsed if isinstance(parsed, dict) else {}


def _parsed(element: ElementTree.Element) -> Any:
    if len(element) == 0:
        return element.text or ""
    result: dict[str, Any] = {}
    for child in element:
        value = _parsed(child)
        if child.tag not in result:
            result[child.tag] = value
        elif isinstance(result[child.tag], list):
            result[child.tag].append(value)
        else:
            result[child.tag] = [result[child.tag], value]
    return result
