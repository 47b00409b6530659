"""关怀版: larger type and stronger colours, kept in this browser, on every page."""

from flask import Blueprint, Flask, redirect, request
from flask.typing import ResponseReturnValue

from app.context import here
from app.web.guards import public
from app.web.urls import local_path

bp = Blueprint("display", __name__)

COOKIE = "large_type"
YEAR_SECONDS = 365 * 24 * 3600


def is_large() -> bool:
    return request.cookies.get(COOKIE) == "1"


@bp.post("/display")
@public
def switch() -> ResponseReturnValue:
    """Turn large type on or off, and go back to where the person was."""
    answer = redirect(local_path(request.form.get("back")), 303)
    secure = here.config.site.is_https
    if request.form.get("large") == "1":
        answer.set_cookie(COOKIE, "1", max_age=YEAR_SECONDS, secure=secure, httponly=True, samesite="Lax")
    else:
        answer.delete_cookie(COOKIE, secure=secure, httponly=True, samesite="Lax")
    return answer


def _here_again() -> str:
    """The page's own address, or the front page for an answer that can only be had by sending a form."""
    if request.url_rule and "GET" not in (request.url_rule.methods or ()):
        return "/"
    query = request.query_string.decode("latin-1")
    return local_path(f"{request.path}?{query}" if query else request.path)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.jinja_env.globals.update(is_large=is_large, here_again=_here_again)
