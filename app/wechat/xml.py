"""WeChat's XML: read with suspicion, written so that any text comes through."""

import re
from typing import Any
from xml.parsers import expat

from app.wechat.crypto import BadPush

DEEPEST = 8
MOST_ELEMENTS = 500
#: What XML 1.0 does not allow at all, escaped or not.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class _Reader:
    """Collects the texts of the top fields; nested ones keep their structure as dicts."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self._stack: list[tuple[str, dict[str, Any], list[str]]] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._stack) >= DEEPEST:
            raise BadPush("too many elements")
        if not self._stack and name != "xml":
            raise BadPush("root")
        self._stack.append((name, {}, []))

    def text(self, data: str) -> None:
        self._stack[-1][2].append(data)

    def end(self, name: str) -> None:
        _, children, texts = self._stack.pop()
        if not self._stack:
            self.fields = children
            return
        siblings = self._stack[-1][1]
        if name in siblings and len(self._stack) == 1:
            raise BadPush("a field twice")
        value: Any = children or "".join(texts)
        if name in siblings:
            # Some events repeat an inner element, such as the List of subscribe_msg_popup_event.
            before = siblings[name]
            value = [*before, value] if isinstance(before, list) else [before, value]
        siblings[name] = value


def read(body: bytes) -> dict[str, Any]:
    """The fields of a push. Raises BadPush for all that WeChat does not send."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadPush("not UTF-8") from None
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    for handler in ("StartDoctypeDeclHandler", "EntityDeclHandler", "ProcessingInstructionHandler"):
        setattr(parser, handler, _refuse)
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        raise BadPush("not XML") from None
    return reader.fields


def _refuse(*anything: object) -> None:
    raise BadPush("declaration")


def cdata(text: str) -> str:
    """The text as CDATA that reads back as the same text, but for characters that XML does not have."""
    return "<![CDATA[" + FORBIDDEN.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"
