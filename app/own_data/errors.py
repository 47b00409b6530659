"""Refusals about one's own data."""

from app.errors import AppError


class MustHandOver(AppError):
    message, status = "您是一个组织唯一的所有者，请先移交，再注销", 409


class ProofNeeded(AppError):
    message, status = "请先用验证码确认是您本人", 403
