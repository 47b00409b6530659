"""For whom a page was opened: each of its forms says so, so that none of them acts for another."""

from flask import g, request
from markupsafe import Markup

#: The field of the forms, and the word in an address that leads to a page of one of several.
FIELD, IN_ADDRESS = "opened_for", "for"


def note(uid: str) -> None:
    """The page that is being answered is this one's: its forms will say so."""
    g.opened_for = uid


def mark() -> Markup:
    """What a form carries beside its key, on the pages that are somebody's."""
    uid = g.get("opened_for", "")
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, uid) if uid else Markup("")


def named() -> str:
    """For whom the page of the form was opened that came, or for whom the address asks."""
    typed: dict[str, list[str]] = g.get("typed") or {}
    if request.method in ("GET", "HEAD"):
        return next(iter(typed.get(FIELD, ())), request.args.get(IN_ADDRESS, ""))
    return request.form.get(FIELD, "")
