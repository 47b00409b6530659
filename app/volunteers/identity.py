"""What a resident ID number tells, and volunteer numbers."""

from dataclasses import dataclass
from datetime import date, datetime

from stdnum import luhn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from app.clock import today

ADULT = 18


@dataclass(frozen=True)
class ResidentId:
    number: str
    birth_date: date
    gender: str


class InvalidId(ValueError):
    """The message says what is wrong with the number."""


def read_resident_id(text: str, now: datetime) -> ResidentId:
    """Read a resident ID number (GB 11643). Raises InvalidId.

    Not stdnum's own `validate`: it refuses region digits that it does not know, but old codes stay on people's cards.
    """
    number = text.strip().upper()
    if len(number) == 15 and number.isascii() and number.isdigit():
        raise InvalidId("15 位的旧号码已停用，请填写 18 位身份证号码")
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()) or number[17] not in "0123456789X":
        raise InvalidId("身份证号码应为 18 位，最后一位可以是 X")
    if ric.calc_check_digit(number) != number[17]:
        raise InvalidId("身份证号码有误，请逐位核对")
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        raise InvalidId("身份证号码里的出生日期不存在，请逐位核对") from None
    if born.year < 1850 or born > today(now):
        raise InvalidId("身份证号码里的出生日期不对，请逐位核对")
    return ResidentId(number, born, "1" if int(number[16]) % 2 else "2")


def age(born: date, on: date) -> int:
    """Whole years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def volunteer_no(region: str, sequence: int) -> str:
    """6 digits of the region at registration, a 10-digit sequence, a Luhn digit."""
    body = f"{region}{sequence:010d}"
    return body + luhn.calc_check_digit(body)
