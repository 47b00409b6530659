"""Fields that only organisations have: a credit code, a phone of an office."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from stdnum.cn import uscc
from wtforms import StringField, ValidationError

from app import regions
from app.volunteers.identity import InvalidId, read_resident_id
from app.web import readers
from app.web.choices import RegionField

#: Letters of the code but I, O, Z, S and V; the third to eighth character name a region.
CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
LANDLINE = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})([2-9][0-9]{6,7})([0-9]{0,5})")


def credit_code(text: str) -> str | None:
    """A 统一社会信用代码 in its plain form, or None (GB 32100, domain facts 10.2)."""
    code = readers.id_number(text[:60])
    # Not uscc.is_valid: it knows only authorities with a digit, and those of farming and the army have a letter.
    return code if CREDIT_CODE.fullmatch(code) and uscc.calc_check_digit(code[:-1]) == code[-1] else None


class AreaField(RegionField):
    """Where an organisation is at work: a county-level place, or a whole city or province (市本级, 省本级)."""

    def offer(self, home: str) -> None:
        super().offer(home)
        cities = tuple((label, (*_whole_city(places[0][0]), *places)) for label, places in self.groups)
        whole = regions.name(self.province)
        self.groups = (*cities, (whole, ((self.province, f"{whole}（本级）"),)))

    def pre_validate(self, form: Any) -> None:
        if self.data and not regions.is_place(self.data):
            raise ValidationError(f"{self.label.text}请从列表中选择")


def _whole_city(district: str) -> tuple[tuple[str, str], ...]:
    """The choice of the city as a whole; none where the table has no such city, or it is the province itself."""
    city, province = regions.city_of(district), regions.province_of(district)
    is_one = regions.is_place(city) and regions.name(city) != regions.name(province)
    return ((city, f"{regions.name(city)}（本级）"),) if is_one else ()


def number_faults(number: Any, consent: Any, unagreed: str, now: datetime) -> Iterator[tuple[str, str]]:
    """What is wrong with the field of an ID number, and with the tick that says its owner agrees: name and sentence."""
    try:
        number.data = read_resident_id(readers.id_number(number.data), now).number
    except InvalidId as error:
        yield number.name, str(error)
    else:
        if not consent.data:
            yield consent.name, unagreed


class CreditCode(StringField):
    """统一社会信用代码."""

    data: Any

    def pre_validate(self, form: Any) -> None:
        if not (self.data or "").strip():
            self.data = ""
            return
        code = credit_code(self.data)
        if code is None:
            raise ValidationError("统一社会信用代码有误，请对照证书核对 18 位数字和字母")
        self.data = code


class AnyPhone(StringField):
    """A mobile number, or that of an office: area code and number, with an extension or without."""

    data: Any

    def pre_validate(self, form: Any) -> None:
        text = (self.data or "").strip()
        if not text:
            self.data = ""
            return
        mobile, fixed = readers.phone(text), LANDLINE.fullmatch(readers.digits(text[:40]))
        if mobile is None and fixed is None:
            raise ValidationError("请填写手机号，或带区号的座机号，例如 0411-81234567")
        self.data = mobile or (f"{fixed[1]}-{fixed[2]}" + (f"-{fixed[3]}" if fixed[3] else "") if fixed else "")
