"""Where somebody is, for as long as a list is sorted by it.

A position is sensitive (domain facts 11): rounded to some 100 m before it is sent, kept sealed in a cookie of this
browser alone, in no address, no log and no table; forgotten after LIFE, or when the browser is closed.
"""

from datetime import datetime, timedelta

from flask import Response, request

from app import crypto
from app.context import here
from app.web.places import LAT, LNG

COOKIE, SEALED_FOR = "near", "cookie:near"
LIFE = timedelta(minutes=30)
#: About 100 metres.
DECIMALS = 3


def read(lng: str, lat: str) -> tuple[float, float] | None:
    """A position as a browser sends it (WGS-84, degrees), if it is one in China."""
    try:
        point = round(float(lng[:20]), DECIMALS), round(float(lat[:20]), DECIMALS)
    except ValueError:
        return None
    return point if LNG[0] <= point[0] <= LNG[1] and LAT[0] <= point[1] <= LAT[1] else None


def keep(answer: Response, point: tuple[float, float], now: datetime) -> None:
    sealed = crypto.ring().seal(f"{point[0]},{point[1]},{int(now.timestamp())}", SEALED_FOR)
    # Without an age: it goes when the browser is closed.
    answer.set_cookie(COOKIE, sealed, secure=here.config.site.is_https, httponly=True, samesite="Lax")


def kept(now: datetime) -> tuple[float, float] | None:
    """The position of this visit, if there is one that still counts."""
    try:
        lng, lat, at = crypto.ring().open(request.cookies.get(COOKIE, "")[:300], SEALED_FOR).split(",")
    except (crypto.CannotOpen, ValueError):
        return None
    age = now.timestamp() - int(at)
    return read(lng, lat) if 0 <= age < LIFE.total_seconds() else None


def forget(answer: Response) -> None:
    answer.delete_cookie(COOKIE, secure=here.config.site.is_https, httponly=True, samesite="Lax")
