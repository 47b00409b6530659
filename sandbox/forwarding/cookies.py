"""The cookies of one person, kept on the sandbox's side so that two people in two tabs do not mix."""

from http.cookiejar import Cookie, CookieJar
from typing import Any

from requests.cookies import RequestsCookieJar, create_cookie

from sandbox.box import Box
from sandbox.people import Person

KEPT = ("name", "value", "domain", "path", "secure", "expires")


def load_jar(person: Person) -> RequestsCookieJar:
    jar = RequestsCookieJar()
    for row in person.cookies:
        values: dict[str, Any] = {name: row[name] for name in KEPT}
        jar.set_cookie(create_cookie(**values, discard=row["expires"] is None))  # type: ignore[no-untyped-call]
    return jar


def save_jar(box: Box, person: Person, jar: RequestsCookieJar) -> None:
    rows = [_row(cookie) for cookie in _all_of(jar)]
    if rows != person.cookies:
        with box.world.change():
            person.cookies = rows


def _all_of(jar: CookieJar) -> list[Cookie]:
    """All of a jar, copied: another thread may be adding to it."""
    return list(jar)


def _row(cookie: Cookie) -> dict[str, Any]:
    return {name: getattr(cookie, name) for name in KEPT}
