"""Text messages: one interface, several providers. Nothing but the phone and the template's fields leaves the house."""

from typing import Protocol

from app.errors import AppError

#: How long a provider may take, in seconds: for the connection, and for its answer.
CONNECT_SECONDS = 3
ANSWER_SECONDS = 5


class SmsFailed(AppError):
    """The provider did not take the message. It does not count against the person's sends."""

    message, status = "短信暂时发不出去，请稍后再试", 503


class SmsProvider(Protocol):
    def send_code(self, phone: str, purpose: str, code: str) -> None:
        """Send a code. `purpose` is a word like "login". Raises SmsFailed."""


def code_text(code: str) -> str:
    """The message as the person reads it. Providers with templates of their own have the same words on file."""
    return f"【科技志愿服务】验证码 {code}，5分钟内有效，请勿告诉他人。"
