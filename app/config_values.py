"""How settings are read: their sections, lists, addresses, keys."""

import base64
import binascii
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_settings import NoDecode

#: How long a key of the ring and the index key are, in bytes.
KEY_BYTES = 32


#: 08:00, or nothing.
CLOCK_TIME = r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$"


class Section(BaseModel):
    """A table of config.toml: unknown keys are refused, and no error repeats a value, which may be a secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class KeyFault(ValueError):
    """A rule between two settings of a section is broken: which key is to be mended, and how."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(what)
        self.key = key


def separated_by_commas(value: object) -> object:
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


Strings = Annotated[tuple[str, ...], NoDecode, BeforeValidator(separated_by_commas)]


#: scheme://host or scheme://host:port, and nothing else.
ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?")


def check_url(value: str) -> str:
    if not ORIGIN.fullmatch(value):
        raise ValueError("must look like https://volunteer.example.org, without a path")
    check_port(value)
    return value.rstrip("/")


#: What people write before ://, and which driver it means.
DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
}


def database_url(value: str) -> str:
    """The address with our driver in it. Raises ValueError."""
    scheme, _, rest = value.partition("://")
    if scheme not in DRIVERS:
        raise ValueError("must begin with sqlite://, postgresql:// or mysql://")
    if scheme == "sqlite" and rest.strip("/") in ("", ":memory:"):
        raise ValueError("must name a file: sqlite:///var/stvs.db")
    check_port(value)
    return DRIVERS[scheme] + value[len(scheme) :]


def check_port(value: str) -> None:
    try:
        _ = urlsplit(value).port
    except ValueError:
        raise ValueError("the port must be a number from 0 to 65535") from None


def decode_key(text: str) -> bytes:
    """A 32-byte key from its base64 form. Raises ValueError."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError("must be 32 bytes in base64; `flask privacy new-key` prints one")
    return key
