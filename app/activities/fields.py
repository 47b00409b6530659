"""Fields that only activities have: a link, names of rows, rows."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from wtforms import Field, FieldList, StringField, ValidationError


class Link(StringField):
    """An address on the web."""

    data: str | None

    def pre_validate(self, form: Any) -> None:
        self.data = (self.data or "").strip()
        if not self.data:
            return
        try:
            host = urlsplit(self.data).hostname
        except ValueError:
            host = None
        is_plain = re.fullmatch(r"https?://[^\s<>\"'`\\]{4,290}", self.data)
        if not is_plain or not host or "." not in host:
            raise ValidationError("请填写以 https:// 开头的网址")


class Names(Field):
    """Names of rows that a form carries along without showing them."""

    data: list[str]

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [name for name in dict.fromkeys(valuelist) if re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name)][:100]


class Rows(FieldList):
    """A list of forms. Its rows are numbered by ASCII digits, whatever somebody sends."""

    def _extract_indices(self, prefix: str, formdata: Mapping[str, Any]) -> Iterator[int]:
        for name in formdata:
            match = re.match(rf"{re.escape(prefix)}-([0-9]{{1,3}})-", name)
            if match:
                yield int(match[1])
