"""Fields in which people choose: one of a list, several, a region."""

import re
from collections.abc import Sequence
from typing import Any

from flask import request
from wtforms import Field, StringField, ValidationError

from app import regions


class Pick(StringField):
    """One of a list; a list that is read when the page is made is put into `offers` before the form is judged."""

    def __init__(self, label: str, validators: Sequence[Any] = (), **more: Any) -> None:
        super().__init__(label, validators, **more)
        self.offers: list[tuple[str, str]] = []

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data not in [value for value, _ in self.offers]:
            raise ValidationError(f"{self.label.text}请从列表中选择")


class Choice(Pick):
    """One of a code list."""

    def __init__(self, label: str, validators: Sequence[Any] = (), *, codes: dict[str, str], **more: Any) -> None:
        super().__init__(label, validators, **more)
        self.offers = [*([] if more.get("default") else [("", "请选择")]), *codes.items()]


class Radios(Choice):
    """One of a short code list, all of it in sight."""


class Chips(Field):
    """Any of a code list, as chips to press."""

    data: Any

    def __init__(
        self, label: str, validators: Sequence[Any] = (), *, codes: dict[str, str], most: int | None = None, **more: Any
    ) -> None:
        super().__init__(label, validators, **more)
        self.codes, self.most = codes, most

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = list(dict.fromkeys(valuelist))

    def pre_validate(self, form: Any) -> None:
        if not set(self.data or []) <= set(self.codes):
            raise ValidationError(f"{self.label.text}请从列表中选择")
        if self.most and len(self.data or []) > self.most:
            raise ValidationError(f"{self.label.text}最多选 {self.most} 项")


class RegionField(StringField):
    """A county-level place. The list is one province's; a second list, in the same form, changes the province."""

    def offer(self, home: str) -> None:
        """Offer the province of what is chosen, or of `home`, whose city comes first."""
        asked = request.form.get("province", "")
        chosen = self.data if regions.exists(self.data or "") else home
        is_province = re.fullmatch(r"[0-9]{2}0000", asked) and regions.exists(asked)
        self.province = asked if is_province else regions.province_of(chosen)
        self.groups = regions.districts_by_city(self.province, regions.city_of(home))
        self.provinces = regions.provinces()

    def pre_validate(self, form: Any) -> None:
        if self.data and (not regions.exists(self.data) or self.data.endswith("00")):
            raise ValidationError(f"{self.label.text}请从列表中选择到区（县）")
