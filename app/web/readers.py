"""Readers of what comes in an address: small, strict, and silent about nonsense where a default will do."""

import re
import unicodedata

from werkzeug.routing import BaseConverter


class IdConverter(BaseConverter):
    """A row's number in a path: ASCII digits only, and few enough for every database."""

    regex = r"[1-9][0-9]{0,14}"

    def to_python(self, value: str) -> int:
        return int(value)


class UidConverter(BaseConverter):
    """A row's unguessable name in a path."""

    regex = r"[A-Za-z0-9_-]{22}"


#: Bidirectional overrides make a title read as something else than it is.
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
#: Letters by their class, and nothing to be seen: the fillers of Hangul.
BLANK = "\u115f\u1160\u3164\uffa0"


def clean(text: str, *, multiline: bool = False) -> str:
    """Composed and trimmed. Raises ValueError for characters that have no business in a text."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") and not (multiline and character in "\n\t"):
            raise ValueError("含有无法识别的字符，请删除后再试")
    if BIDI.search(text):
        raise ValueError("含有控制文字方向的特殊字符，请删除后再试")
    return text


def says_something(text: str) -> bool:
    """Whether a name or title has letters, digits or characters in it, and is no mere row of signs."""
    said = [character for character in text if character not in BLANK]
    return sum(unicodedata.category(character)[0] == "L" or character.isdecimal() for character in said) >= 2


def search_text(text: str | None) -> str:
    """What is looked for, short and clean; nonsense looks for nothing."""
    try:
        return clean((text or "")[:50])
    except ValueError:
        return ""


def digits(text: str) -> str:
    """A number as people type it: full-width digits, spaces and dashes allowed."""
    return re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))


def id_number(text: str) -> str:
    """The number of a document as people type it: full-width and small letters, spaces, dashes, brackets."""
    return digits(text).upper()


def form_key(text: str | None) -> str | None:
    """The name that a form was given when it was shown, if it is one of ours."""
    return text if text and re.fullmatch(UidConverter.regex, text) else None


def phone(text: str) -> str | None:
    """A mainland mobile number in its plain form, or None (domain facts 10.4)."""
    if len(text) > 40:
        return None
    number = re.sub(r"^(\+?86)(?=1[0-9]{10}$)", "", digits(text))
    return number if re.fullmatch(r"1[3-9][0-9]{9}", number) else None


def row_id(text: str | None) -> int | None:
    """A row's number in an address, or None."""
    return int(text) if text and re.fullmatch(IdConverter.regex, text) else None


def number(text: str | None) -> int | None:
    """A number that a page was shown with, such as an edition, or None."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else None


def page_key(text: str | None) -> tuple[int, int] | None:
    """Where a list goes on: `<microseconds since 1970>-<id>` of the last row shown."""
    match = re.fullmatch(r"([0-9]{1,17})-([0-9]{1,15})", text or "")
    return (int(match[1]), int(match[2])) if match else None
