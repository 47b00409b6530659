"""Refusals of 团体注册."""

from app.errors import AppError


class SheetRefused(AppError):
    message, status, field = "这个文件读不出来，请下载模板，填好后再上传", 422, "sheet"


class TooManySheets(AppError):
    message, status, field = "今天上传的名单已达上限，请明天再传", 429, "sheet"


class SheetWaits(AppError):
    message, status, field = "上一份名单还没有处理完，请等它完成后再上传", 409, "sheet"


class CannotKeepSheet(AppError):
    message, status, field = "名单暂时存不下，请稍后再试", 503, "sheet"


class SheetGone(AppError):
    message, status = "这份名单已过期或已处理，请重新上传", 410


class TooLateToUndo(AppError):
    message, status = "导入超过 24 小时，不能整批撤销了；可以在志愿者名单里逐个处理", 409


class NothingToAdd(AppError):
    message, status = "名单里没有可以新增的人", 409


class NotWaiting(AppError):
    message, status = "这份邀请已经处理过，或已过期、被撤回", 410
