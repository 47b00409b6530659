"""Libraries that only some pages and commands need, loaded when one first asks: `late.segno.make(...)`.

A worker that loaded all of them at its start would weigh a quarter more and begin a quarter later. An import inside a
function would do the same, in many places; here it is one, and the type checker knows the libraries all the same.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import alembic.command
    import alembic.config
    import alembic.runtime.migration
    import alembic.script
    import alembic.util
    import altcha.v1
    import fakeredis
    import icalendar
    import markdown_it
    import PIL.Image
    import PIL.ImageDraw
    import PIL.ImageFont
    import PIL.ImageOps
    import requests
    import segno
    import urllib3.exceptions
    import xlsxwriter

    __all__ = [
        "PIL",
        "alembic",
        "altcha",
        "fakeredis",
        "icalendar",
        "markdown_it",
        "requests",
        "segno",
        "urllib3",
        "xlsxwriter",
    ]

#: Each library, and what of it must be imported by name.
PARTS: dict[str, tuple[str, ...]] = {
    "PIL": ("Image", "ImageDraw", "ImageFont", "ImageOps"),
    "alembic": ("command", "config", "runtime.migration", "script", "util"),
    "altcha": ("v1",),
    "fakeredis": (),
    "icalendar": (),
    "markdown_it": (),
    "requests": (),
    "segno": (),
    "urllib3": ("exceptions",),
    "xlsxwriter": (),
}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> ModuleType:
        """Asked once for each, when a library is first used (PEP 562); the lock is that of imports."""
        if name not in PARTS:
            raise AttributeError(name)
        for part in PARTS[name]:
            import_module(f"{name}.{part}")
        library = globals()[name] = import_module(name)
        return library
