"""Outside services that stand in the context of the application: they do what their protocols say, and remember it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.sms.provider import SmsFailed, SmsOutcomeUnknown, code_text
from app.wechat.gateway import Menu, UserMustAct, Visitor, WeChatError


@dataclass
class SmsInbox:
    """An SMS provider whose messages can be read."""

    received: list[tuple[str, str]] = field(default_factory=list)
    #: The words of each message, and what for: (phone, purpose, words).
    codes: list[tuple[str, str, str]] = field(default_factory=list)
    texts: list[tuple[str, str, str]] = field(default_factory=list)
    is_down: bool = False
    #: Messages arrive, but the answer does not.
    is_cut: bool = False
    #: What it has no template for.
    lacking: set[str] = field(default_factory=set)
    #: Called before a message is taken.
    before: Callable[[], object] = lambda: None

    def send_code(self, phone: str, purpose: str, code: str, about: str = "") -> None:
        self._take(lambda: self._note_code(phone, purpose, code, about))

    def carries(self, purpose: str) -> bool:
        return purpose not in self.lacking

    def send_text(self, phone: str, purpose: str, text: str, fields: Mapping[str, str]) -> None:
        self._take(lambda: self.texts.append((phone, purpose, text)))

    def _note_code(self, phone: str, purpose: str, code: str, about: str) -> None:
        self.codes.append((phone, purpose, code_text(code, purpose, about)))
        self.received.append((phone, code))

    def _take(self, note: Callable[[], object]) -> None:
        self.before()
        if self.is_down:
            raise SmsFailed
        note()
        if self.is_cut:
            raise SmsOutcomeUnknown

    def code(self, phone: str) -> str:
        """The last code that the phone received."""
        return next(code for to, code in reversed(self.received) if to == phone)

    def count(self, phone: str) -> int:
        return sum(to == phone for to, _ in self.received)


@dataclass(frozen=True)
class Sent:
    """A message that WeChat was asked to send."""

    channel: str
    openid: str
    text: str = ""
    key: str = ""


@dataclass
class WeChatAccount:
    """An Official Account: `codes` are what web authorization gives out, the messages are in `sent`.

    Template messages with a key that came already are taken and not sent again, as WeChat does.
    """

    codes: dict[str, Visitor] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    calls: list[Sent] = field(default_factory=list)
    #: What the next calls of a channel meet, first one first: an error to raise, or None.
    faults: dict[str, list[BaseException | None]] = field(default_factory=dict)
    #: When a call of a channel meets nothing else, it meets this.
    always: dict[str, WeChatError] = field(default_factory=dict)
    on_call: Callable[[Sent], object] = lambda sent: None

    #: The scenes of the codes that were made.
    scenes: list[str] = field(default_factory=list)

    def scene_code(self, scene: str, seconds: int) -> str:
        self._meet("qrcode")
        self.scenes.append(scene)
        return f"http://weixin.qq.com/q/{len(self.scenes)}"

    def _meet(self, channel: str) -> None:
        waiting = self.faults.get(channel, [])
        fault = waiting.pop(0) if waiting else self.always.get(channel)
        if fault is not None:
            raise fault

    def identify(self, code: str) -> Visitor:
        self._meet("oauth")
        if code not in self.codes:
            raise UserMustAct("code used or expired", errcode=40163)
        return self.codes.pop(code)

    def _send(self, message: Sent) -> None:
        self.calls.append(message)
        self.on_call(message)
        self._meet(message.channel)
        if not (message.key and any(message.key == other.key for other in self.sent)):
            self.sent.append(message)

    def send_text(self, openid: str, text: str) -> None:
        self._send(Sent("custom", openid, text))

    def send_template(self, openid: str, template: str, values: Mapping[str, str], *, url: str, key: str) -> None:
        self._send(Sent("template", openid, " ".join(values.values()), key))

    def jsapi_ticket(self, now: datetime) -> str:
        self._meet("ticket")
        return "made-up-ticket"

    def check_token(self) -> datetime | None:
        self._meet("token")
        return None

    def live_menu(self) -> tuple[Menu | None, list[Menu]]:
        self._meet("menu")
        return None, []

    def create_menu(self, menu: Menu) -> None:
        raise NotImplementedError

    def create_conditional_menu(self, menu: Menu) -> str:
        raise NotImplementedError

    def delete_conditional_menu(self, menuid: str) -> None:
        raise NotImplementedError
