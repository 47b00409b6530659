"""Text messages: one interface, several providers. Nothing but the phone and the template's fields leaves the house."""

from typing import Protocol

import requests
from urllib3.exceptions import NewConnectionError

from app.errors import AppError

#: How long a provider may take, in seconds: for the connection, and for its answer.
CONNECT_SECONDS = 3
ANSWER_SECONDS = 5


class SmsFailed(AppError):
    """The provider surely did not take the message. It does not count against the person's sends."""

    message, status = "短信暂时发不出去，请稍后再试", 503


class SmsOutcomeUnknown(AppError):
    """No clear answer came: the message may be on its way. It counts as sent, and is never repeated by itself."""

    message, status = "短信发得慢，可能还在路上：请留意手机，一分钟后还没有收到再重新获取", 503


class SmsProvider(Protocol):
    def send_code(self, phone: str, purpose: str, code: str) -> None:
        """Send a code. `purpose` is a word like "login". Raises SmsFailed, SmsOutcomeUnknown."""


#: The code goes to a guardian, who consents by passing it on.
GUARDIAN = "guardian"


def code_text(code: str, purpose: str = "") -> str:
    """The message as the person reads it. Providers with templates of their own have the same words on file."""
    if purpose == GUARDIAN:
        return (
            f"【科技志愿服务】有人请您作为监护人同意其注册科技志愿者。同意请把验证码 {code} 告诉本人，5分钟内有效；"
            "不认识请勿告诉他人。"
        )
    return f"【科技志愿服务】验证码 {code}，5分钟内有效，请勿告诉他人。"


def never_left(error: BaseException) -> bool:
    """Whether a request surely reached nobody, because no connection was made; asked of errors of any library."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        if isinstance(cause, NewConnectionError | requests.ConnectTimeout | requests.exceptions.InvalidURL):
            return True
        seen.append(cause)
        cause = getattr(cause, "inner_exception", None) or cause.__cause__ or cause.__context__
    return False
