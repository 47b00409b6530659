"""Error pages: a calm sentence and a number by which we find the log line. No trace, no path, no version."""

import secrets

import structlog
from flask import Flask, Response, make_response, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from app.crypto import CannotOpen
from app.errors import AppError
from app.seals import KeysDoNotFit
from app.web import typed

log = structlog.get_logger()

SENTENCES = {
    400: "请求不完整，请返回重试",
    403: "您没有权限查看这个页面",
    404: "没有找到这个页面，可能已被删除",
    405: "请从页面上的按钮进入",
    413: "提交的内容太大了，请减少后再试",
    415: "请求不完整，请返回重试",
    429: "操作太频繁了，请稍后再试",
}


def page(message: str, status: int, error_id: str = "") -> Response:
    facts = {"message": message, "status": status, "error_id": error_id}
    # Where the site has a fault nothing more is asked of it.
    facts["only_known"] = status >= 500
    response = make_response(render_template("errors/error.html", **facts), status)
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response


def init_app(app: Flask) -> None:
    @app.errorhandler(AppError)
    def _refusal(error: AppError) -> Response:
        return page(error.message, error.status)

    @app.errorhandler(CSRFError)
    def _stale(error: CSRFError) -> WerkzeugResponse:
        return typed.answer_again() or page("页面打开太久或登录已变化，请返回刷新后再提交", 400)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        status = error.code or 500
        response = page(SENTENCES.get(status, "操作没有完成，请稍后再试"), status)
        if status == 405 and error.response is None:
            response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or [])
        return response if status >= 400 else make_response(error.get_response())

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    @app.errorhandler(PoolTimeout)
    def _database(error: Exception) -> Response:
        log.error("database_unavailable", reason=type(error).__name__, detail=str(getattr(error, "orig", error))[:200])
        return page("系统正忙，请稍等几秒再试", 503)

    @app.errorhandler(CannotOpen)
    @app.errorhandler(KeysDoNotFit)
    def _keys(error: Exception) -> Response:
        log.error("keys_do_not_fit", detail=str(error))
        return page("系统正在维护，请稍后再试", 503)

    @app.errorhandler(Exception)
    def _bug(error: Exception) -> Response:
        error_id = secrets.token_hex(4)
        log.exception("unexpected_error", error_id=error_id)
        return page("系统出了点问题，我们已记录下来", 500, error_id)
