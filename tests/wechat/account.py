"""An account's door without the rest of the house, and pushes as WeChat makes them. The crypto is wechatpy's own."""

import hashlib
import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from flask import Flask
from wechatpy.crypto import WeChatCrypto
from werkzeug.test import Client
from werkzeug.wrappers import Response

from app import redis
from app.config import ROOT, Config, RedisServer
from app.wechat import replies
from app.wechat.callback import PATH, Callback
from app.wechat.push import Push
from app.wechat.routing import Routes, default_routes
from app.wechat.setup import PAGES
from tests.conftest import FixedClock, make_settings

TOKEN, APP_ID, ACCOUNT = "madeuptoken", "wx0123456789abcdef", "gh_0123456789ab"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA"
OPENID = "oMadeUp_000000000000000000aa"
SITE = "http://localhost"
LINKS = {name: f"{SITE}/{name}" for name in PAGES}


def texts() -> replies.ReplyTexts:
    return replies.load(ROOT / "replies" / "default.toml", LINKS)


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def text_push(content: str = "你好", **fields: object) -> str:
    return as_xml({"MsgType": "text", "Content": content, "MsgId": "6001", **fields})


def event_push(event: str, key: str = "", **fields: object) -> str:
    return as_xml({"MsgType": "event", "Event": event, "EventKey": key, **fields})


#: Seconds in which nothing was pushed yet. What becomes of a push is written behind its answer, and so may be found by
#: the next test: where a real Redis remembers it each test has seconds of its own.
seconds = itertools.count(1_795_401_000, 100)


def as_xml(fields: Mapping[str, object]) -> str:
    whole = {"ToUserName": ACCOUNT, "FromUserName": OPENID, "CreateTime": 1795400000, **fields}
    inside = "".join(
        f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}><![CDATA[{value}]]></{name}>"
        for name, value in whole.items()
    )
    return f"<xml>{inside}</xml>"


@dataclass
class Door:
    """One account behind its callback."""

    mode: str = "plain"
    redis_url: str = "memory://"
    deadline: float = 3.0
    changes: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        wechat = {"mode": self.mode, "encoding_aes_key": AES_KEY, **(self.changes or {})}
        self.config: Config = make_settings(wechat=wechat)
        self.clock = FixedClock()
        self.store = redis.connect(RedisServer(url=self.redis_url))
        self.routes: Routes = default_routes(texts())
        self.flask = Flask("door")
        self.crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
        self.app = Callback(self.flask, self.config, self.store, self.clock, self.routes, deadline=self.deadline)
        self.client = Client(self.app)

    def query(self, **changes: str | None) -> dict[str, str]:
        stamp = {"timestamp": str(int(self.clock.now().timestamp())), "nonce": "4242"}
        stamp |= {name: value for name, value in changes.items() if name in stamp and value}
        query = {"signature": sign(TOKEN, *stamp.values()), **stamp, "openid": OPENID}
        query |= {name: value for name, value in changes.items() if value is not None}
        return {name: value for name, value in query.items() if name not in changes or changes[name] is not None}

    def envelope(self, xml: str, clear: str = "") -> tuple[dict[str, str], str]:
        """Query and body of an encrypted push; `clear` are the fields that compatible mode adds."""
        query = self.query()
        body = self.crypto.encrypt_message(xml, query["nonce"], query["timestamp"])
        envelope = ET.fromstring(body)
        encrypted = envelope.findtext("Encrypt") or ""
        query |= {"encrypt_type": "aes", "msg_signature": envelope.findtext("MsgSignature") or ""}
        return query, f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>{clear}<Encrypt>{encrypted}</Encrypt></xml>"

    def send(self, xml: str) -> Response:
        """A push as WeChat sends it in this mode."""
        if self.mode == "plain":
            return self.client.post(PATH, query_string=self.query(), data=xml.encode())
        query, body = self.envelope(xml)
        return self.client.post(PATH, query_string=query, data=body.encode())

    def read(self, answer: Response) -> dict[str, str]:
        """The answer's fields in clear, as WeChat reads them."""
        assert answer.status_code == 200, answer.get_data()
        body = answer.get_data()
        if self.mode != "plain":
            envelope = ET.fromstring(body)
            stamp = [envelope.findtext(name) or "" for name in ("TimeStamp", "Nonce")]
            body = self.crypto.decrypt_message(body, envelope.findtext("MsgSignature"), *stamp)
        root = ET.fromstring(body)
        return {node.tag: node.text or "" for node in root.iter() if len(node) == 0}


def remember(seen: list[Push]) -> Any:
    return seen.append


def eventually(true: Any, seconds: float = 10) -> None:
    """Wait until it is so, but not for ever."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not come true in time"
        time.sleep(0.01)


def in_a_minute() -> datetime:
    """As the queue counts: UTC without saying so."""
    return (datetime.now(UTC) + timedelta(minutes=1)).replace(tzinfo=None)
