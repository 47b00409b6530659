"""Text messages: one interface, several providers. Nothing but the phone and the template's fields leaves the house."""

from typing import Protocol

from app.errors import AppError


class SmsFailed(AppError):
    """The provider did not take the message. It does not count against the person's sends."""

    message, status = "短信暂时发不出去，请稍后再试", 503


class SmsProvider(Protocol):
    def send_code(self, phone: str, purpose: str, code: str) -> None:
        """Send a code. Raises SmsFailed."""
