"""Fields that only activities have: where on the map, and a link."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from wtforms import Field, FieldList, StringField, ValidationError

#: What of the globe is China's, roughly, in degrees: enough to tell longitude from latitude.
LNG, LAT = (73.0, 136.0), (3.0, 54.0)


class Position(StringField):
    """Longitude and latitude in GCJ-02, as a map service shows them; `point` is (lng, lat) once it is valid.

    Some maps show latitude first. In China the two cannot be taken for each other, so either order is understood.
    """

    point: tuple[float, float] | None = None

    def pre_validate(self, form: Any) -> None:
        text = unicodedata.normalize("NFKC", (self.data or "")[:60]).strip()
        if not text:
            return
        match = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,10})?)\s*[,，、\s]\s*([0-9]{1,3}(?:\.[0-9]{1,10})?)", text)
        if match:
            lng, lat = sorted((float(match[1]), float(match[2])), reverse=True)
            if LNG[0] <= lng <= LNG[1] and LAT[0] <= lat <= LAT[1]:
                self.point = (round(lng, 6), round(lat, 6))
                return
        raise ValidationError("请按 121.614700,38.914000 的样子填写经度和纬度")

    @staticmethod
    def text(point: tuple[float | None, float | None]) -> str:
        lng, lat = point
        return "" if lng is None or lat is None else f"{lng:.6f},{lat:.6f}"


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
