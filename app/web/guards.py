"""Who may see a page. Every view names its audience; the application does not start with one that does not."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask
from flask.typing import ResponseReturnValue

View = TypeVar("View", bound=Callable[..., Any])
Check = Callable[[], ResponseReturnValue | None]


def audience(name: str, check: Check) -> Callable[[View], View]:
    """A decorator that says who a view is for; for others `check` answers in its place, or raises."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            refusal = check()
            return view(*args, **kwargs) if refusal is None else refusal

        guarded.audience = name  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


#: A page for everybody.
public = audience("public", lambda: None)
#: Not a page: asked by programs, so nobody is sent to log in.
machine = audience("machine", lambda: None)


def audience_of(app: Flask, endpoint: str | None) -> str:
    return getattr(app.view_functions.get(endpoint or ""), "audience", "")


def check_audiences(app: Flask) -> None:
    """Raises RuntimeError for a view that does not say who may see it."""
    silent = [name for name, view in app.view_functions.items() if not hasattr(view, "audience")]
    if silent:
        raise RuntimeError(f"views without an audience: {silent}")
