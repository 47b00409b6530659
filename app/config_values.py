"""How values of settings are read: lists, addresses, keys."""

import base64
import binascii
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

#: How long a key of the ring and the index key are, in bytes.
KEY_BYTES = 32


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
