"""Made-up people with valid made-up numbers. Nobody of them exists; the phones are those that the sandbox knows."""

from dataclasses import dataclass
from datetime import date, timedelta

from stdnum.cn import ric

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    *("建国", "秀英", "志强", "丽华", "海涛", "晓燕", "文博", "雪梅", "国栋", "玉兰"),
    *("俊杰", "婷婷", "永胜", "桂芳", "子轩", "春霞", "立新", "佳怡", "振华", "思远"),
)
WOMEN = frozenset({"秀英", "丽华", "晓燕", "雪梅", "玉兰", "婷婷", "桂芳", "春霞", "佳怡", "梅"})
DISTRICTS = ("210202", "210203", "210204", "210211", "210212", "210213", "210214", "210281")


@dataclass(frozen=True)
class Person:
    name: str
    phone: str
    id_number: str
    region: str


def resident_id(region: str, born: date, order: int) -> str:
    """A number with the right check digit."""
    body = f"{region}{born:%Y%m%d}{order:03d}"
    return body + ric.calc_check_digit(body + "0")


def people(count: int) -> list[Person]:
    """The same people each time; the first three are also in the sandbox, as 王建国, 李梅 and 赵德胜."""
    known = [("王建国", "19900000002"), ("李梅", "19900000003"), ("赵德胜", "19900000004")]
    made = []
    for number in range(count):
        name, phone = known[number] if number < len(known) else (_name(number), f"199{number + 2:08d}")
        region = DISTRICTS[number % len(DISTRICTS)]
        born = date(1952, 3, 1) + timedelta(days=number * 557)
        # The last digit of the order is even for women.
        order = 100 + 2 * number + (name[1:] not in WOMEN)
        made.append(Person(name, phone, resident_id(region, born, order), region))
    return made


def _name(number: int) -> str:
    """Another one for each number up to the surnames times the given names."""
    given = number * 7 + number // len(SURNAMES) * 3
    return SURNAMES[number % len(SURNAMES)] + GIVEN[given % len(GIVEN)]
