"""Refusals. Each says, in the words of the person it is shown to, what is wrong and what to do.

Doorways (pages, chat, commands) show them in one place each. Anything that is not an AppError is a bug.
"""


class AppError(Exception):
    """A refusal with a message for the person and the HTTP status of a page that shows it."""

    message = "操作没有完成，请稍后再试"
    status = 400
    #: The form field the message belongs to, when there is one.
    field: str | None = None

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        self.message = message or type(self).message
        if field:
            self.field = field
        super().__init__(self.message)


class NotFound(AppError):
    message, status = "没有找到这个页面，可能已被删除", 404


class Forbidden(AppError):
    message, status = "您没有权限做这件事", 403


class Busy(AppError):
    message, status = "现在人太多了，请再按一次", 503
