"""Where something is on a map: the field of a form, and a page of a map service that shows it."""

import re
import unicodedata
from typing import Any
from urllib.parse import urlencode

from wtforms import StringField, ValidationError

from app import regions

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


def map_url(point: tuple[float | None, float | None], name: str, region: str, address: str) -> str:
    """A page of a map service, which needs no key: the place itself, or a search for its address."""
    lng, lat = point
    if lng is not None and lat is not None:
        return "https://uri.amap.com/marker?" + urlencode(
            {"position": f"{lng},{lat}", "name": name, "coordinate": "gaode"}
        )
    return f"https://uri.amap.com/search?{urlencode({'keyword': regions.full_name(region) + address})}"
