"""Text messages: one interface, several providers. Nothing but the phone and the template's fields leaves the house."""

from collections.abc import Mapping
from typing import Protocol

from app import late
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
    def send_code(self, phone: str, purpose: str, code: str, about: str = "") -> None:
        """Send a code. `purpose` is a word like "login"; `about` says what it is for, where the words have room for it.

        Raises SmsFailed, SmsOutcomeUnknown.
        """

    def carries(self, purpose: str) -> bool:
        """Whether it can send this message: a provider with templates of its own needs one for each."""

    def send_text(self, phone: str, purpose: str, text: str, fields: Mapping[str, str]) -> None:
        """Send a message that is no code: as `text`, or by the purpose's template, which has the fields in this order.

        Raises SmsFailed, SmsOutcomeUnknown.
        """


#: The code goes to a guardian, who consents by passing it on.
GUARDIAN = "guardian"
#: To whoever is to own an organisation: passing it on makes them the owner. `about` is the organisation.
HAND_OVER = "hand_over"
#: To somebody who is logged in, before what matters. `about` is what.
FRESH_PROOF = "fresh_proof"
#: What every message begins with, and how many characters one message has.
SIGNATURE, LONGEST = "【科技志愿服务】", 70
WORDS = {
    GUARDIAN: "有人请您作为监护人同意其注册科技志愿者。"
    "同意请把验证码 {code} 告诉本人，5分钟内有效；不认识请勿告诉他人。",
    HAND_OVER: "“{about}”请您担任所有者，同意就把验证码 {code} 告诉对方，5分钟内有效；不认识请勿告诉他人。",
    FRESH_PROOF: "验证码 {code} 用于确认您正在办理：{about}。5分钟内有效，请勿告诉他人。",
}
PLAIN = "验证码 {code}，5分钟内有效，请勿告诉他人。"


def code_text(code: str, purpose: str = "", about: str = "") -> str:
    """The message as the person reads it. Providers with templates of their own have the same words on file."""
    words = SIGNATURE + WORDS.get(purpose, PLAIN)
    if "{about}" in words and not about:
        words = SIGNATURE + PLAIN
    return words.format(code=code, about=shortened(about, words.format(code=code, about="")))


def shortened(word: str, others: str) -> str:
    """As much of the word as one message has room for beside the others, and never less than it takes to know it."""
    room = max(LONGEST - len(others), 8)
    return word if len(word) <= room else word[: room - 1] + "…"


def never_left(error: BaseException) -> bool:
    """Whether a request surely reached nobody, because no connection was made; asked of errors of any library."""
    unreached = (
        late.urllib3.exceptions.NewConnectionError,
        late.requests.ConnectTimeout,
        late.requests.exceptions.InvalidURL,
    )
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        if isinstance(cause, unreached):
            return True
        seen.append(cause)
        cause = getattr(cause, "inner_exception", None) or cause.__cause__ or cause.__context__
    return False
