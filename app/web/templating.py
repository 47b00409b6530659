"""What templates know: times as people read them, masks, code lists, addresses."""

import hashlib
from datetime import date, datetime
from functools import cache

from flask import Flask
from jinja2 import StrictUndefined

from app import codes, privacy, regions
from app.clock import local
from app.config import ROOT
from app.context import here
from app.web.urls import absolute

WEEKDAYS = "一二三四五六日"


def day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def time_text(moment: datetime) -> str:
    """11月28日 周六 09:00, with the year when it is not this one."""
    there = local(moment)
    year = "" if there.year == local(here.clock.now()).year else f"{there.year}年"
    return f"{year}{there.month}月{there.day}日 周{WEEKDAYS[there.weekday()]} {there:%H:%M}"


def span_text(start: datetime, end: datetime) -> str:
    """From - to, the day said once when it is one day."""
    same_day = local(start).date() == local(end).date()
    return f"{time_text(start)} - {local(end):%H:%M}" if same_day else f"{time_text(start)} - {time_text(end)}"


@cache
def asset(filename: str) -> str:
    """The address of a file in static/, with a digest of its content: browsers keep it until it changes."""
    digest = hashlib.sha256((ROOT / "static" / filename).read_bytes()).hexdigest()[:10]
    return f"/static/{filename}?v={digest}"


def init_app(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        day=day_text,
        time=time_text,
        mask_phone=privacy.mask_phone,
        mask_name=privacy.mask_name,
        mask_id_number=privacy.mask_id_number,
        region=regions.full_name,
        region_in_province=regions.within_city,
    )
    app.jinja_env.globals.update(
        codes=codes,
        span=span_text,
        asset=asset,
        absolute=lambda path: absolute(here.config.site, path),
    )
