"""Refusals about appeals."""

from app.errors import AppError


class NothingToAppeal(AppError):
    message, status = "没有可以申诉的清退决定", 404


class AppealedAlready(AppError):
    message, status = "您已经申诉过了，请等待处理", 409


class DecidedAlready(AppError):
    message, status = "这个申诉已经处理过了", 409


class OwnDecision(AppError):
    message, status = "清退是您自己作的决定，要由别的管理员处理申诉；没有别的管理员，请先邀请一位", 403
