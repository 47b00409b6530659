"""A push from WeChat, checked before it is read: size, signature, form, age, addressee."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.config import WeChat
from app.wechat import xml
from app.wechat.crypto import BadPush, MessageCipher, check_signature

#: CreateTime is Unix seconds; outside of these years it is nonsense.
EARLIEST, LATEST = 946_684_800, 4_102_444_800
DIGITS = re.compile("[0-9]{1,12}")
#: What WeChat puts into these; a longer openid would not fit where it is kept.
NONCE, OPENID = re.compile("[!-~]{1,128}"), re.compile("[!-~]{1,64}")


@dataclass(frozen=True)
class Push:
    """What a person did or said. `event` and `key` are empty for messages, `text` for events."""

    kind: str
    openid: str
    account_id: str
    create_time: int
    event: str = ""
    key: str = ""
    text: str = ""
    message_id: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """What makes it this push and no other: MsgId alone is not unique, nor is the second it was made in."""
        if self.message_id:
            return f"{self.openid}:{self.message_id}"
        return f"{self.openid}:{self.event}:{self.key}:{self.create_time}"

    @property
    def scene(self) -> str:
        """The scene of the code that was scanned, if one was; a follow after a payment has a key that is none."""
        if self.event == "subscribe":
            return self.key.removeprefix("qrscene_") if self.key.startswith("qrscene_") else ""
        return self.key if self.event == "scan" else ""


class Door:
    """Opens what WeChat sends to this account, and nothing else."""

    def __init__(self, settings: WeChat) -> None:
        self._settings = settings
        self.cipher = MessageCipher(settings.encoding_aes_key, settings.app_id) if settings.encoding_aes_key else None

    def verify(self, query: Mapping[str, str]) -> bytes:
        """The echo of a URL verification, byte for byte. Raises BadPush."""
        check_signature(query.get("signature", ""), self._settings.token, *self._stamp(query))
        if "echostr" not in query:
            raise BadPush("echostr")
        return query["echostr"].encode("latin-1", "replace")

    def open(self, query: Mapping[str, str], body: bytes, now: datetime) -> Push:
        """Check everything, then read. Raises BadPush."""
        stamp = self._stamp(query)
        if self._settings.mode == "plain":
            # In plain mode the signature is all there is, and it does not cover the body.
            check_signature(query.get("signature", ""), self._settings.token, *stamp)
            self._check_age(stamp[0], now)
            return self._read(xml.read(body))
        if query.get("encrypt_type") != "aes":
            raise BadPush("not encrypted")
        # The envelope must be looked into for what the signature covers; nothing of it is believed but that.
        encrypted = xml.read(body).get("Encrypt")
        if not isinstance(encrypted, str) or not encrypted:
            raise BadPush("no Encrypt")
        check_signature(query.get("msg_signature", ""), self._settings.token, *stamp, encrypted)
        self._check_age(stamp[0], now)
        assert self.cipher is not None
        return self._read(xml.read(self.cipher.decrypt(encrypted)))

    def _stamp(self, query: Mapping[str, str]) -> tuple[str, str]:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not DIGITS.fullmatch(timestamp) or not NONCE.fullmatch(nonce):
            raise BadPush("query")
        return timestamp, nonce

    def _check_age(self, timestamp: str, now: datetime) -> None:
        longest = self._settings.max_push_age
        if not longest:
            return
        if abs(now.timestamp() - int(timestamp)) > longest:
            raise BadPush("age")

    def _read(self, fields: dict[str, Any]) -> Push:
        def text(name: str) -> str:
            value = fields.get(name, "")
            return value if isinstance(value, str) else ""

        kind, openid, account = text("MsgType").lower(), text("FromUserName"), text("ToUserName")
        created = text("CreateTime")
        if not kind or not OPENID.fullmatch(openid) or not account:
            raise BadPush("fields")
        if self._settings.account_id and account != self._settings.account_id:
            raise BadPush("another account")
        if not DIGITS.fullmatch(created) or not EARLIEST <= int(created) < LATEST:
            raise BadPush("CreateTime")
        return Push(
            kind=kind,
            openid=openid,
            account_id=account,
            create_time=int(created),
            event=text("Event").lower(),
            key=text("EventKey"),
            text=text("Content"),
            message_id=text("MsgId"),
            fields=fields,
        )
